#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "storage/file_system.h"
#include "storage/path_internal.h"

namespace bullion::storage {
namespace {

struct MemoryFile {
  // Shared, so that a reader keeps the bytes that it opened while others replace the file.
  std::shared_ptr<const std::string> bytes;
  int64_t modified_us = 0;
};

bool is_below(const std::string& path, const std::string& folder) {
  return folder.empty() ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

class MemoryFileReader final : public FileReader {
 public:
  explicit MemoryFileReader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    const size_t count = bytes_->copy(buffer, capacity, position_);
    position_ += count;
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
  size_t position_ = 0;
};

class MemoryFileWriter final : public FileWriter {
 public:
  MemoryFileWriter(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  Status append(std::string_view bytes) override {
    if (finished_) return internal_error("append to memory:" + path_ + " after its end");
    bytes_.append(bytes);
    return ok();
  }

  Status finish() override {
    if (finished_) return internal_error("finish of memory:" + path_ + " called twice");
    finished_ = true;
    return files_.create(path_, bytes_);
  }

 private:
  FileSystem& files_;
  std::string path_;
  std::string bytes_;
  bool finished_ = false;
};

class MemoryFileSystem final : public FileSystem {
 public:
  Result<std::string> read(const std::string& path) const override {
    BULLION_TRY_ASSIGN(const std::shared_ptr<const std::string> bytes, find(path));
    return *bytes;
  }

  Result<std::string> read_range(const std::string& path, int64_t offset,
                                 int64_t length) const override {
    BULLION_TRY(check_range(path, offset, length));
    BULLION_TRY_ASSIGN(const std::shared_ptr<const std::string> bytes, find(path));
    const size_t begin = std::min(bytes->size(), static_cast<size_t>(offset));
    return bytes->substr(begin, static_cast<size_t>(length));
  }

  Result<std::unique_ptr<FileReader>> open(const std::string& path) const override {
    BULLION_TRY_ASSIGN(std::shared_ptr<const std::string> bytes, find(path));
    return std::unique_ptr<FileReader>(std::make_unique<MemoryFileReader>(std::move(bytes)));
  }

  Status create(const std::string& path, std::string_view bytes) override {
    BULLION_TRY(check_path(path));
    const std::lock_guard lock(mutex_);
    if (files_.contains(path) || is_folder(path)) {
      return conflict("cannot create " + location(path) + ": it exists already");
    }
    return put(path, bytes);
  }

  Result<std::unique_ptr<FileWriter>> create_stream(const std::string& path) override {
    BULLION_TRY(check_path(path));
    return std::unique_ptr<FileWriter>(std::make_unique<MemoryFileWriter>(*this, path));
  }

  Status replace(const std::string& path, std::string_view bytes) override {
    BULLION_TRY(check_path(path));
    const std::lock_guard lock(mutex_);
    if (is_folder(path)) return io_error("cannot replace " + location(path) + ": it is a folder");
    return put(path, bytes);
  }

  Status make_durable(const std::vector<std::string>& paths) override {
    for (const std::string& path : paths) BULLION_TRY(find(path));
    return ok();
  }

  Status make_folder(const std::string& path) override {
    BULLION_TRY(check_path(path));
    const std::lock_guard lock(mutex_);
    return add_folders(path);
  }

  Result<std::vector<FileInfo>> list(const std::string& folder) const override {
    BULLION_TRY(check_folder(folder));
    const std::lock_guard lock(mutex_);
    if (files_.contains(folder)) return io_error("cannot list " + location(folder) + ": a file");
    std::vector<FileInfo> children;
    const auto is_child = [&](const std::string& path) {
      return is_below(path, folder) &&
             path.find('/', folder.empty() ? 0 : folder.size() + 1) == std::string::npos;
    };
    for (const auto& [path, file] : files_) {
      if (is_child(path)) children.push_back(info_of(path, file));
    }
    for (const std::string& path : folders_) {
      if (is_child(path)) children.push_back({path, 0, 0, true});
    }
    std::ranges::sort(children, {}, &FileInfo::path);
    return children;
  }

  Result<std::vector<FileInfo>> list_recursive(const std::string& folder) const override {
    BULLION_TRY(check_folder(folder));
    const std::lock_guard lock(mutex_);
    std::vector<FileInfo> found;
    for (const auto& [path, file] : files_) {
      if (is_below(path, folder)) found.push_back(info_of(path, file));
    }
    return found;
  }

  Result<std::optional<FileInfo>> stat(const std::string& path) const override {
    BULLION_TRY(check_folder(path));
    const std::lock_guard lock(mutex_);
    const auto file = files_.find(path);
    if (file != files_.end()) return std::optional<FileInfo>(info_of(path, file->second));
    if (path.empty() || is_folder(path)) return std::optional<FileInfo>({path, 0, 0, true});
    return std::optional<FileInfo>();
  }

  Status remove(const std::string& path) override {
    BULLION_TRY(check_path(path));
    const std::lock_guard lock(mutex_);
    if (files_.erase(path) > 0) return ok();
    const auto inside = [&](const std::string& other) { return is_below(other, path); };
    if (std::ranges::any_of(folders_, inside) ||
        std::ranges::any_of(files_, inside, [](const auto& file) { return file.first; })) {
      return io_error("cannot remove " + location(path) + ": the folder is not empty");
    }
    folders_.erase(path);
    return ok();
  }

  std::string location(const std::string& path) const override { return "memory:" + path; }

 private:
  static FileInfo info_of(const std::string& path, const MemoryFile& file) {
    return {path, static_cast<int64_t>(file.bytes->size()), file.modified_us, false};
  }

  Result<std::shared_ptr<const std::string>> find(const std::string& path) const {
    BULLION_TRY(check_path(path));
    const std::lock_guard lock(mutex_);
    const auto file = files_.find(path);
    if (file != files_.end()) return file->second.bytes;
    if (is_folder(path)) return io_error("cannot read " + location(path) + ": it is a folder");
    return not_found("cannot open " + location(path) + ": there is no such file");
  }

  // The functions below expect mutex_ to be held.
  bool is_folder(const std::string& path) const { return folders_.contains(path); }

  Status add_folders(const std::string& folder) {
    for (size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
      const std::string part = folder.substr(0, end);
      if (files_.contains(part)) {
        return io_error("cannot make folder " + location(part) + ": a file with that name exists");
      }
      folders_.insert(part);
      if (end == std::string::npos) return ok();
    }
  }

  Status put(const std::string& path, std::string_view bytes) {
    const size_t slash = path.rfind('/');
    if (slash != std::string::npos) BULLION_TRY(add_folders(path.substr(0, slash)));
    files_[path] = {std::make_shared<const std::string>(bytes), clock_.now_us()};
    return ok();
  }

  SystemClock clock_;
  mutable std::mutex mutex_;
  std::map<std::string, MemoryFile> files_;
  std::set<std::string> folders_;
};

}  // namespace

std::unique_ptr<FileSystem> memory_file_system() { return std::make_unique<MemoryFileSystem>(); }

}  // namespace bullion::storage
