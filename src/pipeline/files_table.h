// The landed files of sources as the rows of a table that models can read.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "pipeline/step.h"

namespace bullion::pipeline {

/// The newest batch of each source that a run has seen, by source.
using SeenBatches = std::map<std::string, int64_t>;

/// A CSV with the columns project::landed_file_columns(): one row for each name under which bytes
/// of the table's sources were landed or came again, by source, batch and name. Batches that `seen`
/// does not reach are left out. The sources are ingested already: their rows are counted. The same
/// landing gives the same bytes. Errors are those of reading manifests and tables.
Result<std::string> files_table_csv(const StepContext& ctx, const project::Seed& table,
                                    const SeenBatches& seen);

}  // namespace bullion::pipeline
