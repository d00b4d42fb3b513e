#include "server/json_cells.h"

#include <variant>

#include <fmt/format.h>

namespace bullion::server {
namespace {

// The integers that every reader of JSON keeps: up to 2^53.
constexpr int64_t kExactMax = int64_t{1} << 53;

void append_number(std::string& json, const std::string& text) {
  // What is no number has no place in JSON.
  const bool is_number = !text.empty() && text.find_first_of("in") == std::string::npos;
  json += is_number ? text : "null";
}

}  // namespace

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_json_string(std::string& json, std::string_view text) {
  bool is_plain = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    is_plain = is_plain && byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
  }
  if (is_plain) {
    json += '"';
    json += text;
    json += '"';
    return;
  }
  json += json_text(Json(std::string(text)));
}

void append_cell(std::string& json, const reader::ColumnFacts& column, const engine::Value& value,
                 const std::string& currency) {
  if (engine::is_null(value)) {
    json += "null";
    return;
  }
  const std::string text = engine::to_text(value);
  if (column.money) {
    json += R"({"amount":)";
    append_json_string(json, text);
    json += R"(,"currency":)";
    append_json_string(json, currency);
    json += '}';
    return;
  }
  if (const auto* whole = std::get_if<int64_t>(&value)) {
    if (*whole <= kExactMax && *whole >= -kExactMax) {
      json += text;
      return;
    }
  }
  if (std::holds_alternative<bool>(value)) {
    json += text;
  } else if (column.kind == reader::ColumnKind::Float) {
    append_number(json, text);
  } else {
    append_json_string(json, text);
  }
}

void append_rows(std::string& json, const std::vector<reader::ColumnFacts>& columns,
                 const std::vector<std::vector<engine::Value>>& rows,
                 const std::vector<std::string>& currencies) {
  json += '[';
  for (size_t row = 0; row < rows.size(); ++row) {
    json += row == 0 ? "[" : ",[";
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) json += ',';
      append_cell(json, columns[i], rows[row][i], currencies.empty() ? "" : currencies[row]);
    }
    json += ']';
  }
  json += ']';
}

Json money_json(const Decimal& amount, const std::string& currency) {
  return {{"amount", to_string(amount)}, {"currency", currency}};
}

Json column_json(const reader::ColumnFacts& column) {
  return {{"name", column.name},
          {"type", column.sql_type},
          {"kind", to_string(column.kind)},
          {"nullable", column.nullable},
          {"money", column.money},
          {"key", column.key},
          {"partition", column.partition},
          {"description", column.description},
          {"references", text_or_null(column.references)}};
}

Json columns_json(const std::vector<reader::ColumnFacts>& columns) {
  Json json = Json::array();
  for (const reader::ColumnFacts& column : columns) json.push_back(column_json(column));
  return json;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json number_or_null(const std::optional<int64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace bullion::server
