#include <algorithm>

#include "base/ascii.h"
#include "infer/cell_shape_internal.h"
#include "infer/date_shape_internal.h"

namespace bullion::infer {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kNumberBytesMax = 48;
constexpr std::array kSigns{"US$"sv, "A$"sv,  "C$"sv,  "$"sv,   "£"sv,   "€"sv,   "¥"sv,
                            "₹"sv,   "GBP"sv, "EUR"sv, "USD"sv, "CHF"sv, "SEK"sv, "NOK"sv,
                            "DKK"sv, "PLN"sv, "CZK"sv, "HUF"sv, "JPY"sv, "AUD"sv, "CAD"sv,
                            "INR"sv, "kr"sv,  "zł"sv,  "Kč"sv,  "Ft"sv};
constexpr std::array kCertainNulls{"NULL"sv,    "#N/A"sv,    "N/A"sv,   "#REF!"sv,
                                   "#VALUE!"sv, "#DIV/0!"sv, "\\N"sv,   "#NAME?"sv,
                                   "(null)"sv,  "<null>"sv,  "#NUM!"sv, "#NULL!"sv};
constexpr std::array kOtherNulls{"NA"sv, "NaN"sv, "None"sv, "nil"sv,  "-"sv,
                                 "--"sv, "?"sv,   "."sv,    "n.a."sv, "nan"sv};

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.starts_with("\xC2\xA0")))
    text.remove_prefix(text.front() == ' ' ? 1 : 2);
  while (!text.empty() && (text.back() == ' ' || text.ends_with("\xC2\xA0")))
    text.remove_suffix(text.back() == ' ' ? 1 : 2);
  return text;
}

/// Takes a currency sign off one end.
bool take_sign(std::string_view& text, std::string_view& sign) {
  for (const std::string_view one : kSigns) {
    if (text.size() <= one.size()) continue;
    if (text.starts_with(one)) {
      text.remove_prefix(one.size());
    } else if (text.ends_with(one)) {
      text.remove_suffix(one.size());
    } else {
      continue;
    }
    sign = one;
    text = without_blanks(text);
    return true;
  }
  return false;
}

/// Signs, parentheses and currency around the digits; what is left begins with a digit or a mark.
std::string_view take_decoration(std::string_view text, CellShape& shape) {
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    shape.parentheses = shape.negative = true;
    text = without_blanks(text.substr(1, text.size() - 2));
  }
  for (int i = 0; i < 2; ++i) {
    if (text.size() > 1 && (text.front() == '-' || text.front() == '+') && !shape.negative) {
      shape.negative = text.front() == '-';
      text = without_blanks(text.substr(1));
    }
    if (shape.sign.empty() && !text.empty() && !is_digit(text.front())) take_sign(text, shape.sign);
  }
  if (shape.sign.empty() && !text.empty() && !is_digit(text.back())) take_sign(text, shape.sign);
  if (text.size() > 1 && text.back() == '-' && !shape.negative) {
    shape.trailing_minus = shape.negative = true;
    text = without_blanks(text.substr(0, text.size() - 1));
  }
  if (shape.sign.empty() && !text.empty() && !is_digit(text.back()) && text.back() != '.' &&
      text.back() != ',') {
    take_sign(text, shape.sign);
  }
  return text;
}

/// Length of a thousands mark at the beginning of `text`: ' ', no-break blanks, '\'' or `mark`.
size_t mark_length(std::string_view text, char mark) {
  if (text.empty()) return 0;
  if (text[0] == mark || text[0] == ' ' || text[0] == '\'') return 1;
  if (text.starts_with("\xC2\xA0")) return 2;
  return text.starts_with("\xE2\x80\xAF") ? 3 : 0;
}

