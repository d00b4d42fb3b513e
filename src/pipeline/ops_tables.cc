#include "pipeline/ops_tables.h"

#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace bullion::pipeline {
namespace {

using delta::TypeId;
using engine::ColumnBatch;
using engine::Value;

/// Rows of values as a source an engine can stage.
class ValueSource final : public engine::RowSource {
 public:
  ValueSource(delta::Schema schema, const std::vector<ValueRow>& rows)
      : schema_(std::move(schema)), rows_(rows) {}

  const delta::Schema& schema() const override { return schema_; }

  Status next(engine::RowBatch& batch) override {
    batch.columns.assign(schema_.size(), {});
    batch.rows = std::min(engine::kBatchRows, rows_.size() - next_row_);
    for (size_t c = 0; c < schema_.size(); ++c) {
      batch.columns[c].type = schema_[c].type;
      for (size_t r = 0; r < batch.rows; ++r) {
        append(batch.columns[c], rows_[next_row_ + r].at(c));
      }
    }
    next_row_ += batch.rows;
    return ok();
  }

 private:
  static void append(ColumnBatch& column, const Value& value) {
    column.nulls.push_back(engine::is_null(value) ? 1 : 0);
    switch (column.type.id) {
      case TypeId::Long:
        column.fixed64.push_back(engine::is_null(value) ? 0 : std::get<int64_t>(value));
        return;
      case TypeId::Timestamp:
        column.fixed64.push_back(
            engine::is_null(value) ? 0 : std::get<engine::TimestampValue>(value).micros);
        return;
      case TypeId::String:
        return column.append_text(engine::is_null(value) ? std::string_view()
                                                         : std::get<std::string>(value));
      default:
        BULLION_ASSERT(false);
    }
  }

  delta::Schema schema_;
  const std::vector<ValueRow>& rows_;
  size_t next_row_ = 0;
};

Result<delta::Transaction> append_transaction(const Environment& env, const std::string& path,
                                              const delta::Schema& schema,
                                              std::vector<delta::AddFile> adds,
                                              const std::optional<AppendOnce>& once) {
  const delta::Log log = env.log(path);
  BULLION_TRY_ASSIGN(const auto version, log.latest_version());
  delta::Transaction transaction;
  if (!version) {
    transaction.actions =
        table::create_actions(path.substr(path.rfind('/') + 1), schema, {}, env.clock);
  } else {
    transaction.read_version = *version;
  }
  transaction.actions.adds = std::move(adds);
  if (once) {
    transaction.actions.txns = {{once->app_id, once->version, env.clock.now_us() / 1000}};
  }
  delta::CommitInfo info;
  info.timestamp_ms = env.clock.now_us() / 1000;
  info.operation = version ? "WRITE" : "CREATE TABLE AS SELECT";
  info.operation_parameters = {{"mode", "\"Append\""}, {"partitionBy", "\"[]\""}};
  info.read_version = version;
  info.is_blind_append = true;
  info.engine_info = fmt::format("Bullion/{}", kProgramVersion);
  info.txn_id = env.clock.uuid();
  transaction.actions.info = std::move(info);
  return transaction;
}

}  // namespace

delta::Column column(std::string name, delta::TypeId type, bool nullable) {
  return {.name = std::move(name),
          .type = {.id = type, .precision = 0, .scale = 0, .children = {}},
          .nullable = nullable,
          .metadata_json = "{}"};
}

