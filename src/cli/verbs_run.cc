// plan, run, verify, clean: verbs that work on the lake.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "cli/failure.h"
#include "cli/progress.h"
#include "cli/result_output.h"
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

delta::Schema text_schema(const std::vector<std::string>& names) {
  delta::Schema schema;
  for (const std::string& name : names)
    schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  return schema;
}

/// Consecutive items of one table, cause and detail as one row with the span of partitions.
engine::Rows plan_rows(const std::vector<pipeline::PlanItem>& items) {
  engine::Rows rows;
  rows.schema = text_schema({"table", "partition", "cause", "rows", "detail"});
  for (const pipeline::PlanItem& item : items) {
    rows.rows.push_back({item.table, item.partition.empty() ? std::string("*") : item.partition,
                         item.cause, item.rows < 0 ? Value() : Value(item.rows), item.detail});
  }
  return rows;
}

void say_sources(const pipeline::RunOutcome& outcome) {
  constexpr size_t kNamesMax = 10;
  for (const pipeline::SourceOutcome& source : outcome.sources) {
    if (source.files.empty() && source.duplicates.empty()) continue;
    const auto unreadable =
        std::count_if(source.files.begin(), source.files.end(),
                      [](const ingest::ParsedFile& file) { return file.unreadable; });
    say(fmt::format("Source {}: {} file{} loaded, {} rows kept, {} quarantined{}{}", source.source,
                    static_cast<int64_t>(source.files.size()) - unreadable,
                    static_cast<int64_t>(source.files.size()) - unreadable == 1 ? "" : "s",
                    source.rows_loaded, source.rows_quarantined,
                    unreadable > 0 ? fmt::format(", {} unreadable file{}", unreadable,
                                                 unreadable == 1 ? "" : "s")
                                   : "",
                    source.reparsed ? " (declaration changed: every file parsed anew)" : ""));
    size_t shown = 0;
    for (const ingest::DuplicateFile& file : source.duplicates) {
      if (++shown > kNamesMax) break;
      say(fmt::format("  {} holds the same bytes as {} (batch {}): nothing loaded",
                      file.original_path, file.first_seen_as, file.batch_id));
    }
    shown = 0;
    for (const ingest::ParsedFile& file : source.files) {
      if (file.rejected.empty() || ++shown > kNamesMax) continue;
      const ingest::Rejected& first = file.rejected.front();
      say(fmt::format("  warning: {}:{}: {}{}", file.file.original_path,
                      std::max<int64_t>(first.line, 1), fmt::join(first.reasons, "; "),
                      file.rejected.size() > 1
                          ? fmt::format(" (and {} more in this file)", file.rejected.size() - 1)
                          : ""));
    }
    if (source.rows_quarantined > 0) say("  `bullion quarantine list` shows every rejected row.");
  }
}

void say_ledgers(const pipeline::RunOutcome& outcome) {
  for (const auto& [model, ledger] : outcome.ledgers) {
    say(fmt::format(
        "Conservation {}: in {} = kept {} + superseded {} + excluded {} rows; {} {} = {} + {} + {}",
        model, ledger.rows_in, ledger.rows_kept, ledger.rows_superseded, ledger.rows_excluded,
        ledger.amount_column, to_string(ledger.amount_in), to_string(ledger.amount_kept),
        to_string(ledger.amount_superseded), to_string(ledger.amount_excluded)));
  }
}

void say_tests(const pipeline::RunOutcome& outcome) {
  int64_t passed = 0;
  int64_t warned = 0;
  int64_t failed = 0;
  for (const quality::TestOutcome& test : outcome.tests) {
    passed += test.status == quality::TestStatus::Pass ? 1 : 0;
    warned += test.status == quality::TestStatus::Warn ? 1 : 0;
    failed += test.status == quality::TestStatus::Fail ? 1 : 0;
    if (test.status == quality::TestStatus::Pass) continue;
    say(fmt::format("  {} {} on {}: {} failures{}",
                    test.status == quality::TestStatus::Warn ? "warning:" : "FAILED:", test.name,
                    test.table, test.failures,
                    test.location.file.empty() ? "" : " (" + to_string(test.location) + ")"));
    for (const std::string& row : test.sample) say("    " + row);
  }
  say(fmt::format("Gates: PASS={} WARN={} FAIL={}", passed, warned, failed));
}

