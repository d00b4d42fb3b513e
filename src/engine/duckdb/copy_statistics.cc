#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/date.h"
#include "engine/duckdb/copy_statistics_internal.h"
#include "engine/duckdb/result_reader_internal.h"

namespace bullion::engine {

namespace {

using delta::TypeId;

// The columns of the COPY's result, in DuckDB's order.
enum CopyColumn : idx_t {
  kFileName = 0,
  kRows = 1,
  kFileBytes = 2,
  kColumnStatistics = 4,
  kPartitionKeys = 5,
};

constexpr SqlType kText{DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INVALID, 0, 0};
constexpr SqlType kCount{DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_INVALID, 0, 0};
constexpr SqlType kMap{DUCKDB_TYPE_MAP, DUCKDB_TYPE_INVALID, 0, 0};

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "2024-01-01 10:00:00.5+00": the session's zone is UTC, so the offset says nothing new.
std::optional<int64_t> parse_instant(std::string_view text) {
  if (text.ends_with("+00")) text.remove_suffix(3);
  return parse_timestamp(text);
}

/// A statistic's text as a value of the column's type; NULL when it cannot be published exactly.
Value statistic(std::string_view text, const delta::DataType& type) {
  switch (type.id) {
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      if (const auto value = parse_number<int64_t>(text)) return *value;
      break;
    case TypeId::Float:
    case TypeId::Double:
      if (const auto value = parse_number<double>(text)) return *value;
      break;
    case TypeId::Decimal: {
      const ParsedDecimal parsed = parse_decimal(text, type.precision, type.scale);
      if (!parsed.fault) return Decimal{parsed.units, type.scale};
      break;
    }
    case TypeId::Date:
      if (const auto days = parse_date(text)) return DateValue{*days};
      break;
    case TypeId::Timestamp:
      if (const auto micros = parse_instant(text)) return TimestampValue{*micros};
      break;
    case TypeId::String:
      return std::string(text);
    default:
      break;
  }
  return std::monostate{};
}

/// DuckDB quotes the names on a column's path: "a b" is `"a b"`, a leaf of a list has a dot
/// outside.
std::string plain_name(std::string_view path) {
  if (path.size() < 2 || path.front() != '"' || path.back() != '"') return std::string(path);
  std::string name;
  for (size_t i = 1; i + 1 < path.size(); ++i) {
    if (path[i] == '"' && path[i + 1] == '"') ++i;
    name += path[i];
  }
  return name;
}

ColumnStats read_column_stats(const MapReader& entries, idx_t row, const delta::DataType& type) {
  ColumnStats stats;
  const auto [begin, end] = entries.entries(row);
  for (idx_t i = begin; i < end; ++i) {
    if (entries.values().is_null(i)) continue;
    const std::string_view key = entries.keys().text(i);
    const std::string_view value = entries.values().text(i);
    if (key == "min") stats.min = statistic(value, type);
    if (key == "max") stats.max = statistic(value, type);
    if (key == "null_count") stats.null_count = parse_number<int64_t>(value).value_or(0);
    if (key == "has_nan") stats.has_nan = value == "true";
  }
  // Half an interval would be read as the whole one.
  if (is_null(stats.min) || is_null(stats.max)) stats.min = stats.max = std::monostate{};
  return stats;
}

bool is_partition_column(const StageRequest& request, const std::string& name) {
  return std::find(request.partition_columns.begin(), request.partition_columns.end(), name) !=
         request.partition_columns.end();
}

/// Delta's text of a partition value: DuckDB's, but for instants.
Result<std::string> partition_text(std::string_view text, const delta::Column& column) {
  if (text.empty()) {
    return invalid(fmt::format(
        "partition column {}: a Delta table cannot tell an empty text from NULL; replace it",
        column.name));
  }
  if (text == kNullFolder) {
    // The engine would write it to the folder of NULL, over the file that is there.
    return invalid(fmt::format("partition column {}: the text {} stands for NULL; replace it",
                               column.name, text));
  }
  if (column.type.id != TypeId::Timestamp) return std::string(text);
  const auto micros = parse_instant(text);
  if (!micros) {
    return invalid(
        fmt::format("partition column {}: cannot write the value {}", column.name, text));
  }
  return format_timestamp(*micros);
}

Status read_partition_values(const MapReader& keys, idx_t row, const StageRequest& request,
                             StagedFile& file) {
  const auto [begin, end] = keys.entries(row);
  for (idx_t i = begin; i < end; ++i) {
    const std::string name(keys.keys().text(i));
    const delta::Column* column = delta::column_named(request.schema, name);
    if (column == nullptr) return internal_error("COPY named an unknown partition column " + name);
    if (keys.values().is_null(i)) {
      file.partition_values[name] = std::nullopt;
      continue;
    }
    BULLION_TRY_ASSIGN(file.partition_values[name], partition_text(keys.values().text(i), *column));
  }
  return ok();
}

Status read_chunk(duckdb_data_chunk chunk, const StageRequest& request,
                  std::vector<StagedFile>& files) {
  const auto vector = [chunk](idx_t column) { return duckdb_data_chunk_get_vector(chunk, column); };
  const ColumnReader names(vector(kFileName), kText);
  const ColumnReader rows(vector(kRows), kCount);
  const ColumnReader bytes(vector(kFileBytes), kCount);
  const MapReader statistics(vector(kColumnStatistics), kMap);
  const MapReader column_entries(statistics.values_vector(), kText);
  const MapReader partitions(vector(kPartitionKeys), kText);
  const idx_t size = duckdb_data_chunk_get_size(chunk);
  for (idx_t row = 0; row < size; ++row) {
    StagedFile file;
    file.path = names.text(row);
    file.rows = static_cast<int64_t>(rows.units(row));
    file.bytes = static_cast<int64_t>(bytes.units(row));
    BULLION_TRY(read_partition_values(partitions, row, request, file));
    const auto [begin, end] = statistics.entries(row);
    for (idx_t i = begin; i < end; ++i) {
      const std::string name = plain_name(statistics.keys().text(i));
      const delta::Column* column = delta::column_named(request.schema, name);
      if (column == nullptr || is_partition_column(request, name)) continue;
      file.stats[name] = read_column_stats(column_entries, i, column->type);
    }
    files.push_back(std::move(file));
  }
  return ok();
}

}  // namespace

Result<std::vector<StagedFile>> read_copy_result(Session& session, QueryResult& result,
                                                 const StageRequest& request) {
  BULLION_ASSERT(duckdb_column_count(result.get()) > kPartitionKeys);
  std::vector<StagedFile> files;
  for (;;) {
    BULLION_TRY_ASSIGN(const Chunk chunk, session.fetch(result));
    if (!chunk) return files;
    BULLION_TRY(read_chunk(chunk.get(), request, files));
  }
}

}  // namespace bullion::engine
