#include "ingest/file_search.h"

#include <filesystem>
#include <map>
#include <utility>

#include "records/name_pattern.h"

namespace bullion::ingest {
namespace {

using Parts = std::vector<std::string>;

bool has_wildcard(std::string_view part) {
  return part.find_first_of("*?") != std::string_view::npos;
}

bool is_skipped(std::string_view name) {
  return name.starts_with('.') || name.ends_with(".tmp") || name.ends_with(".part");
}

Parts split_path(std::string_view path) {
  Parts parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

bool is_below(std::string_view path, std::string_view folder) {
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

/// Follows the parts of one pattern down the tree.
class Search {
 public:
  Search(const storage::FileSystem& machine, std::string excluded,
         std::map<std::string, FoundFile>& found)
      : machine_(machine), excluded_(std::move(excluded)), found_(found) {}

  Status descend(const std::string& folder, const Parts& parts, size_t next) {
    if (is_below(folder, excluded_)) return ok();
    const std::string& part = parts[next];
    const bool is_last = next + 1 == parts.size();
    // "a/**" means every file below a.
    if (part == "**" && is_last) return descend(folder, {"**", "*"}, 0);
    if (part == "**") BULLION_TRY(descend(folder, parts, next + 1));
    BULLION_TRY_ASSIGN(const std::vector<storage::FileInfo> children, machine_.list(folder));
    for (const storage::FileInfo& child : children) {
      if (is_skipped(child.name())) continue;
      if (part == "**") {
        if (child.is_directory) BULLION_TRY(descend(child.path, parts, next));
      } else if (records::matches_pattern(part, child.name(), records::LetterCase::Exact)) {
        if (child.is_directory && !is_last) BULLION_TRY(descend(child.path, parts, next + 1));
        if (!child.is_directory && is_last) add(child);
      }
    }
    return ok();
  }

  void add(const storage::FileInfo& file) {
    if (is_below(file.path, excluded_)) return;
    std::string path = "/" + file.path;
    found_.insert_or_assign(path, FoundFile{path, file.size, file.modified_us});
  }

 private:
  const storage::FileSystem& machine_;
  std::string excluded_;
  std::map<std::string, FoundFile>& found_;
};

std::string absolute_path(const std::string& pattern, const std::string& folder) {
  return (std::filesystem::path(folder) / pattern).lexically_normal().string();
}

}  // namespace

std::unique_ptr<storage::FileSystem> machine_files() { return storage::local_file_system("/"); }

std::string machine_path(std::string_view absolute) {
  while (absolute.starts_with('/')) absolute.remove_prefix(1);
  while (absolute.ends_with('/')) absolute.remove_suffix(1);
  return std::string(absolute);
}

Result<std::vector<FoundFile>> find_files(const std::vector<std::string>& patterns,
                                          const std::string& folder, const std::string& excluded) {
  const auto machine = machine_files();
  std::map<std::string, FoundFile> found;
  Search search(*machine, machine_path(absolute_path(excluded, folder)), found);
  for (const std::string& pattern : patterns) {
    Parts parts = split_path(absolute_path(pattern, folder));
    std::string base;
    size_t plain = 0;
    while (plain < parts.size() && !has_wildcard(parts[plain])) {
      base = storage::join_path(base, parts[plain++]);
    }
    if (plain == parts.size()) {
      BULLION_TRY_ASSIGN(const auto info, machine->stat(base));
      if (info && !info->is_directory) {
        search.add(*info);
        continue;
      }
      parts.emplace_back("*");
    }
    BULLION_TRY(search.descend(base, parts, plain));
  }
  std::vector<FoundFile> files;
  files.reserve(found.size());
  for (auto& [path, file] : found) files.push_back(std::move(file));
  return files;
}

}  // namespace bullion::ingest
