#include "server/scrubber.h"

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace bullion::server {
namespace {

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

std::string json_escaped(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

/// A folder ends where its name ends: "/srv/lake" is not in "/srv/lakes".
bool ends_a_name(std::string_view text, size_t at) {
  if (at >= text.size()) return true;
  const auto c = static_cast<unsigned char>(text[at]);
  return std::isalnum(c) == 0 && c != '_' && c != '-' && c < 0x80;
}

}  // namespace

Scrubber::Scrubber(const std::vector<std::pair<std::string, std::string>>& folders) {
  std::error_code ignored;
  std::vector<std::pair<std::string, std::string>> all = folders;
  all.emplace_back(std::filesystem::temp_directory_path(ignored).string(), "<temporary>");
  const auto add = [&](const std::string& folder, const std::string& name) {
    if (folder.size() < 2) return;
    for (const std::string& form : {folder, json_escaped(folder)}) {
      const std::pair<std::string, std::string> pair(form, name);
      const auto same = [&](const auto& known) { return known.first == form; };
      if (std::none_of(replacements_.begin(), replacements_.end(), same)) {
        replacements_.push_back(pair);
      }
    }
  };
  for (const auto& [folder, name] : all) {
    if (folder.empty()) continue;
    const auto absolute = std::filesystem::absolute(folder, ignored).lexically_normal();
    add(without_slash(absolute.string()), name);
    add(without_slash(std::filesystem::weakly_canonical(absolute, ignored).string()), name);
  }
  std::stable_sort(replacements_.begin(), replacements_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string Scrubber::scrub(std::string text) const {
  for (const auto& [folder, name] : replacements_) {
    size_t at = text.find(folder);
    while (at != std::string::npos) {
      if (ends_a_name(text, at + folder.size())) {
        text.replace(at, folder.size(), name);
        at = text.find(folder, at + name.size());
      } else {
        at = text.find(folder, at + folder.size());
      }
    }
  }
  return text;
}

}  // namespace bullion::server
