// Cells of tables as the JSON of the API: no digit is lost, and no byte of a table breaks the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/decimal.h"
#include "engine/value.h"
#include "reader/tables.h"

namespace bullion::server {

using Json = nlohmann::ordered_json;

/// As text; bytes that are no UTF-8 become U+FFFD, floats that are no number null.
std::string json_text(const Json& json);

/// Appends a string in quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& json, std::string_view text);

/// Appends a Cell: decimals as text, integers beyond 2^53 as text, dates and times as ISO 8601,
/// money as an object with `currency`, floats that are no number as null.
void append_cell(std::string& json, const reader::ColumnFacts& column, const engine::Value& value,
                 const std::string& currency);

/// Appends rows as a list of lists of cells. `currencies` has one for each row, or is empty.
void append_rows(std::string& json, const std::vector<reader::ColumnFacts>& columns,
                 const std::vector<std::vector<engine::Value>>& rows,
                 const std::vector<std::string>& currencies);

/// {"amount": "12.34", "currency": "EUR"}
Json money_json(const Decimal& amount, const std::string& currency);
Json column_json(const reader::ColumnFacts& column);
Json columns_json(const std::vector<reader::ColumnFacts>& columns);

/// null for the empty text.
Json text_or_null(const std::string& text);
Json number_or_null(const std::optional<int64_t>& number);

}  // namespace bullion::server
