// plan, run, verify, clean: verbs that work on the lake.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/child_process.h"
#include "base/date.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/plan_output.h"
#include "cli/progress.h"
#include "cli/result_output.h"
#include "cli/run_events.h"
#include "cli/run_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "pipeline/run.h"
#include "pipeline/verify.h"

namespace bullion::cli {
namespace {

using engine::Value;

pipeline::RunOptions run_options(const ModelOptions& models) {
  pipeline::RunOptions options;
  options.select = models.select;
  options.full_refresh = models.full_refresh;
  options.start = models.start;
  options.end = models.end;
  options.run_id = models.run_id;
  return options;
}

Status check_range(const ModelOptions& models) {
  for (const std::string& day : {models.start, models.end}) {
    if (!day.empty() && !parse_date(day)) {
      return invalid(fmt::format(
          "--start/--end {}: expected a day like 2025-01-31 (the end is left out)", day));
    }
  }
  return ok();
}

}  // namespace

int show_plan(const GlobalOptions& global, const ModelOptions& models, const std::string& output,
              bool money) {
  BULLION_CLI_TRY(check_range(models));
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  BULLION_CLI_ASSIGN(const pipeline::PlanOutcome outcome,
                     pipeline::plan(session->env(), session->project(), run_options(models)));
  if (!money) {
    clear_progress();
    say_plan(outcome, global, format);
    return kOk;
  }
  pipeline::Rehearsal rehearsal;
  if (!outcome.items.empty()) {
    BULLION_CLI_ASSIGN(rehearsal,
                       pipeline::rehearse(session->env(), session->project(), run_options(models)));
  }
  clear_progress();
  return say_rehearsal(outcome, rehearsal, global, format);
}

int run_pipeline(const GlobalOptions& global, const ModelOptions& models) {
  if (models.parent != 0) BULLION_CLI_TRY(end_with_parent(models.parent));
  BULLION_CLI_TRY(check_range(models));
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  pipeline::RunOptions options = run_options(models);
  if (options.run_id.empty()) options.run_id = pipeline::make_run_id(session->clock());
  RunEvents events(*session, options.run_id);
  events.start();
  const auto ran = pipeline::run(session->env(), session->project(), options);
  clear_progress();
  if (!ran) {
    events.error(ran.error());
    return fail(ran.error());
  }
  const pipeline::RunOutcome& outcome = *ran;
  events.end(outcome);
  if (outcome.status == pipeline::RunStatus::Unchanged && !session->release(std::nullopt)) {
    for (const project::Source& source : session->project().sources) {
      if (!source.rejects_of.empty()) continue;
      say(fmt::format("Source {}: no file matches {} in {}", source.contract.name,
                      fmt::join(source.files, ", "), session->project().folder));
    }
  }
  return say_run(outcome, global);
}

int verify_release(const GlobalOptions& global) {
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  BULLION_CLI_ASSIGN(const pipeline::VerifyOutcome outcome,
                     pipeline::verify(session->env(), session->project()));
  clear_progress();
  engine::Rows rows;
  rows.schema = text_schema({"table", "partitions", "rows", "equal"});
  for (const pipeline::VerifiedTable& table : outcome.tables) {
    rows.rows.push_back({table.table, table.partitions, table.rows,
                         std::string(table.different.empty() ? "yes" : "NO")});
  }
  put(format_rows(rows, OutputFormat::Table));
  for (const pipeline::VerifiedTable& table : outcome.tables) {
    for (const std::string& line : table.different) say(fmt::format("{} {}", table.table, line));
  }
  say(outcome.equal()
          ? fmt::format("Release {} verified: every partition hash is equal.", outcome.release)
          : fmt::format("Release {} DIFFERS from its rebuild.", outcome.release));
  std::vector<std::string> different;
  for (const pipeline::VerifiedTable& table : outcome.tables) {
    if (!table.different.empty()) different.push_back(table.table);
  }
  say_last_line(global, {{"status", outcome.equal() ? "equal" : "different"},
                         {"release", outcome.release},
                         {"tables", outcome.tables.size()},
                         {"different", different}});
  return outcome.equal() ? kOk : kTestFailed;
}

int clean_lake(const GlobalOptions& global, bool dry_run) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const pipeline::CleanOutcome outcome,
                     pipeline::clean(session->env(), session->project(), dry_run));
  for (const int64_t number : outcome.finished_releases) {
    say(fmt::format("Finished release {} that an earlier run had begun.", number));
  }
  for (const std::string& path : outcome.removed) say(path);
  say(fmt::format("{} {} files, {} bytes.", dry_run ? "Would remove" : "Removed",
                  outcome.removed.size(), outcome.bytes));
  say_last_line(global, {{"status", "ok"},
                         {"dry_run", dry_run},
                         {"files", outcome.removed.size()},
                         {"bytes", outcome.bytes},
                         {"finished_releases", outcome.finished_releases}});
  return kOk;
}

int revert(const GlobalOptions& global, const std::string& table) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const int64_t number,
                     pipeline::revert_table(session->env(), session->project(), table));
  say(fmt::format("Release {} takes the foreign commit to {} back.", number, table));
  say_last_line(global, {{"status", "ok"}, {"table", table}, {"release", number}});
  return kOk;
}

}  // namespace bullion::cli