void say_money(const release::Record& record) {
  engine::Rows rows;
  rows.schema =
      text_schema({"table", "currency", "rows", "rows_change", "before", "after", "change"});
  for (const release::MoneyChange& money : record.money) {
    const auto change = difference_of(money.after, money.before);
    rows.rows.push_back({money.table, money.currency, money.rows_after,
                         money.rows_after - money.rows_before, money.before, money.after,
                         change ? Value(*change) : Value()});
  }
  if (!rows.rows.empty()) put(format_rows(rows, OutputFormat::Table));
}

std::string json_line(const pipeline::RunOutcome& outcome, const std::string& status) {
  int64_t rows = 0;
  int64_t rejected = 0;
  int64_t files = 0;
  for (const pipeline::SourceOutcome& source : outcome.sources) {
    rows += source.rows_loaded;
    rejected += source.rows_quarantined;
    files += static_cast<int64_t>(source.files.size());
  }
  return fmt::format(
      R"({{"status": {}, "release": {}, "run_id": {}, "files": {}, "rows_loaded": {}, )"
      R"("rows_quarantined": {}, "duration_ms": {}}})",
      json_text(status), outcome.record ? fmt::format("{}", outcome.record->number) : "null",
      json_text(outcome.run_id), files, rows, rejected, outcome.duration_us / 1000);
}

int say_run(const pipeline::RunOutcome& outcome, const GlobalOptions& global) {
  for (const release::Record& record : outcome.recovered) {
    say(record.is_void
            ? fmt::format("Release {} of an earlier run is void: {}", record.number,
                          record.void_reason)
            : fmt::format("Finished release {} that an earlier run had begun.", record.number));
  }
  std::string status = "unchanged";
  int code = kOk;
  if (outcome.status != pipeline::RunStatus::Unchanged || !global.quiet) say_sources(outcome);
  if (outcome.status == pipeline::RunStatus::Unchanged) {
    say("Nothing new: no new file, no changed code; every table is up to date.");
  } else {
    say_ledgers(outcome);
    say_tests(outcome);
  }
  if (outcome.status == pipeline::RunStatus::Published) {
    status = "published";
    say_money(*outcome.record);
    say(fmt::format("Release {} published in {:.2f} s: {}.", outcome.record->number,
                    static_cast<double>(outcome.duration_us) / 1e6, outcome.record->summary));
  } else if (outcome.status == pipeline::RunStatus::Blocked) {
    status = "blocked";
    code = kGateBlocked;
    say("BLOCKED: a gate failed; nothing was published and readers stay on the last release.");
    say("Fix the data or the rule, then run again: the landed files are kept and taken up again.");
  }
  if (global.json) say(json_line(outcome, status));
  return code;
}

}  // namespace

int show_plan(const GlobalOptions& global, const ModelOptions& models, const std::string& output) {
  BULLION_CLI_TRY(check_range(models));
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  BULLION_CLI_ASSIGN(const pipeline::PlanOutcome outcome,
                     pipeline::plan(session->env(), session->project(), run_options(models)));
  clear_progress();
  if (outcome.items.empty() && format == OutputFormat::Table) {
    say("Nothing to do: no new file, no changed code.");
    return kOk;
  }
  put(format_rows(plan_rows(outcome.items), format));
  return kOk;
}

int run_pipeline(const GlobalOptions& global, const ModelOptions& models) {
  BULLION_CLI_TRY(check_range(models));
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  BULLION_CLI_ASSIGN(const pipeline::RunOutcome outcome,
                     pipeline::run(session->env(), session->project(), run_options(models)));
  clear_progress();
  if (outcome.status == pipeline::RunStatus::Unchanged && !session->release(std::nullopt)) {
    for (const project::Source& source : session->project().sources) {
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
  return kOk;
}

int revert(const GlobalOptions& global, const std::string& table) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const int64_t number,
                     pipeline::revert_table(session->env(), session->project(), table));
  say(fmt::format("Release {} takes the foreign commit to {} back.", number, table));
  return kOk;
}

}  // namespace bullion::cli
