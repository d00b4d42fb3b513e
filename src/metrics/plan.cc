#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "metrics/plan_internal.h"

namespace bullion::metrics {
namespace {

constexpr size_t kPeriodsMax = 4000;

bool compares_with_days(const MetricRequest& request) {
  return request.compare == Compare::PriorPeriod || request.compare == Compare::PriorYear;
}

/// The periods of a grain, their windows and what they compare with.
class GrainPlan {
 public:
  GrainPlan(const PeriodCalendar& calendar, const MetricRequest& request, DayRange range, bool open)
      : calendar_(calendar), request_(request), range_(range), open_(open) {}

  Result<std::vector<Period>> periods() {
    const std::vector<DayRange> buckets = calendar_.periods(*request_.grain, range_);
    if (buckets.size() > kPeriodsMax) {
      return invalid(
          fmt::format("the range has {} periods of grain `{}`, more than {}; give "
                      "`start` and `end`, or a larger grain",
                      buckets.size(), to_string(*request_.grain), kPeriodsMax));
    }
    std::vector<Period> out;
    for (const DayRange& bucket : buckets) {
      const int32_t time = calendar_.period_of(*request_.grain, bucket.start).start;
      out.push_back({kSideValue, time, counted(bucket), bucket.start});
      const auto before = compared(bucket);
      if (before) out.push_back({kSideValue + 1, time, counted(*before), bucket.start});
    }
    return out;
  }

 private:
  DayRange counted(DayRange bucket) const {
    return request_.window ? calendar_.window_of(*request_.window, bucket) : bucket;
  }

  std::optional<DayRange> compared(DayRange bucket) const {
    if (request_.compare == Compare::PriorYear)
      return calendar_.prior_year_of(*request_.grain, bucket);
    if (request_.compare != Compare::PriorPeriod) return std::nullopt;
    if (!open_) return calendar_.prior_period_of(range_, bucket);
    // Without a range there is no place in it: each period compares with the one before.
    const int32_t start = calendar_.period_of(*request_.grain, bucket.start).start;
    return calendar_.period_of(*request_.grain, start - 1);
  }

  const PeriodCalendar& calendar_;
  const MetricRequest& request_;
  DayRange range_;
  bool open_;
};

std::vector<DayRange> atoms_of(const std::vector<Period>& periods) {
  std::set<int32_t> edges;
  for (const Period& period : periods) {
    edges.insert(period.days.start);
    edges.insert(period.days.end);
  }
  // Days between periods belong to none, so they are no atom: counted by how many periods are open.
  std::map<int32_t, int> opened;
  for (const Period& period : periods) {
    ++opened[period.days.start];
    --opened[period.days.end];
  }
  std::vector<DayRange> out;
  int open = 0;
  for (auto edge = edges.begin(); edge != edges.end(); ++edge) {
    open += opened[*edge];
    const auto next = std::next(edge);
    if (open > 0 && next != edges.end()) out.push_back({*edge, *next});
  }
  return out;
}

}  // namespace

bool needs_bounds(const MetricRequest& request) {
  const bool open = !request.start || !request.end;
  return open &&
         (request.grain || request.window || compares_with_days(request) || !request.range.empty());
}

Result<Plan> make_plan(const PeriodCalendar& calendar, const MetricRequest& request,
                       std::optional<DayRange> bounds) {
  Plan plan;
  plan.start = request.start;
  plan.end = request.end;
  if (!request.range.empty() && bounds) {
    const auto named = calendar.named_range(request.range, bounds->end - 1);
    if (named) plan.start = named->start;
    if (named) plan.end = named->end;
  }
  const bool open = !plan.start || !plan.end;
  if (!request.grain && !compares_with_days(request)) return plan;
  if (open && !bounds) return plan;
  DayRange range{plan.start.value_or(0), plan.end.value_or(0)};
  if (!plan.start) range.start = bounds->start;
  if (!plan.end) range.end = std::max(bounds->end, range.start + 1);
  if (!plan.start && request.grain) {
    range.start = calendar.period_of(*request.grain, range.start).start;
  }
  if (!plan.end && request.grain) {
    range.end = calendar.period_of(*request.grain, range.end - 1).end;
  }
  if (!open && request.compare == Compare::PriorPeriod)
    plan.compared = calendar.prior_period(range);
  if (!open && request.compare == Compare::PriorYear) plan.compared = calendar.prior_year(range);
  const int side = request.grain ? kSideTotal : kSideValue;
  if (request.grain) {
    GrainPlan grains(calendar, request, range, open);
    BULLION_TRY_ASSIGN(plan.periods, grains.periods());
  }
  plan.total_side = side;
  plan.periods.push_back({side, std::nullopt, range, range.start});
  if (plan.compared) {
    plan.periods.push_back({side + 1, std::nullopt, *plan.compared, range.start});
  }
  plan.atoms = atoms_of(plan.periods);
  return plan;
}

}  // namespace bullion::metrics
