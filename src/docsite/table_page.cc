#include <fmt/format.h>
#include <fmt/ranges.h>

#include "docsite/html_internal.h"
#include "docsite/table_page_internal.h"

namespace bullion::docsite {
namespace {

using project::ColumnInput;
using project::ColumnInputs;
using project::DataTest;

std::string links_to(const std::vector<const lineage::TableNode*>& nodes) {
  std::vector<std::string> out;
  for (const lineage::TableNode* node : nodes) out.push_back(link_to_table(node->name, false));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string words_of(const ColumnInputs& inputs) {
  std::vector<std::string> out;
  for (const ColumnInput& input : inputs) {
    const std::string to = input.table + ".html#column-" + input.column;
    out.push_back(fmt::format("{} <span class=\"muted\">{}</span>",
                              link(to, input.table + "." + input.column),
                              escaped(to_string(input.use))));
  }
  return fmt::format("{}", fmt::join(out, "<br>"));
}

std::string facts_of(const project::Contract& contract, const lineage::TableNode& node,
                     const lineage::Graph& graph) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&rows](const char* name, const std::string& html) {
    if (!html.empty()) rows.push_back({name, html});
  };
  add("Layer", escaped(node.layer));
  add("Kind", escaped(node.kind));
  add("Owner", escaped(contract.owner));
  add("One row for each", escaped(fmt::format("{}", fmt::join(contract.grain, ", "))));
  add("Amount", escaped(contract.amount_column));
  add("Files", escaped(fmt::format("{}", fmt::join(node.files, ", "))));
  add("Made of", links_to(graph.around(node, lineage::Direction::Upstream)));
  add("Makes", links_to(graph.around(node, lineage::Direction::Downstream)));
  return table({"Fact", ""}, rows);
}

/// What a source asks of a column, row by row.
std::vector<std::string> rules_of(const project::Contract& contract, const std::string& column) {
  std::vector<std::string> out;
  const auto add = [&](const DataTest& rule) {
    out.push_back(test_words(rule) + " <span class=\"muted\">else quarantined</span>");
  };
  const auto values = contract.accepted_values.find(column);
  if (values != contract.accepted_values.end()) {
    add({.kind = "accepted_values", .values = values->second});
  }
  const auto pattern = contract.patterns.find(column);
  if (pattern != contract.patterns.end()) add({.kind = "matches", .pattern = pattern->second});
  const auto range = contract.ranges.find(column);
  if (range != contract.ranges.end()) add({.kind = "in_range", .range = range->second});
  return out;
}

std::string columns_of(const project::Project& project, const lineage::Graph& graph,
                       const project::Contract& contract, const lineage::TableNode& node) {
  std::vector<std::vector<std::string>> rows;
  for (const delta::Column& column : contract.columns) {
    const auto said = contract.column_descriptions.find(column.name);
    std::vector<std::string> tests = rules_of(contract, column.name);
    for (const DataTest& test : project.data_tests) {
      if (test.table == node.name && test.columns == std::vector<std::string>{column.name}) {
        tests.push_back(test_words(test));
      }
    }
    rows.push_back({fmt::format("<code id=\"column-{0}\">{0}</code>", escaped(column.name)),
                    escaped(engine::sql_type(column.type)) + (column.nullable ? "" : " NOT NULL"),
                    said == contract.column_descriptions.end() ? "" : escaped(said->second),
                    fmt::format("{}", fmt::join(tests, "<br>")),
                    words_of(node.inputs_of(column.name)),
                    words_of(graph.outputs_of(node.name, column.name))});
  }
  return heading(2, "Columns") +
         table({"Column", "Type", "Meaning", "Tests", "Made of", "Makes"}, rows);
}

std::string tests_of(const project::Project& project, const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  for (const DataTest& test : project.data_tests) {
    if (test.table == name && test.columns.size() != 1) rows.push_back({test_words(test)});
  }
  return rows.empty() ? "" : heading(2, "Tests of the table") + table({"Test"}, rows);
}

std::string metrics_of(const metrics::MetricSet& set, const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  for (const metrics::Metric& metric : set.metrics) {
    if (metric.table != name) continue;
    rows.push_back({link("../metrics.html#" + metric.name, metric.title),
                    "<code>" + escaped(metric.measure) + "</code>"});
  }
  return rows.empty() ? "" : heading(2, "Metrics") + table({"Metric", "Measure"}, rows);
}

}  // namespace

std::string path_of_table(const std::string& table) { return "tables/" + table + ".html"; }

std::string link_to_table(const std::string& table, bool from_root) {
  return link((from_root ? "tables/" : "") + table + ".html", table);
}

std::string test_words(const DataTest& test) {
  std::string out = escaped(test.kind == "sql" ? test.name : test.kind);
  if (test.columns.size() > 1)
    out += ": " + escaped(fmt::format("{}", fmt::join(test.columns, ", ")));
  if (!test.values.empty()) out += ": " + escaped(fmt::format("{}", fmt::join(test.values, ", ")));
  if (!test.pattern.empty()) out += ": <code>" + escaped(test.pattern) + "</code>";
  if (!test.range.is_open()) out += ": " + escaped(to_string(test.range));
  if (!test.to_table.empty()) out += ": in " + escaped(test.to_table + "." + test.to_column);
  if (!test.where.empty()) out += " where " + escaped(test.where);
  if (test.severity != project::Severity::Error) out += " <span class=\"muted\">warns</span>";
  return out;
}

std::string table_page(const project::Project& project, const lineage::Graph& graph,
                       const metrics::MetricSet& metrics, const lineage::TableNode& node) {
  const project::Contract* contract = project.find_contract(node.name);
  if (contract == nullptr) return "";
  std::string body = fmt::format("<p>{}</p>\n", escaped(contract->description));
  body += facts_of(*contract, node, graph);
  body += columns_of(project, graph, *contract, node);
  if (!node.made_of.rows.empty()) {
    body += heading(2, "What decides its rows") +
            fmt::format("<p>{}</p>\n", words_of(node.made_of.rows));
  }
  body += tests_of(project, node.name) + metrics_of(metrics, node.name);
  if (const project::Model* model = project.find_model(node.name)) {
    body += heading(2, "SQL") + "<pre tabindex=\"0\">" + escaped(model->sql) + "</pre>\n";
  }
  return page(project.name, node.name, 1, body);
}

}  // namespace bullion::docsite
