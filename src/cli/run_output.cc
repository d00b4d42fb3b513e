// What a run says to people, and the machine-readable last line.
#include "cli/run_output.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/progress.h"
#include "cli/result_output.h"
#include "cli/terminal.h"

namespace bullion::cli {

using engine::Value;

delta::Schema text_schema(const std::vector<std::string>& names) {
  delta::Schema schema;
  for (const std::string& name : names)
    schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  return schema;
}

namespace {

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

void say_events(const pipeline::RunOutcome& outcome) {
  constexpr size_t kEventsMax = 10;
  size_t shown = 0;
  for (const pipeline::FileEvent& event : outcome.events) {
    if (event.event == "duplicate_file") continue;  // said with its source
    if (++shown > kEventsMax) continue;
    say(fmt::format("  {}: {}{}: {}", event.event, event.file,
                    event.subject.empty() ? "" : fmt::format(" `{}`", event.subject),
                    event.detail));
  }
  if (shown > kEventsMax) {
    say(fmt::format("  and {} more events; `bullion query \"select * from ops.events\"` has all",
                    shown - kEventsMax));
  }
}

void say_ledgers(const pipeline::RunOutcome& outcome) {
  for (const auto& [model, ledger] : outcome.ledgers) {
    std::string line =
        fmt::format("Conservation {}: in {} = kept {} + superseded {} + excluded {} rows", model,
                    ledger.rows_in, ledger.rows_kept, ledger.rows_superseded, ledger.rows_excluded);
    if (!ledger.amount_column.empty()) {
      line += fmt::format("; {} {} = {} + {} + {}", ledger.amount_column,
                          to_string(ledger.amount_in), to_string(ledger.amount_kept),
                          to_string(ledger.amount_superseded), to_string(ledger.amount_excluded));
    }
    say(line);
  }
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

nlohmann::ordered_json fields_of(const pipeline::RunOutcome& outcome, const std::string& status) {
  int64_t rows = 0;
  int64_t rejected = 0;
  int64_t files = 0;
  for (const pipeline::SourceOutcome& source : outcome.sources) {
    rows += source.rows_loaded;
    rejected += source.rows_quarantined;
    files += static_cast<int64_t>(source.files.size());
  }
  nlohmann::ordered_json fields = {{"status", status},
                                   {"release", nullptr},
                                   {"run_id", outcome.run_id},
                                   {"files", files},
                                   {"rows_loaded", rows},
                                   {"rows_quarantined", rejected},
                                   {"duration_ms", outcome.duration_us / 1000}};
  if (outcome.record) fields["release"] = outcome.record->number;
  return fields;
}

/// In this run or in one before.
bool has_any_file(const pipeline::RunOutcome& outcome) {
  return outcome.sources.empty() ||
         std::ranges::any_of(outcome.sources, [](const pipeline::SourceOutcome& source) {
           return source.consumed.files > 0;
         });
}

}  // namespace

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
    say(has_any_file(outcome)
            ? "Nothing new: no new file, no changed code; every table is up to date."
            : "Nothing to do: there are no files yet. Put them where the sources look, or make "
              "samples (`bullion generate --help`).");
  } else {
    say_events(outcome);
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
  say_last_line(global, fields_of(outcome, status));
  return code;
}

int run_in_session(const Session& session, const GlobalOptions& global,
                   const pipeline::RunOptions& options) {
  BULLION_CLI_ASSIGN(const pipeline::RunOutcome outcome,
                     pipeline::run(session.env(), session.project(), options));
  clear_progress();
  return say_run(outcome, global);
}

}  // namespace bullion::cli
