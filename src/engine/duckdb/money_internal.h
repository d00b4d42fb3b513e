// Exact division of money: a ratio at a stated scale, and a share of an amount such that all shares
// sum to it. Half away from zero, no floating point, no loss at any step.
#pragma once

#include <optional>

#include "base/decimal.h"

namespace bullion::engine {

/// Units of n / d at `scale` (0..18). `d` is not zero. nullopt: more than 38 digits.
std::optional<Int128> ratio_units(const Decimal& n, const Decimal& d, int scale);

/// One row's part of an amount. Weights may be of any sign; `total` is not zero.
struct Share {
  Decimal amount;
  Decimal weight;
  Decimal before;  ///< sum of the weights of the rows before this one
  Decimal total;   ///< sum of the weights of all rows
};

/// Units at `scale` of round(amount * (before + weight) / total) - round(amount * before / total).
/// nullopt: more than 38 digits.
std::optional<Int128> share_units(const Share& share, int scale);

/// Whether `value` has no digits other than zeros beyond `scale`.
bool fits_scale(const Decimal& value, int scale);

}  // namespace bullion::engine
