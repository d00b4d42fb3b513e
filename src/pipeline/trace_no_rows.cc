#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "pipeline/trace_no_rows_internal.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

constexpr int64_t kValuesListed = 8;
constexpr int64_t kValuesCompared = 10'000;

std::string shown(const TraceCondition& condition) {
  return fmt::format("{}={}", condition.column(), condition.text);
}

/// How many rows meet each of the terms by itself.
Result<std::vector<int64_t>> counts_of(const TraceScope& scope, const PinnedTable& table,
                                       const std::vector<std::string>& terms) {
  std::vector<std::string> counts;
  for (const std::string& term : terms) {
    counts.push_back(fmt::format("count(*) FILTER (WHERE {})", term));
  }
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     scope.env.engine.query(fmt::format("SELECT {} FROM ({}) AS level",
                                                        fmt::join(counts, ", "), table.sql)));
  std::vector<int64_t> numbers;
  for (const engine::Value& value : rows.rows.at(0)) numbers.push_back(std::get<int64_t>(value));
  return numbers;
}

/// ": it is one of EUR, USD", " (did you mean `V10009`?)" or ": it goes from 2024-01-01 to ...".
Result<std::string> values_hint(const TraceScope& scope, const PinnedTable& table,
                                const TraceCondition& condition) {
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      scope.env.engine.query(fmt::format(
          "SELECT CAST(value AS VARCHAR) FROM (SELECT DISTINCT {0} AS value FROM ({1}) AS level "
          "WHERE {0} IS NOT NULL) AS known ORDER BY value LIMIT {2}",
          quote_name(condition.column()), table.sql, kValuesCompared + 1)));
  std::vector<std::string> values;
  for (const auto& row : rows.rows) values.push_back(engine::to_text(row.at(0)));
  const auto count = static_cast<int64_t>(values.size());
  if (values.empty()) return std::string(": it is empty in all rows");
  if (count <= kValuesListed) return fmt::format(": it is one of {}", fmt::join(values, ", "));
  if (count > kValuesCompared) return std::string();
  const delta::Column* column = delta::column_named(table.schema, condition.column());
  const bool is_text = column != nullptr && column->type.id == delta::TypeId::String;
  const std::string nearest = is_text ? did_you_mean(condition.text, values) : "";
  if (!nearest.empty()) return nearest;
  return fmt::format(": it goes from {} to {}", values.front(), values.back());
}

/// "; supplier_id has it".
Result<std::string> columns_hint(const TraceScope& scope, const PinnedTable& table,
                                 const TraceCondition& condition) {
  std::vector<std::string> names;
  std::vector<std::string> terms;
  for (const delta::Column& column : table.schema) {
    if (column.type.id != delta::TypeId::String || column.name == condition.column()) continue;
    names.push_back(column.name);
    terms.push_back(
        fmt::format("{} = {}", quote_name(column.name), engine::quote_text(condition.text)));
  }
  if (names.empty() || condition.text.empty()) return std::string();
  BULLION_TRY_ASSIGN(const std::vector<int64_t> counts, counts_of(scope, table, terms));
  std::vector<std::string> holding;
  for (size_t i = 0; i < names.size(); ++i) {
    if (counts[i] > 0) holding.push_back(names[i]);
  }
  return holding.empty() ? "" : fmt::format("; {} has it", fmt::join(holding, ", "));
}

}  // namespace

Result<std::vector<std::string>> why_no_rows(const TraceScope& scope, const PinnedTable& table) {
  std::vector<std::string> terms = {"true"};
  for (const TraceCondition& condition : table.conditions) {
    BULLION_TRY_ASSIGN(terms.emplace_back(), condition_sql(scope.env.engine, condition));
  }
  BULLION_TRY_ASSIGN(const std::vector<int64_t> counts, counts_of(scope, table, terms));
  if (counts.front() == 0) return std::vector{fmt::format("{} has no rows", table.name)};
  std::vector<std::string> notes;
  std::vector<std::string> met;
  for (size_t i = 0; i < table.conditions.size(); ++i) {
    const TraceCondition& condition = table.conditions[i];
    met.push_back(fmt::format("{} alone has {}", shown(condition), counts[i + 1]));
    if (counts[i + 1] > 0) continue;
    BULLION_TRY_ASSIGN(const std::string values, values_hint(scope, table, condition));
    BULLION_TRY_ASSIGN(const std::string columns, columns_hint(scope, table, condition));
    notes.push_back(
        fmt::format("no row of {} has {}{}{}", table.name, shown(condition), values, columns));
  }
  if (notes.empty()) {
    notes.push_back(fmt::format("no row of {} meets all of the filter: {} rows", table.name,
                                fmt::join(met, ", ")));
  }
  return notes;
}

}  // namespace bullion::pipeline
