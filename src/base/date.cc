#include "base/date.h"

#include <chrono>

#include <fmt/format.h>

#include "base/time_units.h"

namespace bullion {
namespace {

/// Reads exactly `count` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int32_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || *year == 0 || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return static_cast<int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

std::optional<int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int64_t micros = 0;
  size_t digits = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (digits < 6) {
      micros = micros * 10 + (text[0] - '0');
    } else if (text[0] != '0') {
      return std::nullopt;
    }
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

/// Offset east of UTC in microseconds; an absent zone is UTC.
std::optional<int64_t> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return 0;
  const bool west = text[0] == '-';
  if (!west && text[0] != '+') return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 18) return std::nullopt;
  int minutes = 0;
  take(text, ':');
  if (!text.empty()) {
    const auto parsed = take_number(text, 2);
    if (!parsed || *parsed > 59) return std::nullopt;
    minutes = *parsed;
  }
  const int64_t offset = (*hours * 60 + minutes) * 60 * kMicrosPerSecond;
  return west ? -offset : offset;
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !text.empty()) return std::nullopt;
  return days;
}

std::string format_date(int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string_view to_string(DateUnit unit) {
  switch (unit) {
    case DateUnit::Week:
      return "week";
    case DateUnit::Month:
      return "month";
    case DateUnit::Quarter:
      return "quarter";
    case DateUnit::Year:
      return "year";
  }
  return "";
}

int32_t first_day(DateUnit unit, int32_t days) {
  const std::chrono::sys_days day{std::chrono::days{days}};
  std::chrono::sys_days first = day;
  if (unit == DateUnit::Week) {
    first = day - (std::chrono::weekday{day} - std::chrono::Monday);
  } else {
    const std::chrono::year_month_day date{day};
    unsigned month = static_cast<unsigned>(date.month());
    if (unit == DateUnit::Quarter) month -= (month - 1) % 3;
    if (unit == DateUnit::Year) month = 1;
    first = date.year() / std::chrono::month{month} / 1;
  }
  return static_cast<int32_t>(first.time_since_epoch().count());
}

std::optional<int64_t> parse_timestamp(std::string_view text) {
  const auto days = take_date(text);
  if (!days) return std::nullopt;
  const int64_t midnight = *days * kMicrosPerDay;
  if (text.empty()) return midnight;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  if (take(text, ':')) {
    const auto parsed = take_number(text, 2);
    if (!parsed || *parsed > 59) return std::nullopt;
    second = *parsed;
  }
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return midnight + ((*hour * 60 + *minute) * 60 + second) * kMicrosPerSecond + *fraction - *zone;
}

std::string format_timestamp(int64_t microseconds) {
  int64_t days = microseconds / kMicrosPerDay;
  int64_t rest = microseconds % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  const int64_t seconds = rest / kMicrosPerSecond;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:06}Z", format_date(static_cast<int32_t>(days)),
                     seconds / 3600, seconds / 60 % 60, seconds % 60, rest % kMicrosPerSecond);
}

}  // namespace bullion
