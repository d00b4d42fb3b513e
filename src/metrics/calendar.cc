#include "metrics/calendar.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace bullion::metrics {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 5> kGrains{"day", "week", "month", "quarter", "year"};
constexpr std::array<std::string_view, 4> kWindows{"mtd", "qtd", "ytd", "ltm"};

year_month_day date_of(int32_t day) { return year_month_day(sys_days(days(day))); }
int32_t day_of(year_month_day date) {
  return static_cast<int32_t>(sys_days(date).time_since_epoch().count());
}
year_month month_of(int32_t day) {
  const year_month_day date = date_of(day);
  return {date.year(), date.month()};
}
int32_t first_day(year_month month) { return day_of(month / 1); }
int32_t last_day(year_month month) { return day_of(month / std::chrono::last); }
bool is_month_start(int32_t day) { return date_of(day).day() == std::chrono::day(1); }
bool is_whole_months(DayRange range) {
  return range.start < range.end && is_month_start(range.start) && is_month_start(range.end);
}
DayRange shifted_months(DayRange range, int count) {
  return {first_day(month_of(range.start) + months(count)),
          first_day(month_of(range.end) + months(count))};
}

/// The same day a year before; 28 February for the 29th.
int32_t year_before(int32_t day) {
  const auto same = same_day_of_month(day, -12);
  return same ? *same : last_day(month_of(day) - months(12));
}

/// The `length` months that hold `month`, counted from `first` (1 to 12).
DayRange months_around(year_month month, int length, int first) {
  const int number = static_cast<int>(static_cast<unsigned>(month.month()));
  const int into = (number - first + 12) % length;
  const year_month start = month - months(into);
  return {first_day(start), first_day(start + months(length))};
}

int months_between(DayRange range) {
  return static_cast<int>((month_of(range.end) - month_of(range.start)).count());
}

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

DayRange FiscalCalendar::period_of(Grain grain, int32_t day) const {
  switch (grain) {
    case Grain::Day:
      return {day, day + 1};
    case Grain::Week: {
      const int32_t monday = day - ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday.
      return {monday, monday + 7};
    }
    case Grain::Month:
      return months_around(month_of(day), 1, first_month_);
    case Grain::Quarter:
      return months_around(month_of(day), 3, first_month_);
    case Grain::Year:
      break;
  }
  return months_around(month_of(day), 12, first_month_);
}

std::vector<DayRange> FiscalCalendar::periods(Grain grain, DayRange range) const {
  std::vector<DayRange> out;
  for (int32_t day = range.start; day < range.end;) {
    const DayRange period = period_of(grain, day);
    out.push_back({day, std::min(period.end, range.end)});
    day = period.end;
  }
  return out;
}

DayRange FiscalCalendar::window_of(Window window, DayRange period) const {
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
    return {first_day(month_of(period.end) - months(12)), period.end};
  }
  return {year_before(last) + 1, period.end};
}

std::optional<int32_t> same_day_of_month(int32_t day, int count) {
  const year_month_day same = date_of(day) + months(count);
  if (!same.ok()) return std::nullopt;
  return day_of(same);
}

DayRange prior_period(DayRange range) {
  if (is_whole_months(range)) return shifted_months(range, -months_between(range));
  return {range.start - (range.end - range.start), range.start};
}

DayRange prior_year(DayRange range) {
  if (is_whole_months(range)) return shifted_months(range, -12);
  if (range.start >= range.end) return {year_before(range.start), year_before(range.start)};
  return {year_before(range.start), year_before(range.end - 1) + 1};
}

std::optional<DayRange> prior_period_of(DayRange range, DayRange period) {
  if (!is_whole_months(range)) {
    const int32_t length = range.end - range.start;
    return DayRange{period.start - length, period.end - length};
  }
  const int count = -months_between(range);
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

DayRange prior_year_of(Grain grain, DayRange period) {
  if (grain == Grain::Week) return {period.start - 364, period.end - 364};
  return prior_year(period);
}

const std::vector<std::string>& range_names() {
  static const std::vector<std::string> kNames{
      "all",        "last_day",   "last_7_days",  "last_30_days", "last_90_days",   "this_week",
      "this_month", "last_month", "this_quarter", "last_quarter", "last_12_months", "this_year",
      "last_year"};
  return kNames;
}

std::optional<DayRange> named_range(std::string_view name, int32_t last,
                                    const FiscalCalendar& calendar) {
  const auto back = [&](int32_t count) { return DayRange{last + 1 - count, last + 1}; };
  const auto before = [&](Grain grain) {
    return calendar.period_of(grain, calendar.period_of(grain, last).start - 1);
  };
  if (name == "last_day") return back(1);
  if (name == "last_7_days") return back(7);
  if (name == "last_30_days") return back(30);
  if (name == "last_90_days") return back(90);
  if (name == "this_week") return calendar.period_of(Grain::Week, last);
  if (name == "this_month") return calendar.period_of(Grain::Month, last);
  if (name == "last_month") return before(Grain::Month);
  if (name == "this_quarter") return calendar.period_of(Grain::Quarter, last);
  if (name == "last_quarter") return before(Grain::Quarter);
  if (name == "this_year") return calendar.period_of(Grain::Year, last);
  if (name == "last_year") return before(Grain::Year);
  if (name == "last_12_months") {
    const int32_t end = calendar.period_of(Grain::Month, last).end;
    return DayRange{first_day(month_of(end) - months(12)), end};
  }
  return std::nullopt;
}

}  // namespace bullion::metrics
