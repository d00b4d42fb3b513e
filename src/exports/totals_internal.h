// The exact sums of an export, kept apart by currency.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exports/exact_sum_internal.h"
#include "exports/selection_internal.h"

namespace bullion::exports {

/// Sums while rows stream by. Not thread-safe.
class Totals {
 public:
  explicit Totals(const Selection& selection) : selection_(selection) {}

  /// What is known of one currency; vectors go with Selection::totals.
  struct Group {
    std::vector<ExactSum> sums;
    std::vector<bool> has_long_value;  ///< a value over 15 digits, which XLSX holds as text
    int64_t rows = 0;
  };
  using Groups = std::map<std::optional<std::string>, Group>;

  void add(const std::vector<engine::Value>& row);
  /// Without a currency column, one group under nullopt, even of no rows. Empty when there is
  /// nothing to sum, or when there are too many currencies.
  const Groups& groups();
  /// Text of a sum with the digits of its column's scale.
  std::string text(const Group& group, size_t total) const;
  void fill(Summary& summary);

 private:
  const Selection& selection_;
  Groups groups_;
  bool left_out_ = false;
};

}  // namespace bullion::exports
