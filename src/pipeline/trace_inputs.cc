#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "pipeline/trace_inputs_internal.h"
#include "project/project.h"

namespace bullion::pipeline {

using engine::quote_name;

std::string amount_in_input(const project::Project& project, const project::Model& model,
                            const std::string& amount, const std::string& input) {
  const auto conserved = model.conserves.find(amount);
  if (conserved != model.conserves.end()) return conserved->second;
  const project::Contract* contract = project.find_contract(input);
  return contract == nullptr ? "" : contract->amount_column;
}

std::string amount_behind(const project::Project& project, const project::Model& model,
                          const std::string& amount, const std::string& input,
                          const PassedColumns& passed) {
  const auto sum = passed.sums.find(amount);
  if (sum != passed.sums.end()) return sum->second;
  const auto row = passed.expressions.find(lower(amount));
  const bool is_grouped =
      model.kind == project::ModelKind::Aggregate || model.kind == project::ModelKind::Full;
  if (row != passed.expressions.end() && !is_grouped) {
    const std::string column = TraceCondition{row->second, "", ""}.column();
    if (!column.empty()) return column;
  }
  return amount_in_input(project, model, amount, input);
}

std::string column_of_sums(const project::Model& model, const std::string& input_column,
                           const PassedColumns& passed) {
  std::vector<std::string> columns;
  for (const delta::Column& column : model.contract.columns) {
    const auto sum = passed.sums.find(column.name);
    const auto row = passed.expressions.find(lower(column.name));
    const bool is_sum = sum != passed.sums.end() && sum->second == input_column;
    const bool is_passed = row != passed.expressions.end() &&
                           TraceCondition{row->second, "", ""}.column() == input_column;
    if (!is_sum && !is_passed) continue;
    if (column.name == input_column) return column.name;
    columns.push_back(column.name);
  }
  return columns.size() == 1 && !passed.is_loose ? columns.front() : "";
}

bool makes_amount(const project::Model& model, const std::string& amount, const std::string& input,
                  const project::ColumnLineage& lineage) {
  if (amount.empty()) return false;
  if (model.conserves.contains(amount)) return model.depends_on.front() == input;
  const auto made_of = lineage.columns.find(amount);
  return made_of != lineage.columns.end() &&
         std::ranges::any_of(made_of->second, [&](const project::ColumnInput& each) {
           return each.table == input && project::makes_values(each.use);
         });
}

bool adds_to_amount(const std::string& amount, const std::string& input,
                    const project::ColumnLineage& lineage) {
  const auto made_of = lineage.columns.find(amount);
  if (made_of == lineage.columns.end()) return false;
  const project::ColumnInput* only = only_input(made_of->second, input);
  return only != nullptr && only->use != project::ColumnUse::Transformation;
}

void keep_newest(const project::Model& model, const project::Source* source, PinnedTable& next,
                 TraceLevel& level) {
  using Covers = project::Snapshot::Covers;
  if (model.kind != project::ModelKind::Snapshot || source == nullptr) return;
  const project::Snapshot& snapshot = source->snapshot;
  if (snapshot.covers != Covers::Range && snapshot.covers != Covers::DaysPresent) return;
  next.sql =
      fmt::format("SELECT * FROM ({}) AS rows QUALIFY _as_of = max(_as_of) OVER (PARTITION BY {})",
                  next.sql, quote_name(snapshot.day_column));
  level.notes.push_back("rows of a day that a newer file replaced are not counted");
}

std::vector<std::string> inputs_of(const TracedSelect& select) {
  return select.arm == nullptr ? select.model.depends_on : tables_of(*select.arm);
}

std::set<std::string> columns_beside(const project::Project& project, const TracedSelect& select,
                                     const std::string& input) {
  std::set<std::string> columns;
  for (const std::string& name : inputs_of(select)) {
    const project::Contract* contract = name == input ? nullptr : project.find_contract(name);
    if (contract == nullptr) continue;
    for (const delta::Column& column : contract->columns) columns.insert(lower(column.name));
    const project::Source* source = project.find_source(name);
    if (source == nullptr) continue;
    for (const delta::Column& column : project::ingest_columns(*source)) {
      columns.insert(lower(column.name));
    }
  }
  return columns;
}

std::vector<std::string> told_grain(const project::Model& model, const PassedColumns& passed) {
  std::vector<std::string> told;
  for (const std::string& name : model.contract.grain) {
    const std::string key = lower(name);
    if (passed.expressions.contains(key) || passed.joined.contains(key)) told.push_back(name);
  }
  return told;
}

}  // namespace bullion::pipeline
