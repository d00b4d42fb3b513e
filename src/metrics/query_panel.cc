#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// What of the page's filters and range reaches the query.
void read_follows(const Dashboard& page, bool has_range, MapReader& entry, Panel& panel,
                  ProblemSink& problems) {
  std::vector<std::string> dimensions;
  for (const DashboardFilter& filter : page.filters) dimensions.push_back(filter.dimension);
  for (const auto& [dimension, text] : texts_by_name(entry, "follows", problems)) {
    panel.follows[dimension] = text.value;
    if (std::find(dimensions.begin(), dimensions.end(), dimension) != dimensions.end()) continue;
    problems.error(
        text.mark, "dimension-unknown",
        fmt::format("the page has no filter `{}`{}; filters: {}", dimension,
                    did_you_mean(dimension, dimensions),
                    dimensions.empty() ? "none" : fmt::to_string(fmt::join(dimensions, ", "))));
  }
  panel.time_column = entry.text("time_column");
  if (panel.time_column.empty() || has_range) return;
  problems.error(entry.mark_of("time_column"), "panel-range",
                 "`time_column` needs a `metric` of the page that has a time column: its days say "
                 "what a range is");
}

}  // namespace

void read_query_panel(const project::Project& project, const Dashboard& page, bool has_range,
                      MapReader& entry, Panel& panel, ProblemSink& problems) {
  const bool is_query = panel.kind == "query";
  for (const char* key : {"query", "parameters", "follows", "time_column", "links"}) {
    if (is_query || !entry.has(key)) continue;
    problems.error(entry.mark_of(key), "yaml-value",
                   fmt::format("`{}` is for panels of kind query", key));
  }
  panel.query = is_query ? entry.required_text("query") : entry.text("query");
  for (const auto& [name, text] : texts_by_name(entry, "parameters", problems)) {
    panel.parameters[name] = text.value;
  }
  read_follows(page, has_range, entry, panel, problems);
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
