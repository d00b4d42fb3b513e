#include <fmt/format.h>

#include "exports/exact_sum_internal.h"

namespace bullion::exports {
namespace {

constexpr int kLowDigits = 19;
constexpr int kSpreadsheetDigits = 15;

}  // namespace

void ExactSum::add(const Decimal& value) {
  const Int128 base = power_of_ten(kLowDigits);
  high_ += value.units / base;
  low_ += value.units % base;
}

std::string ExactSum::text(int scale) const {
  const Int128 base = power_of_ten(kLowDigits);
  Int128 high = high_ + low_ / base;
  Int128 low = low_ % base;
  // Both parts get the sign of the sum.
  if (high > 0 && low < 0) {
    high -= 1;
    low += base;
  } else if (high < 0 && low > 0) {
    high += 1;
    low -= base;
  }
  const bool negative = high < 0 || low < 0;
  if (negative) {
    high = -high;
    low = -low;
  }
  std::string digits = int128_to_string(low);
  if (high != 0) digits = fmt::format("{}{:0>19}", int128_to_string(high), digits);
  const auto fraction = static_cast<size_t>(scale);
  if (fraction > 0) {
    if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
    digits.insert(digits.size() - fraction, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

std::optional<Decimal> exact_number(const engine::Value& value) {
  if (const auto* decimal = std::get_if<Decimal>(&value)) return *decimal;
  if (const auto* whole = std::get_if<int64_t>(&value)) return Decimal{*whole, 0};
  return std::nullopt;
}

bool fits_fifteen_digits(const Decimal& value) {
  const Int128 limit = power_of_ten(kSpreadsheetDigits);
  Int128 units = value.units;
  while ((units >= limit || units <= -limit) && units % 10 == 0) units /= 10;
  return units < limit && units > -limit;
}

bool fits_fifteen_digits(std::string_view decimal_text) {
  int digits = 0;
  int zeros = 0;
  for (const char c : decimal_text) {
    if (c == '-' || c == '.' || (c == '0' && digits == 0)) continue;
    if (c == '0') {
      ++zeros;
      continue;
    }
    digits += zeros + 1;
    zeros = 0;
  }
  return digits <= kSpreadsheetDigits;
}

}  // namespace bullion::exports
