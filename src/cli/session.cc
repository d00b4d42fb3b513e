#include "cli/session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/terminal.h"
#include "engine/duckdb/duckdb_engine.h"
#include "release/store.h"
#include "storage/fault_injection.h"

namespace bullion::cli {
namespace {

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string acting_user(const GlobalOptions& options) {
  if (!options.user.empty()) return options.user;
  const std::string from_environment = environment_variable("BULLION_USER");
  if (!from_environment.empty()) return from_environment;
  const passwd* account = ::getpwuid(::getuid());
  return account == nullptr ? fmt::format("uid {}", ::getuid()) : account->pw_name;
}

Result<project::LoadOptions> load_options(const GlobalOptions& options) {
  project::LoadOptions load;
  load.folder = options.project_folder;
  load.target = options.target;
  load.lake_override = options.lake;
  for (const std::string& pair : options.vars) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid(fmt::format("--vars {}: expected name=value", pair));
    }
    load.vars[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return load;
}

/// Prints all problems when one of them is an error; the returned error only counts them.
Status refuse_errors(const std::vector<project::Problem>& problems) {
  const auto errors = std::count_if(
      problems.begin(), problems.end(),
      [](const project::Problem& problem) { return problem.severity == project::Severity::Error; });
  if (errors == 0) return ok();
  for (const project::Problem& problem : problems) complain(to_string(problem));
  return invalid(
      fmt::format("the project has {} problem{}; nothing was run", errors, errors == 1 ? "" : "s"));
}

}  // namespace

Session::~Session() = default;

Result<engine::EngineOptions> engine_options(const GlobalOptions& options) {
  engine::EngineOptions engine;
  engine.threads = options.threads;
  if (!options.memory_limit.empty()) {
    BULLION_TRY_ASSIGN(engine.memory_limit_bytes, parse_bytes(options.memory_limit));
  }
  return engine;
}

Status Session::start_engine(const GlobalOptions& options) {
  BULLION_TRY_ASSIGN(const engine::EngineOptions chosen, engine_options(options));
  BULLION_TRY_ASSIGN(engine_, engine::duckdb_engine(chosen));
  return ok();
}

Result<std::unique_ptr<Session>> Session::open_without_project(const GlobalOptions& options) {
  auto session = std::make_unique<Session>(Passkey{});
  BULLION_TRY(session->start_engine(options));
  session->codec_ = table::checkpoint_codec(*session->engine_);
  return session;
}

Result<std::unique_ptr<Session>> Session::open_checked(const GlobalOptions& options) {
  BULLION_TRY_ASSIGN(auto session, open(options));
  // Binding makes tables of its own, so it gets an engine of its own.
  BULLION_TRY_ASSIGN(const auto engine, engine::duckdb_engine({.threads = 1}));
  BULLION_TRY(refuse_errors(project::check_project(session->project(), *engine)));
  return session;
}

Result<std::unique_ptr<Session>> Session::open(const GlobalOptions& options) {
  BULLION_TRY_ASSIGN(auto session, open_without_project(options));
  BULLION_TRY_ASSIGN(const project::LoadOptions load, load_options(options));
  project::LoadOutcome outcome = project::load_project(load, *session->engine_);
  BULLION_TRY(refuse_errors(outcome.problems));
  if (!outcome.project) return internal_error("the project did not load, and nobody said why");
  session->project_ = std::move(outcome.project);
  session->disk_ = storage::local_file_system(session->project_->lake);
  storage::FileSystem* lake = session->disk_.get();
  const std::string fault = environment_variable("BULLION_FAULT");
  if (!fault.empty()) {
    BULLION_TRY_ASSIGN(const auto fault_plan, storage::parse_fault_plan(fault));
    session->faulty_ = storage::fault_injecting_file_system(*lake, fault_plan, nullptr);
    lake = session->faulty_.get();
  }
  session->env_.emplace(pipeline::Environment{
      *lake, *session->engine_, session->clock_, *session->codec_, acting_user(options),
      options.json_progress ? json_progress_report() : progress_report(options.quiet)});
  return session;
}

Result<release::Record> Session::release(std::optional<int64_t> number) const {
  const release::Store store(env_->lake, clock_, nullptr);
  if (number) return store.get(*number);
  BULLION_TRY_ASSIGN(auto latest, store.latest());
  if (!latest) return not_found("the lake has no release yet; `bullion run` publishes the first");
  return std::move(*latest);
}

}  // namespace bullion::cli
