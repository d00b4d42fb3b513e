#include "infer/infer.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "infer/column_merge_internal.h"
#include "infer/container_look_internal.h"
#include "infer/file_look_internal.h"
#include "infer/key_guess_internal.h"
#include "infer/name_match_internal.h"
#include "infer/sample_internal.h"
#include "infer/source_draft_internal.h"
#include "infer/trial_internal.h"
#include "ingest/file_search.h"

namespace bullion::infer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kThreads = 2;
// Of more files, as many are looked at, evenly spread.
constexpr size_t kFilesMax = 2000;

struct Found {
  std::vector<std::string> paths;  ///< absolute, sorted
  std::string pattern;             ///< as it goes into the YAML
  std::string folder;              ///< absolute, when the input is a folder
  size_t count = 0;                ///< files before some were left out
};

/// Below the project folder a path is written relative to it.
std::string written_path(const std::string& absolute, const std::string& project_folder) {
  const std::string prefix = project_folder + "/";
  return !project_folder.empty() && absolute.starts_with(prefix) ? absolute.substr(prefix.size())
                                                                 : absolute;
}

/// ".csv.gz" when all names end so; "" otherwise.
std::string shared_suffix(const std::vector<std::string>& paths) {
  std::string suffix;
  for (const std::string& path : paths) {
    const std::string name = file_name(path);
    size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot == 0) return "";
    const size_t before = name.rfind('.', dot - 1);
    const std::string last = name.substr(dot);
    if ((last == ".gz" || last == ".zst") && before != std::string::npos && before > 0)
      dot = before;
    if (!suffix.empty() && suffix != name.substr(dot)) return "";
    suffix = name.substr(dot);
  }
  return suffix;
}

bool is_side_file(const std::string& path) {
  const std::string name = file_name(path);
  for (const char* suffix :
       {".yml", ".yaml", ".md", ".sql", ".py", ".sh", ".conf", ".html", ".pdf"}) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

Result<Found> find_input(const Request& request) {
  Found found;
  const std::string absolute = (fs::path(request.base) / request.input).lexically_normal().string();
  std::string plain = absolute;
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  std::error_code code;
  const bool is_folder = fs::is_directory(plain, code);
  // An empty path would mean the user's own folder.
  const std::string lake = request.lake.empty() ? request.base + "/.no-lake" : request.lake;
  BULLION_TRY_ASSIGN(const auto files, ingest::find_files({plain}, request.base, lake));
  for (const ingest::FoundFile& file : files) {
    if (!is_folder || !is_side_file(file.path)) found.paths.push_back(file.path);
  }
  if (found.paths.empty()) {
    return not_found(fmt::format("{}: there is no such file{}", request.input,
                                 is_folder ? " in the folder; name a pattern such as " +
                                                 request.input + "/**/*.csv for folders below it"
                                           : ""));
  }
  found.count = found.paths.size();
  found.pattern = written_path(plain, request.project_folder);
  if (is_folder) {
    found.folder = plain;
    found.pattern += "/*" + shared_suffix(found.paths);
  }
  if (found.paths.size() > kFilesMax) {
    std::vector<std::string> some;
    for (size_t i = 0; i < kFilesMax; ++i)
      some.push_back(found.paths[i * found.paths.size() / kFilesMax]);
    found.paths = std::move(some);
  }
  return found;
}

/// A header below a preamble, or of several rows, is judged again by the names that plain headers
/// of other files have.
Status look_again(std::vector<FileLook>& looks) {
  std::map<std::string, int> files;
  for (const FileLook& look : looks) {
    if (!look.header.has_header || look.header.at > 0 || look.header.rows > 1) continue;
    for (const std::string& name : look.header.names) ++files[compact_name(name)];
  }
  KnownNames known;
  for (const auto& [name, count] : files) {
    if (count > 1 && !name.empty()) known.insert(name);
  }
  if (known.empty()) return ok();
  for (FileLook& look : looks) {
    const bool is_plain = look.header.has_header && look.header.at == 0 && look.header.rows == 1;
    const bool is_text_file = look.format == "csv" && look.container.empty();
    if (!look.fault.empty() || is_plain || !is_text_file) continue;
    BULLION_TRY_ASSIGN(look, look_at_file(look.path, known));
  }
  return ok();
}

Result<std::vector<FileLook>> look_at_files(const std::vector<std::string>& paths,
                                            const Progress& progress) {
  std::vector<std::vector<FileLook>> of_path(paths.size());
  std::vector<Status> results(paths.size());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  int64_t done = 0;
  const auto work = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) {
      auto found = look_at_path(paths[i]);
      if (found) {
        of_path[i] = *std::move(found);
      } else {
        results[i] = found.error();
      }
      const std::lock_guard lock(mutex);
      if (progress) progress("look", paths[i], ++done, static_cast<int64_t>(paths.size()));
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < std::min(kThreads, paths.size()); ++i) threads.emplace_back(work);
    work();
  }
  for (const Status& result : results) BULLION_TRY(result);
  std::vector<FileLook> looks;
  for (std::vector<FileLook>& found : of_path) {
    for (FileLook& look : found) looks.push_back(std::move(look));
  }
  BULLION_TRY(look_again(looks));
  return looks;
}

