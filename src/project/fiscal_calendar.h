// Fiscal years, quarters and periods: months from any first month, or weeks (4-4-5 and its kin).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "delta/schema.h"

namespace bullion::project {

class MapReader;
class ProblemSink;

enum class FiscalPattern {
  CalendarMonths,
  Weeks445,  ///< quarters of periods of 4, 4 and 5 weeks
  Weeks454,
  Weeks544,
};

/// Days are days since 1970-01-01; ends are the first day that is not in any more.
struct FiscalSpan {
  int32_t start = 0;
  int32_t end = 0;
  friend bool operator==(const FiscalSpan&, const FiscalSpan&) = default;
};

/// Where a day is in the fiscal calendar; numbers count from 1.
struct FiscalDay {
  int year = 0;     ///< what the year is called: "FY2026" is 2026
  int quarter = 0;  ///< 1 to 4
  int period = 0;   ///< 1 to 12
  int week = 0;     ///< of the year, from its first day: 1 to 53
  FiscalSpan in_period;
  FiscalSpan in_quarter;
  FiscalSpan in_year;
};

/// Twelve periods a year, for every day there is. Immutable; safe from any thread.
class FiscalCalendar {
 public:
  /// Whether a year is called after the calendar year in which it ends (July 2025 to June 2026 is
  /// FY2026) or begins.
  enum class NamedBy { End, Start };

  /// Calendar months from January.
  FiscalCalendar() = default;
  /// Calendar months; `first_month` from 1 (January) to 12.
  explicit FiscalCalendar(int first_month, NamedBy named_by = NamedBy::End)
      : first_month_(first_month), named_by_(named_by) {}
  /// Weeks. `year_starts`: first days of years, ascending, 52 or 53 weeks apart, at least one. A
  /// 53rd week belongs to the last period. Years before the first and after the last have 52 weeks.
  FiscalCalendar(FiscalPattern pattern, std::vector<int32_t> year_starts,
                 NamedBy named_by = NamedBy::End)
      : pattern_(pattern), year_starts_(std::move(year_starts)), named_by_(named_by) {}

  FiscalPattern pattern() const { return pattern_; }
  bool has_weeks() const { return pattern_ != FiscalPattern::CalendarMonths; }
  const std::vector<int32_t>& year_starts() const { return year_starts_; }

  /// Periods are numbered without gap through all years; twelve are a year. The number itself has
  /// no meaning.
  int32_t period_number(int32_t day) const;
  int32_t period_start(int32_t number) const;
  /// 0 to 11.
  int period_in_year(int32_t number) const;

  FiscalDay find(int32_t day) const;

 private:
  struct Year {
    int32_t number = 0;  // 0 is the first declared one
    int32_t start = 0;
  };
  Year year_of(int32_t day) const;
  int32_t year_start(int32_t number) const;
  int name_of(FiscalSpan year) const;

  FiscalPattern pattern_ = FiscalPattern::CalendarMonths;
  int first_month_ = 1;
  std::vector<int32_t> year_starts_;
  NamedBy named_by_ = NamedBy::End;
};

/// Reads `pattern`, `year_start_month`, `year_starts` and `year_named_by` of a mapping, and nothing
/// else of it; mistakes become problems.
FiscalCalendar read_fiscal_calendar(MapReader& fiscal, ProblemSink& problems);

/// The table of days [start, end) as CSV, with the columns of fiscal_days_columns().
std::string fiscal_days_csv(const FiscalCalendar& calendar, FiscalSpan days);
delta::Schema fiscal_days_columns();
inline constexpr const char* kFiscalDaysTable = "fiscal_days";

}  // namespace bullion::project
