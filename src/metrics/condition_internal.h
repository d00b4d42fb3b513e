// Filters of requests as SQL conditions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "metrics/metric.h"
#include "metrics/request.h"

namespace bullion::metrics {

/// A condition over the columns of the metric's table. Invalid for an unknown name, and for a value
/// that the type cannot hold. Of a ratio: dimensions both metrics have.
Result<std::string> condition_of(const MetricSet& set, const Metric& metric, const Filter& filter);

/// "usage_date >= ... AND usage_date < ..."; empty when both ends are open.
std::vector<std::string> time_conditions(const Metric& metric, std::optional<int32_t> start,
                                         std::optional<int32_t> end);

/// The day of a row: an expression of type DATE.
std::string day_expression(const Metric& metric);

}  // namespace bullion::metrics
