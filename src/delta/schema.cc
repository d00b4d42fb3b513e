#include "delta/schema.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.h"
#include "base/nearest_name.h"
#include "delta/json_reader_internal.h"
#include "delta/json_writer_internal.h"

namespace bullion::delta {
namespace {

struct PrimitiveName {
  TypeId id;
  std::string_view name;
};

constexpr std::array<PrimitiveName, 12> kPrimitiveNames = {{
    {TypeId::Boolean, "boolean"},
    {TypeId::Byte, "byte"},
    {TypeId::Short, "short"},
    {TypeId::Integer, "integer"},
    {TypeId::Long, "long"},
    {TypeId::Float, "float"},
    {TypeId::Double, "double"},
    {TypeId::String, "string"},
    {TypeId::Binary, "binary"},
    {TypeId::Date, "date"},
    {TypeId::Timestamp, "timestamp"},
    {TypeId::TimestampNtz, "timestamp_ntz"},
}};

constexpr std::string_view kDecimalPrefix = "decimal(";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool parse_int(std::string_view text, int& value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

Result<DataType> parse_decimal_type(std::string_view name) {
  const std::string_view inner =
      name.substr(kDecimalPrefix.size(), name.size() - kDecimalPrefix.size() - 1);
  const size_t comma = inner.find(',');
  int precision = 0;
  int scale = 0;
  const bool numbers = comma != std::string_view::npos &&
                       parse_int(trimmed(inner.substr(0, comma)), precision) &&
                       parse_int(trimmed(inner.substr(comma + 1)), scale);
  if (!numbers || precision < 1 || precision > kDecimalPrecisionMax || scale < 0 ||
      scale > precision) {
    return invalid(fmt::format(
        "`{}` is no decimal type; expected decimal(precision,scale) with 1 <= precision <= {} and "
        "0 <= scale <= precision",
        name, kDecimalPrecisionMax));
  }
  return DataType::decimal(precision, scale);
}

void append_type_json(std::string& out, const DataType& type);

void append_fields_json(std::string& out, const std::vector<Column>& fields) {
  out += R"({"type":"struct","fields":[)";
  bool first = true;
  for (const Column& field : fields) {
    if (!first) out += ',';
    first = false;
    out += R"({"name":)";
    append_json_string(out, field.name);
    out += R"(,"type":)";
    append_type_json(out, field.type);
    out += field.nullable ? R"(,"nullable":true,"metadata":)" : R"(,"nullable":false,"metadata":)";
    out += field.metadata_json.empty() ? "{}" : field.metadata_json;
    out += '}';
  }
  out += "]}";
}

void append_type_json(std::string& out, const DataType& type) {
  switch (type.id) {
    case TypeId::Struct:
      append_fields_json(out, type.children);
      return;
    case TypeId::Array:
      BULLION_ASSERT(type.children.size() == 1);
      out += R"({"type":"array","elementType":)";
      append_type_json(out, type.children[0].type);
      out += type.children[0].nullable ? R"(,"containsNull":true})" : R"(,"containsNull":false})";
      return;
    case TypeId::Map:
      BULLION_ASSERT(type.children.size() == 2);
      out += R"({"type":"map","keyType":)";
      append_type_json(out, type.children[0].type);
      out += R"(,"valueType":)";
      append_type_json(out, type.children[1].type);
      out += type.children[1].nullable ? R"(,"valueContainsNull":true})"
                                       : R"(,"valueContainsNull":false})";
      return;
    default:
      append_json_string(out, to_string(type));
  }
}

Result<DataType> type_from(simdjson::dom::element json);

Result<Column> field_from(simdjson::dom::element json) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return corrupt("a schema field is not an object");
  Column column;
  BULLION_TRY_ASSIGN(column.name, json_text(object, "name", ""));
  if (column.name.empty()) return corrupt("a schema field has no name");
  simdjson::dom::element type;
  if (!json_member(object, "type", type)) {
    return corrupt(fmt::format("column `{}` has no type", column.name));
  }
  auto parsed = type_from(type);
  if (!parsed) return parsed.error().within(fmt::format("column `{}`", column.name));
  column.type = std::move(parsed).value();
  BULLION_TRY_ASSIGN(column.nullable, json_flag(object, "nullable", true));
  const std::string metadata = json_verbatim(object, "metadata");
  if (!metadata.empty()) column.metadata_json = metadata;
  return column;
}

Result<std::vector<Column>> fields_from(simdjson::dom::object object) {
  simdjson::dom::element value;
  simdjson::dom::array array;
  if (!json_member(object, "fields", value) || value.get(array) != simdjson::SUCCESS) {
    return corrupt("a struct has no array of fields");
  }
  std::vector<Column> fields;
  for (const simdjson::dom::element item : array) {
    BULLION_TRY_ASSIGN(Column field, field_from(item));
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<DataType> child_type(simdjson::dom::object object, std::string_view key) {
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return corrupt(fmt::format("a type has no `{}`", key));
  return type_from(value);
}

Result<DataType> type_from(simdjson::dom::element json) {
  std::string_view name;
  if (json.get(name) == simdjson::SUCCESS) return parse_primitive_type(name);
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) {
    return corrupt("a type is neither a string nor an object");
  }
  BULLION_TRY_ASSIGN(const std::string kind, json_text(object, "type", ""));
  DataType type;
  if (kind == "struct") {
    type.id = TypeId::Struct;
    BULLION_TRY_ASSIGN(type.children, fields_from(object));
    return type;
  }
  if (kind == "array") {
    type.id = TypeId::Array;
    BULLION_TRY_ASSIGN(DataType element, child_type(object, "elementType"));
    BULLION_TRY_ASSIGN(const bool nullable, json_flag(object, "containsNull", true));
    type.children.push_back({"element", std::move(element), nullable, "{}"});
    return type;
  }
  if (kind == "map") {
    type.id = TypeId::Map;
    BULLION_TRY_ASSIGN(DataType key, child_type(object, "keyType"));
    BULLION_TRY_ASSIGN(DataType value, child_type(object, "valueType"));
    BULLION_TRY_ASSIGN(const bool nullable, json_flag(object, "valueContainsNull", true));
    type.children.push_back({"key", std::move(key), false, "{}"});
    type.children.push_back({"value", std::move(value), nullable, "{}"});
    return type;
  }
  return invalid(fmt::format("unknown type `{}`", kind));
}

std::string struct_text(const std::vector<Column>& fields) {
  std::string text = "struct<";
  for (const Column& field : fields) {
    if (text.back() != '<') text += ',';
    text += fmt::format("{}:{}", field.name, to_string(field.type));
  }
  return text + ">";
}

}  // namespace

bool operator==(const DataType& a, const DataType& b) {
  return a.id == b.id && a.precision == b.precision && a.scale == b.scale &&
         a.children == b.children;
}

bool operator==(const Column& a, const Column& b) {
  return a.name == b.name && a.type == b.type && a.nullable == b.nullable &&
         a.metadata_json == b.metadata_json;
}

std::string to_string(const DataType& type) {
  switch (type.id) {
    case TypeId::Decimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeId::Struct:
      return struct_text(type.children);
    case TypeId::Array:
      BULLION_ASSERT(type.children.size() == 1);
      return fmt::format("array<{}>", to_string(type.children[0].type));
    case TypeId::Map:
      BULLION_ASSERT(type.children.size() == 2);
      return fmt::format("map<{},{}>", to_string(type.children[0].type),
                         to_string(type.children[1].type));
    default:
      break;
  }
  for (const PrimitiveName& primitive : kPrimitiveNames) {
    if (primitive.id == type.id) return std::string(primitive.name);
  }
  BULLION_ASSERT(false);
  return "";
}

Result<DataType> parse_primitive_type(std::string_view name) {
  for (const PrimitiveName& primitive : kPrimitiveNames) {
    if (primitive.name == name) return DataType{primitive.id, 0, 0, {}};
  }
  // Spark's shorthand for its default decimal.
  if (name == "decimal") return DataType::decimal(10, 0);
  if (name.starts_with(kDecimalPrefix) && name.ends_with(')')) return parse_decimal_type(name);
  std::vector<std::string> known;
  for (const PrimitiveName& primitive : kPrimitiveNames) known.emplace_back(primitive.name);
  return invalid(fmt::format("unknown type `{}`{}", name, did_you_mean(std::string(name), known)));
}

std::string schema_to_json(const Schema& schema) {
  std::string out;
  append_fields_json(out, schema);
  return out;
}

Result<Schema> schema_from_json(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const simdjson::error_code error = parser.parse(json.data(), json.size()).get(object);
  if (error != simdjson::SUCCESS) {
    return corrupt(fmt::format("the schema is no JSON object: {}", simdjson::error_message(error)));
  }
  BULLION_TRY_ASSIGN(const std::string kind, json_text(object, "type", ""));
  if (kind != "struct") {
    return corrupt(fmt::format("the schema's type is `{}` instead of `struct`", kind));
  }
  return fields_from(object);
}

const Column* column_named(const Schema& schema, std::string_view name) {
  for (const Column& column : schema) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::vector<std::string> column_names(const Schema& schema) {
  std::vector<std::string> names;
  names.reserve(schema.size());
  for (const Column& column : schema) names.push_back(column.name);
  return names;
}

}  // namespace bullion::delta
