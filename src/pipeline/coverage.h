// What the files of a snapshot source cover when another source, its manifest, says so.
#pragma once

#include <string>
#include <vector>

#include "pipeline/file_events.h"
#include "pipeline/step.h"

namespace bullion::pipeline {

/// The original path of a landed file; the id when no batch has it.
std::string path_of_file(const std::vector<ingest::Batch>& batches, const std::string& file_id);

/// SELECT file_id, first_day, last_day (both inclusive): one row per period that the manifest's
/// `rows` (SQL) give to a landed file of the source. `source` covers by manifest.
Result<std::string> coverage_sql(const StepContext& ctx, const project::Source& source,
                                 const std::string& rows);
/// By all rows of the manifest as of this run.
Result<std::string> coverage_sql(const StepContext& ctx, const project::Source& source);

/// A manifest_missing event for each file of the source that has rows and no period; none when the
/// source does not cover by manifest.
Result<std::vector<FileEvent>> manifest_events(const StepContext& ctx,
                                               const project::Source& source);

}  // namespace bullion::pipeline
