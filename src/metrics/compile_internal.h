// One SELECT for a request.
#pragma once

#include <string>

#include "base/result.h"
#include "metrics/plan_internal.h"
#include "metrics/values.h"

namespace bullion::metrics {

/// Kinds of the SELECT's rows, its first column.
inline constexpr int64_t kKindRow = 0;    ///< a row of the answer, in its order
inline constexpr int64_t kKindShare = 1;  ///< total of one time and currency, for shares
inline constexpr int64_t kKindTotal = 2;  ///< total of one currency

/// Columns: kind, time, the dimensions of `by`, currency, value, rows, compared, rows compared,
/// incomplete, and for each dimension of `by` with a `sort_by` the place of the value among the
/// others, from 1. At most limit + 1 rows of kind kKindRow.
Result<std::string> compile_plan(const MetricSet& set, const Metric& metric,
                                 const MetricRequest& request, const Plan& plan,
                                 const RelationLookup& relation);

/// Column the rows of a metric have their currency in, so that `metric` (a ratio's part too) is
/// grouped like `whole`; "" when its table has none.
std::string currency_column_of(const MetricSet& set, const Metric& whole, const Metric& metric);

}  // namespace bullion::metrics
