#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "infer/date_shape_internal.h"

namespace bullion::infer {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kMonths{"january"sv,   "february"sv, "march"sv,    "april"sv,
                             "may"sv,       "june"sv,     "july"sv,     "august"sv,
                             "september"sv, "october"sv,  "november"sv, "december"sv};

/// Digits from the front; -1 when there is none or more than `max`.
int take_digits(std::string_view& text, size_t max, size_t* count = nullptr) {
  size_t n = 0;
  int value = 0;
  while (n < text.size() && is_digit(text[n])) {
    if (n == max) return -1;
    value = value * 10 + (text[n++] - '0');
  }
  if (count != nullptr) *count = n;
  text.remove_prefix(n);
  return n == 0 ? -1 : value;
}

enum class MonthName { None, Short, Long };

MonthName take_month(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && is_letter(text[n])) ++n;
  std::string word;
  for (const char c : text.substr(0, n)) word += lower(c);
  for (const std::string_view month : kMonths) {
    const bool is_short = word == month.substr(0, 3) || (word == "sept" && month == "september");
    if (!is_short && word != month) continue;
    text.remove_prefix(n);
    return word.size() <= 3 || is_short ? MonthName::Short : MonthName::Long;
  }
  return MonthName::None;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return true;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  text.remove_prefix(1);
  if (take_digits(text, 4) < 0) return false;
  return text.empty() || (take(text, ':') && take_digits(text, 2) >= 0);
}

/// "10:30[:59[.123]][ AM][ +01:00]" to the end.
bool read_time(std::string_view text, DateStyle& style) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 24 || !take(text, ':')) return false;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59) return false;
  style.time_parts = 2;
  if (take(text, ':')) {
    const int second = take_digits(text, 2);
    if (second < 0 || second > 60) return false;
    style.time_parts = 3;
    if (take(text, '.')) {
      style.fraction = true;
      if (take_digits(text, 9) < 0) return false;
    }
  }
  const size_t before_blanks = text.size();
  while (take(text, ' ')) {
  }
  const bool has_blank = text.size() < before_blanks;
  if (text.size() >= 2 && (lower(text[0]) == 'a' || lower(text[0]) == 'p') &&
      lower(text[1]) == 'm') {
    style.meridiem = true;
    text.remove_prefix(2);
    while (take(text, ' ')) {
    }
  }
  if (!text.empty()) {
    style.offset = true;
    style.blank_offset = has_blank;
    if (!take_offset(text)) {
      if (text != "UTC" && text != "GMT") return false;
      text = "";
    }
  }
  return text.empty();
}

bool is_separator(char c) { return c == '-' || c == '/' || c == '.' || c == ' '; }

bool read_year(std::string_view& text, DateStyle& style) {
  size_t count = 0;
  const int year = take_digits(text, 4, &count);
  style.short_year = count == 2;
  return count == 2 || (count == 4 && year >= 1000 && year <= 9999);
}

/// Behind a first number: "-02-28", "-02", "/02/2024", "-Feb-2024".
bool read_behind_number(std::string_view& text, int first, size_t digits, CellShape& shape) {
  DateStyle& style = shape.date;
  if (text.empty() || !is_separator(text[0])) return false;
  style.separator = text[0];
  text.remove_prefix(1);
  if (!text.empty() && is_letter(text[0])) {
    const MonthName name = take_month(text);
    if (name == MonthName::None || digits > 2 || first < 1 || first > 31) return false;
    style.order = DateStyle::Order::NamedMiddle;
    style.long_month = name == MonthName::Long;
    return take(text, style.separator) && read_year(text, style);
  }
  const int second = take_digits(text, 2);
  if (second < 1) return false;
  if (digits == 4) {
    if (first < 1000 || second > 12) return false;
    if (!take(text, style.separator)) {
      style.order = DateStyle::Order::YearMonth;
      return style.separator == '-' && text.empty() && first >= 1900 && first < 2100;
    }
    const int day = take_digits(text, 2);
    return day >= 1 && day <= 31;
  }
  if (digits > 2 || first < 1 || first > 31 || second > 31 || (first > 12 && second > 12))
    return false;
  style.order = DateStyle::Order::YearLast;
  shape.first = first;
  shape.second = second;
  return take(text, style.separator) && read_year(text, style) &&
         (style.separator != '.' || !style.short_year || digits == 2);
}

bool read_named_first(std::string_view& text, DateStyle& style) {
  const MonthName name = take_month(text);
  if (name == MonthName::None || text.empty() || (text[0] != ' ' && text[0] != '-')) return false;
  style.order = DateStyle::Order::NamedFirst;
  style.long_month = name == MonthName::Long;
  style.separator = text[0];
  text.remove_prefix(1);
  const int day = take_digits(text, 2);
  if (day < 1 || day > 31) return false;
  style.comma = take(text, ',');
  return take(text, style.separator) && read_year(text, style) && !style.short_year;
}

}  // namespace

bool is_compact_date(std::string_view text) {
  if (text.size() != 8 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  const auto two = [text](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return (two(0) == 19 || two(0) == 20) && two(4) >= 1 && two(4) <= 12 && two(6) >= 1 &&
         two(6) <= 31;
}

bool read_date(std::string_view text, CellShape& shape) {
  if (text.size() < 5 || text.size() > 40) return false;
  const std::string_view all = text;
  shape.date = {};
  bool is_date = false;
  if (is_letter(text[0])) {
    is_date = read_named_first(text, shape.date);
  } else if (is_digit(text[0])) {
    size_t digits = 0;
    const int first = take_digits(text, 4, &digits);
    if (first < 0) return false;
    if (text.starts_with(':')) {
      shape.date = {};
      if (!read_time(all, shape.date)) return false;
      shape.kind = CellShape::Kind::Time;
      return true;
    }
    is_date = read_behind_number(text, first, digits, shape);
  }
  if (!is_date) return false;
  if (!text.empty()) {
    if (text[0] != 'T' && text[0] != ' ') return false;
    shape.date.letter_t = text[0] == 'T';
    text.remove_prefix(1);
    while (take(text, ' ')) {
    }
    if (!read_time(text, shape.date)) return false;
  }
  shape.kind = CellShape::Kind::Date;
  return true;
}

std::string strftime_format(const DateStyle& style, bool day_first) {
  const std::string year = style.short_year ? "%y" : "%Y";
  const std::string month = style.long_month ? "%B" : "%b";
  const std::string s = style.separator == '\0' ? "" : std::string(1, style.separator);
  std::string format;
  switch (style.order) {
    case DateStyle::Order::YearFirst:
      format = year + s + "%m" + s + "%d";
      break;
    case DateStyle::Order::YearLast:
      format = (day_first ? "%d" + s + "%m" : "%m" + s + "%d") + s + year;
      break;
    case DateStyle::Order::NamedMiddle:
      format = "%d" + s + month + s + year;
      break;
    case DateStyle::Order::NamedFirst:
      format = month + s + "%d" + (style.comma ? "," : "") + s + year;
      break;
    case DateStyle::Order::YearMonth:
      format = "%Y" + s + "%m";
      break;
    case DateStyle::Order::Compact:
      format = "%Y%m%d";
      break;
  }
  if (style.time_parts == 0) return format;
  format += style.letter_t ? "T" : " ";
  format += style.meridiem ? "%I:%M" : "%H:%M";
  if (style.time_parts == 3) format += style.fraction ? ":%S.%f" : ":%S";
  if (style.meridiem) format += " %p";
  if (style.offset) format += style.blank_offset ? " %z" : "%z";
  return format;
}

}  // namespace bullion::infer
