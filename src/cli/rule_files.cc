#include "cli/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "domains/embedded.h"
#include "quality/rule_check.h"

namespace bullion::cli {
namespace {

namespace fs = std::filesystem;

struct RuleFile {
  quality::RuleSetTitle title;
  std::string file;
  std::string text;
};

std::string title_of(const quality::RuleSetTitle& title) {
  return title.version.empty() ? title.name : title.name + " " + title.version;
}

/// "1.10" after "1.9": digits compare as numbers.
bool is_older(std::string_view a, std::string_view b) {
  const auto next = [](std::string_view& text) {
    int64_t number = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      number = std::min<int64_t>(number * 10 + (text.front() - '0'), int64_t{1} << 40);
      text.remove_prefix(1);
    }
    return number;
  };
  while (!a.empty() && !b.empty()) {
    const int64_t left = next(a);
    const int64_t right = next(b);
    if (left != right) return left < right;
    const char x = a.empty() ? '\0' : a.front();
    const char y = b.empty() ? '\0' : b.front();
    if (x != y) return x < y;
    if (!a.empty()) a.remove_prefix(1);
    if (!b.empty()) b.remove_prefix(1);
  }
  return a.size() < b.size();
}

/// The rule files of the project, by name.
Result<std::vector<RuleFile>> own_files(const std::string& project_folder) {
  std::vector<RuleFile> found;
  const fs::path folder = fs::path(project_folder) / "rules";
  std::error_code code;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const std::string suffix = entry->path().extension().string();
    if (suffix == ".yml" || suffix == ".yaml") files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return io_error(fmt::format("{}: cannot be read", path.string()));
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    found.push_back({{}, "rules/" + path.filename().string(), std::move(text)});
  }
  return found;
}

std::vector<RuleFile> shipped_files() {
  std::vector<RuleFile> found;
  for (const domains::EmbeddedFile& shipped : domains::embedded_files()) {
    if (shipped.path.find("/rules/") == std::string_view::npos) continue;
    found.push_back({{}, std::string(shipped.path), std::string(shipped.bytes)});
  }
  return found;
}

/// Finds the set that another one extends: not itself, since a project's set may extend a shipped
/// one of its own name.
quality::RuleSetSource others_of(const std::vector<RuleFile>& files, const std::string& own_file) {
  return [&files, own_file](const std::string& name,
                            const std::string& version) -> std::optional<std::string_view> {
    for (const RuleFile& file : files) {
      if (file.file != own_file && file.title.name == name &&
          (version.empty() || file.title.version == version)) {
        return file.text;
      }
    }
    return std::nullopt;
  };
}

/// The named set; without a version the newest. The project's own come first.
const RuleFile* choose(const std::vector<RuleFile>& candidates, const std::string& name,
                       const std::string& version) {
  const RuleFile* best = nullptr;
  for (const RuleFile& candidate : candidates) {
    if (candidate.title.name != name) continue;
    if (!version.empty() && candidate.title.version != version) continue;
    if (best == nullptr || is_older(best->title.version, candidate.title.version)) {
      best = &candidate;
    }
  }
  return best;
}

}  // namespace

Result<quality::RuleSet> find_rule_set(const std::string& project_folder, const std::string& name,
                                       const std::string& version) {
  BULLION_TRY_ASSIGN(std::vector<RuleFile> files, own_files(project_folder));
  for (RuleFile& shipped : shipped_files()) files.push_back(std::move(shipped));
  for (RuleFile& file : files) {
    BULLION_TRY_ASSIGN(file.title, quality::read_rule_set_title(file.file, file.text));
  }
  const RuleFile* chosen = choose(files, name, version);
  if (chosen == nullptr) {
    std::vector<std::string> names;
    std::vector<std::string> titles;
    for (const RuleFile& file : files) {
      names.push_back(file.title.name);
      titles.push_back(title_of(file.title));
    }
    return not_found(fmt::format("there is no rule set `{}`{}; rule sets: {}",
                                 title_of({name, version, ""}), did_you_mean(name, names),
                                 fmt::join(titles, ", ")));
  }
  return quality::read_rule_set(chosen->file, chosen->text, others_of(files, chosen->file));
}

std::vector<project::Problem> check_rule_files(engine::Engine& engine,
                                               const std::string& project_folder) {
  std::vector<project::Problem> problems;
  auto own = own_files(project_folder);
  if (!own) {
    problems.push_back(
        {{"rules", 0, 0}, project::Severity::Error, "file-unreadable", own.error().message()});
    return problems;
  }
  std::vector<RuleFile> files = *own;
  for (RuleFile& shipped : shipped_files()) files.push_back(std::move(shipped));
  for (RuleFile& file : files) {
    // Without a title nothing can extend it; its own check says why it has none.
    auto title = quality::read_rule_set_title(file.file, file.text);
    if (title) file.title = *std::move(title);
  }
  for (const RuleFile& file : *own) {
    for (project::Problem& problem :
         quality::check_rule_set(engine, file.file, file.text, others_of(files, file.file))) {
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace bullion::cli
