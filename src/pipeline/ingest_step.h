// Batches that are landed and not yet released, parsed and staged into bronze.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ingest/ingest.h"
#include "pipeline/files_table.h"
#include "pipeline/step.h"
#include "release/record.h"

namespace bullion::pipeline {

/// What ingest did to one source in this run.
struct SourceOutcome {
  std::string source;
  std::vector<ingest::ParsedFile> files;
  std::vector<ingest::DuplicateFile> duplicates;
  release::ConsumedSource consumed;  ///< as of this run
  bool reparsed = false;  ///< the source's declaration changed: every file was parsed anew
  int64_t rows_loaded = 0;
  int64_t rows_quarantined = 0;
  int64_t bytes_landed = 0;
  int64_t files_withdrawn = 0;  ///< taken out of bronze in this run
};

/// What a release has consumed of a source; nothing when there is no release, or it lacks the
/// source.
release::ConsumedSource consumed_of(const std::optional<release::Record>& last,
                                    const std::string& source);

/// Parses every file of the source that the last release has not consumed, stages it, puts rejected
/// records into quarantine, and proves in = kept + quarantined per file. Batches above
/// `through_sequence` stay unseen.
Result<SourceOutcome> ingest_source(StepContext& ctx, const project::Source& source,
                                    const release::ConsumedSource& consumed,
                                    std::optional<int64_t> through_sequence = std::nullopt);

/// The rows of a source that keeps the rejected records of another, brought in line with what
/// ingest_source() did to that one (`of`) in this run.
Result<SourceOutcome> ingest_rejects(StepContext& ctx, const project::Source& source,
                                     const SourceOutcome& of,
                                     std::optional<int64_t> through_sequence = std::nullopt);

/// Parses a seed file (a CSV of the project) into its table; a bad row is an error with file:line.
/// A table of landed files is made of what `seen` reaches.
Result<StepOutcome> load_seed(StepContext& ctx, const project::Seed& seed, const SeenBatches& seen);

/// Rows for ops.conservation: per file and per batch.
std::vector<std::vector<engine::Value>> conservation_rows(const StepContext& ctx,
                                                          const SourceOutcome& outcome);

}  // namespace bullion::pipeline
