// Verbs about cases: what detectors found, and what people do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

struct DetectOptions {
  std::string labels;  ///< --backtest; "": sync the cases
  std::string baseline;
  bool save_baseline = false;
  bool calibrate = false;
  std::string output = "table";
};

struct CaseOptions {
  int64_t id = 0;
  std::vector<std::string> states;
  bool all = false;
  std::string owner;
  std::string detector;
  std::string currency;
  std::string money_min;
  std::string order = "score";
  std::optional<int64_t> limit;
  std::string amount;
  std::string note;
  std::string teach;
  bool force = false;
  bool xlsx = false;
  bool csv = false;
  std::string file;
  std::string subject;  ///< TYPE:ID
  std::string finding;
  std::string output = "table";
};

int detect_findings(const GlobalOptions& global, const DetectOptions& options);
int list_cases(const GlobalOptions& global, const CaseOptions& options);
int show_case(const GlobalOptions& global, const CaseOptions& options);
int assign_case(const GlobalOptions& global, const CaseOptions& options);
int confirm_case(const GlobalOptions& global, const CaseOptions& options);
int dismiss_case(const GlobalOptions& global, const CaseOptions& options);
int recover_case(const GlobalOptions& global, const CaseOptions& options);
int comment_case(const GlobalOptions& global, const CaseOptions& options);
int reopen_case(const GlobalOptions& global, const CaseOptions& options);
int export_cases(const GlobalOptions& global, const CaseOptions& options);
int list_patterns(const GlobalOptions& global, const CaseOptions& options);
int add_pattern(const GlobalOptions& global, const CaseOptions& options);
int revoke_pattern(const GlobalOptions& global, const CaseOptions& options);

}  // namespace bullion::cli
