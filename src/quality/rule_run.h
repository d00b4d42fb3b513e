// Evaluates a rule set on one relation: all conditions on rows in a few scans.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "quality/rule_set.h"

namespace bullion::quality {

enum class Verdict { Passed, Failed, Skipped, NotApplicable };
/// "passed", "failed", "skipped", "not_applicable".
std::string to_string(Verdict verdict);

/// One violating row, or one row of a query's answer.
struct RuleSample {
  std::string file;  ///< value of RuleData::file_column; "" when there is none
  int64_t row = 0;   ///< value of RuleData::row_column; 0 for answers of queries
  std::string text;  ///< "column=value, ..." of what the rule looks at
};

struct RuleOutcome {
  const Rule* rule = nullptr;  ///< of the set that was run, which must outlive it
  Verdict verdict = Verdict::Passed;
  std::string reason;      ///< for what was not plainly checked
  int64_t violations = 0;  ///< rows, rows of the query's answer, or failed parts
  int64_t checked = 0;     ///< rows its condition holds for; 0 when not counted
  std::vector<RuleSample> sample;
};

/// What the rules are run on.
struct RuleData {
  std::string relation;     ///< a SELECT, or the name of a table or view
  std::string row_column;   ///< column of the relation that numbers its rows; not checked itself
  std::string file_column;  ///< column that tells files apart; "" when there is none
  std::map<std::string, std::string> inputs;  ///< relation by name of input
  std::map<std::string, bool> flags;          ///< declared by the caller, over the rule set's
  std::vector<std::string> only;              ///< ids to run; empty: all
  int64_t sample_rows = 3;
};

enum class FlagState { Off, Declared, Shown, Unknown };

struct RuleReport {
  int64_t rows = 0;
  std::vector<RuleOutcome> outcomes;  ///< in the order of the set
  std::map<std::string, FlagState> flags;

  int64_t count(Verdict verdict) const;
  /// No mandatory rule failed.
  bool conforms() const;
};

/// Invalid names the rule whose SQL cannot run, an unknown id or an unknown flag.
Result<RuleReport> run_rules(engine::Engine& engine, const RuleSet& set, const RuleData& data);

/// The SQL that finds the violations of a rule, or why there is none. With an empty relation every
/// column of the set counts as present text.
Result<std::string> explain_rule(engine::Engine& engine, const RuleSet& set, const Rule& rule,
                                 const RuleData& data);

}  // namespace bullion::quality
