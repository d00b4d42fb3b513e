#include "pipeline/totals.h"

#include <variant>

#include <fmt/format.h>

namespace bullion::pipeline {

Result<Total> total_of(engine::Engine& engine, const std::string& relation,
                       const std::string& amount) {
  const std::string sum =
      amount.empty() ? "CAST(0 AS DECIMAL(38,0))" : fmt::format("sum({})", amount);
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     engine.query(fmt::format("SELECT count(*), {} FROM {}", sum, relation)));
  Total total;
  total.rows = std::get<int64_t>(rows.rows.at(0).at(0));
  if (const auto* value = std::get_if<Decimal>(&rows.rows.at(0).at(1))) total.amount = *value;
  return total;
}

Status add_amount(Decimal& sum, const Decimal& value, int sign) {
  const auto total = sign > 0 ? sum_of(sum, value) : difference_of(sum, value);
  if (!total) return invalid("a sum of amounts does not fit 38 digits");
  sum = *total;
  return ok();
}

}  // namespace bullion::pipeline
