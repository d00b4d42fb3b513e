#include "base/decimal.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/assert.h"

namespace bullion {
namespace {

constexpr std::array<Int128, 39> make_powers() {
  std::array<Int128, 39> powers{};
  Int128 power = 1;
  for (auto& slot : powers) {
    slot = power;
    if (&slot != &powers.back()) power *= 10;
  }
  return powers;
}
constexpr std::array<Int128, 39> kPowers = make_powers();

/// The pieces of a number's text: significant digits and where the point stands.
struct NumberText {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;
};

std::string_view take_digits(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool take_exponent(std::string_view& text, int& exponent) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return true;
  text.remove_prefix(1);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > 4) return false;
  for (char c : digits) exponent = exponent * 10 + (c - '0');
  if (negative) exponent = -exponent;
  return true;
}

std::optional<NumberText> split_number(std::string_view text) {
  NumberText number;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  number.whole = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    number.fraction = take_digits(text);
  }
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  if (!take_exponent(text, number.exponent) || !text.empty()) return std::nullopt;
  return number;
}

}  // namespace

Int128 power_of_ten(int exponent) {
  BULLION_ASSERT(exponent >= 0 && exponent <= kDecimalPrecisionMax);
  return kPowers[static_cast<size_t>(exponent)];
}

ParsedDecimal parse_decimal(std::string_view text, int precision, int scale) {
  const auto number = split_number(text);
  if (!number) return {.fault = DecimalFault::NotANumber};
  Int128 units = 0;
  // Position of a digit counted from the point: whole digits have position >= 1 after the exponent.
  const int whole_digits = static_cast<int>(number->whole.size());
  const int digits = whole_digits + static_cast<int>(number->fraction.size());
  const int limit = precision - scale;  // digits allowed before the point
  int written = -1;                     // smallest position (10^written) already in `units`
  for (int i = 0; i < digits; ++i) {
    const char c = i < whole_digits ? number->whole[static_cast<size_t>(i)]
                                    : number->fraction[static_cast<size_t>(i - whole_digits)];
    const int power = whole_digits - 1 - i + number->exponent;  // this digit counts c * 10^power
    if (c == '0' && units == 0) continue;
    if (power < -scale) {
      if (c != '0') return {.fault = DecimalFault::LosesDigits};
      continue;
    }
    if (power >= limit) return {.fault = DecimalFault::TooManyDigits};
    units = units * 10 + (c - '0');
    written = power;
  }
  if (units != 0) {
    const int missing = std::max(written, -scale) + scale;
    units *= power_of_ten(missing);
  }
  return {.units = number->negative ? -units : units, .fault = std::nullopt};
}

std::optional<Decimal> decimal_of(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  const size_t point = text.find('.');
  const size_t scale = point == std::string_view::npos ? 0 : text.size() - point - 1;
  if (scale > static_cast<size_t>(kDecimalPrecisionMax)) return std::nullopt;
  const ParsedDecimal parsed = parse_decimal(text, kDecimalPrecisionMax, static_cast<int>(scale));
  if (parsed.fault) return std::nullopt;
  return Decimal{parsed.units, static_cast<int>(scale)};
}

std::string int128_to_string(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  UInt128 rest = negative ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
  std::string text;
  while (rest != 0) {
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (negative) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

std::string to_string(const Decimal& value) {
  if (value.scale == 0) return int128_to_string(value.units);
  const bool negative = value.units < 0;
  std::string digits = int128_to_string(negative ? -value.units : value.units);
  const auto scale = static_cast<size_t>(value.scale);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, ".");
  return negative ? "-" + digits : digits;
}

Decimal rescale_up(const Decimal& value, int scale) {
  BULLION_ASSERT(scale >= value.scale);
  return {value.units * power_of_ten(scale - value.scale), scale};
}

namespace {

/// Units at a larger scale, or nullopt when they pass 38 digits.
std::optional<Int128> units_at(const Decimal& value, int scale) {
  const int shift = scale - value.scale;
  if (value.units == 0) return Int128{0};
  if (shift > kDecimalPrecisionMax) return std::nullopt;
  const Int128 limit = (power_of_ten(kDecimalPrecisionMax) - 1) / power_of_ten(shift);
  if (value.units > limit || value.units < -limit) return std::nullopt;
  return value.units * power_of_ten(shift);
}

}  // namespace

std::optional<Decimal> sum_of(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale, b.scale);
  const auto x = units_at(a, scale);
  const auto y = units_at(b, scale);
  if (!x || !y) return std::nullopt;
  // Two values of up to 38 digits each fit 128 bits together.
  const Int128 units = *x + *y;
  const Int128 limit = power_of_ten(kDecimalPrecisionMax);
  if (units >= limit || units <= -limit) return std::nullopt;
  return Decimal{units, scale};
}

std::optional<Decimal> difference_of(const Decimal& a, const Decimal& b) {
  return sum_of(a, Decimal{-b.units, b.scale});
}

bool same_value(const Decimal& a, const Decimal& b) {
  const auto difference = difference_of(a, b);
  return difference && difference->units == 0;
}

}  // namespace bullion
