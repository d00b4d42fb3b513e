#include "storage/overlay.h"

#include <algorithm>
#include <map>
#include <utility>

namespace bullion::storage {
namespace {

class OverlayFileSystem final : public FileSystem {
 public:
  OverlayFileSystem(const FileSystem& base, FileSystem& scratch, std::vector<std::string> prefixes)
      : base_(base), scratch_(scratch), prefixes_(std::move(prefixes)) {}

  Result<std::string> read(const std::string& path) const override {
    BULLION_TRY_ASSIGN(const FileSystem* files, holder(path));
    return files->read(path);
  }
  Result<std::string> read_range(const std::string& path, int64_t offset,
                                 int64_t length) const override {
    BULLION_TRY_ASSIGN(const FileSystem* files, holder(path));
    return files->read_range(path, offset, length);
  }
  Result<std::unique_ptr<FileReader>> open(const std::string& path) const override {
    BULLION_TRY_ASSIGN(const FileSystem* files, holder(path));
    return files->open(path);
  }

  Status create(const std::string& path, std::string_view bytes) override {
    BULLION_TRY(refuse_existing(path));
    return scratch_.create(path, bytes);
  }
  Result<std::unique_ptr<FileWriter>> create_stream(const std::string& path) override {
    BULLION_TRY(refuse_existing(path));
    return scratch_.create_stream(path);
  }
  Status replace(const std::string& path, std::string_view bytes) override {
    return scratch_.replace(path, bytes);
  }
  Status make_durable(const std::vector<std::string>&) override { return ok(); }
  Status make_folder(const std::string& path) override { return scratch_.make_folder(path); }

  Result<std::vector<FileInfo>> list(const std::string& folder) const override {
    return merged(
        folder, [](const FileSystem& files, const std::string& path) { return files.list(path); });
  }
  Result<std::vector<FileInfo>> list_recursive(const std::string& folder) const override {
    return merged(folder, [](const FileSystem& files, const std::string& path) {
      return files.list_recursive(path);
    });
  }
  Result<std::optional<FileInfo>> stat(const std::string& path) const override {
    BULLION_TRY_ASSIGN(auto found, scratch_.stat(path));
    if (found || !is_visible(path)) return found;
    return base_.stat(path);
  }
  Status remove(const std::string& path) override { return scratch_.remove(path); }

  /// A folder that exists in scratch is where an engine writes; a file is where it is.
  std::string location(const std::string& path) const override {
    const auto found = scratch_.stat(path);
    const bool in_scratch = found && found->has_value();
    return in_scratch || !is_visible(path) ? scratch_.location(path) : base_.location(path);
  }

 private:
  bool is_visible(const std::string& path) const {
    return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const std::string& prefix) {
      return path.starts_with(prefix) || prefix.starts_with(path + "/");
    });
  }

  Result<const FileSystem*> holder(const std::string& path) const {
    BULLION_TRY_ASSIGN(const auto found, scratch_.stat(path));
    if (found || !is_visible(path)) return static_cast<const FileSystem*>(&scratch_);
    return &base_;
  }

  Status refuse_existing(const std::string& path) const {
    if (!is_visible(path)) return ok();
    BULLION_TRY_ASSIGN(const auto found, base_.stat(path));
    if (found) return conflict(base_.location(path) + " exists already");
    return ok();
  }

  template <typename List>
  Result<std::vector<FileInfo>> merged(const std::string& folder, List list_of) const {
    BULLION_TRY_ASSIGN(std::vector<FileInfo> upper, list_of(scratch_, folder));
    std::map<std::string, FileInfo> by_path;
    if (is_visible(folder)) {
      BULLION_TRY_ASSIGN(std::vector<FileInfo> lower, list_of(base_, folder));
      for (FileInfo& info : lower) {
        if (is_visible(info.path)) by_path[info.path] = std::move(info);
      }
    }
    for (FileInfo& info : upper) by_path[info.path] = std::move(info);
    std::vector<FileInfo> all;
    for (auto& [path, info] : by_path) all.push_back(std::move(info));
    return all;
  }

  const FileSystem& base_;
  FileSystem& scratch_;
  std::vector<std::string> prefixes_;
};

}  // namespace

std::unique_ptr<FileSystem> overlay_file_system(const FileSystem& base, FileSystem& scratch,
                                                std::vector<std::string> visible_prefixes) {
  return std::make_unique<OverlayFileSystem>(base, scratch, std::move(visible_prefixes));
}

}  // namespace bullion::storage
