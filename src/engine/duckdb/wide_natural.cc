#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "engine/duckdb/wide_natural_internal.h"

namespace bullion::engine {

WideNatural::WideNatural(UInt128 value) {
  limbs_[0] = static_cast<uint64_t>(value);
  limbs_[1] = static_cast<uint64_t>(value >> 64);
}

bool WideNatural::is_zero() const { return bits() == 0; }

size_t WideNatural::bits() const {
  for (size_t i = kLimbs; i-- > 0;) {
    if (limbs_[i] != 0) return 64 * i + static_cast<size_t>(std::bit_width(limbs_[i]));
  }
  return 0;
}

bool WideNatural::bit(size_t index) const { return (limbs_[index / 64] >> (index % 64) & 1) != 0; }

void WideNatural::shift_left_by_one(bool lowest) {
  uint64_t carry = lowest ? 1 : 0;
  for (uint64_t& limb : limbs_) {
    const uint64_t top = limb >> 63;
    limb = limb << 1 | carry;
    carry = top;
  }
  BULLION_ASSERT(carry == 0);
}

void WideNatural::multiply(const WideNatural& factor) {
  BULLION_ASSERT(bits() + factor.bits() <= 64 * kLimbs);
  std::array<uint64_t, kLimbs> product{};
  for (size_t i = 0; i < kLimbs; ++i) {
    if (limbs_[i] == 0) continue;
    uint64_t carry = 0;
    for (size_t j = 0; i + j < kLimbs; ++j) {
      const UInt128 sum =
          static_cast<UInt128>(limbs_[i]) * factor.limbs_[j] + product[i + j] + carry;
      product[i + j] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
  }
  limbs_ = product;
}

void WideNatural::multiply_power_of_ten(int exponent) {
  BULLION_ASSERT(exponent >= 0);
  for (int left = exponent; left > 0;) {
    const int step = std::min(left, kDecimalPrecisionMax);
    multiply(WideNatural(static_cast<UInt128>(power_of_ten(step))));
    left -= step;
  }
}

void WideNatural::add(const WideNatural& other) {
  uint64_t carry = 0;
  for (size_t i = 0; i < kLimbs; ++i) {
    const UInt128 sum = static_cast<UInt128>(limbs_[i]) + other.limbs_[i] + carry;
    limbs_[i] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  BULLION_ASSERT(carry == 0);
}

void WideNatural::subtract(const WideNatural& other) {
  uint64_t borrow = 0;
  for (size_t i = 0; i < kLimbs; ++i) {
    const UInt128 difference = static_cast<UInt128>(limbs_[i]) - other.limbs_[i] - borrow;
    limbs_[i] = static_cast<uint64_t>(difference);
    borrow = static_cast<uint64_t>(difference >> 64) & 1;
  }
  BULLION_ASSERT(borrow == 0);
}

void WideNatural::divide_rounded(const WideNatural& divisor) {
  BULLION_ASSERT(!divisor.is_zero());
  WideNatural quotient;
  WideNatural rest;
  // School division, bit by bit: the remainder stays below the divisor.
  for (size_t i = bits(); i-- > 0;) {
    rest.shift_left_by_one(bit(i));
    const bool fits = compare(rest, divisor) >= 0;
    if (fits) rest.subtract(divisor);
    quotient.shift_left_by_one(fits);
  }
  WideNatural missing = divisor;
  missing.subtract(rest);
  if (compare(rest, missing) >= 0) quotient.add(WideNatural(1));
  *this = quotient;
}

std::optional<UInt128> WideNatural::to_uint128() const {
  if (bits() > 128) return std::nullopt;
  return static_cast<UInt128>(limbs_[1]) << 64 | limbs_[0];
}

int WideNatural::compare(const WideNatural& a, const WideNatural& b) {
  for (size_t i = kLimbs; i-- > 0;) {
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i] ? -1 : 1;
  }
  return 0;
}

}  // namespace bullion::engine
