// Typed cells of small results: what a query answers to the CLI, tests and planner.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/decimal.h"
#include "delta/schema.h"

namespace bullion::engine {

struct DateValue {
  int32_t days = 0;  ///< since 1970-01-01
  friend bool operator==(const DateValue&, const DateValue&) = default;
};
struct TimestampValue {
  int64_t micros = 0;  ///< since 1970-01-01 UTC
  friend bool operator==(const TimestampValue&, const TimestampValue&) = default;
};

/// One cell; monostate is NULL. Integers of all widths are int64_t; HUGEINT is a Decimal of scale
/// 0. Nested values arrive as their text.
using Value = std::variant<std::monostate, bool, int64_t, double, Decimal, std::string, DateValue,
                           TimestampValue>;

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }
/// Text as written to CSV and tables: decimals with all digits, dates and timestamps ISO-8601; NULL
/// is "".
std::string to_text(const Value& value);

/// A small result, whole in memory.
struct Rows {
  delta::Schema schema;
  std::vector<std::vector<Value>> rows;
};

}  // namespace bullion::engine