Error no_table(const Request& request, const std::vector<FileLook>& looks) {
  std::string reasons;
  for (const FileLook& look : looks) {
    if (reasons.size() > 400) break;
    reasons += fmt::format("\n  {}: {}", file_name(look.path),
                           look.fault.empty() ? "it has no columns" : look.fault);
  }
  return invalid(
      fmt::format("{}: no file holds a table of text that can be read:{}", request.input, reasons));
}

/// What lies on disk: the file, or the archive that it is a member of.
const std::string& file_of(const FileLook& look) {
  return look.container.empty() ? look.path : look.container;
}

std::string pattern_of_family(const Found& found, const Request& request,
                              const std::vector<FileLook>& looks, const Merged& merged,
                              std::vector<std::string>& patterns) {
  if (merged.others.empty() || found.count == 1) {
    patterns = {found.pattern};
    return found.pattern;
  }
  // The longest beginning that all names of the family share, when no other file has it.
  std::vector<std::string> names;
  for (const size_t file : merged.files) names.push_back(file_of(looks[file]));
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string prefix = names.front();
  for (const std::string& name : names) {
    size_t shared = 0;
    while (shared < prefix.size() && shared < name.size() && prefix[shared] == name[shared])
      ++shared;
    prefix.resize(shared);
  }
  const std::string suffix = shared_suffix(names);
  const auto is_own = [&](const std::string& beginning) {
    return beginning.size() > found.folder.size() + 1 &&
           std::none_of(merged.others.begin(), merged.others.end(), [&](size_t file) {
             const std::string& path = file_of(looks[file]);
             return path.starts_with(beginning) && path.ends_with(suffix);
           });
  };
  // "spend-2024-0" is what today's files share; tomorrow's share "spend-".
  std::string shorter = prefix;
  while (!shorter.empty() && shorter.back() >= '0' && shorter.back() <= '9') {
    shorter.pop_back();
    if (is_own(shorter)) prefix = shorter;
  }
  // Of "loan_test" and "loan_train" the shared word is "loan".
  const std::string whole_words = prefix.substr(0, prefix.find_last_of("_-. /") + 1);
  if (is_own(whole_words)) prefix = whole_words;
  if (names.size() > 1 && is_own(prefix)) {
    patterns = {written_path(prefix, request.project_folder) + "*" + suffix};
  } else {
    for (const std::string& name : names)
      patterns.push_back(written_path(name, request.project_folder));
  }
  return patterns.front();
}

/// What the input as a whole is called.
std::string whole_name(const Found& found, const Request& request) {
  std::string input = found.folder.empty() ? request.input : found.folder;
  // A pattern names its folder; its last part is mostly stars.
  if (input.find_first_of("*?") != std::string::npos) {
    input = fs::path(found.paths.front()).parent_path().string();
  }
  return input;
}

