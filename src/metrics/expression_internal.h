// The SQL expressions of metrics, as the engine's parser reads them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/engine.h"
#include "metrics/metric.h"

namespace bullion::metrics {

/// What is known about one expression without its types.
struct Expression {
  std::vector<std::string> columns;     ///< named in it, in order of appearance
  std::vector<std::string> aggregates;  ///< aggregate functions called, in lower case
  /// How values of parts combine, when the whole expression is one call of sum, count, min or max.
  Combine combine = Combine::None;
  bool adds_rows = false;  ///< plain count(*) or sum(anything): every row has its part in it
  std::string sum_column;  ///< "x" of plain sum(x); else ""
};

/// Parses one expression. Invalid when the text is no single expression, or holds what a metric may
/// not: subqueries, windows, clocks, random numbers.
Result<Expression> parse_expression(engine::Engine& engine, const std::string& text);

/// "(\n<text>\n)": text inside a larger statement, whatever comment it ends with.
std::string in_parentheses(const std::string& text);

/// A FROM clause's relation with these columns and no row.
std::string empty_relation(const delta::Schema& schema);

/// ASCII lower case, as SQL compares names.
std::string lower_case(std::string_view text);
/// The column with that name, ignoring case; nullptr when there is none.
const delta::Column* find_column(const delta::Schema& schema, std::string_view name);

/// FLOAT and DOUBLE: no amount is one.
bool is_binary_float(std::string_view sql_type);
/// Integers of any width and DECIMAL.
bool is_exact_number(std::string_view sql_type);
/// Texts, booleans, exact numbers, dates and timestamps.
bool is_groupable(std::string_view sql_type);

}  // namespace bullion::metrics
