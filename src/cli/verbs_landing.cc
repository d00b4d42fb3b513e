// ingest, files, withdraw: verbs about files, before any release.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/date.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/plan_output.h"
#include "cli/progress.h"
#include "cli/result_output.h"
#include "cli/run_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "pipeline/ingest_only.h"

namespace bullion::cli {
namespace {

using engine::Value;

constexpr size_t kRejectsShown = 5;

void say_rejects(const ingest::ParsedFile& file) {
  size_t shown = 0;
  for (const ingest::Rejected& rejected : file.rejected) {
    if (++shown > kRejectsShown) {
      say(fmt::format("  ... and {} more records of {}", file.rejected.size() - kRejectsShown,
                      file.file.original_path));
      return;
    }
    say(fmt::format("  {}:{}: {}", file.file.original_path, std::max<int64_t>(rejected.line, 1),
                    fmt::join(rejected.reasons, "; ")));
  }
}

void say_details(const pipeline::SourceOutcome& outcome) {
  for (const ingest::DuplicateFile& file : outcome.duplicates) {
    say(fmt::format("  {} holds the same bytes as {} (batch {}): nothing to load",
                    file.original_path, file.first_seen_as, file.batch_id));
  }
  for (const ingest::ParsedFile& file : outcome.files) say_rejects(file);
}

engine::Rows file_rows(const std::vector<pipeline::SourceOutcome>& outcomes) {
  engine::Rows rows;
  rows.schema = text_schema({"source", "file", "records", "kept", "quarantined", "excluded",
                             "amount kept", "unknown columns", "missing columns"});
  for (const pipeline::SourceOutcome& outcome : outcomes) {
    for (const ingest::ParsedFile& file : outcome.files) {
      rows.rows.push_back({outcome.source, file.file.original_path, file.records, file.kept,
                           static_cast<int64_t>(file.rejected.size()), file.excluded.count(),
                           file.kept_amount,
                           fmt::format("{}", fmt::join(file.unknown_columns, ", ")),
                           fmt::format("{}", fmt::join(file.missing_columns, ", "))});
    }
  }
  return rows;
}

}  // namespace

int ingest_files(const GlobalOptions& global, bool dry_run, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto outcomes,
                     pipeline::ingest_only(session->env(), session->project(), dry_run));
  clear_progress();
  const engine::Rows rows = file_rows(outcomes);
  if (format != OutputFormat::Table || !rows.rows.empty()) put(format_rows(rows, format));
  int64_t kept = 0;
  int64_t rejected = 0;
  size_t files = 0;
  size_t duplicates = 0;
  for (const pipeline::SourceOutcome& outcome : outcomes) {
    kept += outcome.rows_loaded;
    rejected += outcome.rows_quarantined;
    files += outcome.files.size();
    duplicates += outcome.duplicates.size();
  }
  const bool is_words = format == OutputFormat::Table;
  if (is_words) {
    for (const pipeline::SourceOutcome& outcome : outcomes) say_details(outcome);
    say(fmt::format("{} {} rows, {} for quarantine; nothing is published. {}",
                    dry_run ? "Would load" : "Landed and parsed", kept, rejected,
                    dry_run ? "Nothing was written." : "`bullion run` publishes."));
  }
  say_last_line(global,
                {{"status", "ok"},
                 {"dry_run", dry_run},
                 {"files", files},
                 {"duplicates", duplicates},
                 {"rows_loaded", kept},
                 {"rows_quarantined", rejected}},
                is_words ? OutputIs::Words : OutputIs::Document);
  return kOk;
}

int list_files(const GlobalOptions& global, const std::string& source, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  if (!source.empty()) BULLION_CLI_TRY(session->project().expect_source(source));
  engine::Rows rows;
  rows.schema = text_schema(
      {"source", "batch", "received", "file", "member", "file_id", "bytes", "status", "detail"});
  for (const project::Source& candidate : session->project().sources) {
    const std::string& name = candidate.contract.name;
    if (!source.empty() && source != name) continue;
    BULLION_CLI_ASSIGN(const auto batches, ingest::read_batches(session->env().lake, name));
    const auto withdrawn = ingest::withdrawn_files(batches);
    for (const ingest::Batch& batch : batches) {
      const std::string at = format_timestamp(batch.received_at_us);
      for (const ingest::LandedFile& file : batch.files) {
        rows.rows.push_back({name, batch.batch_id, at, file.original_path, file.member,
                             file.file_id, file.size,
                             std::string(withdrawn.contains(file.file_id) ? "withdrawn" : "landed"),
                             std::string()});
      }
      for (const ingest::DuplicateFile& file : batch.duplicates) {
        rows.rows.push_back({name, batch.batch_id, at, file.original_path, std::string(),
                             file.sha256.substr(0, 16), file.size, std::string("duplicate"),
                             fmt::format("same bytes as {}", file.first_seen_as)});
      }
      for (const ingest::Withdrawal& change : batch.withdrawals) {
        rows.rows.push_back({name, batch.batch_id, at, change.original_path, std::string(),
                             change.file_id, Value(),
                             std::string(change.restores ? "restored" : "taken back"),
                             fmt::format("{} (by {})", change.reason, change.user)});
      }
    }
  }
  put(format_rows(rows, format));
  return kOk;
}

int withdraw(const GlobalOptions& global, const WithdrawOptions& options) {
  BULLION_CLI_ASSIGN(const auto session, Session::open_checked(global));
  BULLION_CLI_ASSIGN(const auto files,
                     pipeline::find_landed_files(session->env(), session->project(), options.source,
                                                 options.name));
  for (const ingest::LandedEntry& entry : files) {
    say(fmt::format("{} {} (batch {}, {} bytes, file {})",
                    options.restores ? "Restoring" : "Withdrawing", entry.file.original_path,
                    entry.batch_id, entry.file.size, entry.file.file_id));
  }
  if (options.dry_run) {
    BULLION_CLI_ASSIGN(
        const pipeline::PlanOutcome outcome,
        pipeline::plan_withdrawal(session->env(), session->project(), files, options.restores));
    clear_progress();
    put(format_rows(plan_rows(outcome.items, true), OutputFormat::Table));
    say("Nothing was written.");
    say_plan_line(outcome, global, OutputFormat::Table);
    return kOk;
  }
  BULLION_CLI_ASSIGN(const ingest::Batch batch,
                     pipeline::withdraw_files(session->env(), session->project(), files,
                                              options.reason, options.restores));
  say(fmt::format("Recorded as batch {}.", batch.batch_id));
  pipeline::RunOptions run;
  run.command = options.restores ? "restore" : "withdraw";
  run.land = false;
  return run_in_session(*session, global, run);
}

}  // namespace bullion::cli
