#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/time_units.h"
#include "records/xlsx_values_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kDigitsMax = 15;
// Days since 1970-01-01 of day 0: of 1900 from day 61 on, before it, and of 1904.
constexpr int64_t kEpoch1900 = -25569;
constexpr int64_t kEpoch1900BeforeLeapDay = -25568;
constexpr int64_t kEpoch1904 = -24107;
constexpr int64_t kFalseLeapDay = 60;
constexpr int64_t kDayMax = 2958465;  // 9999-12-31 since 1900

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::string& out, int code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// The character of "_xHHHH_" at the beginning of `text`; -1 when it is none. Halves of surrogate
/// pairs stay as they are written.
int escaped_character(std::string_view text) {
  if (text.size() < 7 || !text.starts_with("_x") || text[6] != '_') return -1;
  int code = 0;
  for (size_t i = 2; i < 6; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code >= 0xD800 && code < 0xE000 ? -1 : code;
}

/// 0.d1d2d3... * 10^point.
struct Digits {
  bool is_negative = false;
  std::string digits;  // without zeros at either end; "" is zero
  int point = 0;
};

std::optional<Digits> digits_of(std::string_view text) {
  Digits number;
  number.is_negative = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  bool has_digit = false;
  bool is_behind_point = false;
  size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !is_behind_point)); ++i) {
    if (text[i] == '.') {
      is_behind_point = true;
      continue;
    }
    has_digit = true;
    const bool is_leading_zero = text[i] == '0' && number.digits.empty();
    if (!is_leading_zero) number.digits += text[i];
    if (!is_behind_point && !is_leading_zero) ++number.point;
    if (is_behind_point && is_leading_zero) --number.point;
  }
  if (!has_digit || number.digits.size() > 400) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    text.remove_prefix(i + 1);
    const bool is_minus = text.starts_with('-');
    if (is_minus || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 4 || !std::all_of(text.begin(), text.end(), is_digit)) {
      return std::nullopt;
    }
    int exponent = 0;
    for (const char c : text) exponent = exponent * 10 + (c - '0');
    number.point += is_minus ? -exponent : exponent;
  }
  number.digits.erase(number.digits.find_last_not_of('0') + 1);
  return number;
}

void round_digits(Digits& number) {
  const bool is_whole = number.point >= static_cast<int>(number.digits.size());
  if (is_whole || number.digits.size() <= kDigitsMax) return;
  const bool up = number.digits[kDigitsMax] >= '5';
  number.digits.resize(kDigitsMax);
  if (up) {
    while (!number.digits.empty() && number.digits.back() == '9') number.digits.pop_back();
    if (number.digits.empty()) {
      number.digits = "1";
      ++number.point;
    } else {
      ++number.digits.back();
    }
  }
  number.digits.erase(number.digits.find_last_not_of('0') + 1);
}

std::string text_of(const Digits& number) {
  constexpr int kPlainPointMax = 38;
  constexpr int kPlainPointMin = -30;
  if (number.digits.empty()) return "0";
  const auto count = static_cast<int>(number.digits.size());
  std::string text = number.is_negative ? "-" : "";
  if (number.point > kPlainPointMax || number.point < kPlainPointMin) {
    text += number.digits.substr(0, 1);
    if (count > 1) text += "." + number.digits.substr(1);
    return text + fmt::format("E{:+d}", number.point - 1);
  }
  if (number.point <= 0) {
    return text + "0." + std::string(static_cast<size_t>(-number.point), '0') + number.digits;
  }
  if (number.point >= count) {
    return text + number.digits + std::string(static_cast<size_t>(number.point - count), '0');
  }
  const auto whole = static_cast<size_t>(number.point);
  return text + number.digits.substr(0, whole) + "." + number.digits.substr(whole);
}

std::string time_text(int64_t hours, int64_t millis_of_hour, const char* hours_format) {
  const int64_t seconds = millis_of_hour / 1000;
  std::string text = fmt::format(fmt::runtime(hours_format), hours);
  text += fmt::format(":{:02}:{:02}", seconds / 60, seconds % 60);
  if (millis_of_hour % 1000 != 0) text += fmt::format(".{:03}", millis_of_hour % 1000);
  return text;
}

std::string time_of_day(int64_t millis) {
  return time_text(millis / 3'600'000, millis % 3'600'000, "{:02}");
}

/// Whole days and the milliseconds behind them.
struct Serial {
  int64_t days = 0;
  int64_t millis = 0;
};

std::optional<Serial> serial_of(const std::string& number) {
  constexpr int kScale = 24;
  const ParsedDecimal parsed = parse_decimal(number, kDecimalPrecisionMax, kScale);
  if (parsed.fault || parsed.units < 0) return std::nullopt;
  const Int128 one = power_of_ten(kScale);
  Serial serial{static_cast<int64_t>(parsed.units / one),
                static_cast<int64_t>((parsed.units % one * kMillisPerDay + one / 2) / one)};
  if (serial.millis == kMillisPerDay) serial = {serial.days + 1, 0};
  return serial;
}

