// How often findings of a detector turn out to be true, by their strength: measured against labels
// or decisions, kept as a file of the project, and used for the score of a case.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "detect/finding.h"

namespace bullion::detect {

/// Findings of about one strength, and how many of them were true.
struct CalibrationPoint {
  Decimal strength;    ///< their mean, scale kShareScale
  Decimal likelihood;  ///< share that is true, scale kShareScale; neither 0 nor 1
  int64_t findings = 0;
  int64_t true_findings = 0;
};

/// By detector, in the order of the strength; likelihoods never fall.
struct Calibration {
  std::map<std::string, std::vector<CalibrationPoint>> detectors;

  /// Between two points in proportion, beyond the ends that of the end; it never falls when the
  /// strength rises. Weight x strength (rounded down) for a detector without points.
  Decimal likelihood(const std::string& detector, const Decimal& weight,
                     const Decimal& strength) const;
};

/// What became of one finding.
struct Verdict {
  std::string detector;
  Decimal strength;  ///< scale kShareScale
  bool is_true = false;
};

/// Pools neighbouring strengths until likelihoods rise with them (isotonic regression, pool
/// adjacent violators) and each point has at least kPointFindings, where a detector has as many.
/// The share of t true ones of n is (t + 1/2) / (n + 1), so that few findings are never certainty.
inline constexpr int64_t kPointFindings = 10;
Calibration fit(std::span<const Verdict> verdicts);

/// The file detectors/calibration.json (docs/cases.md).
std::string calibration_json(const Calibration& calibration, std::string_view source);
/// Invalid when it is none, or when a likelihood falls.
Result<Calibration> parse_calibration(std::string_view json);

/// Gives the findings of detectors with points their likelihood, and takes it from others.
void set_likelihoods(const Calibration& calibration, std::span<Finding> findings);

/// Where a project keeps it.
std::string calibration_path(const std::string& project_folder);
/// That of a project; without points when it has none.
Result<Calibration> load_calibration(const std::string& project_folder);

/// Cases with about one score.
struct ScoreBin {
  Decimal from;  ///< scores of `from` and more, below the next bin's; scale kShareScale
  int64_t cases = 0;
  int64_t true_cases = 0;
  Decimal mean_score;  ///< scale kShareScale
  Decimal true_share;  ///< scale kShareScale
};
struct Reliability {
  std::vector<ScoreBin> bins;    ///< those with cases, of ten of equal width
  std::optional<Decimal> error;  ///< nullopt without cases; scale kShareScale
};

/// The expected calibration error: over the bins, the mean of |mean score - share that is true|,
/// weighted by cases (Naeini, Cooper and Hauskrecht, 2015). Scores at scale kShareScale.
Reliability reliability(std::span<const std::pair<Decimal, bool>> scores);

}  // namespace bullion::detect
