#include "pipeline/step.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"

namespace bullion::pipeline {

using engine::quote_name;

std::string rebuild_cause(const StepContext& ctx, const project::Model& model) {
  const WorkingTable& table = ctx.set.at(model.contract.name);
  if (table.released_version < 0) return "new table";
  if (table.released_code_hash != model.code_hash) return "logic";
  if (ctx.full_refresh.contains(model.contract.name)) return "refresh";
  return "";
}

std::string rebuild_detail(const StepContext& ctx, const project::Model& model) {
  if (rebuild_cause(ctx, model) != "logic") return "";
  const WorkingTable& table = ctx.set.at(model.contract.name);
  std::vector<std::string> changed;
  for (const auto& [name, hash] : table.macros) {
    const auto before = table.released_macros.find(name);
    if (before != table.released_macros.end() && before->second != hash) changed.push_back(name);
  }
  if (changed.empty()) return "";
  return fmt::format("macro{} {} changed", changed.size() == 1 ? "" : "s",
                     fmt::join(changed, ", "));
}

std::string input_sql(const StepContext& ctx, const std::string& input) {
  const WorkingTable& table = ctx.set.at(input);
  return files_sql(ctx.env, table.path, table.schema, table.partition_columns, table.files);
}

namespace {

/// The model's output plus the columns Bullion adds: published_at is this run, first_published_at
/// the first release that had the row's grain.
std::string with_publication(StepContext& ctx, const project::Contract& contract,
                             const WorkingTable& table, const std::string& sql) {
  std::vector<std::string> columns;
  bool publishes = false;
  const std::string now = fmt::format("TIMESTAMPTZ '{}'", format_timestamp(ctx.run_at_us));
  for (const delta::Column& column : contract.columns) {
    if (column.name == "published_at") {
      columns.push_back(now + " AS published_at");
    } else if (column.name == "first_published_at") {
      publishes = !table.released.empty() && !contract.grain.empty();
      columns.push_back(
          publishes ? fmt::format("coalesce(old.first_published_at, {}) AS first_published_at", now)
                    : now + " AS first_published_at");
    } else {
      columns.push_back("model." + quote_name(column.name));
    }
  }
  std::string text = fmt::format("SELECT {} FROM ({}\n) AS model", fmt::join(columns, ", "), sql);
  if (!publishes) return text;
  std::vector<std::string> same;
  for (const std::string& key : contract.grain) {
    same.push_back(fmt::format("old.{0} = model.{0}", quote_name(key)));
  }
  return fmt::format("{} LEFT JOIN ({}) AS old ON {}", text,
                     files_sql(ctx.env, table.path, table.released_schema, table.partition_columns,
                               table.released),
                     fmt::join(same, " AND "));
}

}  // namespace

Result<std::vector<delta::AddFile>> stage_select(StepContext& ctx,
                                                 const project::Contract& contract,
                                                 const WorkingTable& table,
                                                 const std::string& sql) {
  // The folder first: where it is made decides where an overlaid lake puts the files.
  BULLION_TRY(ctx.env.lake.make_folder(table.path));
  engine::StageRequest request{
      .directory = ctx.env.lake.location(table.path),
      .file_prefix = fmt::format("part-{}-{}", ctx.run_id, ctx.file_number++),
      .schema = contract.columns,
      .partition_columns = contract.partition_by,
      .order_by = {}};
  auto staged = ctx.env.engine.stage(with_publication(ctx, contract, table, sql), request);
  if (!staged) return std::move(staged).error().within("table " + table.name);
  return table::seal_staged_files(ctx.env.lake, ctx.env.engine, ctx.env.clock, table.path, request,
                                  *staged);
}

std::vector<std::string> paths_of(const WorkingTable& table,
                                  const std::vector<delta::AddFile>& files) {
  std::vector<std::string> paths;
  for (const delta::AddFile& file : files) {
    paths.push_back(storage::join_path(table.path, delta::decoded_path(file)));
  }
  return paths;
}

Result<StepOutcome> run_step(StepContext& ctx, const project::Model& model) {
  auto outcome = [&]() -> Result<StepOutcome> {
    switch (model.kind) {
      case project::ModelKind::Append:
        return run_append(ctx, model);
      case project::ModelKind::Latest:
        return run_latest(ctx, model);
      case project::ModelKind::Snapshot:
        return run_snapshot(ctx, model);
      case project::ModelKind::Aggregate:
      case project::ModelKind::Full:
        return run_partitioned(ctx, model);
    }
    return internal_error("unknown model kind");
  }();
  if (!outcome) {
    return std::move(outcome).error().within(
        fmt::format("{}: model {}", to_string(model.location), model.contract.name));
  }
  return outcome;
}

}  // namespace bullion::pipeline
