#include "metrics/calendar.h"

#include <algorithm>
#include <array>

namespace bullion::metrics {
namespace {

constexpr std::array<std::string_view, 5> kGrains{"day", "week", "month", "quarter", "year"};
constexpr std::array<std::string_view, 4> kWindows{"mtd", "qtd", "ytd", "ltm"};
constexpr int32_t kMonthsPerYear = 12;
constexpr int32_t kDaysPerWeek = 7;
constexpr int32_t kDaysIn52Weeks = 364;

}  // namespace

std::string to_string(Grain grain) { return std::string(kGrains.at(static_cast<size_t>(grain))); }

std::optional<Grain> parse_grain(std::string_view text) {
  const auto found = std::find(kGrains.begin(), kGrains.end(), text);
  if (found == kGrains.end()) return std::nullopt;
  return static_cast<Grain>(found - kGrains.begin());
}

std::string to_string(Window window) {
  return std::string(kWindows.at(static_cast<size_t>(window)));
}

std::optional<Window> parse_window(std::string_view text) {
  const auto found = std::find(kWindows.begin(), kWindows.end(), text);
  if (found == kWindows.end()) return std::nullopt;
  return static_cast<Window>(found - kWindows.begin());
}

DayRange PeriodCalendar::months(int32_t first, int32_t count) const {
  return {fiscal_.period_start(first), fiscal_.period_start(first + count)};
}

bool PeriodCalendar::is_month_start(int32_t day) const {
  return fiscal_.period_start(fiscal_.period_number(day)) == day;
}

bool PeriodCalendar::is_whole_months(DayRange range) const {
  return range.start < range.end && is_month_start(range.start) && is_month_start(range.end);
}

DayRange PeriodCalendar::shifted_months(DayRange range, int32_t count) const {
  return {fiscal_.period_start(fiscal_.period_number(range.start) + count),
          fiscal_.period_start(fiscal_.period_number(range.end) + count)};
}

int32_t PeriodCalendar::months_between(DayRange range) const {
  return fiscal_.period_number(range.end) - fiscal_.period_number(range.start);
}

/// The same day `count` months later (earlier when negative); nullopt when that month is too short.
std::optional<int32_t> PeriodCalendar::same_day_of_month(int32_t day, int32_t count) const {
  const int32_t number = fiscal_.period_number(day);
  const DayRange there = months(number + count, 1);
  const int32_t same = there.start + (day - fiscal_.period_start(number));
  if (same >= there.end) return std::nullopt;
  return same;
}

/// The same day a year before; 28 February for the 29th; 52 weeks before in years of weeks.
int32_t PeriodCalendar::year_before(int32_t day) const {
  if (fiscal_.has_weeks()) return day - kDaysIn52Weeks;
  const auto same = same_day_of_month(day, -kMonthsPerYear);
  return same ? *same : fiscal_.period_start(fiscal_.period_number(day) - kMonthsPerYear + 1) - 1;
}

DayRange PeriodCalendar::period_of(Grain grain, int32_t day) const {
  switch (grain) {
    case Grain::Day:
      return {day, day + 1};
    case Grain::Week: {
      // 1970-01-01 was a Thursday.
      const int32_t monday = day - ((day + 3) % kDaysPerWeek + kDaysPerWeek) % kDaysPerWeek;
      return {monday, monday + kDaysPerWeek};
    }
    case Grain::Month:
      return months(fiscal_.period_number(day), 1);
    case Grain::Quarter: {
      const int32_t number = fiscal_.period_number(day);
      return months(number - fiscal_.period_in_year(number) % 3, 3);
    }
    case Grain::Year:
      break;
  }
  const int32_t number = fiscal_.period_number(day);
  return months(number - fiscal_.period_in_year(number), kMonthsPerYear);
}

std::vector<DayRange> PeriodCalendar::periods(Grain grain, DayRange range) const {
  std::vector<DayRange> out;
  for (int32_t day = range.start; day < range.end;) {
    const DayRange period = period_of(grain, day);
    out.push_back({day, std::min(period.end, range.end)});
    day = period.end;
  }
  return out;
}

DayRange PeriodCalendar::window_of(Window window, DayRange period) const {
  const int32_t last = period.end - 1;
  switch (window) {
    case Window::Mtd:
      return {period_of(Grain::Month, last).start, period.end};
    case Window::Qtd:
      return {period_of(Grain::Quarter, last).start, period.end};
    case Window::Ytd:
      return {period_of(Grain::Year, last).start, period.end};
    case Window::Ltm:
      break;
  }
  if (is_month_start(period.end)) {
    const int32_t first = fiscal_.period_number(period.end) - kMonthsPerYear;
    return {fiscal_.period_start(first), period.end};
  }
  return {year_before(last) + 1, period.end};
}

DayRange PeriodCalendar::prior_period(DayRange range) const {
  if (is_whole_months(range)) return shifted_months(range, -months_between(range));
  return {range.start - (range.end - range.start), range.start};
}

DayRange PeriodCalendar::prior_year(DayRange range) const {
  if (is_whole_months(range)) return shifted_months(range, -kMonthsPerYear);
  if (range.start >= range.end) return {year_before(range.start), year_before(range.start)};
  return {year_before(range.start), year_before(range.end - 1) + 1};
}

std::optional<DayRange> PeriodCalendar::prior_period_of(DayRange range, DayRange period) const {
  if (!is_whole_months(range)) {
    const int32_t length = range.end - range.start;
    return DayRange{period.start - length, period.end - length};
  }
  const int32_t count = -months_between(range);
  if (is_whole_months(period)) return shifted_months(period, count);
  std::optional<DayRange> out;
  for (int32_t day = period.start; day < period.end; ++day) {
    const auto same = same_day_of_month(day, count);
    if (!same) continue;
    if (!out) out = DayRange{*same, *same};
    out->end = *same + 1;
  }
  return out;
}

DayRange PeriodCalendar::prior_year_of(Grain grain, DayRange period) const {
  if (grain == Grain::Week) return {period.start - kDaysIn52Weeks, period.end - kDaysIn52Weeks};
  return prior_year(period);
}

const std::vector<std::string>& range_names() {
  static const std::vector<std::string> kNames{
      "all",        "last_day",   "last_7_days",  "last_30_days", "last_90_days",   "this_week",
      "this_month", "last_month", "this_quarter", "last_quarter", "last_12_months", "this_year",
      "last_year"};
  return kNames;
}

std::optional<DayRange> PeriodCalendar::named_range(std::string_view name, int32_t last) const {
  const auto back = [&](int32_t count) { return DayRange{last + 1 - count, last + 1}; };
  const auto before = [&](Grain grain) {
    return period_of(grain, period_of(grain, last).start - 1);
  };
  if (name == "last_day") return back(1);
  if (name == "last_7_days") return back(7);
  if (name == "last_30_days") return back(30);
  if (name == "last_90_days") return back(90);
  if (name == "this_week") return period_of(Grain::Week, last);
  if (name == "this_month") return period_of(Grain::Month, last);
  if (name == "last_month") return before(Grain::Month);
  if (name == "this_quarter") return period_of(Grain::Quarter, last);
  if (name == "last_quarter") return before(Grain::Quarter);
  if (name == "this_year") return period_of(Grain::Year, last);
  if (name == "last_year") return before(Grain::Year);
  if (name == "last_12_months") {
    return months(fiscal_.period_number(last) - kMonthsPerYear + 1, kMonthsPerYear);
  }
  return std::nullopt;
}

}  // namespace bullion::metrics
