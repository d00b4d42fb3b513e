// Percentages from exact numbers, digit by digit: no step is a binary fraction.
#include <fmt/format.h>

#include "metrics/values.h"

namespace bullion::metrics {
namespace {

constexpr const char* kMeaningless = "n.m.";

/// 100 * part / whole with one digit, halves away from zero. whole > 0; both below 10^38.
std::string percent_text(bool negative, UInt128 part, UInt128 whole) {
  // 1000 * part may need more than 128 bits, so the three digits come from long division; a
  // remainder is below 10^38, and twice that fits.
  UInt128 quotient = part / whole;
  UInt128 rest = part % whole;
  if (quotient > static_cast<UInt128>(power_of_ten(30))) return kMeaningless;
  for (int i = 0; i < 3; ++i) {
    UInt128 digit = 0;
    UInt128 sum = 0;
    for (int times = 0; times < 10; ++times) {
      sum += rest;
      if (sum >= whole) {
        sum -= whole;
        ++digit;
      }
    }
    quotient = quotient * 10 + digit;
    rest = sum;
  }
  if (rest >= whole - rest) ++quotient;
  const Decimal tenths{static_cast<Int128>(quotient) * (negative ? -1 : 1), 1};
  return to_string(tenths);
}

/// Both at the larger of the two scales; nullopt when that has no room.
std::optional<std::pair<Decimal, Decimal>> at_one_scale(const Decimal& a, const Decimal& b) {
  const auto first = sum_of(a, Decimal{0, b.scale});
  const auto second = sum_of(b, Decimal{0, a.scale});
  if (!first || !second) return std::nullopt;
  return std::pair(*first, *second);
}

}  // namespace

std::string percent_of(const Decimal& part, const Decimal& whole) {
  const auto both = at_one_scale(part, whole);
  if (!both || both->second.units <= 0) return kMeaningless;
  const Int128 units = both->first.units;
  return percent_text(units < 0, static_cast<UInt128>(units < 0 ? -units : units),
                      static_cast<UInt128>(both->second.units));
}

std::string growth_of(const std::optional<Decimal>& value, const std::optional<Decimal>& base) {
  if (!value || !base || value->units < 0 || base->units <= 0) return kMeaningless;
  const auto change = difference_of(*value, *base);
  return change ? percent_of(*change, *base) : kMeaningless;
}

}  // namespace bullion::metrics
