// init, generate, check, test: verbs about a project.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/progress.h"
#include "cli/rule_files.h"
#include "cli/run_events.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "domains/embedded.h"
#include "metrics/dashboard.h"
#include "metrics/metric.h"
#include "pipeline/environment.h"
#include "pipeline/generate.h"
#include "pipeline/seed_rows.h"
#include "pipeline/unit_tests.h"
#include "project/project_files.h"
#include "quality/gates.h"
#include "reader/sql.h"
#include "schedule/config.h"
#include "storage/file_system.h"

namespace bullion::cli {
namespace {

std::vector<std::string> domain_names() {
  std::set<std::string> names;
  for (const domains::EmbeddedFile& file : domains::embedded_files()) {
    names.insert(std::string(file.path.substr(0, file.path.find('/'))));
  }
  return {names.begin(), names.end()};
}

/// The domain of that name, or the one that some people call so.
Result<std::string> find_domain(const std::string& domain) {
  if (domain == "budget") return std::string("spend");
  const std::vector<std::string> names = domain_names();
  if (std::find(names.begin(), names.end(), domain) != names.end()) return domain;
  return invalid(fmt::format("there is no domain `{}`{}; domains: {}", domain,
                             did_you_mean(domain, names), fmt::join(names, ", ")));
}

pipeline::DomainFiles files_of(const std::string& domain) {
  return [domain](const std::string& path) -> std::optional<std::string_view> {
    const std::string wanted = domain + "/" + path;
    for (const domains::EmbeddedFile& file : domains::embedded_files()) {
      if (file.path == wanted) return file.bytes;
    }
    return std::nullopt;
  };
}

/// Files that belong to the program (generators, rule sets), or to a source that must be asked for.
bool is_left_out(std::string_view path) {
  return path == "generate.yml" || path.starts_with("generate/") || path.starts_with("rules/") ||
         path.starts_with("providers/");
}

constexpr std::string_view kProviders = "cloud_cost/providers/";

std::vector<std::string> provider_names() {
  std::set<std::string> names;
  for (const domains::EmbeddedFile& file : domains::embedded_files()) {
    if (!file.path.starts_with(kProviders)) continue;
    const std::string_view rest = file.path.substr(kProviders.size());
    names.insert(std::string(rest.substr(0, rest.find('/'))));
  }
  return {names.begin(), names.end()};
}

Status check_provider(const std::string& name) {
  const std::vector<std::string> names = provider_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return ok();
  return invalid(fmt::format("there is no shipped source `{}`{}; shipped sources: {}", name,
                             did_you_mean(name, names), fmt::join(names, ", ")));
}

/// Copies a shipped source into a project folder. Conflict when one of its files is there already.
Status copy_provider(storage::FileSystem& files, const std::string& name) {
  const std::string prefix = std::string(kProviders) + name + "/";
  for (const domains::EmbeddedFile& file : domains::embedded_files()) {
    if (!file.path.starts_with(prefix)) continue;
    const std::string path(file.path.substr(prefix.size()));
    BULLION_TRY_ASSIGN(const auto there, files.stat(path));
    if (there) return conflict(fmt::format("{} exists; nothing was changed", path));
  }
  for (const domains::EmbeddedFile& file : domains::embedded_files()) {
    if (!file.path.starts_with(prefix)) continue;
    BULLION_TRY(files.create(std::string(file.path.substr(prefix.size())), file.bytes));
  }
  return files.make_folder("incoming/" + name);
}

/// Sets `sign_preset` and friends: "name: value" lines below vars.
std::string with_preset(std::string text, const std::string& preset) {
  const std::string key = "sign_preset: ";
  const size_t at = text.find(key);
  if (at == std::string::npos || preset.empty()) return text;
  const size_t end = text.find_first_of(" \n", at + key.size());
  return text.replace(at + key.size(), end - at - key.size(), preset);
}

void say_problems(const std::vector<project::Problem>& problems) {
  for (const project::Problem& problem : problems) say(to_string(problem));
}

int64_t count_errors(const std::vector<project::Problem>& problems) {
  return std::count_if(problems.begin(), problems.end(), [](const project::Problem& problem) {
    return problem.severity == project::Severity::Error;
  });
}

/// "--late-events 5" or "--late-events=5" pairs as parameters.
Result<std::map<std::string, std::string>> parameters_of(
    const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    if (!name.starts_with("--")) {
      return invalid(fmt::format("unexpected `{}`; parameters look like --events 1000000", name));
    }
    name.erase(0, 2);
    const size_t equals = name.find('=');
    std::string value;
    if (equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return invalid(fmt::format("--{} needs a value", name));
    }
    std::replace(name.begin(), name.end(), '-', '_');
    values[name] = value;
  }
  return values;
}

}  // namespace

