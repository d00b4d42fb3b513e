// The rows that a finding points at, as the release has them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detect/case.h"
#include "detect/finding.h"
#include "engine/value.h"
#include "reader/reader.h"

namespace bullion::detect {

/// The rows behind one finding.
struct FindingEvidence {
  Finding finding;
  int64_t release = 0;  ///< that they are of
  std::string table;    ///< "" when the project does not say where the rows are
  std::string key;      ///< its column of row ids
  /// The rows of the table, in the order of finding.evidence with at most kEvidenceRowsMax of them;
  /// the first column is row_id. Empty without a table.
  engine::Rows rows;
};

inline constexpr size_t kEvidenceRowsMax = 50;

/// For the findings of a case: those of now at `release`, those that are gone at the last release
/// that had them. At most `findings_max`, in the order of the case's findings.
Result<std::vector<FindingEvidence>> read_evidence(reader::Reader& reader,
                                                   const Detectors& detectors, int64_t release,
                                                   const std::vector<KnownFinding>& findings,
                                                   size_t findings_max);

}  // namespace bullion::detect
