#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/date.h"
#include "infer/cadence_guess_internal.h"

namespace bullion::infer {
namespace {

constexpr size_t kFilesMin = 3;

/// A date as far as a name tells it; 0 for what it does not.
struct NameDate {
  int year = 0;
  int month = 0;
  int day = 0;
};

/// `count` digits at `at`, as a number within the bounds.
std::optional<int> digits(const std::string& text, size_t at, size_t count, int least, int most) {
  if (at + count > text.size()) return std::nullopt;
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  if (number < least || number > most) return std::nullopt;
  return number;
}

bool is_digit_at(const std::string& text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

size_t behind_mark(const std::string& text, size_t at) {
  return at < text.size() && (text[at] == '-' || text[at] == '_' || text[at] == '.') ? at + 1 : at;
}

/// The last date of the name: names begin with what the files are of.
std::optional<NameDate> date_of(const std::string& name) {
  std::optional<NameDate> found;
  for (size_t at = 0; at < name.size(); ++at) {
    if (at > 0 && is_digit_at(name, at - 1)) continue;
    const auto year = digits(name, at, 4, 1970, 2099);
    if (!year) continue;
    NameDate date{.year = *year};
    size_t end = at + 4;
    const size_t month_at = behind_mark(name, end);
    if (const auto month = digits(name, month_at, 2, 1, 12)) {
      const size_t day_at = behind_mark(name, month_at + 2);
      const auto day = digits(name, day_at, 2, 1, 31);
      if (day && !is_digit_at(name, day_at + 2)) {
        date.month = *month;
        date.day = *day;
        end = day_at + 2;
      } else if (!is_digit_at(name, month_at + 2)) {
        date.month = *month;
        end = month_at + 2;
      }
    }
    if (is_digit_at(name, end)) continue;
    found = date;
  }
  return found;
}

CadenceGuess regular(const std::set<int64_t>& periods, size_t files, const char* every,
                     const std::string& first, const std::string& last) {
  const int64_t span = *periods.rbegin() - *periods.begin() + 1;
  const auto count = static_cast<int64_t>(periods.size());
  if (count < static_cast<int64_t>(kFilesMin) || count * 5 < span * 4 ||
      periods.size() * 5 < files * 4) {
    return {};
  }
  return {every, fmt::format("{} of {} {}s between {} and {} have a file", count, span, every,
                             first, last)};
}

}  // namespace

CadenceGuess guess_cadence(const std::vector<std::string>& file_names) {
  if (file_names.size() < kFilesMin) return {};
  std::set<int64_t> years;
  std::set<int64_t> months;
  std::set<int64_t> days;
  size_t with_month = 0;
  size_t with_day = 0;
  for (const std::string& name : file_names) {
    const auto date = date_of(name);
    if (!date) return {};
    years.insert(date->year);
    with_month += date->month > 0 ? 1 : 0;
    months.insert(int64_t{date->year} * 12 + date->month - 1);
    const auto day =
        parse_date(fmt::format("{:04}-{:02}-{:02}", date->year, date->month, date->day));
    if (date->day == 0 || !day) continue;
    ++with_day;
    days.insert(*day);
  }
  const size_t files = file_names.size();
  if (with_day == files) {
    const CadenceGuess daily =
        regular(days, files, "day", format_date(static_cast<int32_t>(*days.begin())),
                format_date(static_cast<int32_t>(*days.rbegin())));
    if (!daily.every.empty()) return daily;
  }
  const auto month_text = [](int64_t month) {
    return fmt::format("{:04}-{:02}", month / 12, month % 12 + 1);
  };
  if (with_month == files) {
    return regular(months, files, "month", month_text(*months.begin()),
                   month_text(*months.rbegin()));
  }
  if (with_month > 0) return {};
  return regular(years, files, "year", fmt::format("{}", *years.begin()),
                 fmt::format("{}", *years.rbegin()));
}

}  // namespace bullion::infer
