// What a run would publish, computed beside the lake.
#pragma once

#include "base/result.h"
#include "pipeline/diff.h"
#include "pipeline/environment.h"
#include "pipeline/run.h"
#include "project/project.h"

namespace bullion::pipeline {

struct Rehearsal {
  RunOutcome run;    ///< its release exists nowhere; Blocked when a gate would stop it
  DiffOutcome diff;  ///< from the last release to it; no tables unless `run` is Published
};

/// Runs the project in a scratch folder laid over the lake and compares the result with the last
/// release (with the empty lake when there is none). Costs what the run costs, in time and in room
/// for its files; writes nothing into the lake. Errors are those of run().
Result<Rehearsal> rehearse(const Environment& env, const project::Project& project,
                           const RunOptions& options);

}  // namespace bullion::pipeline
