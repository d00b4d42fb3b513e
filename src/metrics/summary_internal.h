// One sentence about an answer, as a screen reader says it.
#pragma once

#include <string>

#include "metrics/values.h"

namespace bullion::metrics {

/// "Cost was 1,234.56 USD in March 2025, 12.3 % more than in February 2025; the largest service is
/// compute with 40.1 %." Exact: zeros at the end are all that is left out of a number.
std::string summary_of(const MetricValues& values, const PeriodCalendar& calendar);

/// "-1,234.50": groups of three digits; zeros beyond `digits_min` digits after the point are left
/// out.
std::string grouped_text(const Decimal& value, int digits_min);
/// A value with its currency or unit: "1,234.50 USD", "17 events", "0.25".
std::string spoken(const Metric& metric, const Decimal& value,
                   const std::optional<std::string>& currency);

}  // namespace bullion::metrics
