// `bullion run` and `bullion plan`: from a project and a lake to the next release, or to the list
// of what it would recompute.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/ingest.h"
#include "pipeline/file_events.h"
#include "pipeline/ingest_step.h"
#include "pipeline/run_report.h"
#include "pipeline/step.h"
#include "quality/gates.h"
#include "release/record.h"

namespace bullion::pipeline {

struct RunOptions {
  std::vector<std::string> select;  ///< models; empty: all
  bool full_refresh = false;        ///< rebuild the selected models whole
  std::string start;                ///< backfill [start, end): first partition, inclusive
  std::string end;                  ///< first partition left out
  bool land = true;                 ///< look for new files; verify turns it off
  /// Batches above these sequences stay unseen; sources without an entry are read whole.
  std::map<std::string, int64_t> through_sequence;
  std::string command = "run";  ///< recorded in ops.runs
  std::string run_id;           ///< from make_run_id; "": a new one
};

enum class RunStatus {
  Published,  ///< a new release is visible
  Unchanged,  ///< nothing new; no release
  Blocked,    ///< a gate failed; readers stay where they were
};

struct RunOutcome {
  RunStatus status = RunStatus::Unchanged;
  std::string run_id;
  std::optional<release::Record> record;   ///< the release published
  std::vector<release::Record> recovered;  ///< releases an earlier run had claimed and not finished
  std::vector<SourceOutcome> sources;
  std::vector<quality::TestOutcome> tests;
  std::map<std::string, release::Ledger> ledgers;
  std::vector<FileEvent> events;
  std::vector<StepReport> steps;
  int64_t duration_us = 0;
};

/// "20250101T120000-1a2b3c4d": sorts by time, unique.
std::string make_run_id(const Clock& clock);

/// Ingests, computes, gates and publishes; retries from the start when another run published first.
/// Crash-safe: whatever moment it stops at, readers keep the last release and the next run goes on.
Result<RunOutcome> run(const Environment& env, const project::Project& project,
                       const RunOptions& options);

struct PlanOutcome {
  std::vector<std::string> new_files;  ///< not landed yet, or landed and not released
  std::vector<PlanItem> items;
};

/// What run() would recompute and why; writes nothing into the lake.
Result<PlanOutcome> plan(const Environment& env, const project::Project& project,
                         const RunOptions& options);

/// What withdrawing (or restoring) landed files would recompute; writes nothing into the lake.
Result<PlanOutcome> plan_withdrawal(const Environment& env, const project::Project& project,
                                    const std::vector<ingest::LandedEntry>& files, bool restores);

}  // namespace bullion::pipeline
