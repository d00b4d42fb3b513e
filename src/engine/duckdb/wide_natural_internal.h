// Natural numbers of up to 640 bits, for money arithmetic whose steps pass 128 bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/decimal.h"

namespace bullion::engine {

/// Unsigned; operations assert that they do not pass 640 bits (192 decimal digits), which products
/// of three DECIMAL(38) amounts and two powers of ten up to 10^38 never do.
class WideNatural {
 public:
  WideNatural() = default;
  explicit WideNatural(UInt128 value);

  bool is_zero() const;
  void multiply(const WideNatural& factor);
  /// Times 10^exponent, exponent >= 0.
  void multiply_power_of_ten(int exponent);
  void add(const WideNatural& other);
  /// `other` must not be greater.
  void subtract(const WideNatural& other);
  /// This number becomes the quotient, rounded to the nearest, halves up. `divisor` is not zero.
  void divide_rounded(const WideNatural& divisor);
  /// nullopt when it does not fit.
  std::optional<UInt128> to_uint128() const;

  /// -1, 0 or 1.
  static int compare(const WideNatural& a, const WideNatural& b);

 private:
  static constexpr size_t kLimbs = 10;

  size_t bits() const;
  bool bit(size_t index) const;
  void shift_left_by_one(bool lowest);

  std::array<uint64_t, kLimbs> limbs_{};  ///< the least significant first
};

}  // namespace bullion::engine