std::string day_text(int64_t days, bool counts_from_1904) {
  if (counts_from_1904) return format_date(static_cast<int32_t>(days + kEpoch1904));
  if (days == 0) return "1900-01-00";
  if (days == kFalseLeapDay) return "1900-02-29";
  const int64_t epoch = days < kFalseLeapDay ? kEpoch1900BeforeLeapDay : kEpoch1900;
  return format_date(static_cast<int32_t>(days + epoch));
}

}  // namespace

void decode_escapes(std::string& text, size_t start) {
  size_t at = text.find("_x", start);
  if (at == std::string::npos) return;
  std::string decoded;
  size_t from = start;
  while (at != std::string::npos) {
    const int code = escaped_character(std::string_view(text).substr(at));
    const size_t length = code < 0 ? 1 : 7;
    decoded.append(text, from, at - from);
    if (code < 0) {
      decoded += '_';
    } else {
      append_utf8(decoded, code);
    }
    from = at + length;
    at = text.find("_x", from);
  }
  decoded.append(text, from);
  text.replace(start, std::string::npos, decoded);
}

NumberStyle style_of_builtin(int id) {
  const auto within = [id](int from, int to) { return id >= from && id <= to; };
  // 27 to 36 and 50 to 58 are dates of East Asian calendars.
  if (within(14, 17) || id == 22 || within(27, 31) || id == 36 || within(50, 58)) {
    return NumberStyle::Date;
  }
  if (within(18, 21) || within(32, 35) || id == 45 || id == 47) return NumberStyle::TimeOfDay;
  return id == 46 ? NumberStyle::Elapsed : NumberStyle::Plain;
}

NumberStyle style_of_code(std::string_view code) {
  bool has_day = false;
  bool has_time = false;
  bool has_m = false;
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = static_cast<char>(code[i] >= 'A' && code[i] <= 'Z' ? code[i] + 32 : code[i]);
    if (c == ';') break;
    if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size() - 1);
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const char next = i + 1 < code.size() ? static_cast<char>(code[i + 1] | 0x20) : '\0';
      const size_t end = std::min(code.find(']', i), code.size() - 1);
      const bool is_one_letter =
          code.substr(i + 1, end - i - 1).find_first_not_of("hHmMsS") == std::string_view::npos;
      if (is_one_letter && (next == 'h' || next == 'm' || next == 's')) return NumberStyle::Elapsed;
      i = end;
    } else if (c == 'a' && (code.substr(i, 5) == "AM/PM" || code.substr(i, 5) == "am/pm")) {
      has_time = true;
      i += 4;
    } else if (code.substr(i, 7) == "General") {
      i += 6;
    } else {
      has_day |= c == 'y' || c == 'd';
      has_time |= c == 'h' || c == 's';
      has_m |= c == 'm';
    }
  }
  if (has_day) return NumberStyle::Date;
  if (has_time) return NumberStyle::TimeOfDay;
  return has_m ? NumberStyle::Date : NumberStyle::Plain;
}

std::string plain_number(std::string_view stored) {
  const bool is_short = stored.size() <= kDigitsMax &&
                        stored.find_first_not_of("-0123456789") == std::string_view::npos;
  if (is_short && stored != "-0") return std::string(stored);
  auto number = digits_of(stored);
  if (!number) return std::string(stored);
  round_digits(*number);
  return text_of(*number);
}

std::string date_text(std::string_view stored, NumberStyle style, bool counts_from_1904) {
  std::string number = plain_number(stored);
  if (style == NumberStyle::Plain) return number;
  const auto serial = serial_of(number);
  if (!serial) return number;
  if (style == NumberStyle::Elapsed) {
    constexpr int64_t kHour = 3'600'000;
    return time_text(serial->days * 24 + serial->millis / kHour, serial->millis % kHour, "{}");
  }
  const int64_t day_max = counts_from_1904 ? kDayMax - 1462 : kDayMax;
  if (serial->days > day_max) return number;
  const bool is_time_alone = serial->days == 0 && (style == NumberStyle::TimeOfDay ||
                                                   (serial->millis > 0 && !counts_from_1904));
  if (is_time_alone) return time_of_day(serial->millis);
  std::string text = day_text(serial->days, counts_from_1904);
  if (serial->millis > 0) text += "T" + time_of_day(serial->millis);
  return text;
}

std::string_view iso_date_text(std::string_view stored) {
  constexpr size_t kDateBytes = 10;
  if (stored.size() <= kDateBytes || stored[kDateBytes] != 'T') return stored;
  const std::string_view time = stored.substr(kDateBytes + 1);
  const bool is_midnight =
      time.starts_with("00:00") && time.find_first_not_of("0:.Z") == std::string_view::npos;
  return is_midnight ? stored.substr(0, kDateBytes) : stored;
}

std::optional<size_t> column_of_reference(std::string_view reference) {
  constexpr size_t kLettersMax = 6;
  size_t column = 0;
  size_t letters = 0;
  for (; letters < reference.size(); ++letters) {
    const char c = static_cast<char>(reference[letters] & ~0x20);
    if (c < 'A' || c > 'Z') break;
    if (letters >= kLettersMax) return std::nullopt;
    column = column * 26 + static_cast<size_t>(c - 'A' + 1);
  }
  if (letters == 0) return std::nullopt;
  return column - 1;
}

}  // namespace bullion::records
