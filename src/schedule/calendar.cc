#include "schedule/calendar.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace bullion::schedule {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

int32_t month_start(int32_t day) {
  const year_month_day civil{sys_days{std::chrono::days{day}}};
  return static_cast<int32_t>(
      sys_days{civil.year() / civil.month() / 1}.time_since_epoch().count());
}

int32_t month_end(int32_t day) {
  const year_month_day civil{sys_days{std::chrono::days{day}}};
  return static_cast<int32_t>(
      sys_days{civil.year() / civil.month() / std::chrono::last}.time_since_epoch().count());
}

/// Business days in [first, last].
int count_business_days(const Calendar& calendar, int32_t first, int32_t last) {
  int count = 0;
  for (int32_t day = first; day <= last; ++day) count += is_business_day(calendar, day) ? 1 : 0;
  return count;
}

/// Takes a word off the front of the text.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return true;
}

bool take_number(std::string_view text, int lowest, int highest, int& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size() && number >= lowest &&
         number <= highest;
}

}  // namespace

bool is_business_day(const Calendar& calendar, int32_t day) {
  const unsigned weekday = std::chrono::weekday{sys_days{std::chrono::days{day}}}.c_encoding();
  if ((calendar.weekend >> weekday & 1U) != 0) return false;
  return !std::binary_search(calendar.holidays.begin(), calendar.holidays.end(), day);
}

int32_t fiscal_month_end_before(const Calendar& calendar, int32_t day) {
  return calendar.fiscal.period_start(calendar.fiscal.period_number(day)) - 1;
}

Result<DayRule> parse_day_rule(std::string_view text) {
  DayRule rule;
  std::string_view rest = text;
  if (rest == "business days") return rule;
  if (take(rest, "last business day")) {
    rule.kind = DayRule::Kind::LastBusinessDay;
    if (rest.empty()) return rule;
    if (take(rest, "-") && take_number(rest, 1, 20, rule.number)) return rule;
  } else if (take(rest, "business day ")) {
    rule.kind = DayRule::Kind::NthBusinessDay;
    if (take_number(rest, 1, 23, rule.number)) return rule;
  } else if (take(rest, "fiscal close ")) {
    rule.kind = DayRule::Kind::FiscalClose;
    if (take_number(rest, 1, 20, rule.number)) return rule;
  }
  return invalid(
      fmt::format("`{}`; expected `business days`, `business day N` (1-23), `last "
                  "business day`, `last business day - N` (1-20) or `fiscal close N` "
                  "(1-20)",
                  text));
}

std::string to_string(const DayRule& rule) {
  switch (rule.kind) {
    case DayRule::Kind::BusinessDays:
      return "business days";
    case DayRule::Kind::NthBusinessDay:
      return fmt::format("business day {}", rule.number);
    case DayRule::Kind::LastBusinessDay:
      return rule.number == 0 ? "last business day"
                              : fmt::format("last business day - {}", rule.number);
    case DayRule::Kind::FiscalClose:
      return fmt::format("fiscal close {}", rule.number);
  }
  return "";
}

bool names_day(const DayRule& rule, const Calendar& calendar, int32_t day) {
  if (!is_business_day(calendar, day)) return false;
  switch (rule.kind) {
    case DayRule::Kind::BusinessDays:
      return true;
    case DayRule::Kind::NthBusinessDay:
      return count_business_days(calendar, month_start(day), day) == rule.number;
    case DayRule::Kind::LastBusinessDay:
      return count_business_days(calendar, day + 1, month_end(day)) == rule.number;
    case DayRule::Kind::FiscalClose: {
      const int32_t end = fiscal_month_end_before(calendar, day);
      return count_business_days(calendar, end + 1, day) == rule.number;
    }
  }
  return false;
}

}  // namespace bullion::schedule
