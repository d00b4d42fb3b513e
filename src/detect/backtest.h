// Detectors measured against labels: rows somebody knows to be wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "detect/calibration.h"
#include "detect/finding.h"
#include "detect/rollup.h"
#include "engine/engine.h"

namespace bullion::detect {

/// One row that is known to be wrong. Rows with the same detector, kind and label_id are one label.
struct Label {
  std::string detector;  ///< that should flag it; "": any
  std::string kind;      ///< what is wrong with it, in the labels' own words; "" when they say none
  std::string label_id;  ///< "": the row is a label of its own
  std::string row_id;
  std::optional<Decimal> amount;  ///< scale kMoneyScale
  std::string currency;           ///< of the amount; "" when the labels say none
};

/// The rows of a CSV file with the columns row_id, detector or kind (or both), and if they like
/// label_id, amount and currency; others are left alone. Invalid names the file and what is
/// missing.
Result<std::vector<Label>> read_labels(engine::Engine& engine, const std::string& path);

/// How well one detector, kind or all cases did.
struct Measure {
  int64_t labels = 0;               ///< labels it should find
  int64_t hits = 0;                 ///< of them, with a flagged row
  int64_t found = 0;                ///< findings (or cases) it made
  int64_t true_found = 0;           ///< of them, with a labelled row among the flagged
  std::vector<Money> money_found;   ///< of labelled rows that are flagged, by currency
  std::vector<Money> money_missed;  ///< of those that are not

  /// Parts of one, scale kShareScale, rounded half up; nullopt when there is nothing to divide by.
  std::optional<Decimal> precision() const;
  std::optional<Decimal> recall() const;
};

struct Backtest {
  std::map<std::string, Measure> detectors;
  std::map<std::string, Measure> kinds;  ///< recall alone
  Measure cases;                         ///< any detector may find a label
  Reliability scores;                    ///< of the cases; one is true when it flags a labelled row
};

/// A label is hit when a finding of its detector (or of any, when it names none) flags one of its
/// rows. A finding is true when it flags a row of a label of its detector, or of one without.
Result<Backtest> backtest(std::span<const Finding> findings, std::span<const Label> labels);

/// What the labels say of each finding, for `fit`: true when it flags a labelled row, whichever
/// detector the label names.
std::vector<Verdict> verdicts(std::span<const Finding> findings, std::span<const Label> labels);

/// The shares of a backtest as JSON with the labels they are of (docs/cases.md).
std::string baseline_json(const Backtest& result, const std::string& labels_sha256);
/// What is worse than in the baseline, one sentence each. Invalid when it is no baseline, or one of
/// other labels.
Result<std::vector<std::string>> worse_than(const Backtest& result, std::string_view baseline,
                                            const std::string& labels_sha256);

}  // namespace bullion::detect
