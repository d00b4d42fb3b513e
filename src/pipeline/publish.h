// The end of a run: gates over the working set, the ledger of the release, and its publication.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/ingest_step.h"
#include "pipeline/step.h"
#include "quality/gates.h"
#include "release/store.h"

namespace bullion::pipeline {

/// Runs every data test, and the built-in gates (grain, conservation), over the working set.
Result<std::vector<quality::TestOutcome>> run_gates(StepContext& ctx,
                                                    const std::optional<release::Record>& last);

/// The intent of release `number`: the record and one commit per changed table.
Result<release::Intent> make_intent(StepContext& ctx, const std::optional<release::Record>& last,
                                    int64_t number, const std::vector<SourceOutcome>& sources,
                                    const std::set<std::string>& up_to_date,
                                    const std::vector<quality::TestOutcome>& tests);

/// Row counts, negatives, nulls in keys and amounts per changed table, for ops.stage_metrics.
Result<std::vector<std::vector<engine::Value>>> stage_metric_rows(StepContext& ctx,
                                                                  const release::Record& record);

}  // namespace bullion::pipeline
