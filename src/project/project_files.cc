#include "project/project_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace bullion::project {

namespace fs = std::filesystem;

std::string find_project_folder(const std::string& folder) {
  std::error_code code;
  fs::path at = fs::absolute(folder.empty() ? "." : folder, code).lexically_normal();
  while (!code) {
    if (fs::exists(at / "bullion.yml", code)) {
      std::string out = at.string();
      while (out.size() > 1 && out.back() == '/') out.pop_back();
      return out;
    }
    if (!at.has_relative_path() || at == at.parent_path()) break;
    at = at.parent_path();
  }
  return "";
}

Result<std::string> read_text_file(const std::string& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) return not_found(fmt::format("{}: no such file", path));
  if (!fs::is_regular_file(status)) return invalid(fmt::format("{}: not a file", path));
  std::ifstream in(path, std::ios::binary);
  if (!in) return io_error(fmt::format("{}: {}", path, std::strerror(errno)));
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return io_error(fmt::format("{}: cannot be read", path));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

std::vector<std::string> list_files(const std::string& folder, const std::string& below,
                                    const std::vector<std::string>& suffixes) {
  std::vector<std::string> out;
  std::error_code code;
  fs::recursive_directory_iterator entry(fs::path(folder) / below, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(".")) {
      if (entry->is_directory(ignored)) entry.disable_recursion_pending();
      continue;
    }
    const bool wanted =
        std::any_of(suffixes.begin(), suffixes.end(),
                    [&](const std::string& suffix) { return name.ends_with(suffix); });
    if (!wanted || !entry->is_regular_file(ignored)) continue;
    out.push_back(entry->path().lexically_relative(folder).generic_string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool folder_exists(const std::string& path) {
  std::error_code code;
  return fs::is_directory(path, code);
}

std::string stem_of(const std::string& path) { return fs::path(path).stem().string(); }

}  // namespace bullion::project
