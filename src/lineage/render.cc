#include "lineage/render.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"

namespace bullion::lineage {
namespace {

using Json = nlohmann::ordered_json;
using project::ColumnInput;
using project::ColumnInputs;

const char* word_of(Direction direction) {
  return direction == Direction::Upstream ? "upstream" : "downstream";
}

std::vector<std::string> shown(const ColumnInputs& inputs) {
  std::vector<std::string> out;
  for (const ColumnInput& input : inputs) out.push_back(lineage::shown(input));
  return out;
}

Json json_of(const TableNode& node) {
  return {{"table", node.name},
          {"layer", node.layer},
          {"kind", node.kind},
          {"inputs", node.inputs},
          {"files", node.files}};
}

/// What each column of a table comes from or goes to, and what has to do with its rows.
const ColumnInputs& inputs_of(const Graph& graph, const TableNode& node, const std::string& column,
                              Direction direction) {
  return direction == Direction::Downstream ? graph.outputs_of(node.name, column)
                                            : node.inputs_of(column);
}

std::string table_text(const Graph& graph, const TableNode& node, Direction direction) {
  std::string out = fmt::format("{} ({}, {})\n", node.name, node.layer, node.kind);
  std::vector<std::string> names;
  for (const TableNode* near : graph.around(node, direction)) names.push_back(near->name);
  out += fmt::format("{} tables: {}\n", word_of(direction),
                     names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
  if (!node.files.empty()) out += fmt::format("files: {}\n", fmt::join(node.files, ", "));
  size_t width = 0;
  for (const std::string& column : node.columns) width = std::max(width, column.size());
  const char* arrow = direction == Direction::Upstream ? "<-" : "->";
  out += "\n";
  for (const std::string& column : node.columns) {
    const auto words = shown(inputs_of(graph, node, column, direction));
    out += words.empty()
               ? column + "\n"
               : fmt::format("{:<{}}  {} {}\n", column, width, arrow,
                             fmt::join(words, fmt::format("\n{:<{}}  {} ", "", width, arrow)));
  }
  if (direction == Direction::Upstream && !node.made_of.rows.empty()) {
    out += fmt::format("\nwhich rows there are is decided by\n  {}\n",
                       fmt::join(shown(node.made_of.rows), "\n  "));
  }
  if (!node.made_of.is_complete) {
    out += "\nnot all of the SQL can be followed: there may be more\n";
  }
  return out;
}

std::string column_text(const std::vector<Step>& steps, Direction direction) {
  const char* arrow = direction == Direction::Upstream ? "<-" : "->";
  std::string out;
  for (const Step& step : steps) {
    const std::string name = step.table + "." + step.column;
    if (step.depth == 0) {
      out += name + "\n";
      continue;
    }
    out += fmt::format("{:<{}}{} {} ({}){}\n", "", 3 * step.depth - 1, arrow, name,
                       to_string(step.use), step.repeated ? ", as above" : "");
  }
  return out;
}

std::string all_text(const Graph& graph) {
  std::string out;
  for (const TableNode& node : graph.tables()) {
    out += fmt::format("{} ({}, {})", node.name, node.layer, node.kind);
    const auto& from = node.inputs.empty() ? node.files : node.inputs;
    out += from.empty() ? "\n" : fmt::format(" <- {}\n", fmt::join(from, ", "));
  }
  return out;
}

/// Names of the project are identifiers, and so are nodes of Mermaid.
std::string mermaid_of_tables(const std::vector<const TableNode*>& nodes) {
  std::string out = "flowchart LR\n";
  for (const TableNode* node : nodes) {
    out += fmt::format("  {}[\"{}\"]\n", node->name, node->name);
  }
  for (const TableNode* node : nodes) {
    for (const std::string& input : node->inputs) {
      const bool is_there =
          std::ranges::any_of(nodes, [&](const TableNode* other) { return other->name == input; });
      if (is_there) out += fmt::format("  {} --> {}\n", input, node->name);
    }
  }
  return out;
}

std::string mermaid_of_steps(const std::vector<Step>& steps, Direction direction) {
  std::string nodes;
  std::string edges;
  std::vector<const Step*> path;
  for (const Step& step : steps) {
    path.resize(static_cast<size_t>(step.depth));
    const std::string id = step.table + "__" + step.column;
    if (!step.repeated) nodes += fmt::format("  {}[\"{}.{}\"]\n", id, step.table, step.column);
    if (!path.empty()) {
      const std::string other = path.back()->table + "__" + path.back()->column;
      const bool is_up = direction == Direction::Upstream;
      edges += fmt::format("  {} -->|{}| {}\n", is_up ? id : other, to_string(step.use),
                           is_up ? other : id);
    }
    path.push_back(&step);
  }
  return "flowchart LR\n" + nodes + edges;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string all_of(const Graph& graph, Format format) {
  if (format == Format::Text) return all_text(graph);
  std::vector<const TableNode*> nodes;
  Json tables = Json::array();
  for (const TableNode& node : graph.tables()) {
    nodes.push_back(&node);
    tables.push_back(json_of(node));
  }
  return format == Format::Json ? text_of({{"tables", tables}}) : mermaid_of_tables(nodes);
}

std::string table_of(const Graph& graph, const TableNode& node, Direction direction,
                     Format format) {
  if (format == Format::Text) return table_text(graph, node, direction);
  std::vector<const TableNode*> around = graph.around(node, direction);
  if (format == Format::Mermaid) {
    around.push_back(&node);
    return mermaid_of_tables(around);
  }
  Json json = json_of(node);
  json["direction"] = word_of(direction);
  json["tables"] = Json::array();
  for (const TableNode* near : around) json["tables"].push_back(json_of(*near));
  json["columns"] = Json::array();
  for (const std::string& column : node.columns) {
    json["columns"].push_back({{"column", column},
                               {direction == Direction::Upstream ? "inputs" : "outputs",
                                lineage::json_of(inputs_of(graph, node, column, direction))}});
  }
  if (direction == Direction::Upstream) json["rows"] = lineage::json_of(node.made_of.rows);
  json["complete"] = node.made_of.is_complete;
  return text_of(json);
}

std::string column_of(const std::vector<Step>& steps, Direction direction, Format format) {
  if (format == Format::Text) return column_text(steps, direction);
  if (format == Format::Mermaid) return mermaid_of_steps(steps, direction);
  Json json = {{"table", steps[0].table},
               {"column", steps[0].column},
               {"direction", word_of(direction)},
               {"steps", Json::array()}};
  for (size_t i = 1; i < steps.size(); ++i) {
    json["steps"].push_back({{"depth", steps[i].depth},
                             {"table", steps[i].table},
                             {"column", steps[i].column},
                             {"use", to_string(steps[i].use)},
                             {"repeated", steps[i].repeated}});
  }
  return text_of(json);
}

}  // namespace

std::string shown(const ColumnInput& input) {
  return fmt::format("{}.{} ({})", input.table, input.column, to_string(input.use));
}

Json json_of(const ColumnInputs& inputs) {
  Json out = Json::array();
  for (const ColumnInput& input : inputs) {
    out.push_back(
        {{"table", input.table}, {"column", input.column}, {"use", to_string(input.use)}});
  }
  return out;
}

Result<Format> parse_format(const std::string& name) {
  if (name == "text") return Format::Text;
  if (name == "json") return Format::Json;
  if (name == "mermaid") return Format::Mermaid;
  const std::vector<std::string> known{"text", "json", "mermaid"};
  return invalid(fmt::format("--format {}{}: expected text, json or mermaid", name,
                             did_you_mean(name, known)));
}

Result<std::string> rendered(const Graph& graph, const std::string& about, Direction direction,
                             Format format) {
  if (about.empty()) return all_of(graph, format);
  const size_t dot = about.find('.');
  BULLION_TRY_ASSIGN(const TableNode* node, graph.get(about.substr(0, dot)));
  if (dot == std::string::npos) return table_of(graph, *node, direction, format);
  BULLION_TRY_ASSIGN(const auto steps, graph.walk(*node, about.substr(dot + 1), direction));
  return column_of(steps, direction, format);
}

}  // namespace bullion::lineage
