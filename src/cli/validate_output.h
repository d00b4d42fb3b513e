// The report of `bullion validate` as people, programs and CI servers read it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "quality/rule_run.h"

namespace bullion::cli {

/// What was checked against what.
struct ValidatedData {
  const quality::RuleSet* set = nullptr;
  std::string name;  ///< of the file or table
  const quality::RuleReport* report = nullptr;
  /// Where each sample row is, parallel to outcomes and their samples: "a.csv:12 (record 11)".
  std::vector<std::vector<std::string>> places;
};

/// "table", "md", "csv", "json" or "junit". Table and md show what failed, and with `all` every
/// rule; the others always have all. Invalid names another format.
Result<std::string> format_report(const ValidatedData& data, const std::string& output, bool all);

/// One line: verdicts counted.
std::string report_summary(const ValidatedData& data);

}  // namespace bullion::cli
