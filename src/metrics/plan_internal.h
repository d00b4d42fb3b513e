// Which days make up which value of a request, before any SQL.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "metrics/calendar.h"
#include "metrics/request.h"

namespace bullion::metrics {

/// What a sum belongs to. A comparison is the next number.
inline constexpr int kSideValue = 0;
inline constexpr int kSideTotal = 2;

/// Days that add up to the value of one point in time.
struct Period {
  int side = kSideValue;        ///< kSideValue or kSideTotal, plus 1 for what it compares with
  std::optional<int32_t> time;  ///< first day of the grain's period; none for totals
  DayRange days;                ///< counted: the period, or the window that ends with it
  int32_t bucket_start = 0;     ///< first counted day of the period itself
};

struct Plan {
  /// Empty: all rows of [start, end) count, without regard to days.
  std::vector<Period> periods;
  /// The days of all periods cut into ranges that each period holds whole or not at all, in order.
  std::vector<DayRange> atoms;
  std::optional<int32_t> start;  ///< of the request, its ends resolved
  std::optional<int32_t> end;
  std::optional<DayRange> compared;  ///< what the totals compare with
  int total_side = kSideValue;       ///< the side whose sums without dimensions are the totals

  bool by_day() const { return !periods.empty(); }
};

/// Whether the plan needs to know the first and last day that has rows.
bool needs_bounds(const MetricRequest& request);

/// `bounds`: first and last day with rows, when needs_bounds(). Invalid when there would be too
/// many periods.
Result<Plan> make_plan(const PeriodCalendar& calendar, const MetricRequest& request,
                       std::optional<DayRange> bounds);

}  // namespace bullion::metrics
