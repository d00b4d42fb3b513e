#include "pipeline/rehearse.h"

#include "pipeline/scratch.h"
#include "release/store.h"

namespace bullion::pipeline {

Result<Rehearsal> rehearse(const Environment& env, const project::Project& project,
                           const RunOptions& options) {
  BULLION_TRY_ASSIGN(const Scratch scratch, Scratch::create(env.lake, env.clock, {""}));
  const Environment over = scratch.over(env);
  const release::Store store(over.lake, over.clock, &over.codec);
  BULLION_TRY_ASSIGN(const auto last, store.latest());
  Rehearsal outcome;
  BULLION_TRY_ASSIGN(outcome.run, run(over, project, options));
  if (outcome.run.status != RunStatus::Published) return outcome;
  BULLION_TRY_ASSIGN(outcome.diff, diff_releases(over, project, last.value_or(release::Record()),
                                                 *outcome.run.record));
  return outcome;
}

}  // namespace bullion::pipeline
