#include "docsite/writer.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace bullion::docsite {

namespace fs = std::filesystem;

namespace {

constexpr const char* kList = "bullion-docs.txt";

/// Only below the folder: the list is a file that anybody may have changed.
bool stays_inside(const std::string& path) {
  const fs::path relative = fs::path(path).lexically_normal();
  return !path.empty() && relative.is_relative() && *relative.begin() != "..";
}

void remove_listed(const fs::path& folder) {
  std::ifstream list(folder / kList);
  std::error_code ignored;
  for (std::string line; std::getline(list, line);) {
    if (stays_inside(line)) fs::remove(folder / line, ignored);
  }
}

Status write(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.good() ? ok() : io_error(fmt::format("{} cannot be written", path.string()));
}

}  // namespace

Status write_site(const std::string& folder, const std::vector<Page>& pages) {
  const fs::path root(folder);
  std::error_code fault;
  const bool holds_files = fs::exists(root, fault) && !fs::is_empty(root, fault);
  if (holds_files && !fs::exists(root / kList, fault)) {
    return conflict(fmt::format(
        "{} holds files that are no site of Bullion; give --to another folder or empty it",
        folder));
  }
  remove_listed(root);
  std::string list;
  for (const Page& page : pages) {
    BULLION_TRY(write(root / page.path, page.text));
    list += page.path + "\n";
  }
  return write(root / kList, list);
}

}  // namespace bullion::docsite