int init_project(const GlobalOptions& global, const InitOptions& init) {
  BULLION_CLI_ASSIGN(const std::string domain, find_domain(init.domain));
  if (!init.preset.empty() && init.preset != "focus" && init.preset != "strict") {
    return fail(invalid(fmt::format("--preset {}: expected focus or strict", init.preset)));
  }
  for (const std::string& name : init.with) BULLION_CLI_TRY(check_provider(name));
  const std::filesystem::path folder =
      std::filesystem::absolute(init.folder.empty() ? init.domain : init.folder);
  std::error_code ignored;
  if (std::filesystem::exists(folder / "bullion.yml", ignored)) {
    return fail(invalid(folder.string() + " is a Bullion project already; nothing was changed"));
  }
  const auto files = storage::local_file_system(folder.string());
  int64_t written = 0;
  for (const domains::EmbeddedFile& file : domains::embedded_files()) {
    if (!file.path.starts_with(domain + "/")) continue;
    const std::string path(file.path.substr(domain.size() + 1));
    if (is_left_out(path)) continue;
    std::string bytes(file.bytes);
    if (path == "bullion.yml") bytes = with_preset(std::move(bytes), init.preset);
    BULLION_CLI_TRY(files->create(path, bytes));
    ++written;
  }
  BULLION_CLI_TRY(files->make_folder("incoming"));
  for (const std::string& name : init.with) BULLION_CLI_TRY(copy_provider(*files, name));
  if (!global.quiet) {
    say(fmt::format("{} files written to {}", written, folder.string()));
    say("Next: put files into incoming/ (or try samples/batch1), then `bullion run`.");
  }
  say_last_line(global, {{"status", "ok"}, {"folder", folder.string()}, {"files", written}});
  return kOk;
}

int add_source(const GlobalOptions& global, const std::string& name) {
  BULLION_CLI_TRY(check_provider(name));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  const auto files = storage::local_file_system(session->project().folder);
  BULLION_CLI_TRY(copy_provider(*files, name));
  say(
      fmt::format("Added sources/{0}_export.yml, the models {0}_charges and {0}_daily_cost, "
                  "metrics/{0}.yml and dashboards/{0}.yml.",
                  name));
  say(fmt::format(
      "Next: put exports into incoming/{}/, the day they were made in their names (such as "
      "export-2024-10-31.csv), then `bullion run`.",
      name));
  say_last_line(global, {{"status", "ok"}, {"source", name + "_export"}});
  return kOk;
}

int generate_files(const GlobalOptions& global, const std::string& name, const std::string& to,
                   const std::vector<std::string>& arguments) {
  BULLION_CLI_ASSIGN(const std::string domain, find_domain(name));
  const pipeline::DomainFiles files = files_of(domain);
  BULLION_CLI_ASSIGN(const auto parameters, pipeline::generate_parameters(files));
  if (std::find(arguments.begin(), arguments.end(), "--list") != arguments.end()) {
    for (const pipeline::GenerateParameter& parameter : parameters) {
      std::string flag = parameter.name;
      std::replace(flag.begin(), flag.end(), '_', '-');
      say(fmt::format("--{:<24} {} (default {})", flag, parameter.description,
                      parameter.default_value));
    }
    return kOk;
  }
  const std::string project = project::find_project_folder(global.project_folder);
  if (to.empty() && project.empty()) {
    return fail(invalid("here is no project to generate into; give the folder with --to"));
  }
  const std::string folder = to.empty() ? project + "/incoming" : to;
  BULLION_CLI_ASSIGN(const auto given, parameters_of(arguments));
  BULLION_CLI_ASSIGN(const auto session, Session::open_without_project(global));
  BULLION_CLI_ASSIGN(
      const pipeline::GenerateOutcome outcome,
      pipeline::generate(session->engine(), files, given, folder, progress_report(global.quiet)));
  clear_progress();
  if (!global.quiet) {
    say(fmt::format("{} lines in {} files in {}; what was planted: {}", outcome.lines,
                    outcome.files, folder, outcome.labels_path));
  }
  say_last_line(global, {{"status", "ok"},
                         {"folder", folder},
                         {"files", outcome.files},
                         {"lines", outcome.lines},
                         {"labels", outcome.labels_path}});
  return kOk;
}

