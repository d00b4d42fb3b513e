// Periods of days: what a grain's periods are, what comes before a range, where a window begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "project/fiscal_calendar.h"

namespace bullion::metrics {

/// Days since 1970-01-01 (base/date.h), half-open: `end` is the first day that is not in the range.
struct DayRange {
  int32_t start = 0;
  int32_t end = 0;
  friend bool operator==(const DayRange&, const DayRange&) = default;
};

/// Weeks are those of ISO 8601, Monday to Sunday. Months, quarters and years are those of the
/// fiscal calendar.
enum class Grain { Day, Week, Month, Quarter, Year };
std::string to_string(Grain grain);
std::optional<Grain> parse_grain(std::string_view text);

/// Running totals: from the first day of the month, quarter or year, or twelve months back (ltm),
/// up to the end of each period of the grain.
enum class Window { Mtd, Qtd, Ytd, Ltm };
std::string to_string(Window window);
std::optional<Window> parse_window(std::string_view text);

/// The periods of a project. A month is a period of its fiscal calendar: a calendar month, or the
/// four or five weeks of patterns such as 4-4-5. Immutable; safe from any thread.
class PeriodCalendar {
 public:
  PeriodCalendar() = default;
  explicit PeriodCalendar(project::FiscalCalendar fiscal) : fiscal_(std::move(fiscal)) {}

  const project::FiscalCalendar& fiscal() const { return fiscal_; }

  /// The period of the grain that holds the day.
  DayRange period_of(Grain grain, int32_t day) const;
  /// The periods that touch the range, in order, cut at the range's ends.
  std::vector<DayRange> periods(Grain grain, DayRange range) const;
  /// What a window counts that ends with `period`: [start of the window, period.end). It begins in
  /// the month, quarter or year of the period's last day.
  DayRange window_of(Window window, DayRange period) const;

  /// What the whole range compares with: n whole months with the n whole months before, anything
  /// else with as many days before.
  DayRange prior_period(DayRange range) const;
  /// Whole months compare with the same months of the year before, whatever their lengths. Other
  /// ranges: first and last day a year before, and 28 February for the 29th; 52 weeks before where
  /// months are made of weeks.
  DayRange prior_year(DayRange range) const;

  /// What one period inside `range` (not outside of it) compares with when the range compares with
  /// prior_period(range): the days at the same place. In whole months that is the same day of the
  /// month; nullopt when the earlier month has none of the period's days (31 March and February).
  std::optional<DayRange> prior_period_of(DayRange range, DayRange period) const;
  /// As prior_year; a whole week compares with the week 52 weeks before, so that weekdays agree.
  DayRange prior_year_of(Grain grain, DayRange period) const;

  /// Ranges by name, counted back from the last day that has data: all, last_day, last_7_days,
  /// last_30_days, last_90_days, this_week, this_month, last_month, this_quarter, last_quarter,
  /// this_year, last_year, last_12_months (whole months, this one included). "this_" periods are
  /// whole: they end when the period ends. nullopt for `all` and for unknown names.
  std::optional<DayRange> named_range(std::string_view name, int32_t last_day) const;

 private:
  DayRange months(int32_t first, int32_t count) const;
  bool is_month_start(int32_t day) const;
  bool is_whole_months(DayRange range) const;
  DayRange shifted_months(DayRange range, int32_t count) const;
  int32_t months_between(DayRange range) const;
  int32_t year_before(int32_t day) const;
  std::optional<int32_t> same_day_of_month(int32_t day, int32_t count) const;

  project::FiscalCalendar fiscal_;
};

const std::vector<std::string>& range_names();

}  // namespace bullion::metrics
