// Cases as the JSON of the API.
#pragma once

#include <string>
#include <vector>

#include "detect/case_store.h"
#include "detect/evidence.h"
#include "detect/finding.h"
#include "server/json_cells.h"

namespace bullion::server {

/// An amount with at least two places and no more zeros than that.
Json case_money(const Decimal& amount, const std::string& currency);
Json case_json(const detect::Case& item);
Json pattern_json(const detect::Pattern& pattern);
/// A CaseDetail as text: its evidence holds cells.
std::string detail_text(const detect::CaseDetail& detail,
                        const std::vector<detect::FindingEvidence>& evidence,
                        const detect::Detectors& detectors);

}  // namespace bullion::server
