// Count and exact sum of a relation, for ledgers.
#pragma once

#include <cstdint>
#include <string>

#include "base/decimal.h"
#include "engine/engine.h"

namespace bullion::pipeline {

struct Total {
  int64_t rows = 0;
  Decimal amount;
};

/// `amount` is an SQL expression over `relation`, "" for none.
Result<Total> total_of(engine::Engine& engine, const std::string& relation,
                       const std::string& amount);

/// sum += sign * value; `sign` is 1 or -1. Invalid when the sum needs more than 38 digits.
Status add_amount(Decimal& sum, const Decimal& value, int sign = 1);

}  // namespace bullion::pipeline
