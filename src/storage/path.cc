#include "storage/file_system.h"
#include "storage/path_internal.h"

namespace bullion::storage {

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (name.empty()) return std::string(folder);
  std::string joined(folder);
  if (joined.back() != '/') joined += '/';
  joined += name;
  return joined;
}

Status check_path(const std::string& path) {
  std::string_view rest = path;
  while (true) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != part.npos) {
      return internal_error("the path '" + path + "' is not relative and plain");
    }
    if (slash == rest.npos) return ok();
    rest.remove_prefix(slash + 1);
  }
}

Status check_folder(const std::string& path) { return path.empty() ? ok() : check_path(path); }

Status check_range(const std::string& path, int64_t offset, int64_t length) {
  if (offset < 0 || length < 0) {
    return internal_error("a range of " + path + " begins or ends before the file");
  }
  return check_path(path);
}

}  // namespace bullion::storage
