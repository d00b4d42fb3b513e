// Conditions of requests as SQL: every value is read as its column's type and written as a literal
// of that type, so that no text of a request becomes SQL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "metrics/request.h"
#include "reader/tables.h"

namespace bullion::reader {

/// A text as a literal, whatever its characters; a statement cannot hold a NUL, so that goes in by
/// its number. Invalid for bytes that are no UTF-8.
Result<std::string> text_literal(std::string_view text);

/// The value of a column as a literal of exactly its type: dates as YYYY-MM-DD, times as ISO 8601,
/// numbers in digits, true and false. Invalid names the column and what was expected. Nested and
/// binary columns have no literals.
Result<std::string> literal_of(const std::string& column, const delta::DataType& type,
                               std::string_view text);

/// A decimal with more digits than the column holds is compared exactly. Not equal holds for NULL;
/// `contains` looks in the value as text and ignores case.
Result<std::string> condition_of(const TableFacts& table, const metrics::Filter& filter);

/// All of them joined by AND; "" when there are none.
Result<std::string> conditions_of(const TableFacts& table,
                                  const std::vector<metrics::Filter>& filters);

}  // namespace bullion::reader
