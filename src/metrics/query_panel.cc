#include <fmt/format.h>

#include "base/nearest_name.h"
#include "metrics/query_panel_internal.h"
#include "project/project_files.h"

namespace bullion::metrics {
namespace {

using project::MapReader;
using project::Mark;
using project::ProblemSink;
using project::YamlEntry;
using project::YamlNode;

struct Text {
  Mark mark;
  std::string value;
};

/// A mapping of names to texts.
std::map<std::string, Text> texts_by_name(MapReader& entry, const std::string& key,
                                          ProblemSink& problems) {
  std::map<std::string, Text> out;
  const YamlNode* node = entry.take(key);
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return out;
  if (node->kind != YamlNode::Kind::Map) {
    problems.error(node->mark, "yaml-type",
                   fmt::format("`{}` must be a mapping, found {}", key, kind_name(node->kind)));
    return out;
  }
  for (const YamlEntry& each : node->entries) {
    if (each.value.kind == YamlNode::Kind::Scalar) {
      out[each.key] = {each.value.mark, each.value.text};
    } else {
      problems.error(each.mark, "yaml-type",
                     fmt::format("`{}` in `{}` must be a text, found {}", each.key, key,
                                 kind_name(each.value.kind)));
    }
  }
  return out;
}

/// What is wrong with a "table.column"; "" when nothing is.
std::string fault_of_place(const project::Project& project, const std::string& place) {
  const size_t dot = place.find('.');
  if (dot == std::string::npos) {
    return fmt::format("`{}` is no TABLE.COLUMN that a value could lead to", place);
  }
  const std::string table = place.substr(0, dot);
  const std::string column = place.substr(dot + 1);
  const project::Contract* contract = project.find_contract(table);
  if (contract == nullptr) {
    return fmt::format("the project has no table `{}`{}", table,
                       did_you_mean(table, project.table_names()));
  }
  if (delta::column_named(contract->columns, column) != nullptr) return "";
  return fmt::format("the table `{}` has no column `{}`{}", table, column,
                     did_you_mean(column, delta::column_names(contract->columns)));
}

}  // namespace

void read_query_panel(const project::Project& project, MapReader& entry, Panel& panel,
                      ProblemSink& problems) {
  const bool is_query = panel.kind == "query";
  for (const char* key : {"query", "parameters", "links"}) {
    if (is_query || !entry.has(key)) continue;
    problems.error(entry.mark_of(key), "yaml-value",
                   fmt::format("`{}` is for panels of kind query", key));
  }
  panel.query = is_query ? entry.required_text("query") : entry.text("query");
  for (const auto& [name, text] : texts_by_name(entry, "parameters", problems)) {
    panel.parameters[name] = text.value;
  }
  for (const auto& [name, text] : texts_by_name(entry, "links", problems)) {
    panel.links[name] = text.value;
    const std::string fault = fault_of_place(project, text.value);
    if (!fault.empty()) problems.error(text.mark, "panel-link", fault);
  }
  if (!is_query || panel.query.empty()) return;
  std::vector<std::string> names;
  for (const std::string& file : project::list_files(project.folder, "queries", {".sql"})) {
    names.push_back(project::stem_of(file));
    if (names.back() == panel.query) return;
  }
  problems.error(entry.mark_of("query"), "query-unknown",
                 fmt::format("the project has no query `{}`{}", panel.query,
                             did_you_mean(panel.query, names)));
}

}  // namespace bullion::metrics
