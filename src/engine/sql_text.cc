#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/engine.h"

namespace bullion::engine {

namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out;
  out.reserve(text.size() + 2);
  out += quote;
  for (const char character : text) {
    if (character == quote) out += quote;
    out += character;
  }
  out += quote;
  return out;
}

std::string struct_type(const delta::DataType& type) {
  std::string fields;
  for (const delta::Column& field : type.children) {
    if (!fields.empty()) fields += ", ";
    fields += quote_name(field.name) + " " + sql_type(field.type);
  }
  return "STRUCT(" + fields + ")";
}

}  // namespace

std::string quote_name(std::string_view name) { return quoted(name, '"'); }

std::string quote_text(std::string_view text) { return quoted(text, '\''); }

std::string same_columns(const std::vector<std::string>& columns, std::string_view left,
                         std::string_view right) {
  if (columns.empty()) return "true";
  std::vector<std::string> terms;
  for (const std::string& column : columns) {
    terms.push_back(
        fmt::format("{0}.{2} IS NOT DISTINCT FROM {1}.{2}", left, right, quote_name(column)));
  }
  return fmt::format("{}", fmt::join(terms, " AND "));
}

std::string sql_type(const delta::DataType& type) {
  using delta::TypeId;
  switch (type.id) {
    case TypeId::Boolean:
      return "BOOLEAN";
    case TypeId::Byte:
      return "TINYINT";
    case TypeId::Short:
      return "SMALLINT";
    case TypeId::Integer:
      return "INTEGER";
    case TypeId::Long:
      return "BIGINT";
    case TypeId::Float:
      return "FLOAT";
    case TypeId::Double:
      return "DOUBLE";
    case TypeId::Decimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeId::String:
      return "VARCHAR";
    case TypeId::Binary:
      return "BLOB";
    case TypeId::Date:
      return "DATE";
    case TypeId::Timestamp:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeId::TimestampNtz:
      return "TIMESTAMP";
    case TypeId::Struct:
      return struct_type(type);
    case TypeId::Array:
      return sql_type(type.children.at(0).type) + "[]";
    case TypeId::Map:
      return fmt::format("MAP({}, {})", sql_type(type.children.at(0).type),
                         sql_type(type.children.at(1).type));
  }
  return "VARCHAR";
}

}  // namespace bullion::engine
