#include "engine/duckdb/sql_types_internal.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace bullion::engine {

using delta::DataType;
using delta::TypeId;

namespace {

std::string flat_type_name(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_INTEGER_LITERAL: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIME_NS: return "TIME_NS";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_STRING_LITERAL: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_ENUM: return "ENUM";
    case DUCKDB_TYPE_UNION: return "UNION";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_SQLNULL: return "NULL";
    case DUCKDB_TYPE_GEOMETRY: return "GEOMETRY";
    case DUCKDB_TYPE_VARIANT: return "VARIANT";
    default: return "UNKNOWN";
  }
}

std::string struct_type_name(duckdb_logical_type type) {
  std::string fields;
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    const LogicalType child(duckdb_struct_type_child_type(type, i));
    if (i > 0) fields += ", ";
    fields += take_text(duckdb_struct_type_child_name(type, i)) + " " + type_name(child.get());
  }
  return "STRUCT(" + fields + ")";
}

std::optional<DataType> list_type(duckdb_logical_type child) {
  auto element = delta_type(child);
  if (!element) return std::nullopt;
  return DataType{TypeId::Array, 0, 0, {{"element", *std::move(element), true, "{}"}}};
}

std::optional<DataType> map_type(duckdb_logical_type type) {
  const LogicalType key(duckdb_map_type_key_type(type));
  const LogicalType value(duckdb_map_type_value_type(type));
  auto key_type = delta_type(key.get());
  auto value_type = delta_type(value.get());
  if (!key_type || !value_type) return std::nullopt;
  return DataType{
      TypeId::Map,
      0,
      0,
      {{"key", *std::move(key_type), false, "{}"}, {"value", *std::move(value_type), true, "{}"}}};
}

std::optional<DataType> struct_type(duckdb_logical_type type) {
  DataType result{TypeId::Struct, 0, 0, {}};
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    const LogicalType child(duckdb_struct_type_child_type(type, i));
    auto field = delta_type(child.get());
    if (!field) return std::nullopt;
    result.children.push_back(
        {take_text(duckdb_struct_type_child_name(type, i)), *std::move(field), true, "{}"});
  }
  return result;
}

}  // namespace

SqlType describe(duckdb_logical_type type) {
  SqlType result;
  result.id = duckdb_get_type_id(type);
  if (result.is_decimal()) {
    result.internal = duckdb_decimal_internal_type(type);
    result.precision = duckdb_decimal_width(type);
    result.scale = duckdb_decimal_scale(type);
  }
  return result;
}

std::string type_name(duckdb_logical_type type) {
  switch (const duckdb_type id = duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_DECIMAL:
      return fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_LIST: {
      const LogicalType child(duckdb_list_type_child_type(type));
      return type_name(child.get()) + "[]";
    }
    case DUCKDB_TYPE_ARRAY: {
      const LogicalType child(duckdb_array_type_child_type(type));
      return fmt::format("{}[{}]", type_name(child.get()), duckdb_array_type_array_size(type));
    }
    case DUCKDB_TYPE_MAP: {
      const LogicalType key(duckdb_map_type_key_type(type));
      const LogicalType value(duckdb_map_type_value_type(type));
      return fmt::format("MAP({}, {})", type_name(key.get()), type_name(value.get()));
    }
    case DUCKDB_TYPE_STRUCT: return struct_type_name(type);
    default: return flat_type_name(id);
  }
}

std::optional<DataType> delta_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return DataType{TypeId::Boolean, 0, 0, {}};
    case DUCKDB_TYPE_TINYINT: return DataType{TypeId::Byte, 0, 0, {}};
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT: return DataType{TypeId::Short, 0, 0, {}};
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_USMALLINT: return DataType{TypeId::Integer, 0, 0, {}};
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UINTEGER: return DataType{TypeId::Long, 0, 0, {}};
    case DUCKDB_TYPE_FLOAT: return DataType{TypeId::Float, 0, 0, {}};
    case DUCKDB_TYPE_DOUBLE: return DataType{TypeId::Double, 0, 0, {}};
    case DUCKDB_TYPE_DECIMAL:
      return DataType::decimal(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_VARCHAR: return DataType{TypeId::String, 0, 0, {}};
    case DUCKDB_TYPE_BLOB: return DataType{TypeId::Binary, 0, 0, {}};
    case DUCKDB_TYPE_DATE: return DataType{TypeId::Date, 0, 0, {}};
    case DUCKDB_TYPE_TIMESTAMP_TZ: return DataType{TypeId::Timestamp, 0, 0, {}};
    case DUCKDB_TYPE_TIMESTAMP: return DataType{TypeId::TimestampNtz, 0, 0, {}};
    case DUCKDB_TYPE_LIST: {
      const LogicalType child(duckdb_list_type_child_type(type));
      return list_type(child.get());
    }
    case DUCKDB_TYPE_ARRAY: {
      const LogicalType child(duckdb_array_type_child_type(type));
      return list_type(child.get());
    }
    case DUCKDB_TYPE_MAP: return map_type(type);
    case DUCKDB_TYPE_STRUCT: return struct_type(type);
    default: return std::nullopt;
  }
}

LogicalType logical_type(const DataType& type) {
  const auto simple = [](duckdb_type id) { return LogicalType(duckdb_create_logical_type(id)); };
  switch (type.id) {
    case TypeId::Boolean: return simple(DUCKDB_TYPE_BOOLEAN);
    case TypeId::Byte: return simple(DUCKDB_TYPE_TINYINT);
    case TypeId::Short: return simple(DUCKDB_TYPE_SMALLINT);
    case TypeId::Integer: return simple(DUCKDB_TYPE_INTEGER);
    case TypeId::Long: return simple(DUCKDB_TYPE_BIGINT);
    case TypeId::Float: return simple(DUCKDB_TYPE_FLOAT);
    case TypeId::Double: return simple(DUCKDB_TYPE_DOUBLE);
    case TypeId::Decimal:
      return LogicalType(duckdb_create_decimal_type(static_cast<uint8_t>(type.precision),
                                                    static_cast<uint8_t>(type.scale)));
    case TypeId::Binary: return simple(DUCKDB_TYPE_BLOB);
    case TypeId::Date: return simple(DUCKDB_TYPE_DATE);
    case TypeId::Timestamp: return simple(DUCKDB_TYPE_TIMESTAMP_TZ);
    case TypeId::TimestampNtz: return simple(DUCKDB_TYPE_TIMESTAMP);
    case TypeId::String: return simple(DUCKDB_TYPE_VARCHAR);
    case TypeId::Struct:
    case TypeId::Array:
    case TypeId::Map: break;
  }
  BULLION_ASSERT(!type.is_nested());
  return {};
}

std::optional<int> digits_before_point(const SqlType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT: return 3;
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_USMALLINT: return 5;
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UINTEGER: return 10;
    case DUCKDB_TYPE_BIGINT: return 19;
    case DUCKDB_TYPE_UBIGINT: return 20;
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT: return 39;
    case DUCKDB_TYPE_DECIMAL: return type.precision - type.scale;
    default: return std::nullopt;
  }
}

}  // namespace bullion::engine