Status append_rows(const Environment& env, const std::string& path, const delta::Schema& schema,
                   const std::string& run_id, const std::vector<ValueRow>& rows,
                   const std::optional<AppendOnce>& once) {
  if (rows.empty()) return ok();
  // The folder first: where it is made decides where an overlaid lake puts the files.
  BULLION_TRY(env.lake.make_folder(path));
  ValueSource source(schema, rows);
  const engine::StageRequest request{
      .directory = env.lake.location(path),
      .file_prefix = fmt::format("part-{}-{}", run_id, env.clock.uuid().substr(0, 8)),
      .schema = schema,
      .partition_columns = {},
      .order_by = {}};
  BULLION_TRY_ASSIGN(const auto staged, env.engine.stage_rows(source, request));
  BULLION_TRY_ASSIGN(const auto adds, table::seal_staged_files(env.lake, env.engine, env.clock,
                                                               path, request, staged));
  constexpr int kTriesMax = 50;
  for (int tries = 0;; ++tries) {
    BULLION_TRY_ASSIGN(const auto transaction, append_transaction(env, path, schema, adds, once));
    const auto committed = env.log(path).commit(transaction);
    if (committed) return ok();
    // A concurrent run may have created the table, or appended the same batch, in between.
    if (committed.error().kind() != ErrorKind::Conflict || tries == kTriesMax) {
      return committed.error();
    }
    if (once) {
      BULLION_TRY_ASSIGN(const int64_t newest, newest_txn(env, path, once->app_id));
      if (newest >= once->version) return ok();
    }
  }
}

Result<int64_t> newest_txn(const Environment& env, const std::string& path,
                           const std::string& app_id) {
  auto snapshot = env.log(path).snapshot();
  if (!snapshot) {
    if (snapshot.error().kind() == ErrorKind::NotFound) return int64_t{-1};
    return std::move(snapshot).error();
  }
  const auto txn = snapshot->txns.find(app_id);
  return txn == snapshot->txns.end() ? int64_t{-1} : txn->second.version;
}

delta::Schema runs_schema() {
  return {column("run_id", TypeId::String, false),
          column("started_at", TypeId::Timestamp, false),
          column("finished_at", TypeId::Timestamp, false),
          column("user", TypeId::String),
          column("command", TypeId::String),
          column("status", TypeId::String, false),
          column("release", TypeId::Long),
          column("files_loaded", TypeId::Long),
          column("rows_loaded", TypeId::Long),
          column("rows_quarantined", TypeId::Long),
          column("detail", TypeId::String)};
}

delta::Schema gate_results_schema() {
  return {column("run_id", TypeId::String, false), column("test", TypeId::String, false),
          column("kind", TypeId::String),          column("table_name", TypeId::String),
          column("status", TypeId::String, false), column("failures", TypeId::Long),
          column("sample", TypeId::String),        column("finished_at", TypeId::Timestamp)};
}

delta::Schema conservation_schema() {
  return {column("run_id", TypeId::String, false),
          column("scope", TypeId::String, false),
          column("name", TypeId::String, false),
          column("batch_id", TypeId::String),
          column("rows_in", TypeId::Long),
          column("rows_kept", TypeId::Long),
          column("rows_superseded", TypeId::Long),
          column("rows_quarantined", TypeId::Long),
          column("rows_excluded", TypeId::Long),
          column("amount_in", TypeId::String),
          column("amount_kept", TypeId::String),
          column("amount_superseded", TypeId::String),
          column("amount_quarantined", TypeId::String),
          column("amount_excluded", TypeId::String),
          column("amounts_unreadable", TypeId::Long),
          column("finished_at", TypeId::Timestamp)};
}

delta::Schema stage_metrics_schema() {
  return {column("run_id", TypeId::String, false),     column("release", TypeId::Long),
          column("table_name", TypeId::String, false), column("owner", TypeId::String),
          column("currency", TypeId::String),          column("rows", TypeId::Long),
          column("rows_before", TypeId::Long),         column("null_keys", TypeId::Long),
          column("negative_amounts", TypeId::Long),    column("amount", TypeId::String),
          column("amount_before", TypeId::String),     column("amount_change", TypeId::String),
          column("finished_at", TypeId::Timestamp)};
}

delta::Schema quarantine_schema() {
  return {column("source", TypeId::String, false),
          column("batch_id", TypeId::String, false),
          column("file_id", TypeId::String, false),
          column("file", TypeId::String, false),
          column("record", TypeId::Long, false),
          column("line", TypeId::Long),
          column("codes", TypeId::String),
          column("reasons", TypeId::String),
          column("raw", TypeId::String),
          column("amount", TypeId::String),
          column("source_hash", TypeId::String),
          column("run_id", TypeId::String),
          column("quarantined_at", TypeId::Timestamp)};
}

}  // namespace bullion::pipeline
