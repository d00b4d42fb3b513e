// Types and columns of a Delta table, and their JSON form (PROTOCOL.md, Schema Serialization).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bullion::delta {

enum class TypeId {
  Boolean,
  Byte,
  Short,
  Integer,
  Long,
  Float,
  Double,
  Decimal,
  String,
  Binary,
  Date,
  Timestamp,     ///< microseconds, UTC
  TimestampNtz,  ///< microseconds without zone; needs a table feature, never written by us
  Struct,
  Array,
  Map,
};

struct Column;

/// One type. Nested types are read from foreign tables only; our own tables are flat.
struct DataType {
  TypeId id = TypeId::String;
  int precision = 0;  ///< Decimal only, 1..38
  int scale = 0;      ///< Decimal only, 0..precision
  /// Struct: its fields. Array: one column "element". Map: "key" and "value".
  std::vector<Column> children;

  static DataType decimal(int precision, int scale);
  bool is_nested() const {
    return id == TypeId::Struct || id == TypeId::Array || id == TypeId::Map;
  }
};

struct Column {
  std::string name;
  DataType type;
  bool nullable = true;
  std::string metadata_json = "{}";  ///< the field's metadata object, carried over unchanged
};
using Schema = std::vector<Column>;

inline DataType DataType::decimal(int precision, int scale) {
  return {TypeId::Decimal, precision, scale, {}};
}

bool operator==(const DataType& a, const DataType& b);
bool operator==(const Column& a, const Column& b);

/// Delta's primitive name: "long", "decimal(18,2)", "timestamp"...; nested types as short text.
std::string to_string(const DataType& type);
/// The inverse for primitive names; Invalid otherwise.
Result<DataType> parse_primitive_type(std::string_view name);

/// The `schemaString` of metaData.
std::string schema_to_json(const Schema& schema);
Result<Schema> schema_from_json(std::string_view json);

/// The column of exactly that name, or null. The pointer lives as long as `schema`.
const Column* column_named(const Schema& schema, std::string_view name);
/// The names in the order of the schema.
std::vector<std::string> column_names(const Schema& schema);

}  // namespace bullion::delta
