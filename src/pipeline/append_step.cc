// Append models: a row-wise SELECT over the input's new files, added as new files.
#include <fmt/format.h>

#include "pipeline/step.h"

namespace bullion::pipeline {

Result<StepOutcome> run_append(StepContext& ctx, const project::Model& model) {
  StepOutcome outcome;
  WorkingTable& table = ctx.set.at(model.contract.name);
  const std::string& input_name = model.depends_on.at(0);
  const WorkingTable& input = ctx.set.at(input_name);
  std::string cause = rebuild_cause(ctx, model);
  BULLION_TRY_ASSIGN(const FileChange change,
                     ctx.set.input_change(ctx.env, table.name, input_name));
  if (cause.empty() && !change.removed.empty()) cause = "input replaced";
  if (cause.empty() && change.empty()) return outcome;
  outcome.items.push_back({table.name, "", cause.empty() ? "new" : cause, input_name, -1});
  if (ctx.plan_only) {
    ctx.assumed[table.name] = {"*"};
    return outcome;
  }
  table.computed = true;
  for (const std::string& name : model.depends_on) {
    const bool only_new = name == input_name && cause.empty();
    const std::string sql = only_new ? files_sql(ctx.env, input.path, input.schema,
                                                 input.partition_columns, change.added)
                                     : input_sql(ctx, name);
    BULLION_TRY(create_view(ctx.env.engine, name, sql));
  }
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
