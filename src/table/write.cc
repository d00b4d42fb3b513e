#include "table/write.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "base/time_units.h"
#include "table/stats_internal.h"

namespace bullion::table {
namespace {

using engine::quote_name;

// A table in the engine that lives as long as this object: the source of a write, computed once.
class EngineTable {
 public:
  static Result<std::unique_ptr<EngineTable>> make(const TableWrite& write,
                                                   const std::string& select) {
    std::string name = "bullion_source_" + write.clock.uuid();
    std::ranges::replace(name, '-', '_');
    BULLION_TRY(write.engine.execute(
        fmt::format("CREATE TABLE {} AS SELECT * FROM ({}\n)", quote_name(name), select)));
    return std::make_unique<EngineTable>(write.engine, std::move(name));
  }

  EngineTable(engine::Engine& engine, std::string name) : engine_(engine), name_(std::move(name)) {}
  EngineTable(const EngineTable&) = delete;
  EngineTable& operator=(const EngineTable&) = delete;
  ~EngineTable() {
    // Nothing can be done here when it fails: the table ends with the engine.
    const Status dropped = engine_.execute("DROP TABLE " + sql());
    static_cast<void>(dropped);
  }

  std::string sql() const { return quote_name(name_); }

 private:
  engine::Engine& engine_;
  std::string name_;
};

std::string column_list(const delta::Schema& schema, std::string_view prefix) {
  std::string list;
  for (const delta::Column& column : schema) {
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", prefix, quote_name(column.name));
  }
  return list;
}

Status check_keys(const TableWrite& write, const std::vector<std::string>& key_columns) {
  if (key_columns.empty()) return invalid("a write by key needs at least one key column");
  std::vector<std::string> names;
  for (const delta::Column& column : write.snapshot.metadata.schema) names.push_back(column.name);
  for (const std::string& key : key_columns) {
    const delta::Column* column = delta::column_named(write.snapshot.metadata.schema, key);
    if (column == nullptr) {
      return invalid(fmt::format("the key column `{}` is not a column of {}{}", key,
                                 write.table_path, did_you_mean(key, names)));
    }
    if (column->type.is_nested()) {
      return invalid(fmt::format("the key column `{}` is nested", key));
    }
  }
  return ok();
}

/// Two SELECTs' rows have the same key. The new key is cast to the table's type, as it will be
/// stored.
std::string same_key(const delta::Schema& schema, const std::vector<std::string>& key_columns) {
  std::string condition;
  for (const std::string& key : key_columns) {
    const delta::Column* column = delta::column_named(schema, key);
    condition += fmt::format("{0}t.{1} = CAST(s.{1} AS {2})", condition.empty() ? "" : " AND ",
                             quote_name(key), engine::sql_type(column->type));
  }
  return condition;
}

// The rows of `source` whose keys are not there, or there twice, make a write by key ambiguous.
Status check_source_keys(const TableWrite& write, const std::vector<std::string>& key_columns,
                         const EngineTable& source, bool allow_repeats) {
  const delta::Schema& schema = write.snapshot.metadata.schema;
  std::string keys;
  std::string any_null;
  for (const std::string& key : key_columns) {
    const delta::Column* column = delta::column_named(schema, key);
    keys += fmt::format("{}CAST({} AS {})", keys.empty() ? "" : ", ", quote_name(key),
                        engine::sql_type(column->type));
    any_null += fmt::format("{}{} IS NULL", any_null.empty() ? "" : " OR ", quote_name(key));
  }
  BULLION_TRY_ASSIGN(
      const engine::Rows nulls,
      write.engine.query(fmt::format("SELECT count(*) FROM {} WHERE {}", source.sql(), any_null)));
  const std::string null_rows = engine::to_text(nulls.rows.at(0).at(0));
  if (null_rows != "0") {
    return invalid(
        fmt::format("{} rows have no key (NULL in {})", null_rows, fmt::join(key_columns, ", ")));
  }
  if (allow_repeats) return ok();
  BULLION_TRY_ASSIGN(const engine::Rows repeats,
                     write.engine.query(fmt::format(
                         "SELECT {0}, count(*) FROM {1} GROUP BY ALL HAVING count(*) > 1 "
                         "ORDER BY ALL LIMIT 1",
                         keys, source.sql())));
  if (repeats.rows.empty()) return ok();
  std::string example;
  for (size_t i = 0; i < key_columns.size(); ++i) {
    example += fmt::format("{}{} = {}", example.empty() ? "" : ", ", key_columns[i],
                           engine::to_text(repeats.rows[0].at(i)));
  }
  return invalid(fmt::format("{} rows have the same key ({}); keep one row per key",
                             engine::to_text(repeats.rows[0].back()), example));
}

Result<std::vector<delta::AddFile>> stage_select(const TableWrite& write,
                                                 const std::string& select) {
  engine::StageRequest request;
  request.directory = write.files.location(write.table_path);
  request.file_prefix = "part-" + write.clock.uuid();
  request.schema = write.snapshot.metadata.schema;
  request.partition_columns = write.snapshot.metadata.partition_columns;
  request.order_by = write.order_by;
  BULLION_TRY(write.files.make_folder(write.table_path));
  BULLION_TRY_ASSIGN(const auto staged, write.engine.stage(select, request));
  return seal_staged_files(write.files, write.engine, write.clock, write.table_path, request,
                           staged);
}

std::string json_text(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

/// A transaction of these adds and the removal of these files, with its commitInfo.
delta::Transaction transaction_of(const TableWrite& write, const std::string& operation,
                                  std::map<std::string, std::string> parameters,
                                  std::vector<delta::AddFile> adds,
                                  const std::vector<delta::AddFile>& removed) {
  delta::Transaction transaction;
  transaction.read_version = write.snapshot.version;
  const int64_t now_ms = write.clock.now_us() / kMicrosPerMilli;
  int64_t rows = 0;
  int64_t bytes = 0;
  for (const delta::AddFile& add : adds) {
    rows += delta::num_records(add).value_or(0);
    bytes += add.size;
  }
  delta::CommitInfo info;
  info.timestamp_ms = now_ms;
  info.operation = operation;
  info.operation_parameters = std::move(parameters);
  info.operation_metrics = {{"numFiles", fmt::format("{}", adds.size())},
                            {"numRemovedFiles", fmt::format("{}", removed.size())},
                            {"numOutputRows", fmt::format("{}", rows)},
                            {"numOutputBytes", fmt::format("{}", bytes)}};
  info.read_version = write.snapshot.version;
  info.txn_id = write.clock.uuid();
  transaction.actions.info = std::move(info);
  transaction.actions.adds = std::move(adds);
  for (const delta::AddFile& file : removed) {
    transaction.actions.removes.push_back(delta::removal_of(file, now_ms));
    // Removed rows are a change even where the file itself came from a compaction.
    transaction.actions.removes.back().data_change = true;
    transaction.reads.files.push_back(file.path);
  }
  return transaction;
}

/// Live files that hold a row with one of the source's keys.
Result<std::vector<delta::AddFile>> files_with_keys(const TableWrite& write,
                                                    const std::vector<std::string>& key_columns,
                                                    const EngineTable& source) {
  std::vector<delta::AddFile> touched;
  if (write.snapshot.files.empty()) return touched;
  const Relation relation = relation_of(write.snapshot, write.table_path);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      write.engine.query(fmt::format("SELECT DISTINCT t._path FROM ({}) t SEMI JOIN {} s ON {}",
                                     relation_sql(write.files, relation, true), source.sql(),
                                     same_key(relation.schema, key_columns))));
  std::set<std::string> paths;
  for (const auto& row : rows.rows) paths.insert(engine::to_text(row.at(0)));
  for (const delta::AddFile& file : write.snapshot.files) {
    if (paths.contains(file.path)) touched.push_back(file);
  }
  return touched;
}

/// The rows of `touched` that keep their place, as new files.
Result<std::vector<delta::AddFile>> rewrite_without_keys(
    const TableWrite& write, const std::vector<std::string>& key_columns, const EngineTable& source,
    const std::vector<delta::AddFile>& touched) {
  if (touched.empty()) return std::vector<delta::AddFile>();
  Relation relation = relation_of(write.snapshot, write.table_path);
  relation.files = touched;
  return stage_select(
      write, fmt::format("SELECT {} FROM ({}) t ANTI JOIN {} s ON {}",
                         column_list(relation.schema, "t."), relation_sql(write.files, relation),
                         source.sql(), same_key(relation.schema, key_columns)));
}

Status check_partitions(const TableWrite& write,
                        const std::vector<delta::PartitionValues>& partitions) {
  const std::vector<std::string>& columns = write.snapshot.metadata.partition_columns;
  for (const delta::PartitionValues& values : partitions) {
    const bool has_all = std::ranges::all_of(
        columns, [&](const std::string& column) { return values.contains(column); });
    if (has_all && values.size() == columns.size()) continue;
    return invalid(fmt::format("{} is no partition of {}, which is partitioned by [{}]",
                               partition_key(values), write.table_path, fmt::join(columns, ", ")));
  }
  return ok();
}

}  // namespace

Result<delta::Transaction> append_rows(const TableWrite& write, const std::string& select) {
  BULLION_TRY(delta::check_writable(write.snapshot.protocol, write.snapshot.metadata));
  BULLION_TRY_ASSIGN(
      auto adds,
      stage_select(write, fmt::format("SELECT {} FROM ({}\n) s",
                                      column_list(write.snapshot.metadata.schema, "s."), select)));
  delta::Transaction transaction = transaction_of(
      write, "WRITE", {{"mode", "Append"}, {"partitionBy", "[]"}}, std::move(adds), {});
  transaction.actions.info->is_blind_append = true;
  return transaction;
}

Result<delta::Transaction> replace_partitions(const TableWrite& write,
                                              const std::vector<delta::PartitionValues>& partitions,
                                              const std::string& select) {
  BULLION_TRY(delta::check_writable(write.snapshot.protocol, write.snapshot.metadata));
  BULLION_TRY(check_partitions(write, partitions));
  const std::set<delta::PartitionValues> replaced(partitions.begin(), partitions.end());
  BULLION_TRY_ASSIGN(
      auto adds,
      stage_select(write, fmt::format("SELECT {} FROM ({}\n) s",
                                      column_list(write.snapshot.metadata.schema, "s."), select)));
  for (const delta::AddFile& add : adds) {
    if (replaced.contains(add.partition_values)) continue;
    return invalid(fmt::format(
        "{} new rows belong to the partition {} of {}, which is not among those to be replaced",
        delta::num_records(add).value_or(0), partition_key(add.partition_values),
        write.table_path));
  }
  std::vector<delta::AddFile> removed;
  for (const delta::AddFile& file : write.snapshot.files) {
    if (replaced.contains(file.partition_values)) removed.push_back(file);
  }
  delta::Transaction transaction = transaction_of(
      write, "WRITE", {{"mode", "Overwrite"}, {"partitionBy", "[]"}}, std::move(adds), removed);
  transaction.serializable = true;
  transaction.reads.partitions = partitions;
  transaction.reads.whole_table = write.snapshot.metadata.partition_columns.empty();
  return transaction;
}

Result<delta::Transaction> upsert_rows(const TableWrite& write,
                                       const std::vector<std::string>& key_columns,
                                       const std::string& select) {
  BULLION_TRY(delta::check_writable(write.snapshot.protocol, write.snapshot.metadata));
  BULLION_TRY(check_keys(write, key_columns));
  BULLION_TRY_ASSIGN(const auto source, EngineTable::make(write, select));
  BULLION_TRY(check_source_keys(write, key_columns, *source, false));
  BULLION_TRY_ASSIGN(const auto touched, files_with_keys(write, key_columns, *source));
  BULLION_TRY_ASSIGN(auto adds, rewrite_without_keys(write, key_columns, *source, touched));
  // Apart from the rows that stay, so that no common type of both hides a cast that loses digits.
  BULLION_TRY_ASSIGN(
      const auto fresh,
      stage_select(write,
                   fmt::format("SELECT {} FROM {}", column_list(write.snapshot.metadata.schema, ""),
                               source->sql())));
  adds.insert(adds.end(), fresh.begin(), fresh.end());
  const std::string predicate =
      fmt::format("[{}]", json_text(fmt::format("{}", fmt::join(key_columns, ", "))));
  delta::Transaction transaction =
      transaction_of(write, "MERGE", {{"predicate", predicate}}, std::move(adds), touched);
  transaction.serializable = true;
  transaction.reads.whole_table = true;
  return transaction;
}

Result<delta::Transaction> remove_rows(const TableWrite& write,
                                       const std::vector<std::string>& key_columns,
                                       const std::string& select_keys) {
  BULLION_TRY(delta::check_writable(write.snapshot.protocol, write.snapshot.metadata));
  BULLION_TRY(check_keys(write, key_columns));
  BULLION_TRY_ASSIGN(const auto source, EngineTable::make(write, select_keys));
  BULLION_TRY(check_source_keys(write, key_columns, *source, true));
  BULLION_TRY_ASSIGN(const auto touched, files_with_keys(write, key_columns, *source));
  BULLION_TRY_ASSIGN(auto adds, rewrite_without_keys(write, key_columns, *source, touched));
  const std::string predicate =
      fmt::format("[{}]", json_text(fmt::format("{}", fmt::join(key_columns, ", "))));
  delta::Transaction transaction =
      transaction_of(write, "DELETE", {{"predicate", predicate}}, std::move(adds), touched);
  transaction.serializable = true;
  transaction.reads.whole_table = true;
  return transaction;
}

}  // namespace bullion::table
