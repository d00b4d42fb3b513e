#include "pipeline/ingest_only.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/scratch.h"
#include "release/store.h"

namespace bullion::pipeline {

Result<std::vector<SourceOutcome>> ingest_only(const Environment& env,
                                               const project::Project& project, bool dry_run) {
  BULLION_TRY_ASSIGN(const Scratch scratch, Scratch::create(env.lake, env.clock, {""}));
  const Environment over = scratch.over(env);
  std::vector<ingest::LandOutcome> landed;
  for (const project::Source& source : project.sources) {
    if (!source.rejects_of.empty()) continue;
    BULLION_TRY_ASSIGN(
        ingest::LandOutcome outcome,
        ingest::land(dry_run ? over.lake : env.lake, project, source, env.clock, env.report));
    landed.push_back(std::move(outcome));
  }
  const release::Store store(over.lake, env.clock, nullptr);
  BULLION_TRY_ASSIGN(const auto last, store.latest());
  BULLION_TRY_ASSIGN(WorkingSet set, WorkingSet::open(over, project, last));
  StepContext ctx{.env = over,
                  .project = project,
                  .set = set,
                  .run_id = "ingest",
                  .run_at_us = env.clock.now_us(),
                  .plan_only = true};
  std::vector<SourceOutcome> outcomes;
  // Sources that keep rejected records stand behind all others; nothing is landed for them.
  for (size_t i = 0; i < landed.size(); ++i) {
    const project::Source& source = project.sources[i];
    BULLION_TRY_ASSIGN(SourceOutcome outcome,
                       ingest_source(ctx, source, consumed_of(last, source.contract.name)));
    outcome.duplicates = std::move(landed[i].duplicates);
    outcome.bytes_landed = landed[i].bytes_landed;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Result<std::vector<ingest::LandedEntry>> find_landed_files(const Environment& env,
                                                           const project::Project& project,
                                                           const std::string& source,
                                                           const std::string& name) {
  if (!source.empty()) BULLION_TRY(project.expect_source(source));
  std::vector<ingest::LandedEntry> found;
  std::set<std::string> sources;
  for (const project::Source& candidate : project.sources) {
    if (!source.empty() && candidate.contract.name != source) continue;
    BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(env.lake, candidate.contract.name));
    for (ingest::LandedEntry& entry : ingest::find_landed(batches, name)) {
      sources.insert(entry.source);
      found.push_back(std::move(entry));
    }
  }
  if (found.empty()) {
    return not_found(
        fmt::format("no landed file or batch is called `{}`{}; `bullion files` lists "
                    "them",
                    name, source.empty() ? "" : " in source " + source));
  }
  if (sources.size() > 1) {
    return invalid(fmt::format("`{}` is a file of the sources {}; name one with --source", name,
                               fmt::join(sources, ", ")));
  }
  return found;
}

Result<ingest::Batch> withdraw_files(const Environment& env, const project::Project& project,
                                     const std::vector<ingest::LandedEntry>& files,
                                     const std::string& reason, bool restores) {
  for (const ingest::LandedEntry& entry : files) {
    if (entry.withdrawn != restores) {
      return invalid(fmt::format("{} {}", entry.file.original_path,
                                 restores ? "is not withdrawn" : "is withdrawn already"));
    }
  }
  const project::Source* source = project.find_source(files.at(0).source);
  return ingest::land_withdrawal(env.lake, *source, env.clock, files, reason, env.user, restores);
}

}  // namespace bullion::pipeline
