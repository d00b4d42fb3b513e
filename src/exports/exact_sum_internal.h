// Sums of decimals that never overflow and never round.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "engine/value.h"

namespace bullion::exports {

/// Adds up to 10^18 decimals of one scale; the sum may have more than 38 digits.
class ExactSum {
 public:
  /// All values added have one scale.
  void add(const Decimal& value);
  /// "-12.34", with all digits of the scale.
  std::string text(int scale) const;

 private:
  // The sum is high_ * 10^19 + low_, each part far from its limits.
  Int128 high_ = 0;
  Int128 low_ = 0;
};

/// An exact number of a cell: a DECIMAL or a whole number; nullopt for anything else.
std::optional<Decimal> exact_number(const engine::Value& value);

/// Whether a spreadsheet keeps every digit: at most 15 significant ones. Zeros at either end do not
/// count, since a binary double of 53 bits gives them back.
bool fits_fifteen_digits(const Decimal& value);
/// The same for the text of a decimal.
bool fits_fifteen_digits(std::string_view decimal_text);

}  // namespace bullion::exports
