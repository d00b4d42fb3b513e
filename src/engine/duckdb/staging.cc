#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/duckdb/contract_cast_internal.h"
#include "engine/duckdb/copy_statistics_internal.h"
#include "engine/duckdb/staging_internal.h"

namespace bullion::engine {

namespace fs = std::filesystem;
using delta::TypeId;

namespace {

// Snappy, not zstd: writing costs the same, but a late file reads key columns of all of bronze, and
// zstd made that run 1.5 times as long for files 0.6 times as large. Version 1 pages are read by
// everybody.
constexpr const char* kParquetOptions = "FORMAT parquet, COMPRESSION snappy, RETURN_STATS";

std::string joined_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(quote_name(name));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

Status check_partition_column(const StageRequest& request, const std::string& name) {
  const delta::Column* column = delta::column_named(request.schema, name);
  if (column == nullptr) {
    return invalid(fmt::format("partition column {} is not in the contract", name));
  }
  const TypeId id = column->type.id;
  if (id == TypeId::Float || id == TypeId::Double || id == TypeId::Binary ||
      column->type.is_nested()) {
    return invalid(fmt::format(
        "column {} of type {} cannot partition a table; use a date, an integer or a text", name,
        sql_type(column->type)));
  }
  return ok();
}

Status check_request(const StageRequest& request) {
  if (request.schema.empty()) return invalid("a table needs at least one column");
  if (!fs::path(request.directory).is_absolute()) {
    return internal_error("a stage request needs an absolute folder, got " + request.directory);
  }
  const bool safe_prefix = is_file_name_text(request.file_prefix);
  if (!safe_prefix) return internal_error("bad file prefix: " + request.file_prefix);
  for (const std::string& name : request.partition_columns) {
    BULLION_TRY(check_partition_column(request, name));
  }
  for (const std::string& name : request.order_by) {
    if (delta::column_named(request.schema, name) == nullptr) {
      return invalid(fmt::format("sort column {} is not in the contract", name));
    }
  }
  if (request.partition_columns.size() == request.schema.size()) {
    return invalid("a table needs a column that does not partition it");
  }
  return ok();
}

/// Texts and instants may hold characters that no folder name should have.
bool may_need_other_folders(const StageRequest& request) {
  return std::any_of(request.partition_columns.begin(), request.partition_columns.end(),
                     [&](const std::string& name) {
                       const TypeId id = delta::column_named(request.schema, name)->type.id;
                       return id == TypeId::String || id == TypeId::Timestamp;
                     });
}

std::string field_ids(const StageRequest& request) {
  std::string ids;
  for (size_t i = 0; i < request.schema.size(); ++i) {
    ids += fmt::format("{}{}: {}", i == 0 ? "" : ", ", quote_name(request.schema[i].name), i + 1);
  }
  return ids;
}

/// The rows in the order in which they are to be written.
std::string ordered(const std::string& select, const StageRequest& request, bool by_partition) {
  std::vector<std::string> keys;
  if (by_partition || !request.order_by.empty()) keys = request.partition_columns;
  keys.insert(keys.end(), request.order_by.begin(), request.order_by.end());
  if (keys.empty()) return select;
  const std::string sorted =
      fmt::format("SELECT * FROM ({}) ORDER BY {}", select, joined_names(keys));
  // Several threads would interleave the rows of a partition; a LIMIT keeps the writing on one.
  const bool one_thread = !request.partition_columns.empty() && !request.order_by.empty();
  if (!one_thread) return sorted;
  return fmt::format("SELECT * FROM ({}) LIMIT {}", sorted, int64_t{1} << 62);
}

std::string copy_sql(const std::string& select, const StageRequest& request, const fs::path& folder,
                     bool by_partition) {
  const std::string rows = ordered(select, request, by_partition);
  if (request.partition_columns.empty()) {
    const fs::path file = folder / (request.file_prefix + "-0.parquet");
    return fmt::format("COPY ({}) TO {} ({}, FIELD_IDS {{{}}})", rows, quote_text(file.string()),
                       kParquetOptions, field_ids(request));
  }
  return fmt::format(
      "COPY ({}) TO {} ({}, FIELD_IDS {{{}}}, PARTITION_BY ({}), WRITE_PARTITION_COLUMNS true, "
      "OVERWRITE_OR_IGNORE, FILENAME_PATTERN {})",
      rows, quote_text(folder.string()), kParquetOptions, field_ids(request),
      joined_names(request.partition_columns), quote_text(request.file_prefix + "-{i}"));
}

/// Deletes the files this request has written below the table's folder.
void remove_written_files(const StageRequest& request) {
  std::error_code fault;
  const std::string start = request.file_prefix + "-";
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator entry(request.directory, fault), end;
       !fault && entry != end; entry.increment(fault)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(start) && name.ends_with(".parquet")) found.push_back(entry->path());
  }
  for (const fs::path& path : found) fs::remove(path, fault);
  fs::remove_all(fs::path(request.directory) / ("_staging-" + request.file_prefix), fault);
}

