#include "detect/rollup.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

namespace bullion::detect {
namespace {

/// Digits that the product of the doubts is kept with. Each step rounds down, so that one more
/// factor can only lower it.
constexpr int kDoubtScale = 24;

class UnionFind {
 public:
  explicit UnionFind(size_t size) : parents_(size) {
    std::iota(parents_.begin(), parents_.end(), size_t{0});
  }
  size_t root(size_t node) {
    while (parents_[node] != node) {
      parents_[node] = parents_[parents_[node]];
      node = parents_[node];
    }
    return node;
  }
  void join(size_t a, size_t b) {
    a = root(a);
    b = root(b);
    if (a != b) parents_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parents_;
};

/// Names joined by a character that no name has between its parts: the length tells them apart.
std::string joined(std::string_view kind, std::string_view a, std::string_view b) {
  std::string key;
  key.reserve(kind.size() + a.size() + b.size() + 8);
  key.append(kind).append(std::to_string(a.size())).append(":").append(a).append(b);
  return key;
}

std::pair<std::string_view, std::string_view> name_of(const Finding& finding) {
  return {finding.detector, finding.key};
}

/// At twice the scale of shares.
Int128 certainty(const Finding& finding) {
  if (finding.likelihood) return finding.likelihood->units * power_of_ten(kShareScale);
  return finding.weight.units * finding.strength.units;
}

Decimal score_of(std::span<const Finding> findings, const std::vector<size_t>& members) {
  const Int128 one = power_of_ten(2 * kShareScale);
  Int128 doubt = power_of_ten(kDoubtScale);
  for (const size_t member : members) doubt = doubt * (one - certainty(findings[member])) / one;
  const Int128 step = power_of_ten(kDoubtScale - kShareScale);
  return {(power_of_ten(kDoubtScale) - doubt + step / 2) / step, kShareScale};
}

Result<std::vector<Money>> money_of(std::span<const Finding> findings,
                                    const std::vector<size_t>& members) {
  // By table, row and currency.
  using RowName = std::tuple<std::string_view, std::string_view, std::string_view>;
  std::vector<std::pair<RowName, Int128>> rows;
  for (const size_t member : members) {
    const Finding& finding = findings[member];
    for (const Evidence& evidence : finding.evidence) {
      if (evidence.role != Role::Flagged) continue;
      rows.push_back({{finding.evidence_table, evidence.row_id, evidence.currency},
                      evidence.amount_at_risk.units});
    }
  }
  std::sort(rows.begin(), rows.end());
  std::map<std::string_view, Decimal> sums;
  for (size_t i = 0; i < rows.size(); ++i) {
    // Sorted by amount within a row: the last is the largest.
    if (i + 1 < rows.size() && rows[i + 1].first == rows[i].first) continue;
    const std::string_view currency = std::get<2>(rows[i].first);
    Decimal& sum = sums.try_emplace(currency, Decimal{0, kMoneyScale}).first->second;
    const auto larger = sum_of(sum, {rows[i].second, kMoneyScale});
    if (!larger) {
      return invalid(
          fmt::format("the money at risk of one case passes 38 digits of {}; its first "
                      "finding is `{}` of `{}`",
                      currency, findings[members.front()].key, findings[members.front()].detector));
    }
    sum = *larger;
  }
  std::vector<Money> money;
  for (const auto& [currency, sum] : sums) money.push_back({std::string(currency), sum});
  return money;
}

}  // namespace

Result<Group> weigh(std::span<const Finding> findings, std::vector<size_t> members) {
  Group group;
  group.findings = std::move(members);
  std::sort(group.findings.begin(), group.findings.end(), [&](size_t a, size_t b) {
    const Int128 of_a = certainty(findings[a]);
    const Int128 of_b = certainty(findings[b]);
    if (of_a != of_b) return of_a > of_b;
    return name_of(findings[a]) < name_of(findings[b]);
  });
  group.score = score_of(findings, group.findings);
  group.opens_case = std::ranges::any_of(
      group.findings, [&](size_t member) { return findings[member].opens_cases; });
  BULLION_TRY_ASSIGN(group.at_risk, money_of(findings, group.findings));
  return group;
}

Result<std::vector<Group>> roll_up(std::span<const Finding> findings,
                                   std::span<const Placement> placements) {
  std::vector<size_t> order;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (placements.empty() || !placements[i].set_aside) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return name_of(findings[a]) < name_of(findings[b]); });
  UnionFind sets(findings.size());
  std::unordered_map<std::string, size_t> first_with;
  first_with.reserve(2 * order.size());
  const auto share = [&](std::string key, size_t finding) {
    const auto [place, is_new] = first_with.try_emplace(std::move(key), finding);
    if (!is_new) sets.join(place->second, finding);
  };
  for (const size_t i : order) {
    const Finding& finding = findings[i];
    share(joined("s", finding.subject_type, finding.subject_id), i);
    for (const Evidence& evidence : finding.evidence) {
      if (evidence.role == Role::Flagged) {
        share(joined("r", finding.evidence_table, evidence.row_id), i);
      }
    }
    if (!placements.empty() && placements[i].together != 0) {
      share("c" + std::to_string(placements[i].together), i);
    }
  }
  // Members and groups come in the order of the names, whatever the root of each set is.
  std::vector<std::vector<size_t>> members;
  std::unordered_map<size_t, size_t> group_of_root;
  for (const size_t i : order) {
    const auto [place, is_new] = group_of_root.try_emplace(sets.root(i), members.size());
    if (is_new) members.emplace_back();
    members[place->second].push_back(i);
  }
  std::vector<Group> groups;
  groups.reserve(members.size());
  for (std::vector<size_t>& of_group : members) {
    BULLION_TRY_ASSIGN(Group group, weigh(findings, std::move(of_group)));
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace bullion::detect
