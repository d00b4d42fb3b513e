// The last level of a trace: every version of the keys of rows that a row-wise model made.
#pragma once

#include "base/result.h"
#include "engine/value.h"
#include "pipeline/trace.h"
#include "pipeline/trace_tables_internal.h"
#include "project/project.h"

namespace bullion::pipeline {

struct KeyVersions {
  TraceLevel level;      ///< with counts, sums and sample
  engine::Rows records;  ///< file id, position, RecordState as text, amount, key columns
};

/// Runs a row-wise model over rows of its source, each by itself, so that every row of its output
/// knows the record it was made of. The rows are those with a key of `output`'s rows of the level;
/// they are ranked as the pipeline does. `level` names the amount's column in `bronze`.
Result<KeyVersions> trace_versions(const TraceScope& scope, const project::Model& model,
                                   const PinnedTable& output, const PinnedTable& bronze,
                                   TraceLevel level);

}  // namespace bullion::pipeline