Result<QueryResult> run_copy(Session& session, const std::string& select,
                             const StageRequest& request, const fs::path& folder) {
  QueryResult result;
  const std::string plain = copy_sql(select, request, folder, false);
  if (duckdb_query(session.get(), plain.c_str(), result.get()) == DuckDBSuccess) return result;
  const bool retry = duckdb_result_error_type(result.get()) == DUCKDB_ERROR_OUT_OF_MEMORY &&
                     !request.partition_columns.empty();
  if (!retry) return error_of(result.get());
  // Every open partition holds buffers. Sorted by partition, few need to be open at a time, and a
  // few rows are enough before they are written.
  remove_written_files(request);
  std::error_code fault;
  fs::create_directories(folder, fault);
  BULLION_TRY(
      session.run("SET SESSION partitioned_write_max_open_files = 8;"
                  "SET SESSION partitioned_write_flush_threshold = 8192"));
  return session.run(copy_sql(select, request, folder, true));
}

/// Moves files from the folder they were written in to folders with safe names.
Status move_to_partitions(const StageRequest& request, std::vector<StagedFile>& files) {
  for (StagedFile& file : files) {
    fs::path folder = request.directory;
    for (const std::string& name : request.partition_columns) {
      folder /= partition_folder(name, file.partition_values.at(name));
    }
    std::error_code fault;
    fs::create_directories(folder, fault);
    const fs::path target = folder / fs::path(file.path).filename();
    if (!fault && fs::exists(target, fault)) {
      return internal_error("two staged files have one name: " + target.string());
    }
    if (!fault) fs::rename(file.path, target, fault);
    if (fault) {
      return io_error(
          fmt::format("cannot move {} to {}: {}", file.path, target.string(), fault.message()));
    }
    file.path = target.string();
  }
  std::error_code ignored;
  fs::remove_all(fs::path(request.directory) / ("_staging-" + request.file_prefix), ignored);
  return ok();
}

Status check_not_null(const StageRequest& request, const std::vector<StagedFile>& files) {
  for (const delta::Column& column : request.schema) {
    if (column.nullable) continue;
    int64_t nulls = 0;
    for (const StagedFile& file : files) {
      const auto partition = file.partition_values.find(column.name);
      const auto stats = file.stats.find(column.name);
      if (partition != file.partition_values.end()) {
        if (!partition->second) nulls += file.rows;
      } else if (stats != file.stats.end()) {
        nulls += stats->second.null_count;
      } else {
        return internal_error("the engine gave no statistics for column " + column.name);
      }
    }
    if (nulls == 0) continue;
    return invalid(
        fmt::format("column {}: {} of the rows to write hold NULL, but the contract says NOT NULL",
                    column.name, nulls));
  }
  return ok();
}

Result<std::vector<StagedFile>> write_files(Session& session, const std::string& select,
                                            const StageRequest& request) {
  const bool move = may_need_other_folders(request);
  const fs::path folder = move ? fs::path(request.directory) / ("_staging-" + request.file_prefix)
                               : fs::path(request.directory);
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault) return io_error(fmt::format("cannot create {}: {}", folder.string(), fault.message()));
  BULLION_TRY_ASSIGN(QueryResult result, run_copy(session, select, request, folder));
  BULLION_TRY_ASSIGN(std::vector<StagedFile> files, read_copy_result(session, result, request));
  for (const StagedFile& file : files) {
    // A single file is written even when there are no rows.
    if (file.rows == 0) fs::remove(file.path, fault);
  }
  std::erase_if(files, [](const StagedFile& file) { return file.rows == 0; });
  BULLION_TRY(check_not_null(request, files));
  if (move) BULLION_TRY(move_to_partitions(request, files));
  for (StagedFile& file : files) {
    file.path = fs::path(file.path).lexically_relative(request.directory).generic_string();
  }
  return files;
}

}  // namespace

Result<std::vector<StagedFile>> stage_select(Session& session, const std::string& select,
                                             const StageRequest& request) {
  BULLION_TRY(check_request(request));
  BULLION_TRY_ASSIGN(const Prepared statement, session.prepare(select));
  if (duckdb_prepared_statement_type(statement.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return invalid("only the rows of a SELECT can be staged");
  }
  BULLION_TRY_ASSIGN(const std::string rows,
                     contract_select(select, columns_of(statement), request.schema));
  auto files = write_files(session, rows, request);
  if (!files) remove_written_files(request);
  return files;
}

}  // namespace bullion::engine
