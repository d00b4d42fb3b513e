#include "pipeline/run.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "pipeline/ops_tables.h"
#include "pipeline/publish.h"
#include "pipeline/run_marker.h"
#include "pipeline/select.h"
#include "pipeline/totals.h"
#include "release/store.h"

namespace bullion::pipeline {
namespace {

using engine::TimestampValue;
using engine::Value;

constexpr int kAttemptsMax = 100;

void load_ledgers(const std::optional<release::Record>& last, StepContext& ctx) {
  if (!last) return;
  for (const release::Ledger& ledger : last->ledgers) ctx.ledgers[ledger.model] = ledger;
}

/// One try at the next release, from discovery to publication.
class Attempt {
 public:
  Attempt(const Environment& env, const project::Project& project, const RunOptions& options,
          const std::set<std::string>& selected, RunOutcome& outcome)
      : env_(env),
        project_(project),
        options_(options),
        selected_(selected),
        outcome_(outcome),
        store_(env.lake, env.clock, &env.codec) {}

  /// True when done (published, unchanged or blocked); false when another run was faster.
  Result<bool> run(int& file_number);

 private:
  Status land();
  Result<bool> nothing_landed() const;
  Result<SourceOutcome> ingest(StepContext& ctx, const std::string& name) const;
  Status compute(StepContext& ctx);
  Status check_inputs(const StepContext& ctx, const project::Model& model) const;
  Result<bool> publish(StepContext& ctx);
  Status block(StepContext& ctx);
  Status record_run(StepContext& ctx, const std::string& status, const std::string& detail);
  void discard(const StepContext& ctx);
  Status remove_unneeded();
  Status report_parse(const StepMeter& meter, const SourceOutcome& source);
  Status report_table(const StepMeter& meter, const WorkingTable& table);

