// Business days, and the days a rule names among them: "business day 3", "last business day - 2",
// "fiscal close 5".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "project/fiscal_calendar.h"

namespace bullion::schedule {

/// Days are days since 1970-01-01.
struct Calendar {
  std::string name;
  uint32_t weekend = 0b1000001;    ///< bit 0 Sunday .. bit 6 Saturday
  std::vector<int32_t> holidays;   ///< ascending
  project::FiscalCalendar fiscal;  ///< its periods are the fiscal months
};

bool is_business_day(const Calendar& calendar, int32_t day);

/// The last day of the newest fiscal month that ended before `day`.
int32_t fiscal_month_end_before(const Calendar& calendar, int32_t day);

struct DayRule {
  enum class Kind {
    BusinessDays,     ///< every business day
    NthBusinessDay,   ///< the number-th business day of the month, from 1
    LastBusinessDay,  ///< the number-th business day before the month's last one, from 0
    FiscalClose,      ///< the number-th business day after a fiscal month's end, from 1
  };
  Kind kind = Kind::BusinessDays;
  int number = 0;
};

/// "business days", "business day N" (1-23), "last business day", "last business day - N" (1-20),
/// "fiscal close N" (1-20).
Result<DayRule> parse_day_rule(std::string_view text);
std::string to_string(const DayRule& rule);

bool names_day(const DayRule& rule, const Calendar& calendar, int32_t day);

}  // namespace bullion::schedule
