// Staged files become adds.
#include <algorithm>

#include <fmt/format.h>

#include "base/time_units.h"
#include "table/relation_internal.h"
#include "table/stats_internal.h"
#include "table/table.h"

namespace bullion::table {
namespace {

// An integer cell of whatever width, modulo 2^64.
Result<uint64_t> low_bits(const engine::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return static_cast<uint64_t>(*number);
  const auto* wide = std::get_if<Decimal>(&value);
  if (wide != nullptr && wide->scale == 0) return static_cast<uint64_t>(wide->units);
  return internal_error("the engine answered a row hash that is no integer: '" +
                        engine::to_text(value) + "'");
}

// Hashes are signed 64-bit integers; their halves are summed, because no engine's sum of the whole
// is exact everywhere.
std::string sums_of(std::string_view hash) {
  return fmt::format("sum({0} >> 32), sum({0} & 4294967295)", hash);
}

Result<uint64_t> whole_sum(const engine::Value& high, const engine::Value& low) {
  BULLION_TRY_ASSIGN(const uint64_t high_bits, low_bits(high));
  BULLION_TRY_ASSIGN(const uint64_t low_sum, low_bits(low));
  constexpr int kHalfBits = 32;
  return (high_bits << kHalfBits) + low_sum;
}

std::string hash_scan_sql(const std::vector<std::string>& locations, const delta::Schema& schema) {
  std::string columns;
  for (const std::string& column : hashed_columns(schema)) {
    columns += ", " + engine::quote_name(column);
  }
  std::vector<std::string> quoted;
  for (const std::string& location : locations) {
    quoted.push_back(engine::quote_text(literal_pattern(location)));
  }
  return fmt::format(
      "SELECT __bullion_file, count(*), {}, {} FROM ("
      "SELECT __bullion_file, row_hash(CAST({} AS UBIGINT){}) AS a, "
      "row_hash(CAST({} AS UBIGINT){}) AS b "
      "FROM read_parquet([{}], hive_partitioning = false, filename = '__bullion_file')) "
      "GROUP BY __bullion_file",
      sums_of("a"), sums_of("b"), kRowHashSeed, columns, kRowHashSalt, columns,
      fmt::join(quoted, ", "));
}

// Sums by location of the file.
Result<std::map<std::string, RowHashSum>> hash_files(engine::Engine& engine,
                                                     const std::vector<std::string>& locations,
                                                     const delta::Schema& schema) {
  std::map<std::string, RowHashSum> sums;
  if (locations.empty()) return sums;
  BULLION_TRY_ASSIGN(const engine::Rows rows, engine.query(hash_scan_sql(locations, schema)));
  for (const std::vector<engine::Value>& row : rows.rows) {
    constexpr size_t kColumns = 6;
    const auto* file = row.size() == kColumns ? std::get_if<std::string>(row.data()) : nullptr;
    if (file == nullptr) return internal_error("the engine answered other columns than asked");
    RowHashSum& sum = sums[*file];
    BULLION_TRY_ASSIGN(sum.rows, low_bits(row[1]));
    BULLION_TRY_ASSIGN(sum.sum_a, whole_sum(row[2], row[3]));
    BULLION_TRY_ASSIGN(sum.sum_b, whole_sum(row[4], row[5]));
  }
  return sums;
}

Status check_nulls(const engine::StageRequest& request, const engine::StagedFile& file) {
  for (const delta::Column& column : request.schema) {
    if (column.nullable) continue;
    const auto partition = file.partition_values.find(column.name);
    const auto stats = file.stats.find(column.name);
    const bool is_null_partition =
        partition != file.partition_values.end() && !partition->second.has_value();
    const int64_t nulls = is_null_partition           ? file.rows
                          : stats == file.stats.end() ? 0
                                                      : stats->second.null_count;
    if (nulls == 0) continue;
    return invalid(fmt::format("the column `{}` must not be NULL, but {} of {} new rows have none",
                               column.name, nulls, file.rows));
  }
  return ok();
}

}  // namespace

Result<std::vector<delta::AddFile>> seal_staged_files(
    storage::FileSystem& files, engine::Engine& engine, const Clock& clock,
    const std::string& table_path, const engine::StageRequest& request,
    const std::vector<engine::StagedFile>& staged,
    const std::map<std::string, RowHashSum>& known_hashes) {
  std::vector<delta::AddFile> adds;
  if (staged.empty()) return adds;
  std::vector<std::string> paths;
  std::vector<std::string> unknown;
  for (const engine::StagedFile& file : staged) {
    BULLION_TRY(check_nulls(request, file));
    paths.push_back(storage::join_path(table_path, file.path));
    if (!known_hashes.contains(file.path)) unknown.push_back(files.location(paths.back()));
  }
  BULLION_TRY_ASSIGN(const auto sums, hash_files(engine, unknown, request.schema));
  const std::string schema = schema_tag(request.schema);
  for (size_t i = 0; i < staged.size(); ++i) {
    const engine::StagedFile& file = staged[i];
    const std::string location = files.location(paths[i]);
    const auto known = known_hashes.find(file.path);
    const auto scanned = sums.find(location);
    const RowHashSum sum = known != known_hashes.end() ? known->second
                           : scanned != sums.end()     ? scanned->second
                                                       : RowHashSum();
    if (sum.rows != static_cast<uint64_t>(file.rows)) {
      return corrupt(
          fmt::format("{} has {} rows, but {} were written", location, sum.rows, file.rows));
    }
    delta::AddFile add;
    add.path = delta::encoded_path(file.path);
    add.partition_values = file.partition_values;
    add.size = file.bytes;
    add.modification_time_ms = clock.now_us() / kMicrosPerMilli;
    add.stats_json = stats_json(request.schema, request.partition_columns, file);
    add.tags[kRowHashTag] = to_string(sum);
    add.tags[kSchemaTag] = schema;
    adds.push_back(std::move(add));
  }
  BULLION_TRY(files.make_durable(paths));
  return adds;
}

Result<std::map<std::string, RowHashSum>> partition_hashes(
    const std::vector<delta::AddFile>& files) {
  std::map<std::string, RowHashSum> hashes;
  for (const delta::AddFile& add : files) {
    const auto tag = add.tags.find(kRowHashTag);
    RowHashSum sum;
    if (tag == add.tags.end() || !parse_row_hash_sum(tag->second, sum)) {
      return corrupt(
          fmt::format("the file {} has no row hash (tag {}), so another program wrote it", add.path,
                      kRowHashTag));
    }
    hashes[partition_key(add.partition_values)] += sum;
  }
  return hashes;
}

std::string partition_key(const delta::PartitionValues& values) {
  std::string key = "{";
  for (const auto& [column, value] : values) {
    if (key.size() > 1) key += ',';
    append_json_text(key, column);
    key += ':';
    if (value.has_value()) {
      append_json_text(key, *value);
    } else {
      key += "null";
    }
  }
  return key + "}";
}

delta::Commit create_actions(const std::string& name, const delta::Schema& schema,
                             const std::vector<std::string>& partition_columns,
                             const Clock& clock) {
  const int64_t now_ms = clock.now_us() / kMicrosPerMilli;
  std::string partition_by = "[";
  for (const std::string& column : partition_columns) {
    if (partition_by.size() > 1) partition_by += ',';
    append_json_text(partition_by, column);
  }
  partition_by += ']';

  delta::Commit commit;
  commit.info = delta::CommitInfo();
  commit.info->timestamp_ms = now_ms;
  commit.info->operation = "CREATE TABLE";
  commit.info->operation_parameters = {
      {"partitionBy", partition_by}, {"isManaged", "false"}, {"properties", "{}"}};
  commit.info->txn_id = clock.uuid();
  commit.protocol = delta::Protocol();
  delta::Metadata metadata;
  metadata.id = clock.uuid();
  metadata.name = name;
  metadata.schema = schema;
  metadata.partition_columns = partition_columns;
  metadata.created_time_ms = now_ms;
  // Ten years: releases name old versions, and nobody else's cleaning may take them away.
  metadata.configuration = {{"delta.logRetentionDuration", "interval 3650 days"},
                            {"delta.deletedFileRetentionDuration", "interval 3650 days"}};
  commit.metadata = std::move(metadata);
  return commit;
}

}  // namespace bullion::table
