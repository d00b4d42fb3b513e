#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/nearest_name.h"
#include "metrics/condition_internal.h"
#include "metrics/expression_internal.h"
#include "metrics/values.h"

namespace bullion::metrics {
namespace {

struct Field {
  std::string expression;
  std::string type;  ///< SQL type
};

/// What a filter is about: a dimension, or a column of the table.
Result<Field> field_of(const MetricSet& set, const Metric& metric, const std::string& name) {
  const Dimension* dimension = metric.find_dimension(name);
  if (dimension != nullptr) {
    return Field{in_parentheses(dimension->expression), dimension->type};
  }
  std::vector<std::string> known;
  for (const Dimension& other : metric.dimensions) known.push_back(other.name);
  const auto columns = set.columns.find(metric.table);
  if (columns != set.columns.end()) {
    const delta::Column* column = find_column(columns->second, name);
    const Metric* denominator = metric.is_ratio() ? set.find(metric.denominator) : nullptr;
    const bool shared = denominator == nullptr || denominator->table == metric.table;
    if (column != nullptr && shared) {
      return Field{engine::quote_name(column->name), engine::sql_type(column->type)};
    }
    if (shared) {
      for (const std::string& other : delta::column_names(columns->second)) {
        if (std::find(known.begin(), known.end(), other) == known.end()) known.push_back(other);
      }
    }
  }
  return invalid(fmt::format("metric `{}` cannot be filtered by `{}`{}; expected one of: {}",
                             metric.name, name, did_you_mean(name, known), fmt::join(known, ", ")));
}

/// The value as a SQL literal of the field's type, exact: no cast rounds it.
Result<std::string> literal_of(const Filter& filter, const Field& field, const std::string& text) {
  const auto fault = [&](std::string_view expected) {
    return invalid(
        fmt::format("the filter `{}`: `{}` is no {}", to_string(filter), text, expected));
  };
  if (is_exact_number(field.type) || is_binary_float(field.type)) {
    const auto number = decimal_of(text);
    if (!number) return fault("number such as -12.34");
    return bullion::to_string(*number);
  }
  if (field.type == "DATE") {
    const auto day = parse_date(text);
    if (!day) return fault("day such as 2025-03-01");
    return fmt::format("DATE '{}'", format_date(*day));
  }
  if (field.type.starts_with("TIMESTAMP")) {
    const auto instant = parse_timestamp(text);
    if (!instant) return fault("time such as 2025-03-01T12:00:00Z");
    return fmt::format("CAST('{}' AS TIMESTAMP WITH TIME ZONE)", format_timestamp(*instant));
  }
  if (field.type == "BOOLEAN") {
    if (text != "true" && text != "false") return fault("true or false");
    return text;
  }
  return engine::quote_text(text);
}

std::string start_of(const Metric& metric, int32_t day) {
  if (metric.time_is_date) return fmt::format("DATE '{}'", format_date(day));
  return fmt::format("CAST('{}T00:00:00Z' AS TIMESTAMP WITH TIME ZONE)", format_date(day));
}

}  // namespace

Result<std::string> condition_of(const MetricSet& set, const Metric& metric, const Filter& filter) {
  BULLION_TRY_ASSIGN(const Field field, field_of(set, metric, filter.column));
  if (filter.op == FilterOp::Null) return field.expression + " IS NULL";
  if (filter.op == FilterOp::NotNull) return field.expression + " IS NOT NULL";
  if (filter.values.empty() || (filter.op != FilterOp::In && filter.values.size() != 1)) {
    return invalid(fmt::format("the filter on `{}` has {} values; `{}` takes {}", filter.column,
                               filter.values.size(), to_string(filter.op),
                               filter.op == FilterOp::In ? "one or more" : "one"));
  }
  if (filter.op == FilterOp::Contains) {
    return fmt::format("contains(lower(CAST({} AS VARCHAR)), lower({}))", field.expression,
                       engine::quote_text(filter.values[0]));
  }
  std::vector<std::string> literals;
  for (const std::string& value : filter.values) {
    BULLION_TRY_ASSIGN(std::string literal, literal_of(filter, field, value));
    literals.push_back(std::move(literal));
  }
  if (filter.op == FilterOp::In) {
    return fmt::format("{} IN ({})", field.expression, fmt::join(literals, ", "));
  }
  return fmt::format("{} {} {}", field.expression, sql_sign(filter.op), literals[0]);
}

std::vector<std::string> time_conditions(const Metric& metric, std::optional<int32_t> start,
                                         std::optional<int32_t> end) {
  std::vector<std::string> out;
  const std::string column = engine::quote_name(metric.time_column);
  if (start) out.push_back(fmt::format("{} >= {}", column, start_of(metric, *start)));
  if (end) out.push_back(fmt::format("{} < {}", column, start_of(metric, *end)));
  return out;
}

std::string day_expression(const Metric& metric) {
  const std::string column = engine::quote_name(metric.time_column);
  return metric.time_is_date ? column : fmt::format("CAST({} AS DATE)", column);
}

Result<std::string> rows_condition(const MetricSet& set, const Metric& metric,
                                   const std::vector<Filter>& filters, std::optional<int32_t> start,
                                   std::optional<int32_t> end) {
  if (!metric.drillable) {
    return invalid(fmt::format(
        "no rows add up to `{}`: it is {}", metric.name,
        metric.is_ratio()
            ? fmt::format("a ratio; look at `{}` and `{}`", metric.numerator, metric.denominator)
        : metric.is_last_over_time
            ? fmt::format("`{}` of the last day of a period alone", metric.measure)
            : fmt::format("`{}`, which is neither one sum nor one count", metric.measure)));
  }
  if ((start || end) && metric.time_column.empty()) {
    return invalid(fmt::format("metric `{}` has no time column, so it has no range", metric.name));
  }
  std::vector<std::string> parts;
  for (const std::string& filter : metric.filters) parts.push_back(in_parentheses(filter));
  for (const Filter& filter : filters) {
    BULLION_TRY_ASSIGN(std::string condition, condition_of(set, metric, filter));
    parts.push_back("(" + condition + ")");
  }
  for (std::string& condition : time_conditions(metric, start, end)) {
    parts.push_back(std::move(condition));
  }
  return parts.empty() ? std::string("true") : fmt::format("{}", fmt::join(parts, " AND "));
}

}  // namespace bullion::metrics
