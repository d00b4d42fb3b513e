// What a run cost, step by step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/process_usage.h"
#include "pipeline/environment.h"
#include "pipeline/ops_tables.h"

namespace bullion::pipeline {

/// One step of a run. Steps run one after the other, so process counters are theirs.
struct StepReport {
  std::string step;   ///< land | parse | seed | compute | gates | publish
  std::string table;  ///< "" for gates and publish
  int64_t duration_us = 0;
  ProcessUsage usage;  ///< of this step alone; the peak is the process's until its end
  int64_t files = 0;   ///< landed, parsed or staged
  int64_t rows = 0;    ///< kept by a source, in the table after the step otherwise
  std::string amount;  ///< exact sum of a source's kept rows; "" for other steps
};

/// Measures one step from its construction to finish().
class StepMeter {
 public:
  StepMeter(const Clock& clock, std::string step, std::string table);
  /// Everything but files, rows and amount is filled.
  StepReport finish() const;

 private:
  const Clock& clock_;
  StepReport report_;
  int64_t started_us_ = 0;
};

/// Schema and rows of ops.steps (docs/formats/ops-tables.md).
delta::Schema steps_schema();
std::vector<ValueRow> step_rows(const std::string& run_id, const std::vector<StepReport>& steps);

}  // namespace bullion::pipeline
