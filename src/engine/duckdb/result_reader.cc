#include "base/assert.h"
#include "engine/duckdb/result_reader_internal.h"

namespace bullion::engine {

namespace {

template <typename T>
T cell(const void* data, idx_t row) {
  return static_cast<const T*>(data)[row];
}

Int128 hugeint(const void* data, idx_t row) {
  const auto value = cell<duckdb_hugeint>(data, row);
  // Multiplied, not shifted: the upper half may be negative.
  return static_cast<Int128>(value.upper) * (static_cast<Int128>(1) << 64) +
         static_cast<Int128>(value.lower);
}

duckdb_vector map_child(duckdb_vector vector, idx_t index) {
  return duckdb_struct_vector_get_child(duckdb_list_vector_get_child(vector), index);
}

SqlType varchar() { return {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INVALID, 0, 0}; }

}  // namespace

bool is_readable(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return true;
    default:
      return false;
  }
}

delta::DataType value_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_UBIGINT:
      return delta::DataType::decimal(20, 0);
    case DUCKDB_TYPE_HUGEINT:
      return delta::DataType::decimal(kDecimalPrecisionMax, 0);
    default:
      break;
  }
  auto known = delta_type(type);
  return known ? *std::move(known) : delta::DataType{};
}

ColumnReader::ColumnReader(duckdb_vector vector, const SqlType& type)
    : type_(type),
      data_(duckdb_vector_get_data(vector)),
      validity_(duckdb_vector_get_validity(vector)) {}

bool ColumnReader::is_null(idx_t row) const {
  return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
}

std::string_view ColumnReader::text(idx_t row) const {
  BULLION_ASSERT(type_.id == DUCKDB_TYPE_VARCHAR || type_.id == DUCKDB_TYPE_BLOB);
  const auto& string = static_cast<const duckdb_string_t*>(data_)[row];
  // The C function only reads; its parameter lacks the const. Short texts live inside the struct.
  auto* mutable_string = const_cast<duckdb_string_t*>(&string);
  return {duckdb_string_t_data(mutable_string), duckdb_string_t_length(string)};
}

Int128 ColumnReader::units(idx_t row) const {
  switch (type_.is_decimal() ? type_.internal : type_.id) {
    case DUCKDB_TYPE_TINYINT:
      return cell<int8_t>(data_, row);
    case DUCKDB_TYPE_SMALLINT:
      return cell<int16_t>(data_, row);
    case DUCKDB_TYPE_INTEGER:
      return cell<int32_t>(data_, row);
    case DUCKDB_TYPE_BIGINT:
      return cell<int64_t>(data_, row);
    case DUCKDB_TYPE_UTINYINT:
      return cell<uint8_t>(data_, row);
    case DUCKDB_TYPE_USMALLINT:
      return cell<uint16_t>(data_, row);
    case DUCKDB_TYPE_UINTEGER:
      return cell<uint32_t>(data_, row);
    case DUCKDB_TYPE_UBIGINT:
      return cell<uint64_t>(data_, row);
    default:
      return hugeint(data_, row);
  }
}

Value ColumnReader::at(idx_t row) const {
  if (is_null(row)) return std::monostate{};
  switch (type_.id) {
    case DUCKDB_TYPE_BOOLEAN:
      return cell<bool>(data_, row);
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
      return Decimal{units(row), 0};
    case DUCKDB_TYPE_DECIMAL:
      return Decimal{units(row), type_.scale};
    case DUCKDB_TYPE_FLOAT:
      return static_cast<double>(cell<float>(data_, row));
    case DUCKDB_TYPE_DOUBLE:
      return cell<double>(data_, row);
    case DUCKDB_TYPE_DATE:
      return DateValue{cell<int32_t>(data_, row)};
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return TimestampValue{cell<int64_t>(data_, row)};
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
      return std::string(text(row));
    default:
      return static_cast<int64_t>(units(row));
  }
}

MapReader::MapReader(duckdb_vector vector, const SqlType& value_type)
    : vector_(vector),
      lists_(static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(vector))),
      validity_(duckdb_vector_get_validity(vector)),
      keys_(map_child(vector, 0), varchar()),
      values_(map_child(vector, 1), value_type) {}

std::pair<idx_t, idx_t> MapReader::entries(idx_t row) const {
  const bool is_null = validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
  if (is_null) return {0, 0};
  return {lists_[row].offset, lists_[row].offset + lists_[row].length};
}

duckdb_vector MapReader::values_vector() const { return map_child(vector_, 1); }

}  // namespace bullion::engine
