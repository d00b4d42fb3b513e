#include "detect/finding.h"

namespace bullion::detect {

Detectors detectors_of(const project::Project& project) {
  Detectors detectors;
  for (const project::Detector& detector : project.detectors) {
    detectors[detector.name] = {.title = detector.title,
                                .evidence_table = detector.evidence_table,
                                .evidence_key = detector.evidence_key,
                                .opens_cases = detector.opens_cases};
  }
  return detectors;
}

}  // namespace bullion::detect
