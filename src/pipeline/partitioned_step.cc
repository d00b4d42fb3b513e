// Aggregate and full models: recompute the partitions whose inputs changed, or the whole table.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/step.h"

namespace bullion::pipeline {
namespace {

/// What must be recomputed: some partitions, or everything.
struct Scope {
  bool whole = false;
  std::set<std::string> partitions;
  std::vector<PlanItem> items;
};

bool is_aligned(const project::Model& model, const std::string& input) {
  return model.kind == project::ModelKind::Aggregate && !model.contract.partition_by.empty() &&
         model.aligned_inputs.contains(input);
}

/// Adds what a change of one input asks for.
void add_change(const project::Model& model, const std::string& input, const FileChange& change,
                Scope& scope) {
  const std::string& name = model.contract.name;
  if (!is_aligned(model, input)) {
    scope.whole = true;
    scope.items.push_back({name, "", "input", input + " changed", -1});
    return;
  }
  const std::string& column = model.aligned_inputs.at(input);
  std::set<std::string> texts = partition_texts(change.added, column);
  texts.merge(partition_texts(change.removed, column));
  for (const std::string& text : texts) {
    if (scope.partitions.insert(text).second) {
      scope.items.push_back({name, text, "input", input + " changed", -1});
    }
  }
}

/// Plan only: partitions other steps said they would change.
void add_assumed(const StepContext& ctx, const project::Model& model, const std::string& input,
                 Scope& scope) {
  const auto assumed = ctx.assumed.find(input);
  if (assumed == ctx.assumed.end()) return;
  const bool whole = assumed->second.contains("*") || !is_aligned(model, input);
  if (whole) {
    scope.whole = true;
    scope.items.push_back({model.contract.name, "", "input", input + " may change", -1});
    return;
  }
  for (const std::string& text : assumed->second) {
    if (scope.partitions.insert(text).second) {
      scope.items.push_back({model.contract.name, text, "input", input + " may change", -1});
    }
  }
}

void add_backfill(const StepContext& ctx, const project::Model& model, Scope& scope) {
  if (ctx.start.empty() && ctx.end.empty()) return;
  if (model.contract.partition_by.empty() || model.aligned_inputs.empty()) return;
  for (const auto& [input, column] : model.aligned_inputs) {
    for (const std::string& text : partition_texts(ctx.set.at(input).files, column)) {
      if (!ctx.start.empty() && text < ctx.start) continue;
      if (!ctx.end.empty() && text >= ctx.end) continue;
      if (scope.partitions.insert(text).second) {
        scope.items.push_back({model.contract.name, text, "backfill", "--start/--end", -1});
      }
    }
  }
}

Result<Scope> find_scope(const StepContext& ctx, const project::Model& model) {
  Scope scope;
  const std::string cause = rebuild_cause(ctx, model);
  if (!cause.empty()) {
    scope.whole = true;
    scope.items.push_back({model.contract.name, "", cause, rebuild_detail(ctx, model), -1});
    return scope;
  }
  for (const std::string& input : model.depends_on) {
    BULLION_TRY_ASSIGN(const FileChange change,
                       ctx.set.input_change(ctx.env, model.contract.name, input));
    if (!change.empty()) add_change(model, input, change, scope);
    if (ctx.plan_only) add_assumed(ctx, model, input, scope);
  }
  add_backfill(ctx, model, scope);
  if (scope.whole && !scope.partitions.empty()) {
    std::erase_if(scope.items, [](const PlanItem& item) { return !item.partition.empty(); });
  }
  return scope;
}

/// Points the model's inputs at the rows this scope needs.
Status create_input_views(const StepContext& ctx, const project::Model& model, const Scope& scope) {
  for (const std::string& input : model.depends_on) {
    const WorkingTable& table = ctx.set.at(input);
    std::vector<delta::AddFile> files = table.files;
    if (!scope.whole && is_aligned(model, input)) {
      files = files_in(files, model.aligned_inputs.at(input), scope.partitions);
    }
    BULLION_TRY(
        create_view(ctx.env.engine, input,
                    files_sql(ctx.env, table.path, table.schema, table.partition_columns, files)));
  }
  return ok();
}

/// A model's partition outside its scope would be lost silently; alignment must rule that out.
Status check_inside(const project::Model& model, const Scope& scope,
                    const std::vector<delta::AddFile>& staged) {
  if (scope.whole) return ok();
  for (const std::string& text : partition_texts(staged, model.contract.partition_by.at(0))) {
    if (!scope.partitions.contains(text)) {
      return internal_error(fmt::format(
          "the model yields partition {} from inputs of other partitions; it is not aligned",
          text));
    }
  }
  return ok();
}

}  // namespace

Result<StepOutcome> run_partitioned(StepContext& ctx, const project::Model& model) {
  BULLION_TRY_ASSIGN(Scope scope, find_scope(ctx, model));
  StepOutcome outcome;
  if (scope.items.empty()) return outcome;
  outcome.items = scope.items;
  WorkingTable& table = ctx.set.at(model.contract.name);
  if (ctx.plan_only) {
    ctx.assumed[table.name] = scope.whole ? std::set<std::string>{"*"} : scope.partitions;
    return outcome;
  }
  table.computed = true;
  BULLION_TRY(create_input_views(ctx, model, scope));
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> staged,
                     stage_select(ctx, model.contract, table, model.sql));
  BULLION_TRY(check_inside(model, scope, staged));
  auto unneeded = scope.whole ? replace_all(table, std::move(staged))
                              : replace_partitions(table, scope.partitions, std::move(staged));
  if (!unneeded) return std::move(unneeded).error();
  outcome.unneeded = paths_of(table, *unneeded);
  return outcome;
}

}  // namespace bullion::pipeline
