#include <algorithm>

#include "base/assert.h"
#include "engine/duckdb/money_internal.h"
#include "engine/duckdb/wide_natural_internal.h"

namespace bullion::engine {

namespace {

UInt128 magnitude(Int128 value) {
  const auto bits = static_cast<UInt128>(value);
  return value < 0 ? UInt128{0} - bits : bits;
}

/// A sign and a magnitude.
struct WideInteger {
  bool negative = false;
  WideNatural magnitude;
};

WideInteger wide(Int128 value) { return {value < 0, WideNatural(magnitude(value))}; }

WideInteger sum(WideInteger a, const WideInteger& b) {
  if (a.negative == b.negative) {
    a.magnitude.add(b.magnitude);
    return a;
  }
  if (WideNatural::compare(a.magnitude, b.magnitude) >= 0) {
    a.magnitude.subtract(b.magnitude);
    return a;
  }
  WideInteger result = b;
  result.magnitude.subtract(a.magnitude);
  return result;
}

/// Digits of a column: nullopt from 10^38 on.
std::optional<Int128> column_units(const WideInteger& value) {
  const auto units = value.magnitude.to_uint128();
  if (!units || *units >= static_cast<UInt128>(power_of_ten(kDecimalPrecisionMax)))
    return std::nullopt;
  const auto positive = static_cast<Int128>(*units);
  return value.negative ? -positive : positive;
}

/// round(n * 10^up / (d * 10^down)) within 128 bits; false when a step does not fit.
bool narrow_quotient(Int128 n, int up, Int128 d, int down, Int128& quotient) {
  if (up > kDecimalPrecisionMax || down > kDecimalPrecisionMax) return false;
  if (__builtin_mul_overflow(n, power_of_ten(up), &n)) return false;
  if (__builtin_mul_overflow(d, power_of_ten(down), &d)) return false;
  const bool negative = (n < 0) != (d < 0);
  const UInt128 dividend = magnitude(n);
  const UInt128 divisor = magnitude(d);
  UInt128 result = dividend / divisor;
  const UInt128 rest = dividend % divisor;
  if (rest >= divisor - rest) ++result;
  if (result >= static_cast<UInt128>(power_of_ten(kDecimalPrecisionMax))) return false;
  quotient = negative ? -static_cast<Int128>(result) : static_cast<Int128>(result);
  return true;
}

/// round(n * 10^up / (d * 10^down)).
WideInteger wide_quotient(WideInteger n, int up, WideInteger d, int down) {
  const int both = std::min(up, down);
  n.magnitude.multiply_power_of_ten(up - both);
  d.magnitude.multiply_power_of_ten(down - both);
  n.magnitude.divide_rounded(d.magnitude);
  n.negative = n.negative != d.negative;
  return n;
}

/// round(amount * weight / total) at `scale`, where `weight` is units at `weight_scale`.
WideInteger share_up_to(const Decimal& amount, const WideInteger& weight, int weight_scale,
                        const Decimal& total, int scale) {
  WideInteger product = wide(amount.units);
  product.magnitude.multiply(weight.magnitude);
  product.negative = product.negative != weight.negative;
  return wide_quotient(product, scale + total.scale, wide(total.units),
                       amount.scale + weight_scale);
}

/// The same for the usual sizes, within 128 bits.
bool narrow_share(const Share& share, int scale, Int128& part) {
  const int weight_scale = share.weight.scale;
  if (share.before.scale != weight_scale || share.total.scale != weight_scale) return false;
  const int up = std::max(0, scale - share.amount.scale);
  const int down = std::max(0, share.amount.scale - scale);
  Int128 after = 0;
  Int128 product = 0;
  Int128 upper = 0;
  Int128 lower = 0;
  return !__builtin_add_overflow(share.before.units, share.weight.units, &after) &&
         !__builtin_mul_overflow(share.amount.units, after, &product) &&
         narrow_quotient(product, up, share.total.units, down, upper) &&
         !__builtin_mul_overflow(share.amount.units, share.before.units, &product) &&
         narrow_quotient(product, up, share.total.units, down, lower) &&
         !__builtin_sub_overflow(upper, lower, &part) &&
         magnitude(part) < static_cast<UInt128>(power_of_ten(kDecimalPrecisionMax));
}

}  // namespace

std::optional<Int128> ratio_units(const Decimal& n, const Decimal& d, int scale) {
  BULLION_ASSERT(d.units != 0);
  const int shift = scale + d.scale - n.scale;
  const int up = std::max(0, shift);
  const int down = std::max(0, -shift);
  Int128 quotient = 0;
  if (narrow_quotient(n.units, up, d.units, down, quotient)) return quotient;
  return column_units(wide_quotient(wide(n.units), up, wide(d.units), down));
}

std::optional<Int128> share_units(const Share& share, int scale) {
  BULLION_ASSERT(share.total.units != 0);
  Int128 part = 0;
  if (narrow_share(share, scale, part)) return part;
  const int weight_scale = std::max(share.weight.scale, share.before.scale);
  WideInteger before = wide(share.before.units);
  before.magnitude.multiply_power_of_ten(weight_scale - share.before.scale);
  WideInteger weight = wide(share.weight.units);
  weight.magnitude.multiply_power_of_ten(weight_scale - share.weight.scale);
  const WideInteger after = sum(before, weight);
  WideInteger lower = share_up_to(share.amount, before, weight_scale, share.total, scale);
  const WideInteger upper = share_up_to(share.amount, after, weight_scale, share.total, scale);
  lower.negative = !lower.negative;
  return column_units(sum(upper, lower));
}

bool fits_scale(const Decimal& value, int scale) {
  return value.scale <= scale || value.units % power_of_ten(value.scale - scale) == 0;
}

}  // namespace bullion::engine
