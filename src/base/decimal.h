// Exact decimal numbers: a 128-bit count of units at a scale. No floating point anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bullion {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// The largest precision of a DECIMAL in SQL, Parquet and Delta.
inline constexpr int kDecimalPrecisionMax = 38;

/// Why a text could not become a decimal of the wanted precision and scale.
enum class DecimalFault {
  NotANumber,     ///< The text is no decimal number.
  TooManyDigits,  ///< More digits before the point than precision - scale allows.
  LosesDigits,    ///< Digits after the point, other than zeros, that the scale cannot hold.
};

/// units / 10^scale. Trailing zeros are part of the value's form (1.50 has scale 2).
struct Decimal {
  Int128 units = 0;
  int scale = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// Outcome of parse_decimal: `units` at the asked scale when `fault` is empty.
struct ParsedDecimal {
  Int128 units = 0;
  std::optional<DecimalFault> fault;
};

/// 10^exponent for 0 <= exponent <= 38.
Int128 power_of_ten(int exponent);

/// Parses `[+-]digits[.digits][(e|E)[+-]digits]` exactly into units at `scale`.
/// Never rounds: text with digits that do not fit has a fault. No blanks, no separators.
ParsedDecimal parse_decimal(std::string_view text, int precision, int scale);

/// The number as written, at the scale it is written with ("15.00" has scale 2): the inverse of
/// to_string. No exponent. nullopt when the text is no number or has more than 38 digits.
std::optional<Decimal> decimal_of(std::string_view text);

/// "-12.34"; with all digits of the scale, no exponent.
std::string to_string(const Decimal& value);
std::string int128_to_string(Int128 value);

/// The same value with a larger scale. The caller sees to it that it fits 128 bits.
Decimal rescale_up(const Decimal& value, int scale);

/// a + b at the larger scale; nullopt when that does not fit 38 digits.
std::optional<Decimal> sum_of(const Decimal& a, const Decimal& b);
std::optional<Decimal> difference_of(const Decimal& a, const Decimal& b);
/// Equal values, whatever their scales.
bool same_value(const Decimal& a, const Decimal& b);

}  // namespace bullion