  const Environment& env_;
  const project::Project& project_;
  const RunOptions& options_;
  const std::set<std::string>& selected_;
  RunOutcome& outcome_;
  release::Store store_;
  std::optional<release::Record> last_;
  int64_t number_ = 0;
  std::set<std::string> up_to_date_;
  std::vector<std::string> unneeded_;
};

Status Attempt::land() {
  for (const project::Source& source : project_.sources) {
    if (!source.rejects_of.empty()) {
      outcome_.sources.emplace_back().source = source.contract.name;
      continue;
    }
    const StepMeter meter(env_.clock, "land", source.contract.name);
    BULLION_TRY_ASSIGN(const ingest::LandOutcome landed,
                       ingest::land(env_.lake, project_, source, env_.clock, env_.report));
    StepReport& step = outcome_.steps.emplace_back(meter.finish());
    if (landed.batch) step.files = static_cast<int64_t>(landed.batch->files.size());
    SourceOutcome& outcome = outcome_.sources.emplace_back();
    outcome.source = source.contract.name;
    outcome.duplicates = landed.duplicates;
    outcome.bytes_landed = landed.bytes_landed;
  }
  return ok();
}

/// A lake without a release and without a landed file has nothing to publish.
Result<bool> Attempt::nothing_landed() const {
  for (const project::Source& source : project_.sources) {
    BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(env_.lake, source.contract.name));
    if (!batches.empty()) return false;
  }
  return !project_.sources.empty();
}

Status Attempt::check_inputs(const StepContext& ctx, const project::Model& model) const {
  for (const std::string& input : model.depends_on) {
    const WorkingTable& table = ctx.set.at(input);
    if (table.head_version < 0 && !table.computed) {
      return invalid(
          fmt::format("model {} needs {}, which has never been computed; use --select +{}",
                      model.contract.name, input, model.contract.name));
    }
  }
  return ok();
}

Result<SourceOutcome> Attempt::ingest(StepContext& ctx, const std::string& name) const {
  const project::Source& source = *project_.find_source(name);
  const std::string& with_files = source.rejects_of.empty() ? name : source.rejects_of;
  std::optional<int64_t> through;
  const auto limit = options_.through_sequence.find(with_files);
  if (limit != options_.through_sequence.end()) through = limit->second;
  if (source.rejects_of.empty()) {
    return ingest_source(ctx, source, consumed_of(last_, name), through);
  }
  const auto of = std::find_if(outcome_.sources.begin(), outcome_.sources.end(),
                               [&](const SourceOutcome& o) { return o.source == with_files; });
  return ingest_rejects(ctx, source, *of, through);
}

Status Attempt::compute(StepContext& ctx) {
  SeenBatches seen;
  for (SourceOutcome& source : outcome_.sources) {
    const StepMeter meter(env_.clock, "parse", source.source);
    BULLION_TRY_ASSIGN(SourceOutcome ingested, ingest(ctx, source.source));
    BULLION_TRY(report_parse(meter, ingested));
    ingested.duplicates = std::move(source.duplicates);
    ingested.bytes_landed = source.bytes_landed;
    source = std::move(ingested);
    up_to_date_.insert(source.source);
    seen[source.source] = source.consumed.through_sequence;
  }
  const auto take = [&](StepOutcome step) {
    for (std::string& path : step.unneeded) unneeded_.push_back(std::move(path));
  };
  for (const project::Seed& seed : project_.seeds) {
    const StepMeter meter(env_.clock, "seed", seed.contract.name);
    BULLION_TRY_ASSIGN(StepOutcome step, load_seed(ctx, seed, seen));
    take(std::move(step));
    BULLION_TRY(report_table(meter, ctx.set.at(seed.contract.name)));
    up_to_date_.insert(seed.contract.name);
  }
  int64_t done = 0;
  for (const project::Model& model : project_.models) {
    if (!selected_.contains(model.contract.name)) continue;
    if (env_.report) {
      env_.report("compute", model.contract.name, ++done, static_cast<int64_t>(selected_.size()));
    }
    BULLION_TRY(check_inputs(ctx, model));
    const StepMeter meter(env_.clock, "compute", model.contract.name);
    BULLION_TRY_ASSIGN(StepOutcome step, run_step(ctx, model));
    take(std::move(step));
    BULLION_TRY(report_table(meter, ctx.set.at(model.contract.name)));
    up_to_date_.insert(model.contract.name);
  }
  return ok();
}

Status Attempt::report_parse(const StepMeter& meter, const SourceOutcome& source) {
  StepReport& step = outcome_.steps.emplace_back(meter.finish());
  step.files = static_cast<int64_t>(source.files.size());
  step.rows = source.rows_loaded;
  Decimal amount;
  for (const ingest::ParsedFile& file : source.files) {
    BULLION_TRY(add_amount(amount, file.kept_amount));
  }
  step.amount = to_string(amount);
  return ok();
}

Status Attempt::report_table(const StepMeter& meter, const WorkingTable& table) {
  StepReport& step = outcome_.steps.emplace_back(meter.finish());
  step.files = static_cast<int64_t>(compare_files(table.released, table.files).added.size());
  BULLION_TRY_ASSIGN(step.rows, row_count(table.files));
  return ok();
}

Status Attempt::remove_unneeded() {
  for (const std::string& path : unneeded_) BULLION_TRY(env_.lake.remove(path));
  unneeded_.clear();
  return ok();
}

/// Removes what this attempt staged; what cannot be removed is left to `bullion clean`.
void Attempt::discard(const StepContext& ctx) {
  for (const auto& [name, table] : ctx.set.tables()) {
    const FileChange change = compare_files(table.head, table.files);
    for (const delta::AddFile& file : compare_files(table.released, change.added).added) {
      static_cast<void>(
          env_.lake.remove(storage::join_path(table.path, delta::decoded_path(file))));
    }
  }
}

Status Attempt::record_run(StepContext& ctx, const std::string& status, const std::string& detail) {
  int64_t files = 0;
  int64_t rows = 0;
  int64_t rejected = 0;
  std::vector<ValueRow> conservation;
  for (const SourceOutcome& source : outcome_.sources) {
    files += static_cast<int64_t>(source.files.size());
    rows += source.rows_loaded;
    rejected += source.rows_quarantined;
    for (ValueRow& row : conservation_rows(ctx, source)) conservation.push_back(std::move(row));
  }
  for (const auto& [name, ledger] : ctx.ledgers) {
    if (!ctx.set.at(name).computed) continue;
    conservation.push_back(
        {ctx.run_id, std::string("model"), name, Value(), ledger.rows_in, ledger.rows_kept,
         ledger.rows_superseded, int64_t{0}, ledger.rows_excluded, to_string(ledger.amount_in),
         to_string(ledger.amount_kept), to_string(ledger.amount_superseded), std::string("0"),
         to_string(ledger.amount_excluded), int64_t{0}, TimestampValue{ctx.run_at_us}});
  }
  std::vector<ControlTotal> totals;
  for (const SourceOutcome& source : outcome_.sources) {
    BULLION_TRY_ASSIGN(const auto stated, control_totals(project_, source));
    totals.insert(totals.end(), stated.begin(), stated.end());
  }
  BULLION_TRY_ASSIGN(outcome_.events, find_events(ctx, outcome_.sources, totals));
  BULLION_TRY(append_rows(env_, table_path("ops", "files"), files_schema(), ctx.run_id,
                          file_rows(ctx, outcome_.sources)));
  BULLION_TRY(append_rows(env_, table_path("ops", "events"), events_schema(), ctx.run_id,
                          event_rows(ctx, outcome_.events)));
  BULLION_TRY(append_rows(env_, table_path("ops", "control_totals"), control_totals_schema(),
                          ctx.run_id, control_total_rows(ctx, totals)));
  std::vector<ValueRow> gates;
  for (const quality::TestOutcome& test : outcome_.tests) {
    gates.push_back({ctx.run_id, test.name, test.kind, test.table, quality::to_string(test.status),
                     test.failures, fmt::format("{}", fmt::join(test.sample, "\n")),
                     TimestampValue{ctx.run_at_us}});
  }
  BULLION_TRY(append_rows(env_, table_path("ops", "conservation"), conservation_schema(),
                          ctx.run_id, conservation));
  BULLION_TRY(append_rows(env_, table_path("ops", "gate_results"), gate_results_schema(),
                          ctx.run_id, gates));
  if (outcome_.record) {
    BULLION_TRY_ASSIGN(const auto metrics, stage_metric_rows(ctx, *outcome_.record));
    BULLION_TRY(append_rows(env_, table_path("ops", "stage_metrics"), stage_metrics_schema(),
                            ctx.run_id, metrics));
  }
  BULLION_TRY(append_rows(env_, table_path("ops", "steps"), steps_schema(), ctx.run_id,
                          step_rows(ctx.run_id, outcome_.steps)));
  const Value release = outcome_.record ? Value(outcome_.record->number) : Value();
  return append_rows(
      env_, table_path("ops", "runs"), runs_schema(), ctx.run_id,
      {{ctx.run_id, TimestampValue{ctx.run_at_us}, TimestampValue{env_.clock.now_us()}, env_.user,
        options_.command, status, release, files, rows, rejected, detail}});
}

Status Attempt::block(StepContext& ctx) {
  outcome_.status = RunStatus::Blocked;
  discard(ctx);
  std::vector<std::string> failed;
  for (const quality::TestOutcome& test : outcome_.tests) {
    if (test.status == quality::TestStatus::Fail) failed.push_back(test.name);
  }
  return record_run(ctx, "blocked", fmt::format("gates failed: {}", fmt::join(failed, ", ")));
}

Result<bool> Attempt::publish(StepContext& ctx) {
  BULLION_TRY_ASSIGN(release::Intent intent, make_intent(ctx, last_, number_, outcome_.sources,
                                                         up_to_date_, outcome_.tests));
  const StepMeter meter(env_.clock, "publish", "");
  if (env_.report) env_.report("publish", fmt::format("release {}", number_), 0, 1);
  const Status claimed = store_.claim(intent);
  if (!claimed) {
    if (claimed.error().kind() != ErrorKind::Conflict) return claimed.error();
    discard(ctx);
    return false;
  }
  BULLION_TRY_ASSIGN(const release::Record record, store_.finish(intent));
  if (record.is_void) return false;
  outcome_.record = record;
  outcome_.status = RunStatus::Published;
  outcome_.steps.push_back(meter.finish());
  outcome_.ledgers = ctx.ledgers;
  // The release is visible; what follows only reports on it.
  BULLION_TRY(record_run(ctx, "published", record.summary));
  return true;
}

Result<bool> Attempt::run(int& file_number) {
  // The number comes first: whoever publishes after this line makes our claim fail.
  BULLION_TRY_ASSIGN(number_, store_.next_number());
  BULLION_TRY_ASSIGN(const auto recovered, store_.recover());
  for (const release::Record& record : recovered) outcome_.recovered.push_back(record);
  BULLION_TRY_ASSIGN(last_, store_.latest());
  if (last_ && last_->number >= number_) return false;
  if (options_.land) {
    BULLION_TRY(land());
  } else {
    for (const project::Source& source : project_.sources) {
      outcome_.sources.emplace_back().source = source.contract.name;
    }
  }
  if (!last_) {
    BULLION_TRY_ASSIGN(const bool empty, nothing_landed());
    if (empty) return true;
  }
  BULLION_TRY_ASSIGN(WorkingSet set, WorkingSet::open(env_, project_, last_));
  StepContext ctx{.env = env_,
                  .project = project_,
                  .set = set,
                  .run_id = outcome_.run_id,
                  .run_at_us = env_.clock.now_us(),
                  .start = options_.start,
                  .end = options_.end,
                  .file_number = file_number};
  if (options_.full_refresh) ctx.full_refresh = selected_;
  load_ledgers(last_, ctx);
  const Status computed = compute(ctx);
  file_number = ctx.file_number;
  if (!computed) {
    discard(ctx);
    return computed.error();
  }
  BULLION_TRY(remove_unneeded());
  const bool changed = std::any_of(set.tables().begin(), set.tables().end(),
                                   [](const auto& entry) { return entry.second.computed; });
  if (!changed) return true;
  const StepMeter gates(env_.clock, "gates", "");
  auto tests = run_gates(ctx, last_);
  outcome_.steps.push_back(gates.finish());
  if (!tests) {
    discard(ctx);
    return std::move(tests).error();
  }
  outcome_.tests = std::move(*tests);
  outcome_.ledgers = ctx.ledgers;
  const bool failed = std::any_of(
      outcome_.tests.begin(), outcome_.tests.end(),
      [](const quality::TestOutcome& test) { return test.status == quality::TestStatus::Fail; });
  if (failed) {
    BULLION_TRY(block(ctx));
    return true;
  }
  return publish(ctx);
}

}  // namespace

