// Snapshot models: the rows of each day come from the newest file that has the day.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ingest/ingest.h"
#include "pipeline/coverage.h"
#include "pipeline/totals.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::quote_text;

constexpr const char* kDays = "bullion_work.snapshot_days";

/// One step's state.
class SnapshotStep {
 public:
  SnapshotStep(StepContext& ctx, const project::Model& model)
      : ctx_(ctx),
        model_(model),
        table_(ctx.set.at(model.contract.name)),
        input_(ctx.set.at(model.depends_on.at(0))),
        source_(*ctx.project.find_source(input_.name)),
        day_(quote_name(source_.snapshot.day_column)) {}

  Result<StepOutcome> run();

 private:
  bool by_manifest() const {
    return source_.snapshot.covers == project::Snapshot::Covers::Manifest;
  }
  Result<std::set<std::string>> days_of(const FileChange& change, const FileChange& manifest);
  std::string covering_days() const;
  Status refuse_uncovered();
  Status find_newest();
  Status refuse_ties();
  Status create_views(const std::set<std::string>* days);
  Result<StepOutcome> compute(const std::set<std::string>* days);
  Status account();

  std::string rows_of(const std::vector<delta::AddFile>& files) const {
    return files_sql(ctx_.env, input_.path, input_.schema, input_.partition_columns, files);
  }

  StepContext& ctx_;
  const project::Model& model_;
  WorkingTable& table_;
  const WorkingTable& input_;
  const project::Source& source_;
  std::string day_;     // quoted
  std::string covers_;  // SQL of coverage_sql; "" when files cover the days that they have
};

std::vector<delta::AddFile> both_sides(const FileChange& change) {
  std::vector<delta::AddFile> files = change.added;
  files.insert(files.end(), change.removed.begin(), change.removed.end());
  return files;
}

/// The days that the changed files have, and those that they, or the changed rows of the manifest,
/// cover and other files have.
Result<std::set<std::string>> SnapshotStep::days_of(const FileChange& change,
                                                    const FileChange& manifest) {
  const std::string changed = rows_of(both_sides(change));
  std::string sql = fmt::format("SELECT CAST({} AS VARCHAR) FROM ({})", day_, changed);
  if (by_manifest()) {
    const WorkingTable& listed = ctx_.set.at(source_.snapshot.manifest.source);
    BULLION_TRY_ASSIGN(const std::string changed_covers,
                       coverage_sql(ctx_, source_,
                                    files_sql(ctx_.env, listed.path, listed.schema,
                                              listed.partition_columns, both_sides(manifest))));
    sql += fmt::format(
        " UNION SELECT CAST({0} AS VARCHAR) FROM (SELECT DISTINCT {0} FROM ({1})) AS days SEMI "
        "JOIN (SELECT covers.* FROM ({2}) AS covers SEMI JOIN ({3}) AS changed ON "
        "changed._file_id = covers.file_id UNION ALL {4}) AS covers ON days.{0} BETWEEN "
        "covers.first_day AND covers.last_day",
        day_, rows_of(input_.files), covers_, changed, changed_covers);
  }
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ctx_.env.engine.query(fmt::format("SELECT DISTINCT * FROM ({})", sql)));
  std::set<std::string> days;
  for (const auto& row : rows.rows) days.insert(engine::to_text(row.at(0)));
  return days;
}

/// SELECT day, _as_of, _file_id: every file with each day that it covers, of the days that a file
/// with a known coverage has rows of.
std::string SnapshotStep::covering_days() const {
  const std::string rows = rows_of(input_.files);
  if (!by_manifest())
    return fmt::format("SELECT DISTINCT {} AS day, _as_of, _file_id FROM ({})", day_, rows);
  return fmt::format(
      "SELECT DISTINCT days.day, files._as_of, files._file_id FROM (SELECT _file_id, max(_as_of) "
      "AS _as_of FROM ({1}) GROUP BY _file_id) AS files JOIN ({2}) AS covers ON covers.file_id = "
      "files._file_id JOIN (SELECT DISTINCT {0} AS day FROM ({1}) AS rows SEMI JOIN ({2}) AS "
      "covers ON covers.file_id = rows._file_id) AS days ON days.day BETWEEN covers.first_day AND "
      "covers.last_day",
      day_, rows, covers_);
}

