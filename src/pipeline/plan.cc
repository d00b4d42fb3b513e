#include <algorithm>
#include <filesystem>
#include <map>

#include "pipeline/ingest_only.h"
#include "pipeline/run.h"
#include "pipeline/scratch.h"
#include "pipeline/select.h"
#include "release/store.h"

namespace bullion::pipeline {

namespace {

Result<PlanOutcome> plan_in(const Environment& over, const project::Project& project,
                            const RunOptions& options) {
  BULLION_TRY_ASSIGN(const std::set<std::string> selected, select_models(project, options.select));
  const release::Store store(over.lake, over.clock, nullptr);
  BULLION_TRY_ASSIGN(const auto last, store.latest());
  BULLION_TRY_ASSIGN(WorkingSet set, WorkingSet::open(over, project, last));
  StepContext ctx{.env = over,
                  .project = project,
                  .set = set,
                  .run_id = "plan",
                  .run_at_us = over.clock.now_us(),
                  .plan_only = true,
                  .start = options.start,
                  .end = options.end};
  if (options.full_refresh) ctx.full_refresh = selected;
  PlanOutcome outcome;
  const auto take = [&outcome](StepOutcome step) {
    for (PlanItem& item : step.items) outcome.items.push_back(std::move(item));
  };
  SeenBatches seen;
  std::map<std::string, SourceOutcome> parsed;
  for (const project::Source& source : project.sources) {
    const std::string& name = source.contract.name;
    if (!source.rejects_of.empty()) {
      BULLION_TRY(ingest_rejects(ctx, source, parsed.at(source.rejects_of)));
      continue;
    }
    if (options.land) {
      BULLION_TRY(ingest::land(over.lake, project, source, over.clock, over.report));
    }
    BULLION_TRY_ASSIGN(parsed[name], ingest_source(ctx, source, consumed_of(last, name)));
    const SourceOutcome& ingested = parsed[name];
    seen[name] = ingested.consumed.through_sequence;
    if (ingested.files_withdrawn > 0) {
      outcome.items.push_back({name, "", "withdrawn files", "", ingested.files_withdrawn});
    }
    for (const ingest::ParsedFile& file : ingested.files) {
      outcome.new_files.push_back(file.file.original_path);
      outcome.items.push_back({name, "", ingested.reparsed ? "source changed" : "new file",
                               file.file.original_path, file.kept});
    }
  }
  for (const project::Seed& seed : project.seeds) {
    BULLION_TRY_ASSIGN(StepOutcome step, load_seed(ctx, seed, seen));
    take(std::move(step));
  }
  for (const project::Model& model : project.models) {
    if (!selected.contains(model.contract.name)) continue;
    BULLION_TRY_ASSIGN(StepOutcome step, run_step(ctx, model));
    take(std::move(step));
  }
  return outcome;
}

}  // namespace

Result<PlanOutcome> plan(const Environment& env, const project::Project& project,
                         const RunOptions& options) {
  BULLION_TRY_ASSIGN(const Scratch scratch, Scratch::create(env.lake, env.clock, {""}));
  // New files are landed and parsed, as a run would, into a scratch folder laid over the lake.
  return plan_in(scratch.over(env), project, options);
}

Result<PlanOutcome> plan_withdrawal(const Environment& env, const project::Project& project,
                                    const std::vector<ingest::LandedEntry>& files, bool restores) {
  BULLION_TRY_ASSIGN(const Scratch scratch, Scratch::create(env.lake, env.clock, {""}));
  const Environment over = scratch.over(env);
  BULLION_TRY(withdraw_files(over, project, files, "plan", restores));
  RunOptions options;
  options.land = false;
  return plan_in(over, project, options);
}

}  // namespace bullion::pipeline
