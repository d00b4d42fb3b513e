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

/// The model's partitions that depend on these partitions of an aligned input.
std::set<std::string> outputs_of(const project::Model& model, const std::string& input,
                                 const std::set<std::string>& partitions) {
  const project::AlignedInput& aligned = model.aligned_inputs.at(input);
  std::set<std::string> outputs;
  for (const std::string& text : partitions) outputs.insert(aligned.output_of(text));
  return outputs;
}

/// The files of an aligned input that these partitions of the model depend on.
std::vector<delta::AddFile> files_below(const project::Model& model, const std::string& input,
                                        const std::vector<delta::AddFile>& files,
                                        const std::set<std::string>& partitions) {
  const project::AlignedInput& aligned = model.aligned_inputs.at(input);
  std::set<std::string> texts = partition_texts(files, aligned.column);
  std::erase_if(texts, [&](const std::string& text) {
    return !partitions.contains(aligned.output_of(text));
  });
  return files_in(files, aligned.column, texts);
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
  const std::string& column = model.aligned_inputs.at(input).column;
  std::set<std::string> texts = partition_texts(change.added, column);
  texts.merge(partition_texts(change.removed, column));
  for (const std::string& text : outputs_of(model, input, texts)) {
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
  for (const std::string& text : outputs_of(model, input, assumed->second)) {
    if (scope.partitions.insert(text).second) {
      scope.items.push_back({model.contract.name, text, "input", input + " may change", -1});
    }
  }
}

void add_backfill(const StepContext& ctx, const project::Model& model, Scope& scope) {
  if (ctx.start.empty() && ctx.end.empty()) return;
  if (model.contract.partition_by.empty() || model.aligned_inputs.empty()) return;
  for (const auto& [input, aligned] : model.aligned_inputs) {
    std::set<std::string> texts = partition_texts(ctx.set.at(input).files, aligned.column);
    std::erase_if(texts, [&](const std::string& text) {
      return (!ctx.start.empty() && text < ctx.start) || (!ctx.end.empty() && text >= ctx.end);
    });
    for (const std::string& text : outputs_of(model, input, texts)) {
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
      files = files_below(model, input, files, scope.partitions);
    }
    BULLION_TRY(
        create_view(ctx.env.engine, input,
                    files_sql(ctx.env, table.path, table.schema, table.partition_columns, files)));
  }
  return ok();
}

/// The rows of the scope. A branch or side of a join that reads no aligned input, as a calendar,
/// yields rows of other partitions, too; these depend on nothing that changed and stay as they are.
std::string rows_of_scope(const project::Model& model, const Scope& scope) {
  if (scope.whole) return model.sql;
  std::vector<std::string> texts;
  for (const std::string& text : scope.partitions) texts.push_back(engine::quote_text(text));
  return fmt::format(
      "SELECT * FROM ({}\n) AS rows_of_all WHERE coalesce(CAST({} AS VARCHAR), '') IN ({})",
      model.sql, engine::quote_name(model.contract.partition_by.at(0)), fmt::join(texts, ", "));
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
                     stage_select(ctx, model.contract, table, rows_of_scope(model, scope)));
  auto unneeded = scope.whole ? replace_all(table, std::move(staged))
                              : replace_partitions(table, scope.partitions, std::move(staged));
  if (!unneeded) return std::move(unneeded).error();
  outcome.unneeded = paths_of(table, *unneeded);
  return outcome;
}

}  // namespace bullion::pipeline
