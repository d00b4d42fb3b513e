// Values of a metric at a release, exact: one SELECT for the values, totals and what they compare
// with. The structs map one to one onto the API's MetricValues.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "engine/engine.h"
#include "metrics/metric.h"
#include "metrics/request.h"

namespace bullion::metrics {

/// What stands for a table in FROM at a release, seen by this engine: "r7.daily_account_cost", or a
/// SELECT in parentheses. NotFound when the release has no such table.
using RelationLookup =
    std::function<Result<std::string>(const std::string& table, int64_t release)>;

struct MetricRow {
  std::optional<int32_t> time;  ///< first day of the grain's period (not cut); none without a grain
  std::vector<std::optional<std::string>> dimensions;  ///< as text, in the order of `by`
  /// Code of every amount of this row; the one for "no currency" (ISO 4217) when the rows say none.
  /// nullopt when the
  /// metric has no currency.
  std::optional<std::string> currency;
  std::optional<Decimal> value;  ///< nullopt: no row, or a ratio by zero
  int64_t rows = 0;              ///< rows of the table behind the value (of a ratio: its numerator)
  std::optional<Decimal> compared;
  /// value - compared; of sums and counts a missing side is zero, so that changes add up. nullopt
  /// where nothing is comparable: 31 March and February, days of a window that are yet to come.
  std::optional<Decimal> change;
  std::optional<std::string> growth;  ///< "-12.3" percent or "n.m."; nullopt without a comparison
  /// Percent of the total of the same time and currency, or "n.m." when that is not above zero;
  /// nullopt without dimensions and when parts do not add up.
  std::optional<std::string> share;
  /// The rows behind `value`: filters and range for rows_condition() and /metrics/{metric}/rows.
  std::vector<Filter> rows_filter;
  std::optional<int32_t> rows_start;
  std::optional<int32_t> rows_end;
};

struct MetricValues {
  Metric metric;
  int64_t release = 0;
  std::optional<Grain> grain;
  std::vector<std::string> by;
  std::optional<int32_t> start;  ///< of the request, or of its named range
  std::optional<int32_t> end;
  Compare compare = Compare::None;
  int64_t compare_release = 0;
  std::optional<int32_t> compared_start;  ///< what the totals compare with
  std::optional<int32_t> compared_end;
  std::optional<Window> window;
  std::vector<Filter> filters;
  std::vector<MetricRow> rows;
  /// By dimension of `by` with a `sort_by`: its values in `rows`, in their order.
  std::map<std::string, std::vector<std::optional<std::string>>> members;
  /// One per currency, by currency, over everything that fits, whatever the limit. Without window.
  std::vector<MetricRow> totals;
  bool truncated = false;
  bool incomplete = false;  ///< a row that counts is marked as not final (complete_column)
  std::string summary;
};

/// Evaluates a checked request. Invalid when the request cannot be answered (with what to change),
/// and when a sum has more than 38 digits. Safe from several threads.
Result<MetricValues> evaluate(engine::Engine& engine, const MetricSet& set, const Metric& metric,
                              const MetricRequest& request, const RelationLookup& relation);

/// The SELECT that evaluate() runs, for people who want to see it.
Result<std::string> compile(engine::Engine& engine, const MetricSet& set, const Metric& metric,
                            const MetricRequest& request, const RelationLookup& relation);

/// First and last day of the rows of the metric's table (of a ratio: its numerator's), whatever the
/// filters, so that metrics over one table agree on what "this month" is; nullopt without rows or
/// without a time column. Named ranges count back from the last day.
Result<std::optional<std::pair<int32_t, int32_t>>> time_bounds(engine::Engine& engine,
                                                               const MetricSet& set,
                                                               const Metric& metric,
                                                               int64_t release,
                                                               const RelationLookup& relation);

/// Values of a dimension as text, sorted (by its `sort_by` first), NULL last; with those only that
/// contain `contains` ignoring case. Invalid for an unknown dimension.
Result<std::vector<std::optional<std::string>>> members(engine::Engine& engine,
                                                        const MetricSet& set, const Metric& metric,
                                                        const std::string& dimension,
                                                        const std::string& contains, int64_t limit,
                                                        int64_t release,
                                                        const RelationLookup& relation);

/// A SQL condition over the columns of metric.table that selects exactly the rows a value is made
/// of: the metric's filters, the given ones and [start, end) of the time column. With a MetricRow's
/// rows_filter, rows_start and rows_end, `SELECT measure FROM table WHERE condition` is its value
/// (times -1 when the metric's sign is flipped).
/// Invalid for a metric that is not drillable.
Result<std::string> rows_condition(const MetricSet& set, const Metric& metric,
                                   const std::vector<Filter>& filters, std::optional<int32_t> start,
                                   std::optional<int32_t> end);

/// Percent of `part` in `whole` with one digit, halves away from zero; "n.m." when `whole` is not
/// above zero.
std::string percent_of(const Decimal& part, const Decimal& whole);
/// Percent by which `value` is above `base`; "n.m." when the base is missing, zero or negative, or
/// the value is negative.
std::string growth_of(const std::optional<Decimal>& value, const std::optional<Decimal>& base);

}  // namespace bullion::metrics