Result<InferredSource> infer_family(engine::Engine& engine, const std::vector<FileLook>& looks,
                                    const Merged& merged, const std::string& name,
                                    const std::vector<std::string>& patterns,
                                    const Progress& progress) {
  SourceDraft draft = draft_source(looks, merged, name, patterns);
  BULLION_TRY_ASSIGN(const ScratchFolder scratch, ScratchFolder::create());
  BULLION_TRY_ASSIGN(const project::Source first,
                     load_yaml(engine, scratch.path() + "/project", name, to_yaml(draft)));
  BULLION_TRY_ASSIGN(TrialRows tried,
                     try_source(engine, first, looks, merged.files, scratch.path(), progress));
  BULLION_TRY(guess_keys(engine, tried.staged, draft));
  InferredSource out;
  out.name = name;
  out.yaml = to_yaml(draft);
  out.source = first;
  // Keys are the one thing that is learned after the trial.
  if (!draft.grain.empty()) {
    BULLION_TRY_ASSIGN(out.source, load_yaml(engine, scratch.path() + "/project", name, out.yaml));
  }
  for (const size_t file : merged.files) out.files.push_back(looks[file].path);
  out.checks = draft.checks;
  for (const DraftColumn& column : draft.columns) {
    for (const std::string& check : column.checks) out.checks.push_back(column.name + ": " + check);
  }
  out.notes = draft.notes;
  out.day_column = draft.day_column;
  out.rows_looked_at = draft.rows;
  out.rejected_records = std::move(tried.rejected_records);
  out.trial = std::move(tried.trial);
  return out;
}

}  // namespace

std::string source_name_of(const std::string& path) {
  std::string name = path;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  name = file_name(name);
  for (const char* suffix : {".gz", ".zst", ".csv", ".tsv", ".txt", ".tab", ".dat", ".json",
                             ".jsonl", ".ndjson", ".xlsx", ".zip", ".tar", ".tgz"}) {
    if (name.size() > std::string_view(suffix).size() && name.ends_with(suffix))
      name.resize(name.size() - std::string_view(suffix).size());
  }
  std::string out = column_name(name);
  return out.empty() ? "files" : out;
}

Result<InferredSource> infer_source(engine::Engine& engine, const Request& request,
                                    const Progress& progress) {
  BULLION_TRY_ASSIGN(const Found found, find_input(request));
  BULLION_TRY_ASSIGN(const std::vector<FileLook> looks, look_at_files(found.paths, progress));
  const std::vector<Merged> families = merge_columns(looks);
  if (families.empty()) return no_table(request, looks);
  const std::string name = request.name.empty()
                               ? request.prefix + source_name_of(whole_name(found, request))
                               : request.name;
  BULLION_TRY_ASSIGN(InferredSource source, infer_family(engine, looks, families.front(), name,
                                                         {found.pattern}, progress));
  if (found.count > found.paths.size())
    source.notes.push_back(
        fmt::format("{} of {} files were looked at", found.paths.size(), found.count));
  return source;
}

Result<std::vector<InferredSource>> infer_families(engine::Engine& engine, const Request& request,
                                                   const Progress& progress) {
  BULLION_TRY_ASSIGN(const Found found, find_input(request));
  BULLION_TRY_ASSIGN(const std::vector<FileLook> looks, look_at_files(found.paths, progress));
  std::vector<Merged> families = merge_columns(looks);
  if (families.empty()) return no_table(request, looks);
  std::vector<InferredSource> sources;
  std::set<std::string> used;
  for (Merged& family : families) {
    std::vector<std::string> patterns;
    const std::string pattern = pattern_of_family(found, request, looks, family, patterns);
    const bool is_whole_folder = family.others.empty();
    const FileLook& first = looks[family.files.front()];
    std::string name =
        source_name_of(is_whole_folder         ? whole_name(found, request)
                       : !first.member.empty() ? first.member
                                               : pattern.substr(0, pattern.find('*')));
    // Trailing numbers of a name are dates of one file, not of the family.
    while (!is_whole_folder && !name.empty() &&
           (name.back() == '_' || (name.back() >= '0' && name.back() <= '9')))
      name.pop_back();
    if (name.empty() || name == "c") name = source_name_of(whole_name(found, request));
    name = request.prefix + name;
    std::string unique = name;
    for (int n = 2; !used.insert(unique).second; ++n) unique = fmt::format("{}_{}", name, n);
    family.others.clear();
    BULLION_TRY_ASSIGN(InferredSource source,
                       infer_family(engine, looks, family, unique, patterns, progress));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace bullion::infer
