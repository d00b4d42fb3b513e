#include <string_view>

#include <fmt/format.h>

#include "base/assert.h"
#include "engine/duckdb/sql_types_internal.h"

namespace bullion::engine {

using delta::DataType;
using delta::TypeId;

namespace {

struct TypeName {
  duckdb_type id;
  std::string_view name;
};

constexpr TypeName kFlatTypeNames[] = {
    {DUCKDB_TYPE_BOOLEAN, "BOOLEAN"},
    {DUCKDB_TYPE_TINYINT, "TINYINT"},
    {DUCKDB_TYPE_SMALLINT, "SMALLINT"},
    {DUCKDB_TYPE_INTEGER, "INTEGER"},
    {DUCKDB_TYPE_INTEGER_LITERAL, "INTEGER"},
    {DUCKDB_TYPE_BIGINT, "BIGINT"},
    {DUCKDB_TYPE_UTINYINT, "UTINYINT"},
    {DUCKDB_TYPE_USMALLINT, "USMALLINT"},
    {DUCKDB_TYPE_UINTEGER, "UINTEGER"},
    {DUCKDB_TYPE_UBIGINT, "UBIGINT"},
    {DUCKDB_TYPE_HUGEINT, "HUGEINT"},
    {DUCKDB_TYPE_UHUGEINT, "UHUGEINT"},
    {DUCKDB_TYPE_FLOAT, "FLOAT"},
    {DUCKDB_TYPE_DOUBLE, "DOUBLE"},
    {DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP"},
    {DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE"},
    {DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S"},
    {DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS"},
    {DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS"},
    {DUCKDB_TYPE_DATE, "DATE"},
    {DUCKDB_TYPE_TIME, "TIME"},
    {DUCKDB_TYPE_TIME_TZ, "TIME WITH TIME ZONE"},
    {DUCKDB_TYPE_TIME_NS, "TIME_NS"},
    {DUCKDB_TYPE_INTERVAL, "INTERVAL"},
    {DUCKDB_TYPE_VARCHAR, "VARCHAR"},
    {DUCKDB_TYPE_STRING_LITERAL, "VARCHAR"},
    {DUCKDB_TYPE_BLOB, "BLOB"},
    {DUCKDB_TYPE_ENUM, "ENUM"},
    {DUCKDB_TYPE_UNION, "UNION"},
    {DUCKDB_TYPE_UUID, "UUID"},
    {DUCKDB_TYPE_BIT, "BIT"},
    {DUCKDB_TYPE_BIGNUM, "BIGNUM"},
    {DUCKDB_TYPE_SQLNULL, "NULL"},
    {DUCKDB_TYPE_GEOMETRY, "GEOMETRY"},
    {DUCKDB_TYPE_VARIANT, "VARIANT"},
};

std::string flat_type_name(duckdb_type id) {
  for (const TypeName& known : kFlatTypeNames) {
    if (known.id == id) return std::string(known.name);
  }
  return "UNKNOWN";
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
    case DUCKDB_TYPE_STRUCT:
      return struct_type_name(type);
    default:
      return flat_type_name(id);
  }
}

std::optional<DataType> delta_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return DataType{TypeId::Boolean, 0, 0, {}};
    case DUCKDB_TYPE_TINYINT:
      return DataType{TypeId::Byte, 0, 0, {}};
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
      return DataType{TypeId::Short, 0, 0, {}};
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_USMALLINT:
      return DataType{TypeId::Integer, 0, 0, {}};
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UINTEGER:
      return DataType{TypeId::Long, 0, 0, {}};
    case DUCKDB_TYPE_FLOAT:
      return DataType{TypeId::Float, 0, 0, {}};
    case DUCKDB_TYPE_DOUBLE:
      return DataType{TypeId::Double, 0, 0, {}};
    case DUCKDB_TYPE_DECIMAL:
      return DataType::decimal(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_VARCHAR:
      return DataType{TypeId::String, 0, 0, {}};
    case DUCKDB_TYPE_BLOB:
      return DataType{TypeId::Binary, 0, 0, {}};
    case DUCKDB_TYPE_DATE:
      return DataType{TypeId::Date, 0, 0, {}};
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return DataType{TypeId::Timestamp, 0, 0, {}};
    case DUCKDB_TYPE_TIMESTAMP:
      return DataType{TypeId::TimestampNtz, 0, 0, {}};
    case DUCKDB_TYPE_LIST: {
      const LogicalType child(duckdb_list_type_child_type(type));
      return list_type(child.get());
    }
    case DUCKDB_TYPE_ARRAY: {
      const LogicalType child(duckdb_array_type_child_type(type));
      return list_type(child.get());
    }
    case DUCKDB_TYPE_MAP:
      return map_type(type);
    case DUCKDB_TYPE_STRUCT:
      return struct_type(type);
    default:
      return std::nullopt;
  }
}

LogicalType logical_type(const DataType& type) {
  const auto simple = [](duckdb_type id) { return LogicalType(duckdb_create_logical_type(id)); };
  switch (type.id) {
    case TypeId::Boolean:
      return simple(DUCKDB_TYPE_BOOLEAN);
    case TypeId::Byte:
      return simple(DUCKDB_TYPE_TINYINT);
    case TypeId::Short:
      return simple(DUCKDB_TYPE_SMALLINT);
    case TypeId::Integer:
      return simple(DUCKDB_TYPE_INTEGER);
    case TypeId::Long:
      return simple(DUCKDB_TYPE_BIGINT);
    case TypeId::Float:
      return simple(DUCKDB_TYPE_FLOAT);
    case TypeId::Double:
      return simple(DUCKDB_TYPE_DOUBLE);
    case TypeId::Decimal:
      return LogicalType(duckdb_create_decimal_type(static_cast<uint8_t>(type.precision),
                                                    static_cast<uint8_t>(type.scale)));
    case TypeId::Binary:
      return simple(DUCKDB_TYPE_BLOB);
    case TypeId::Date:
      return simple(DUCKDB_TYPE_DATE);
    case TypeId::Timestamp:
      return simple(DUCKDB_TYPE_TIMESTAMP_TZ);
    case TypeId::TimestampNtz:
      return simple(DUCKDB_TYPE_TIMESTAMP);
    case TypeId::String:
      return simple(DUCKDB_TYPE_VARCHAR);
    case TypeId::Struct:
    case TypeId::Array:
    case TypeId::Map:
      break;
  }
  BULLION_ASSERT(!type.is_nested());
  return {};
}

std::optional<int> digits_before_point(const SqlType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT:
      return 3;
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_USMALLINT:
      return 5;
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UINTEGER:
      return 10;
    case DUCKDB_TYPE_BIGINT:
      return 19;
    case DUCKDB_TYPE_UBIGINT:
      return 20;
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
      return 39;
    case DUCKDB_TYPE_DECIMAL:
      return type.precision - type.scale;
    default:
      return std::nullopt;
  }
}

}  // namespace bullion::engine
