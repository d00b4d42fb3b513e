// `bullion test`: models, and SQL that tries macros, run over the few rows a unit test gives,
// compared with the rows it expects.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/environment.h"
#include "project/project.h"

namespace bullion::pipeline {

struct UnitTestOutcome {
  std::string name;
  std::string model;  ///< "" for a test of SQL of its own
  bool passed = false;
  /// Rows as "{event_id: e1, cost_usd: 9.50}", in the columns the test compares.
  std::vector<std::string> missing;     ///< expected, and not in the result
  std::vector<std::string> unexpected;  ///< in the result, and not expected
  std::string error;                    ///< why the SQL could not run; "" when it ran
  project::Location location;
};

/// Runs the project's unit tests that `select` names, by test, by model or by a macro that a test's
/// own SQL uses (empty: all of them), in the project's order. Inputs that a test does not give are
/// empty; columns that a row leaves out are NULL; tables that only a test knows have columns of
/// text; latest models keep the newest version of each key and hide withdrawn ones. Rows are
/// compared as multisets, decimals exactly. Invalid for a test that is written wrong (unknown input
/// or column, a value its column cannot hold): the message says where. Reads nothing from the lake;
/// replaces the engine's views of the tested models' inputs.
Result<std::vector<UnitTestOutcome>> run_unit_tests(const Environment& env,
                                                    const project::Project& project,
                                                    const std::vector<std::string>& select);

}  // namespace bullion::pipeline
