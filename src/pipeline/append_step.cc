// Append models: a row-wise SELECT over the inputs' new files, added as new files.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/step.h"

namespace bullion::pipeline {
namespace {

/// What is new in the inputs, and whether adding it is enough.
struct NewRows {
  std::map<std::string, FileChange> changes;  ///< of sources and models; seeds are read whole
  std::vector<std::string> changed;           ///< in the order in which the SQL names them
  bool is_replaced = false;                   ///< rows that were added before are gone or differ
};

Result<NewRows> find_new_rows(const StepContext& ctx, const project::Model& model) {
  NewRows rows;
  for (const std::string& input : model.depends_on) {
    BULLION_TRY_ASSIGN(FileChange change,
                       ctx.set.input_change(ctx.env, model.contract.name, input));
    const bool is_seed = ctx.project.find_seed(input) != nullptr;
    rows.is_replaced = rows.is_replaced || !change.removed.empty() || (is_seed && !change.empty());
    if (!change.empty()) rows.changed.push_back(input);
    if (!is_seed) rows.changes[input] = std::move(change);
  }
  return rows;
}

/// Each input as its new files, or all of it.
Status create_input_views(const StepContext& ctx, const project::Model& model, const NewRows& rows,
                          bool only_new) {
  for (const std::string& name : model.depends_on) {
    const WorkingTable& input = ctx.set.at(name);
    const auto change = rows.changes.find(name);
    const std::string sql = only_new && change != rows.changes.end()
                                ? files_sql(ctx.env, input.path, input.schema,
                                            input.partition_columns, change->second.added)
                                : input_sql(ctx, name);
    BULLION_TRY(create_view(ctx.env.engine, name, sql));
  }
  return ok();
}

}  // namespace

Result<StepOutcome> run_append(StepContext& ctx, const project::Model& model) {
  StepOutcome outcome;
  WorkingTable& table = ctx.set.at(model.contract.name);
  std::string cause = rebuild_cause(ctx, model);
  BULLION_TRY_ASSIGN(const NewRows rows, find_new_rows(ctx, model));
  if (cause.empty() && rows.is_replaced) cause = "input replaced";
  if (cause.empty() && rows.changed.empty()) return outcome;
  const std::string macros = rebuild_detail(ctx, model);
  outcome.items.push_back(
      {table.name, "", cause.empty() ? "new" : cause,
       macros.empty() ? fmt::format("{}", fmt::join(rows.changed, ", ")) : macros, -1});
  if (ctx.plan_only) {
    ctx.assumed[table.name] = {"*"};
    return outcome;
  }
  table.computed = true;
  BULLION_TRY(create_input_views(ctx, model, rows, cause.empty()));
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> staged,
                     stage_select(ctx, model.contract, table, model.sql));
  if (cause.empty()) {
    append_files(table, std::move(staged));
    return outcome;
  }
  BULLION_TRY_ASSIGN(const auto unneeded, replace_all(table, std::move(staged)));
  outcome.unneeded = paths_of(table, unneeded);
  return outcome;
}

}  // namespace bullion::pipeline