std::string make_run_id(const Clock& clock) {
  std::string id;
  for (const char c : format_timestamp(clock.now_us()).substr(0, 19)) {
    if (c != '-' && c != ':') id.push_back(c);
  }
  return id + "-" + clock.uuid().substr(0, 8);
}

Result<RunOutcome> run(const Environment& env, const project::Project& project,
                       const RunOptions& options) {
  BULLION_TRY_ASSIGN(const std::set<std::string> selected, select_models(project, options.select));
  const int64_t started_us = env.clock.monotonic_us();
  const std::string run_id = options.run_id.empty() ? make_run_id(env.clock) : options.run_id;
  BULLION_TRY_ASSIGN(const RunMarker marker, RunMarker::hold(env.lake, run_id));
  int file_number = 0;
  std::vector<release::Record> recovered;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    RunOutcome outcome;
    outcome.run_id = run_id;
    outcome.recovered = recovered;
    BULLION_TRY_ASSIGN(const bool done,
                       Attempt(env, project, options, selected, outcome).run(file_number));
    recovered = outcome.recovered;
    if (!done) continue;
    outcome.duration_us = env.clock.monotonic_us() - started_us;
    return outcome;
  }
  return conflict(
      fmt::format("other runs published first {} times in a row; run again", kAttemptsMax));
}

}  // namespace bullion::pipeline
