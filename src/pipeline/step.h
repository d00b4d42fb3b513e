// One model's part of a plan or a run: what changed, and the recomputation of just that.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/environment.h"
#include "pipeline/working_set.h"
#include "project/project.h"

namespace bullion::pipeline {

/// One line of a plan: what would be (or was) recomputed, and why.
struct PlanItem {
  std::string table;
  std::string partition;  ///< "" for the whole table, else the partition value
  std::string cause;   ///< new | late | corrected | moved | withdrawn | logic | input | refresh ...
  std::string detail;  ///< who changed: an input table, a file name
  int64_t rows = -1;   ///< rows concerned; -1 unknown
};

/// What a table holds in one currency, as it would be published.
struct AmountTotals {
  Decimal amount;  ///< exact sum of the contract's amount column
  int64_t negative_amounts = 0;
  int64_t null_keys = 0;  ///< rows with a NULL in the grain
};

/// Keys of a latest model whose newest versions are alike in version_by and not in the rest, so
/// that nothing says which of them counts.
struct VersionTies {
  int64_t keys = 0;
  std::vector<std::string> sample;  ///< up to three of them as text
};

/// Shared by all steps of one plan or run.
struct StepContext {
  const Environment& env;
  const project::Project& project;
  WorkingSet& set;
  std::string run_id;
  int64_t run_at_us = 0;  ///< the value of published_at
  bool plan_only = false;
  std::set<std::string> full_refresh;  ///< models to rebuild whole
  std::string start;  ///< backfill: partitions in [start, end) are recomputed; both "" for none
  std::string end;
  /// Plan only: partitions assumed to change, by table; {"*"} is the whole table.
  std::map<std::string, std::set<std::string>> assumed;
  /// Ledgers of the last release, by model; steps replace their own.
  std::map<std::string, release::Ledger> ledgers;
  std::map<std::string, VersionTies> version_ties;  ///< by model, of the keys that arrived
  /// By table and currency, found once all steps are done.
  std::map<std::string, std::map<std::string, AmountTotals>> totals;
  int file_number = 0;  ///< makes file prefixes unique in the run
};

struct StepOutcome {
  std::vector<PlanItem> items;        ///< empty: up to date
  std::vector<std::string> unneeded;  ///< staged files that turned out equal, by path in the lake
};

/// Brings one model up to date in ctx.set (or, when plan_only, says what that would take).
Result<StepOutcome> run_step(StepContext& ctx, const project::Model& model);

/// The whole-table reason for rebuilding a model, or "" when it is incremental this time.
std::string rebuild_cause(const StepContext& ctx, const project::Model& model);
/// "macro net changed": the macros in its SQL that are not those of the last release; "" when there
/// are none and when the model's cause is not "logic".
std::string rebuild_detail(const StepContext& ctx, const project::Model& model);

/// SQL of all rows of an input as of this run.
std::string input_sql(const StepContext& ctx, const std::string& input);

/// Stages a SELECT into the model's table and seals the files (durable, hashed).
Result<std::vector<delta::AddFile>> stage_select(StepContext& ctx,
                                                 const project::Contract& contract,
                                                 const WorkingTable& table, const std::string& sql);

/// Row-wise kinds.
Result<StepOutcome> run_latest(StepContext& ctx, const project::Model& model);
Result<StepOutcome> run_append(StepContext& ctx, const project::Model& model);
Result<StepOutcome> run_snapshot(StepContext& ctx, const project::Model& model);
/// aggregate and full.
Result<StepOutcome> run_partitioned(StepContext& ctx, const project::Model& model);

/// Lake-relative paths of files that were staged and not needed.
std::vector<std::string> paths_of(const WorkingTable& table,
                                  const std::vector<delta::AddFile>& files);

}  // namespace bullion::pipeline
