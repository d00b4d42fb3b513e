#include "lineage/graph.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace bullion::lineage {
namespace {

using project::ColumnInput;
using project::ColumnInputs;

TableNode plain_node(const project::Contract& contract, const char* layer, const char* kind) {
  return {.name = contract.name,
          .layer = layer,
          .kind = kind,
          .owner = contract.owner,
          .inputs = {},
          .columns = delta::column_names(contract.columns),
          .files = {},
          .made_of = {}};
}

Result<TableNode> model_node(const project::Project& project, engine::Engine& engine,
                             const project::Model& model) {
  TableNode node = plain_node(model.contract, model.layer.c_str(), to_string(model.kind).c_str());
  node.inputs.assign(model.depends_on.begin(), model.depends_on.end());
  std::sort(node.inputs.begin(), node.inputs.end());
  BULLION_TRY_ASSIGN(node.made_of, project::column_lineage(project, model, engine));
  return node;
}

TableNode source_node(const project::Source& source) {
  TableNode node = plain_node(source.contract, "bronze", "source");
  node.files = source.files;
  return node;
}

const ColumnInputs& nothing() {
  static const ColumnInputs kNothing;
  return kNothing;
}

}  // namespace

const ColumnInputs& TableNode::inputs_of(const std::string& column) const {
  const auto found = made_of.columns.find(column);
  return found == made_of.columns.end() ? nothing() : found->second;
}

Result<TableNode> node_of(const project::Project& project, engine::Engine& engine,
                          const std::string& table) {
  if (const project::Source* source = project.find_source(table)) return source_node(*source);
  if (const project::Seed* seed = project.find_seed(table)) {
    return plain_node(seed->contract, "seeds", "seed");
  }
  if (const project::Model* model = project.find_model(table)) {
    return model_node(project, engine, *model);
  }
  return not_found(fmt::format("the project has no table `{}`{}", table,
                               did_you_mean(table, project.table_names())));
}

Result<Graph> Graph::of(const project::Project& project, engine::Engine& engine) {
  Graph graph;
  for (const std::string& name : project.table_names()) {
    BULLION_TRY_ASSIGN(TableNode node, node_of(project, engine, name));
    graph.tables_.push_back(std::move(node));
  }
  for (const TableNode& node : graph.tables_) {
    for (const auto& [column, inputs] : node.made_of.columns) {
      for (const ColumnInput& input : inputs) {
        graph.outputs_[{input.table, input.column}].insert({node.name, column, input.use});
      }
    }
    for (const ColumnInput& input : node.made_of.rows) {
      graph.decides_[{input.table, input.column}].insert({node.name, "", input.use});
    }
  }
  return graph;
}

Result<const TableNode*> Graph::get(const std::string& table) const {
  std::vector<std::string> names;
  for (const TableNode& node : tables_) {
    if (node.name == table) return &node;
    names.push_back(node.name);
  }
  return not_found(
      fmt::format("the project has no table `{}`{}", table, did_you_mean(table, names)));
}

std::vector<const TableNode*> Graph::around(const TableNode& table, Direction direction) const {
  std::set<std::string> found{table.name};
  for (size_t before = 0; before != found.size();) {
    before = found.size();
    for (const TableNode& node : tables_) {
      if (direction == Direction::Upstream && found.contains(node.name)) {
        found.insert(node.inputs.begin(), node.inputs.end());
      }
      const bool reads = std::ranges::any_of(
          node.inputs, [&](const std::string& input) { return found.contains(input); });
      if (direction == Direction::Downstream && reads) found.insert(node.name);
    }
  }
  found.erase(table.name);
  std::vector<const TableNode*> out;
  for (const TableNode& node : tables_) {
    if (found.contains(node.name)) out.push_back(&node);
  }
  return out;
}

void Graph::walk_on(const Step& at, Direction direction, std::map<Key, bool>& seen,
                    std::vector<Step>& out) const {
  const auto follow = [&](const ColumnInputs& next) {
    for (const ColumnInput& input : next) {
      if (!project::makes_values(input.use)) continue;
      const bool again = seen[{input.table, input.column}];
      out.push_back({at.depth + 1, input.table, input.column, input.use, again});
      if (again) continue;
      seen[{input.table, input.column}] = true;
      // A copy: the list grows while it is walked.
      const Step step = out.back();
      walk_on(step, direction, seen, out);
    }
  };
  if (direction == Direction::Downstream) return follow(outputs_of(at.table, at.column));
  for (const TableNode& node : tables_) {
    if (node.name == at.table) follow(node.inputs_of(at.column));
  }
}

Result<std::vector<Step>> Graph::walk(const TableNode& table, const std::string& column,
                                      Direction direction) const {
  if (std::ranges::find(table.columns, column) == table.columns.end()) {
    return not_found(fmt::format("the table `{}` has no column `{}`{}", table.name, column,
                                 did_you_mean(column, table.columns)));
  }
  std::vector<Step> out{{0, table.name, column}};
  std::map<Key, bool> seen{{{table.name, column}, true}};
  walk_on(Step{0, table.name, column}, direction, seen, out);
  return out;
}

const ColumnInputs& Graph::outputs_of(const std::string& table, const std::string& column) const {
  const auto found = outputs_.find({table, column});
  return found == outputs_.end() ? nothing() : found->second;
}

const ColumnInputs& Graph::decides(const std::string& table, const std::string& column) const {
  const auto found = decides_.find({table, column});
  return found == decides_.end() ? nothing() : found->second;
}

}  // namespace bullion::lineage
