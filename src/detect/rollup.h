// Findings become cases: what belongs together, how sure it is, and how much money it is about.
// Pure: the same findings in any order give the same groups.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "detect/finding.h"

namespace bullion::detect {

/// An amount at scale kMoneyScale.
struct Money {
  std::string currency;
  Decimal amount;
  friend bool operator==(const Money&, const Money&) = default;
};

/// What one case is made of.
struct Group {
  std::vector<size_t>
      findings;   ///< the strongest first (likelihood, else weight * strength; then by name)
  Decimal score;  ///< 0 to 1, scale kShareScale
  std::vector<Money> at_risk;  ///< by currency
  bool opens_case = false;     ///< one of its findings is enough for a case
};

/// How a finding is placed by what was decided before.
struct Placement {
  int64_t together = 0;    ///< findings with the same number other than 0 are one group
  bool set_aside = false;  ///< in no group
};

/// Findings are one group when they flag the same row, share a subject, or are placed together,
/// also by way of others. `placements` is empty or has one entry for each finding. Groups are in
/// the order of their first (detector, key). Invalid when a sum passes 38 digits.
Result<std::vector<Group>> roll_up(std::span<const Finding> findings,
                                   std::span<const Placement> placements = {});

/// The group that these findings make. Score = 1 - product of (1 - likelihood), or of (1 - weight *
/// strength) without calibration, so another finding never lowers it; each flagged row counts once
/// in its currency, with its largest amount.
Result<Group> weigh(std::span<const Finding> findings, std::vector<size_t> members);

}  // namespace bullion::detect
