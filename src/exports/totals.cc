#include "exports/totals_internal.h"

namespace bullion::exports {
namespace {

Totals::Group empty_group(size_t columns) {
  return {std::vector<ExactSum>(columns), std::vector<bool>(columns, false), 0};
}

}  // namespace

void Totals::add(const std::vector<engine::Value>& row) {
  const std::vector<size_t>& columns = selection_.totals;
  if (columns.empty() || left_out_) return;
  std::optional<std::string> key;
  if (selection_.currency && !is_null(row[*selection_.currency])) {
    key = engine::to_text(row[*selection_.currency]);
  }
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= kCurrenciesMax) {
      left_out_ = true;
      groups_.clear();
      return;
    }
    found = groups_.emplace(key, empty_group(columns.size())).first;
  }
  Group& group = found->second;
  ++group.rows;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::optional<Decimal> number = exact_number(row[columns[i]]);
    if (!number) continue;
    group.sums[i].add(*number);
    if (!fits_fifteen_digits(*number)) group.has_long_value[i] = true;
  }
}

const Totals::Groups& Totals::groups() {
  if (groups_.empty() && !selection_.totals.empty() && !selection_.currency && !left_out_) {
    groups_.emplace(std::nullopt, empty_group(selection_.totals.size()));
  }
  return groups_;
}

std::string Totals::text(const Group& group, size_t total) const {
  return group.sums[total].text(selection_.schema[selection_.totals[total]].type.scale);
}

void Totals::fill(Summary& summary) {
  summary.totals_left_out = left_out_;
  summary.has_currencies = selection_.currency.has_value();
  for (const auto& [currency, group] : groups()) {
    for (size_t i = 0; i < selection_.totals.size(); ++i) {
      summary.totals.push_back(
          {selection_.schema[selection_.totals[i]].name, currency, text(group, i), group.rows});
    }
  }
}

}  // namespace bullion::exports
