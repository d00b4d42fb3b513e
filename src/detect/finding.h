// What detectors found in a release, as typed findings with their evidence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "project/project.h"
#include "reader/reader.h"

namespace bullion::detect {

/// Scales of amounts, and of weights, strengths and scores.
inline constexpr int kMoneyScale = 6;
inline constexpr int kShareScale = 4;

enum class Role {
  Flagged,   ///< its money is at risk
  Compared,  ///< shown beside it; carries no money
};

/// One row that a finding points at.
struct Evidence {
  std::string row_id;
  Role role = Role::Flagged;
  int32_t occurred_on = 0;  ///< days since 1970-01-01
  Decimal amount_at_risk;   ///< scale kMoneyScale, not negative
  std::string currency;
};

/// One finding of one detector; (detector, key) names it over releases.
struct Finding {
  std::string detector;
  std::string key;
  std::string severity;  ///< low | medium | high
  Decimal weight;        ///< 0 to 1, scale kShareScale; of the detector
  Decimal strength;      ///< 0 to 1, scale kShareScale; the largest of its rows
  /// Share of such findings that is true, scale kShareScale, when the project has a calibration for
  /// the detector; else weight x strength counts.
  std::optional<Decimal> likelihood;
  std::string subject_type;
  std::string subject_id;
  std::string reason;
  /// Names the table that row ids are of: two detectors flag the same row when both are equal.
  std::string evidence_table;
  bool opens_cases = true;         ///< false: it joins cases, and alone is none
  std::vector<Evidence> evidence;  ///< flagged rows first, by row_id
};

/// What a project says of a detector; all may be "" when it no longer has it.
struct DetectorFacts {
  std::string title;
  std::string evidence_table;
  std::string evidence_key;
  bool opens_cases = true;
};
using Detectors = std::map<std::string, DetectorFacts>;

Detectors detectors_of(const project::Project& project);

/// The rows of `findings` at a release (docs/cases.md), by detector and key, with the likelihoods
/// of the project's calibration. NotFound when the release has no such table; Invalid when a row
/// breaks its contract, naming the finding.
Result<std::vector<Finding>> read_findings(reader::Reader& reader, reader::OpenRelease& release,
                                           const Detectors& detectors);

/// The findings of a list of (detector, key), as far as the release has them.
Result<std::vector<Finding>> read_findings(
    reader::Reader& reader, reader::OpenRelease& release, const Detectors& detectors,
    const std::vector<std::pair<std::string, std::string>>& wanted);

}  // namespace bullion::detect
