#include "project/column_lineage.h"

#include <fmt/format.h>

#include "project/alignment_internal.h"

namespace bullion::project {

std::string to_string(ColumnUse use) {
  switch (use) {
    case ColumnUse::Identity:
      return "identity";
    case ColumnUse::Transformation:
      return "transformation";
    case ColumnUse::Aggregation:
      return "aggregation";
    case ColumnUse::Conditional:
      return "conditional";
    case ColumnUse::Filter:
      return "filter";
    case ColumnUse::Join:
      return "join";
    case ColumnUse::GroupBy:
      return "group_by";
    case ColumnUse::Window:
      return "window";
    case ColumnUse::Sort:
      break;
  }
  return "sort";
}

void add_as(ColumnInputs& to, const ColumnInputs& from, ColumnUse use) {
  for (const ColumnInput& input : from) {
    // What only decides something goes on doing so; a sum of a sum is a sum.
    const bool stays = !makes_values(input.use) || (makes_values(use) && use < input.use);
    to.insert({input.table, input.column, stays ? input.use : use});
  }
}

Result<ColumnLineage> column_lineage(const Project& project, const Model& model,
                                     engine::Engine& engine) {
  std::vector<Problem> problems;
  ProblemSink sink(model.location.file, problems);
  ResolvedSql sql;
  sql.source = sql.text = model.sql;
  sql.pieces = {{}};
  const auto query = parse_select(sql, engine, sink);
  if (!query) {
    return invalid(fmt::format("{} cannot be read: {}", model.contract.name,
                               problems.empty() ? "no SELECT" : problems[0].message));
  }
  RelationAnalyzer analyzer(columns_of_project(project), "", "", nullptr);
  analyzer.follow_inputs();
  const Relation relation = analyzer.analyze(*query);
  ColumnLineage out;
  out.is_complete = relation.columns_known;
  out.rows = relation.rows_from;
  for (const delta::Column& column : model.contract.columns) out.columns[column.name];
  for (const ColumnFacts& facts : relation.columns) {
    for (auto& [name, inputs] : out.columns) {
      if (lower(name) == lower(facts.name)) inputs.insert(facts.inputs.begin(), facts.inputs.end());
    }
  }
  return out;
}

}  // namespace bullion::project