/// A file whose rows are of days that its manifest does not name contradicts itself.
Status SnapshotStep::refuse_uncovered() {
  if (!by_manifest()) return ok();
  BULLION_TRY_ASSIGN(
      const engine::Rows outside,
      ctx_.env.engine.query(fmt::format(
          "SELECT CAST(min({0}) AS VARCHAR), _file_id FROM ({1}) AS rows SEMI JOIN ({2}) AS covers "
          "ON covers.file_id = rows._file_id ANTI JOIN ({2}) AS covers ON covers.file_id = "
          "rows._file_id AND rows.{0} BETWEEN covers.first_day AND covers.last_day GROUP BY "
          "_file_id ORDER BY _file_id LIMIT 1",
          day_, rows_of(input_.files), covers_)));
  if (outside.rows.empty()) return ok();
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(ctx_.env.lake, input_.name));
  const auto& row = outside.rows.front();
  return invalid(fmt::format(
      "the snapshot {} of source {} has rows of {}, which its manifest `{}` does not name; correct "
      "the manifest (withdraw it and deliver it again), or withdraw the file",
      path_of_file(batches, engine::to_text(row.at(1))), input_.name, engine::to_text(row.at(0)),
      source_.snapshot.manifest.source));
}

/// The newest `_as_of` of each day.
Status SnapshotStep::find_newest() {
  return ctx_.env.engine.execute(fmt::format(
      "CREATE OR REPLACE TABLE {0} AS SELECT day, _as_of, count(*) AS files, min(_file_id) AS "
      "file_a, max(_file_id) AS file_b FROM ({1}) GROUP BY day, _as_of QUALIFY _as_of = "
      "max(_as_of) OVER (PARTITION BY day)",
      kDays, covering_days()));
}

/// Two files that claim to be the newest say different things; nobody but the user can choose.
Status SnapshotStep::refuse_ties() {
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ctx_.env.engine.query(fmt::format(
                         "SELECT CAST(day AS VARCHAR), _as_of, file_a, file_b FROM {} WHERE files "
                         "> 1 ORDER BY day LIMIT 1",
                         kDays)));
  if (rows.rows.empty()) return ok();
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(ctx_.env.lake, input_.name));
  const auto& row = rows.rows.front();
  return invalid(fmt::format(
      "the snapshots {} and {} of source {} are both as of {} and both {} {}; withdraw one of "
      "them (`bullion withdraw FILE --reason ...`), or tell them apart by `as_of`",
      path_of_file(batches, engine::to_text(row.at(2))),
      path_of_file(batches, engine::to_text(row.at(3))), input_.name, engine::to_text(row.at(1)),
      by_manifest() ? "cover" : "have", engine::to_text(row.at(0))));
}

/// The model reads the source's name: the newest rows of `days`, of all without.
Status SnapshotStep::create_views(const std::set<std::string>* days) {
  std::string only;
  if (days != nullptr) {
    std::vector<std::string> quoted;
    for (const std::string& day : *days) quoted.push_back(quote_text(day));
    only = fmt::format(" AND CAST(newest.day AS VARCHAR) IN ({})",
                       quoted.empty() ? "NULL" : fmt::format("{}", fmt::join(quoted, ", ")));
  }
  for (const std::string& name : model_.depends_on) {
    const std::string sql =
        name == input_.name
            ? fmt::format(
                  "SELECT rows.* FROM ({}) AS rows SEMI JOIN {} AS newest ON newest.day = "
                  "rows.{} AND {}{}",
                  rows_of(input_.files), kDays, day_,
                  by_manifest() ? "newest.file_a = rows._file_id" : "newest._as_of = rows._as_of",
                  only)
            : input_sql(ctx_, name);
    BULLION_TRY(create_view(ctx_.env.engine, name, sql));
  }
  return ok();
}

Result<StepOutcome> SnapshotStep::compute(const std::set<std::string>* days) {
  StepOutcome outcome;
  BULLION_TRY(refuse_uncovered());
  BULLION_TRY(find_newest());
  BULLION_TRY(refuse_ties());
  BULLION_TRY(create_views(days));
  table_.computed = true;
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> staged,
                     stage_select(ctx_, model_.contract, table_, model_.sql));
  auto unneeded = days == nullptr ? replace_all(table_, std::move(staged))
                                  : replace_partitions(table_, *days, std::move(staged));
  if (!unneeded) return std::move(unneeded).error();
  outcome.unneeded = paths_of(table_, *unneeded);
  BULLION_TRY(account());
  return outcome;
}

