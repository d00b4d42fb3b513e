// Cases as tables for people and programs.
#pragma once

#include <string>
#include <vector>

#include "detect/case_store.h"
#include "engine/value.h"

namespace bullion::cli {

/// One row per case; money is that in the currency it is ranked by, the rest is in `other_money`.
engine::Rows case_rows(const std::vector<detect::Case>& cases, const std::string& currency);
/// case_rows() with fewer columns, so that they stay readable on a terminal.
engine::Rows shortened(engine::Rows rows);
engine::Rows finding_rows(const std::vector<detect::KnownFinding>& findings);
engine::Rows event_rows(const std::vector<detect::Event>& events);
engine::Rows pattern_rows(const std::vector<detect::Pattern>& patterns);
/// "1,200.00 EUR at risk, 1,000.00 confirmed, 0.00 recovered" for each currency.
std::vector<std::string> money_lines(const detect::Case& item);
/// Names of columns for rows of these values.
delta::Schema named(const std::vector<std::string>& names);

}  // namespace bullion::cli
