// What somebody wants to see of a metric: the same words in the CLI, the API and dashboards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "metrics/metric.h"

namespace bullion::metrics {

enum class FilterOp { Eq, Ne, Lt, Le, Gt, Ge, In, Null, NotNull, Contains };
std::string to_string(FilterOp op);  ///< "eq", "ne", ...
/// Of those that compare with one value, e.g. "<="; equal and not equal make up all rows.
std::string_view sql_sign(FilterOp op);

/// A condition on a dimension or a column of the table. `Contains` ignores case.
struct Filter {
  std::string column;
  FilterOp op = FilterOp::Eq;
  std::vector<std::string> values;  ///< one; several for In; none for Null and NotNull
  friend bool operator==(const Filter&, const Filter&) = default;
};

/// "column:op:value"; values of `in` are separated by '|', and %7C in a value stands for '|', %25
/// for '%'. The value may hold ':'.
Result<Filter> parse_filter(std::string_view text);
/// The inverse of parse_filter.
std::string to_string(const Filter& filter);

enum class Compare { None, PriorPeriod, PriorYear, Release };

struct MetricRequest {
  std::vector<std::string> by;  ///< names of dimensions
  std::optional<Grain> grain;
  std::optional<int32_t> start;  ///< first day counted, days since 1970-01-01
  std::optional<int32_t> end;    ///< first day not counted
  std::string range;             ///< a name of range_names(), when start and end are not given
  std::vector<Filter> filters;   ///< all must hold
  Compare compare = Compare::None;
  int64_t compare_release = 0;  ///< Compare::Release
  std::optional<Window> window;
  /// value | -value | time | -time | change | -change | a dimension | -dimension; "": time, then
  /// -value.
  std::string sort;
  int64_t limit = 1000;  ///< 1 to 10000
  int64_t release = 0;   ///< the caller's: the number of an existing release
};

/// Reads the keys by (names separated by commas), grain, start, end, range, compare (prior_period |
/// prior_year | release:N), window, sort, limit, filter (repeatable, parse_filter), release. Checks
/// every name against the metric. Invalid with the nearest name; unknown keys are Invalid too.
Result<MetricRequest> parse_request(
    const MetricSet& set, const Metric& metric,
    const std::vector<std::pair<std::string, std::string>>& parameters);

/// What parse_request checks, for a request that was put together otherwise.
Status check_request(const MetricSet& set, const Metric& metric, const MetricRequest& request);

}  // namespace bullion::metrics