NumberReading read_digits(std::string_view text, char decimal, char other) {
  NumberReading reading;
  const size_t at = text.rfind(decimal);
  std::string_view whole = at == std::string_view::npos ? text : text.substr(0, at);
  const std::string_view fraction = at == std::string_view::npos ? "" : text.substr(at + 1);
  if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return reading;
  if (whole.empty() && fraction.empty()) return reading;
  int digits = 0;
  size_t group = 0;
  bool is_significant = false;
  while (!whole.empty()) {
    if (is_digit(whole[0])) {
      ++group;
      is_significant |= whole[0] != '0';
      digits += is_significant ? 1 : 0;
      whole.remove_prefix(1);
      if (reading.grouped && group > 3) return reading;
      continue;
    }
    const size_t mark = mark_length(whole, other);
    if (mark == 0) return reading;
    const char kind = mark > 1 ? ' ' : whole[0];
    if (reading.grouped ? group != 3 || kind != reading.thousands : group == 0 || group > 3)
      return reading;
    reading.grouped = true;
    reading.thousands = kind;
    group = 0;
    whole.remove_prefix(mark);
  }
  if (reading.grouped && group != 3) return reading;
  reading.fits = true;
  reading.whole = digits;
  reading.fraction = static_cast<int>(fraction.size());
  return reading;
}

/// Takes "e-6" off the end and adds it to the digits.
int take_exponent(std::string_view& text, bool& found) {
  const size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos || at == 0 || !is_digit(text[at - 1])) return 0;
  std::string_view digits = text.substr(at + 1);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 2 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return 0;
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  text = text.substr(0, at);
  found = true;
  return negative ? -value : value;
}

bool read_number(std::string_view text, CellShape& shape) {
  if (text.size() > kNumberBytesMax) return false;
  const std::string_view whole = text;
  text = take_decoration(text, shape);
  if (text.empty()) return false;
  const int exponent = take_exponent(text, shape.exponent);
  shape.readings[0] = read_digits(text, '.', ',');
  shape.readings[1] = read_digits(text, ',', '.');
  if (!shape.readings[0].fits && !shape.readings[1].fits) return false;
  if (shape.exponent) {
    for (NumberReading& reading : shape.readings) {
      reading.whole = std::max(reading.whole + exponent, 0);
      reading.fraction = std::max(reading.fraction - exponent, 0);
    }
  }
  shape.leading_zero = text.size() > 1 && text[0] == '0' && is_digit(text[1]);
  shape.plain_digits = std::all_of(text.begin(), text.end(), is_digit) && !shape.exponent &&
                       !shape.parentheses && shape.sign.empty() && !shape.trailing_minus &&
                       whole.front() != '+';
  return true;
}

bool is_boolean(std::string_view text) {
  if (text.size() > 5) return false;
  for (const std::string_view word :
       {"true"sv, "false"sv, "yes"sv, "no"sv, "y"sv, "n"sv, "t"sv, "f"sv}) {
    if (same_word(text, word)) return true;
  }
  return false;
}

}  // namespace

bool is_certain_null_word(std::string_view text) {
  return std::any_of(kCertainNulls.begin(), kCertainNulls.end(),
                     [&](std::string_view word) { return same_word(word, text); });
}

bool is_null_word(std::string_view text) {
  if (text.empty() || text.size() > 7) return false;
  return is_certain_null_word(text) ||
         std::any_of(kOtherNulls.begin(), kOtherNulls.end(),
                     [&](std::string_view word) { return same_word(word, text); });
}

CellShape shape_of(std::string_view text) {
  CellShape shape;
  if (text.empty()) return shape;
  shape.kind = CellShape::Kind::Text;
  if (is_null_word(text)) {
    shape.kind = CellShape::Kind::NullWord;
    return shape;
  }
  const bool has_digit = std::any_of(text.begin(), text.end(), is_digit);
  if (!has_digit) {
    if (is_boolean(text)) shape.kind = CellShape::Kind::Boolean;
    return shape;
  }
  if (read_date(text, shape)) return shape;
  CellShape number;
  if (read_number(text, number)) {
    number.kind = CellShape::Kind::Number;
    return number;
  }
  return shape;
}

}  // namespace bullion::infer
