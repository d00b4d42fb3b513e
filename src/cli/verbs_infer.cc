// source infer, and init from a folder: verbs that look at the user's files.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/progress.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "infer/infer.h"
#include "infer/starter.h"
#include "storage/file_system.h"

namespace bullion::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRefusedShown = 8;
constexpr size_t kCellShown = 24;

/// The folder with bullion.yml at or above `folder`; "" when there is none.
std::string project_above(const std::string& folder) {
  std::error_code ignored;
  for (fs::path at = fs::absolute(folder).lexically_normal(); !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / "bullion.yml", ignored)) {
      std::string text = at.string();
      while (text.size() > 1 && text.ends_with('/')) text.pop_back();
      return text;
    }
    if (at == at.parent_path()) break;
  }
  return "";
}

std::string short_cell(const std::string& text) {
  if (text.size() <= kCellShown) return text;
  size_t end = kCellShown - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string count(int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

engine::Rows preview_of(const infer::Trial& trial) {
  engine::Rows rows;
  for (const std::string& name : trial.columns)
    rows.schema.push_back({name, {delta::TypeId::String, 0, 0, {}}, true, "{}"});
  for (const auto& row : trial.rows) {
    auto& out = rows.rows.emplace_back();
    for (const std::string& text : row) out.push_back(engine::Value(short_cell(text)));
  }
  return rows;
}

void say_report(const infer::InferredSource& source) {
  const infer::Trial& trial = source.trial;
  if (!trial.rows.empty()) {
    say(fmt::format("The first {} as {} would read them:",
                    count(static_cast<int64_t>(trial.rows.size()), "row"), source.name));
    put(format_rows(preview_of(trial), OutputFormat::Table));
  }
  say(fmt::format("{}: {} kept, {} rejected", count(trial.records, "record"), trial.kept,
                  trial.rejected));
  if (!trial.amount.empty())
    say(fmt::format("Sum of {}: {}", source.source.contract.amount_column, trial.amount));
  for (size_t i = 0; i < std::min(trial.refused.size(), kRefusedShown); ++i) {
    const infer::RefusedKind& kind = trial.refused[i];
    say(fmt::format("  {} x {}, first {}", kind.count, kind.code, kind.example));
  }
  if (trial.unreadable > 0)
    say(fmt::format("{} refused as a whole", count(trial.unreadable, "file")));
  if (trial.blank > 0) say(fmt::format("Left out: {}", count(trial.blank, "blank row")));
  for (const auto& [reason, rows] : trial.excluded)
    say(fmt::format("Left out: {} ({})", count(rows, "row"), reason));
  for (const std::string& total : trial.totals) say("  " + total);
  for (const std::string& note : source.notes) say("Note: " + note);
  for (const std::string& check : source.checks) say("Check: " + check);
}

std::string report_json(const infer::InferredSource& source, const std::string& path) {
  const infer::Trial& trial = source.trial;
  std::vector<std::string> refused;
  for (const infer::RefusedKind& kind : trial.refused) {
    refused.push_back(fmt::format("{{\"code\":{},\"count\":{},\"first\":{}}}", json_text(kind.code),
                                  kind.count, json_text(kind.example)));
  }
  std::vector<std::string> excluded;
  for (const auto& [reason, rows] : trial.excluded)
    excluded.push_back(fmt::format("{}:{}", json_text(reason), rows));
  std::vector<std::string> rows;
  for (const auto& row : trial.rows) rows.push_back(json_list(row));
  return fmt::format(
      "{{\"source\":{},\"path\":{},\"files\":{},\"records\":{},\"kept\":{},\"rejected\":{},"
      "\"unreadable_files\":{},\"blank\":{},"
      "\"excluded\":{{{}}},\"refused\":[{}],\"totals\":{},\"amount\":{},\"columns\":{},\"rows\":[{}"
      "],\"notes\":{},\"checks\":{}}}",
      json_text(source.name), json_text(path), trial.files, trial.records, trial.kept,
      trial.rejected, trial.unreadable, trial.blank, fmt::join(excluded, ","),
      fmt::join(refused, ","), json_list(trial.totals), json_text(trial.amount),
      json_list(trial.columns), fmt::join(rows, ","), json_list(source.notes),
      json_list(source.checks));
}

void say_summary(const infer::InferredSource& source) {
  say(fmt::format("{}: {}, {}, {} refused, to check: {}", source.name,
                  count(source.trial.files, "file"), count(source.trial.records, "record"),
                  source.trial.rejected, source.checks.size()));
}

nlohmann::ordered_json fields_of(const infer::InferredSource& source) {
  return {{"source", source.name},
          {"files", source.trial.files},
          {"records", source.trial.records},
          {"kept", source.trial.kept},
          {"rejected", source.trial.rejected},
          {"checks", source.checks.size()}};
}

/// One object, or an array of several.
std::string reports_json(const std::vector<infer::InferredSource>& sources, bool is_printed) {
  std::vector<std::string> reports;
  for (const infer::InferredSource& source : sources) {
    reports.push_back(
        report_json(source, is_printed ? "" : fmt::format("sources/{}.yml", source.name)));
  }
  return reports.size() == 1 ? reports.front() : fmt::format("[{}]", fmt::join(reports, ",\n"));
}

Result<std::vector<infer::InferredSource>> infer_sources(engine::Engine& engine,
                                                         const infer::Request& request, bool is_one,
                                                         const infer::Progress& progress) {
  if (!is_one) return infer::infer_families(engine, request, progress);
  std::vector<infer::InferredSource> sources;
  BULLION_TRY_ASSIGN(infer::InferredSource source, infer::infer_source(engine, request, progress));
  sources.push_back(std::move(source));
  return sources;
}

Status check_output(const std::string& output) {
  if (output.empty() || output == "yaml" || output == "table" || output == "json") return ok();
  return invalid(fmt::format("--output {}: expected yaml, table or json", output));
}

/// The contract of a table of the project at `folder`.
Result<project::Contract> find_contract(engine::Engine& engine, const std::string& folder,
                                        const std::string& table) {
  project::LoadOptions options;
  options.folder = folder;
  const project::LoadOutcome outcome = project::load_project(options, engine);
  if (!outcome.project) {
    return invalid(fmt::format(
        "--as {}: the project in {} has mistakes; `bullion check` lists them", table, folder));
  }
  const project::Contract* contract = outcome.project->find_contract(table);
  if (contract != nullptr) return *contract;
  std::vector<std::string> names = project::names_of(outcome.project->models);
  std::ranges::copy(project::names_of(outcome.project->sources), std::back_inserter(names));
  return not_found(fmt::format("--as {}: the project has no such table{}; tables: {}", table,
                               did_you_mean(table, names), fmt::join(names, ", ")));
}

void say_mapping(const infer::Mapping& mapping) {
  engine::Rows rows;
  for (const char* name : {"column", "from", "sure", "why"})
    rows.schema.push_back({name, {delta::TypeId::String, 0, 0, {}}, true, "{}"});
  for (const infer::MappedColumn& column : mapping.columns) {
    rows.rows.push_back(
        {engine::Value(column.target), engine::Value(column.from),
         engine::Value(column.from.empty() ? "" : fmt::format("{}%", column.confidence)),
         engine::Value(column.reason)});
  }
  put(format_rows(rows, OutputFormat::Table));
}

/// Writes all files or, when one of them exists and may not be overwritten, none.
Status write_files(const std::string& folder, const std::vector<infer::StarterFile>& all,
                   bool force) {
  const auto files = storage::local_file_system(folder);
  std::vector<bool> exist;
  for (const infer::StarterFile& file : all) {
    BULLION_TRY_ASSIGN(const auto there, files->stat(file.path));
    exist.push_back(there.has_value());
    if (there && !force) {
      return invalid(
          fmt::format("{}/{} exists; nothing was changed. --force overwrites it, --name "
                      "makes another source",
                      folder, file.path));
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    BULLION_TRY(exist[i] ? files->replace(all[i].path, all[i].text)
                         : files->create(all[i].path, all[i].text));
  }
  return ok();
}

}  // namespace

int init_from_folder(const GlobalOptions& global, const InitOptions& init) {
  const std::string name = init.folder.empty() ? init.domain : init.folder;
  if (name.empty()) {
    return fail(invalid("init --from needs a folder to make: bullion init my-lake --from FILES"));
  }
  const std::string folder = fs::absolute(name).lexically_normal().string();
  std::error_code ignored;
  if (fs::exists(fs::path(folder) / "bullion.yml", ignored)) {
    return fail(invalid(folder + " is a Bullion project already; nothing was changed"));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open_without_project(global));
  infer::Request request;
  request.base = fs::current_path().string();
  request.input = init.from;
  request.project_folder = folder;
  request.lake = folder + "/lake";
  request.prefix = "raw_";
  auto inferred = infer::infer_families(session->engine(), request, progress_report(global.quiet));
  clear_progress();
  BULLION_CLI_ASSIGN(const std::vector<infer::InferredSource> sources, std::move(inferred));
  const auto files = infer::starter_project(infer::source_name_of(folder), "XXX", sources);
  BULLION_CLI_TRY(write_files(folder, files, false));
  if (!global.quiet) {
    for (const infer::InferredSource& source : sources) say_summary(source);
    say(fmt::format("{} written to {}", count(static_cast<int64_t>(files.size()), "file"), folder));
    say(fmt::format("Next: cd {}, read the `check:` lines of sources/*.yml, then `bullion run`.",
                    name));
  }
  nlohmann::ordered_json fields = {{"status", "ok"}, {"folder", folder}, {"files", files.size()}};
  for (const infer::InferredSource& source : sources) {
    fields["sources"].push_back(fields_of(source));
  }
  say_last_line(global, fields);
  return kOk;
}

int infer_source(const GlobalOptions& global, const InferOptions& options) {
  BULLION_CLI_TRY(check_output(options.output));
  BULLION_CLI_ASSIGN(const auto session, Session::open_without_project(global));
  infer::Request request;
  request.base = fs::current_path().string();
  request.input = options.input;
  request.name = options.name;
  request.project_folder = project_above(global.project_folder);
  if (request.project_folder.empty() && !options.as.empty()) {
    return fail(invalid("--as needs a project: no bullion.yml is here or above"));
  }
  if (request.project_folder.empty() && !options.print) {
    return fail(
        invalid("there is no bullion.yml here or above; `bullion init my-lake --from FOLDER` makes "
                "a project from "
                "files, and --print shows the source without writing it"));
  }
  // A name, or a model to map onto, is for one source: the one with most rows.
  const bool is_one = !options.name.empty() || !options.as.empty();
  auto inferred = infer_sources(session->engine(), request, is_one, progress_report(global.quiet));
  clear_progress();
  BULLION_CLI_ASSIGN(const std::vector<infer::InferredSource> sources, std::move(inferred));
  std::vector<infer::StarterFile> files;
  for (const infer::InferredSource& source : sources) {
    files.push_back({fmt::format("sources/{}.yml", source.name), source.yaml});
  }
  infer::Mapping mapping;
  if (!options.as.empty()) {
    BULLION_CLI_ASSIGN(const project::Contract contract,
                       find_contract(session->engine(), request.project_folder, options.as));
    mapping = infer::map_onto(sources.front(), contract);
    files.insert(files.end(), mapping.files.begin(), mapping.files.end());
  }
  if (!options.print) {
    BULLION_CLI_TRY(write_files(request.project_folder, files, options.force));
  }
  const std::string fallback = options.print ? "yaml" : "table";
  const std::string output = options.output.empty() ? fallback : options.output;
  if (output == "yaml") {
    for (const infer::StarterFile& file : files) {
      put(files.size() > 1 ? fmt::format("# {}\n{}", file.path, file.text) : file.text);
    }
  }
  if (output == "table") {
    for (const infer::InferredSource& source : sources) say_report(source);
    if (!mapping.columns.empty()) say_mapping(mapping);
  }
  if (output == "json") say(reports_json(sources, options.print));
  if (!options.print && !global.quiet) {
    for (const infer::StarterFile& file : files) complain("Wrote " + file.path);
    complain("Next: read its `check:` lines, then `bullion ingest --dry-run`.");
  }
  nlohmann::ordered_json fields = {{"status", "ok"}};
  for (const infer::InferredSource& source : sources)
    fields["sources"].push_back(fields_of(source));
  fields["paths"] = nlohmann::ordered_json::array();
  for (const infer::StarterFile& file : files) {
    if (!options.print) fields["paths"].push_back(file.path);
  }
  say_last_line(global, fields, output == "table" ? OutputIs::Words : OutputIs::Document);
  return kOk;
}

}  // namespace bullion::cli
