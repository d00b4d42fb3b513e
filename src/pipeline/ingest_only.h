// `bullion ingest` and `bullion withdraw`: what happens to files before any release.
#pragma once

#include <string>
#include <vector>

#include "ingest/ingest.h"
#include "pipeline/environment.h"
#include "pipeline/ingest_step.h"

namespace bullion::pipeline {

/// Lands new files (not when `dry_run`) and parses every file that no release has consumed into a
/// scratch folder, which goes away. Publishes nothing and records no rejected row: the next run
/// does both. One outcome per source, in the project's order.
Result<std::vector<SourceOutcome>> ingest_only(const Environment& env,
                                               const project::Project& project, bool dry_run);

/// The landed files that `name` means (ingest::find_landed), of one source or of all (""). NotFound
/// when there are none; Invalid when they are of several sources.
Result<std::vector<ingest::LandedEntry>> find_landed_files(const Environment& env,
                                                           const project::Project& project,
                                                           const std::string& source,
                                                           const std::string& name);

/// Withdraws the files, or restores them, by a landing batch; Invalid when one already is so.
Result<ingest::Batch> withdraw_files(const Environment& env, const project::Project& project,
                                     const std::vector<ingest::LandedEntry>& files,
                                     const std::string& reason, bool restores);

}  // namespace bullion::pipeline