/// Every row of every file is newest, superseded by a newer file, or left out: by the model, or
/// because its file waits for a manifest.
Status SnapshotStep::account() {
  engine::Engine& engine = ctx_.env.engine;
  BULLION_TRY(create_views(nullptr));
  const std::string amount_out =
      model_.conserves.empty() ? "" : quote_name(model_.conserves.begin()->first);
  const std::string amount_in =
      model_.conserves.empty() ? "" : quote_name(model_.conserves.begin()->second);
  const std::string all = fmt::format("({})", rows_of(input_.files));
  const std::string kept = fmt::format("({})", files_sql(ctx_.env, table_.path, table_.schema,
                                                         table_.partition_columns, table_.files));
  release::Ledger ledger;
  ledger.model = table_.name;
  ledger.amount_column = model_.conserves.empty() ? "" : model_.conserves.begin()->first;
  BULLION_TRY_ASSIGN(const Total in, total_of(engine, all, amount_in));
  BULLION_TRY_ASSIGN(const Total newest, total_of(engine, quote_name(input_.name), amount_in));
  BULLION_TRY_ASSIGN(const Total out,
                     total_of(engine, fmt::format("({}\n)", model_.sql), amount_out));
  BULLION_TRY_ASSIGN(const Total stored, total_of(engine, kept, amount_out));
  ledger.rows_in = in.rows;
  ledger.amount_in = in.amount;
  ledger.rows_kept = stored.rows;
  ledger.amount_kept = stored.amount;
  Total waiting;
  if (by_manifest()) {
    BULLION_TRY_ASSIGN(
        waiting,
        total_of(
            engine,
            fmt::format("{} AS rows ANTI JOIN ({}) AS covers ON covers.file_id = rows._file_id",
                        all, covers_),
            amount_in));
  }
  ledger.rows_superseded = in.rows - newest.rows - waiting.rows;
  ledger.amount_superseded = in.amount;
  BULLION_TRY(add_amount(ledger.amount_superseded, newest.amount, -1));
  BULLION_TRY(add_amount(ledger.amount_superseded, waiting.amount, -1));
  ledger.rows_excluded = waiting.rows + newest.rows - out.rows;
  ledger.amount_excluded = newest.amount;
  BULLION_TRY(add_amount(ledger.amount_excluded, out.amount, -1));
  BULLION_TRY(add_amount(ledger.amount_excluded, waiting.amount));
  ctx_.ledgers[table_.name] = ledger;
  return ok();
}

Result<StepOutcome> SnapshotStep::run() {
  const std::string cause = rebuild_cause(ctx_, model_);
  BULLION_TRY_ASSIGN(const FileChange change,
                     ctx_.set.input_change(ctx_.env, model_.contract.name, input_.name));
  FileChange manifest;
  if (by_manifest()) {
    BULLION_TRY_ASSIGN(manifest, ctx_.set.input_change(ctx_.env, model_.contract.name,
                                                       source_.snapshot.manifest.source));
    BULLION_TRY_ASSIGN(covers_, coverage_sql(ctx_, source_));
  }
  const bool backfill = !ctx_.start.empty() || !ctx_.end.empty();
  if (cause.empty() && change.empty() && manifest.empty() && !backfill) return StepOutcome{};
  const std::string whole_cause = cause.empty() && backfill ? "backfill" : cause;
  std::set<std::string> days;
  StepOutcome outcome;
  if (whole_cause.empty()) {
    BULLION_TRY_ASSIGN(days, days_of(change, manifest));
    const std::set<std::string> known =
        partition_texts(table_.files, model_.contract.partition_by.at(0));
    for (const std::string& day : days) {
      outcome.items.push_back(
          {table_.name, day, known.contains(day) ? "snapshot" : "new", input_.name, -1});
    }
  } else {
    outcome.items.push_back({table_.name, "", whole_cause, rebuild_detail(ctx_, model_), -1});
  }
  if (ctx_.plan_only) {
    ctx_.assumed[table_.name] = whole_cause.empty() ? days : std::set<std::string>{"*"};
    return outcome;
  }
  BULLION_TRY(ctx_.env.engine.execute("CREATE SCHEMA IF NOT EXISTS bullion_work"));
  auto computed = compute(whole_cause.empty() ? &days : nullptr);
  BULLION_TRY(ctx_.env.engine.execute("DROP SCHEMA IF EXISTS bullion_work CASCADE"));
  if (computed) computed->items = std::move(outcome.items);
  return computed;
}

}  // namespace

Result<StepOutcome> run_snapshot(StepContext& ctx, const project::Model& model) {
  return SnapshotStep(ctx, model).run();
}

}  // namespace bullion::pipeline
