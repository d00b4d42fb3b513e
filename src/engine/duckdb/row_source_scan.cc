#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "engine/duckdb/row_source_scan_internal.h"
#include "engine/duckdb/sql_types_internal.h"

namespace bullion::engine {

namespace {

using delta::TypeId;

void mark_nulls(duckdb_vector vector, const std::vector<uint8_t>& nulls, size_t rows) {
  if (std::find(nulls.begin(), nulls.end(), uint8_t{1}) == nulls.end()) return;
  duckdb_vector_ensure_validity_writable(vector);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  for (size_t row = 0; row < rows; ++row) {
    if (nulls[row] != 0) duckdb_validity_set_row_invalid(validity, row);
  }
}

template <typename Stored, typename Given>
void narrow(const std::vector<Given>& given, size_t rows, duckdb_vector vector) {
  auto* cells = static_cast<Stored*>(duckdb_vector_get_data(vector));
  if constexpr (std::is_same_v<Stored, Given>) {
    std::memcpy(cells, given.data(), rows * sizeof(Stored));
  } else {
    for (size_t row = 0; row < rows; ++row) cells[row] = static_cast<Stored>(given[row]);
  }
}

void fill_decimal(const ColumnBatch& column, size_t rows, duckdb_vector vector) {
  if (column.type.precision <= 4) return narrow<int16_t>(column.fixed64, rows, vector);
  if (column.type.precision <= 9) return narrow<int32_t>(column.fixed64, rows, vector);
  if (column.type.precision <= 18) return narrow<int64_t>(column.fixed64, rows, vector);
  auto* cells = static_cast<duckdb_hugeint*>(duckdb_vector_get_data(vector));
  for (size_t row = 0; row < rows; ++row) {
    const Int128 units = column.fixed128[row];
    cells[row] = {static_cast<uint64_t>(units), static_cast<int64_t>(units >> 64)};
  }
}

/// One check for all texts of a column: the bytes are UTF-8, and no text starts inside a character.
bool is_valid_text(const ColumnBatch& column, size_t rows) {
  const auto is_ascii = [](char byte) { return (static_cast<unsigned char>(byte) & 0x80) == 0; };
  if (std::all_of(column.bytes.begin(), column.bytes.end(), is_ascii)) return true;
  const ErrorData fault(duckdb_valid_utf8_check(column.bytes.data(), column.bytes.size()));
  if (fault) return false;
  for (size_t row = 0; row < rows; ++row) {
    const uint32_t end = column.ends[row];
    if (end < column.bytes.size() &&
        (static_cast<unsigned char>(column.bytes[end]) & 0xC0) == 0x80) {
      return false;
    }
  }
  return true;
}

void fill_text(const ColumnBatch& column, size_t rows, duckdb_vector vector) {
  const bool any_null =
      std::find(column.nulls.begin(), column.nulls.end(), uint8_t{1}) != column.nulls.end();
  uint32_t start = 0;
  for (size_t row = 0; row < rows; ++row) {
    const uint32_t end = column.ends[row];
    if (!any_null || column.nulls[row] == 0) {
      duckdb_unsafe_vector_assign_string_element_len(vector, row, column.bytes.data() + start,
                                                     end - start);
    }
    start = end;
  }
}

size_t given_cells(const ColumnBatch& column) {
  switch (column.type.id) {
    case TypeId::Boolean:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Date:
      return column.fixed32.size();
    case TypeId::Long:
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return column.fixed64.size();
    case TypeId::Float:
    case TypeId::Double:
      return column.doubles.size();
    case TypeId::Decimal:
      return column.type.precision <= 18 ? column.fixed64.size() : column.fixed128.size();
    default:
      return column.ends.size();
  }
}

void fill_column(const ColumnBatch& column, size_t rows, duckdb_vector vector) {
  switch (column.type.id) {
    case TypeId::Boolean:
      narrow<bool>(column.fixed32, rows, vector);
      break;
    case TypeId::Byte:
      narrow<int8_t>(column.fixed32, rows, vector);
      break;
    case TypeId::Short:
      narrow<int16_t>(column.fixed32, rows, vector);
      break;
    case TypeId::Integer:
    case TypeId::Date:
      narrow<int32_t>(column.fixed32, rows, vector);
      break;
    case TypeId::Long:
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      narrow<int64_t>(column.fixed64, rows, vector);
      break;
    case TypeId::Float:
      narrow<float>(column.doubles, rows, vector);
      break;
    case TypeId::Double:
      narrow<double>(column.doubles, rows, vector);
      break;
    case TypeId::Decimal:
      fill_decimal(column, rows, vector);
      break;
    default:
      fill_text(column, rows, vector);
      break;
  }
  mark_nulls(vector, column.nulls, rows);
}

/// A batch that would make us read past its vectors is the source's mistake.
Status check_batch(const RowBatch& batch, const delta::Schema& schema) {
  if (batch.columns.size() != schema.size() || batch.rows > kBatchRows) {
    return internal_error(
        fmt::format("a row source gave {} columns and {} rows instead of {} and {}",
                    batch.columns.size(), batch.rows, schema.size(), kBatchRows));
  }
  for (size_t i = 0; i < schema.size(); ++i) {
    const ColumnBatch& column = batch.columns[i];
    if (!(column.type == schema[i].type) || column.nulls.size() < batch.rows ||
        given_cells(column) < batch.rows) {
      return internal_error(
          fmt::format("a row source gave a broken batch for column {}", schema[i].name));
    }
    if (column.type.id == TypeId::String && !is_valid_text(column, batch.rows)) {
      return invalid(fmt::format("column {}: a text is not valid UTF-8", schema[i].name));
    }
  }
  return ok();
}

Status fill_chunk(OfferedSource& offered, duckdb_data_chunk output) {
  BULLION_TRY(offered.source->next(offered.batch));
  BULLION_TRY(check_batch(offered.batch, offered.source->schema()));
  const size_t rows = offered.batch.rows;
  for (size_t i = 0; i < offered.batch.columns.size() && rows > 0; ++i) {
    fill_column(offered.batch.columns[i], rows, duckdb_data_chunk_get_vector(output, i));
  }
  duckdb_data_chunk_set_size(output, rows);
  return ok();
}

void scan(duckdb_function_info info, duckdb_data_chunk output) {
  auto* offered = static_cast<OfferedSource*>(duckdb_function_get_bind_data(info));
  const Status status = fill_chunk(*offered, output);
  if (status) return;
  offered->failure = status.error();
  duckdb_function_set_error(info, status.error().message().c_str());
}

void bind_scan(duckdb_bind_info info) {
  auto* sources = static_cast<RowSources*>(duckdb_bind_get_extra_info(info));
  const ParameterValue ticket(duckdb_bind_get_parameter(info, 0));
  OfferedSource* offered = sources->find(duckdb_get_uint64(ticket.get()));
  if (offered == nullptr) {
    duckdb_bind_set_error(info, "bullion_rows: no such ticket");
    return;
  }
  for (const delta::Column& column : offered->source->schema()) {
    const LogicalType type = logical_type(column.type);
    duckdb_bind_add_result_column(info, column.name.c_str(), type.get());
  }
  // Owned by RowSources, so there is nothing to destroy.
  duckdb_bind_set_bind_data(info, offered, nullptr);
}

// One thread, so that rows keep their order.
void init_scan(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

}  // namespace

uint64_t RowSources::offer(RowSource& source) {
  const std::lock_guard lock(mutex_);
  auto offered = std::make_unique<OfferedSource>();
  offered->source = &source;
  offered_.emplace(++last_ticket_, std::move(offered));
  return last_ticket_;
}

void RowSources::withdraw(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  offered_.erase(ticket);
}

OfferedSource* RowSources::find(uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = offered_.find(ticket);
  return found == offered_.end() ? nullptr : found->second.get();
}

Status register_row_source_scan(duckdb_connection connection, RowSources& sources) {
  const TableFunction function(duckdb_create_table_function());
  const LogicalType ticket(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  duckdb_table_function_set_name(function.get(), "bullion_rows");
  duckdb_table_function_add_parameter(function.get(), ticket.get());
  duckdb_table_function_set_extra_info(function.get(), &sources, nullptr);
  duckdb_table_function_set_bind(function.get(), bind_scan);
  duckdb_table_function_set_init(function.get(), init_scan);
  duckdb_table_function_set_function(function.get(), scan);
  if (duckdb_register_table_function(connection, function.get()) == DuckDBError) {
    return internal_error("bullion_rows could not be registered with the engine");
  }
  return ok();
}

std::string select_of_ticket(uint64_t ticket) {
  return fmt::format("SELECT * FROM bullion_rows({}::UBIGINT)", ticket);
}

}  // namespace bullion::engine