int check(const GlobalOptions& global) {
  BULLION_CLI_ASSIGN(const auto session, Session::open_without_project(global));
  project::LoadOptions load;
  load.folder = global.project_folder;
  load.target = global.target;
  load.lake_override = global.lake;
  project::LoadOutcome outcome = project::load_project(load, session->engine());
  if (outcome.project) {
    for (project::Problem& problem : project::check_project(*outcome.project, session->engine())) {
      outcome.problems.push_back(std::move(problem));
    }
    BULLION_CLI_ASSIGN(
        const auto of_seeds,
        pipeline::check_seeds(*outcome.project, session->engine(), session->clock()));
    outcome.problems.insert(outcome.problems.end(), of_seeds.begin(), of_seeds.end());
    const metrics::MetricOutcome found = metrics::load_metrics(*outcome.project, session->engine());
    const metrics::DashboardOutcome pages = metrics::load_dashboards(*outcome.project, found.set);
    for (const auto* more : {&found.problems, &pages.problems}) {
      outcome.problems.insert(outcome.problems.end(), more->begin(), more->end());
    }
    for (project::Problem& problem : reader::check_queries(*outcome.project, session->engine())) {
      outcome.problems.push_back(std::move(problem));
    }
    for (project::Problem& problem :
         openlineage::load_config(*outcome.project, environment_variables()).problems) {
      outcome.problems.push_back(std::move(problem));
    }
    if (schedule::has_schedule(*outcome.project)) {
      for (project::Problem& problem : schedule::load_schedule(*outcome.project).problems) {
        outcome.problems.push_back(std::move(problem));
      }
    }
  }
  const std::string folder = outcome.project ? outcome.project->folder : load.folder;
  for (project::Problem& problem : check_rule_files(session->engine(), folder)) {
    outcome.problems.push_back(std::move(problem));
  }
  say_problems(outcome.problems);
  const int64_t errors = count_errors(outcome.problems);
  const auto warnings = static_cast<int64_t>(outcome.problems.size()) - errors;
  say(fmt::format("{} error{}, {} warning{}", errors, errors == 1 ? "" : "s", warnings,
                  warnings == 1 ? "" : "s"));
  say_last_line(
      global,
      {{"status", errors == 0 ? "ok" : "failed"}, {"errors", errors}, {"warnings", warnings}});
  return errors == 0 ? kOk : kUsage;
}

int run_tests(const GlobalOptions& global, const std::vector<std::string>& select) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto unit,
                     pipeline::run_unit_tests(session->env(), session->project(), select));
  int64_t passed = 0;
  int64_t warned = 0;
  int64_t failed = 0;
  for (const pipeline::UnitTestOutcome& test : unit) {
    if (test.passed) {
      ++passed;
    } else {
      ++failed;
      say(fmt::format("FAIL unit {} ({})", test.name, to_string(test.location)));
      if (!test.error.empty()) say("     " + test.error);
      for (const std::string& row : test.missing) say("     missing:    " + row);
      for (const std::string& row : test.unexpected) say("     unexpected: " + row);
    }
  }
  auto record = session->release(std::nullopt);
  if (record) {
    BULLION_CLI_TRY(pipeline::create_release_views(session->env(), *record));
    quality::GateScope scope{.tables = {}, .whole_tables = true};
    for (const auto& [name, table] : record->tables) {
      scope.tables[name] = {.live = engine::quote_name(name), .changed = {}, .kept = {}};
    }
    BULLION_CLI_ASSIGN(
        const auto outcomes,
        quality::run_data_tests(session->engine(), session->project().data_tests, scope));
    for (const quality::TestOutcome& test : outcomes) {
      passed += test.status == quality::TestStatus::Pass ? 1 : 0;
      warned += test.status == quality::TestStatus::Warn ? 1 : 0;
      failed += test.status == quality::TestStatus::Fail ? 1 : 0;
      if (test.status == quality::TestStatus::Pass) continue;
      say(fmt::format("{} data {} on {}: {} failures ({})",
                      test.status == quality::TestStatus::Warn ? "WARN" : "FAIL", test.name,
                      test.table, test.failures, to_string(test.location)));
      for (const std::string& row : test.sample) say("     " + row);
    }
  } else if (record.error().kind() != ErrorKind::NotFound) {
    return fail(record.error());
  } else {
    say("The lake has no release yet: data tests were not run.");
  }
  say(fmt::format("PASS={} WARN={} FAIL={}", passed, warned, failed));
  say_last_line(global, {{"status", failed == 0 ? "passed" : "failed"},
                         {"passed", passed},
                         {"warned", warned},
                         {"failed", failed}});
  return failed == 0 ? kOk : kTestFailed;
}

}  // namespace bullion::cli
