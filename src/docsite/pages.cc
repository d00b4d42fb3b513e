#include "docsite/pages.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "docsite/html_internal.h"
#include "docsite/table_page_internal.h"

namespace bullion::docsite {
namespace {

using lineage::TableNode;
using project::Project;

std::string description_of(const Project& project, const std::string& table) {
  const project::Contract* contract = project.find_contract(table);
  return contract == nullptr ? "" : escaped(contract->description);
}

std::string index_page(const Project& project, const lineage::Graph& graph) {
  std::map<std::string, std::vector<std::vector<std::string>>> layers;
  std::vector<std::string> order;
  for (const TableNode& node : graph.tables()) {
    if (!layers.contains(node.layer)) order.push_back(node.layer);
    layers[node.layer].push_back({link_to_table(node.name, true),
                                  description_of(project, node.name), escaped(node.kind),
                                  escaped(node.owner)});
  }
  std::string body;
  for (const std::string& layer : order) {
    body += heading(2, layer) + table({"Table", "Meaning", "Kind", "Owner"}, layers[layer]);
  }
  return page(project.name, "Tables", 0, body);
}

std::string metrics_page(const Project& project, const metrics::MetricSet& set) {
  std::string body;
  for (const metrics::Metric& metric : set.metrics) {
    std::vector<std::string> dimensions;
    for (const auto& dimension : metric.dimensions) dimensions.push_back(dimension.title);
    std::vector<std::vector<std::string>> rows{
        {"Name", "<code>" + escaped(metric.name) + "</code>"},
        {"Measure", "<code>" + escaped(metric.measure) + "</code>"},
        {"Table", link_to_table(metric.table, true)},
        {"Split by", escaped(fmt::format("{}", fmt::join(dimensions, ", ")))},
        {"Unit", escaped(to_string(metric.unit) + " " + metric.unit_name)},
        {"Owner", escaped(metric.owner)}};
    for (const std::string& filter : metric.filters) {
      rows.push_back({"Rows where", "<code>" + escaped(filter) + "</code>"});
    }
    body += heading(2, metric.title, metric.name) +
            fmt::format("<p>{}</p>\n", escaped(metric.description)) + table({"Fact", ""}, rows);
  }
  if (set.metrics.empty()) body = "<p>The project has no metrics.</p>\n";
  return page(project.name, "Metrics", 0, body);
}

std::string tests_page(const Project& project) {
  std::vector<std::vector<std::string>> rows;
  for (const project::DataTest& test : project.data_tests) {
    rows.push_back({link_to_table(test.table, true),
                    escaped(fmt::format("{}", fmt::join(test.columns, ", "))), test_words(test)});
  }
  const std::string body =
      "<p>They gate each release: what fails is not published, what warns is.</p>\n" +
      table({"Table", "Columns", "Test"}, rows);
  return page(project.name, "Tests", 0, body);
}

std::string owners_page(const Project& project, const lineage::Graph& graph,
                        const metrics::MetricSet& set) {
  std::map<std::string, std::vector<std::string>> owned;
  for (const TableNode& node : graph.tables()) {
    owned[node.owner].push_back(link_to_table(node.name, true));
  }
  for (const metrics::Metric& metric : set.metrics) {
    owned[metric.owner].push_back(link("metrics.html#" + metric.name, metric.title));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [owner, things] : owned) {
    rows.push_back(
        {owner.empty() ? "nobody" : escaped(owner), fmt::format("{}", fmt::join(things, ", "))});
  }
  return page(project.name, "Owners", 0, table({"Owner", "Tables and metrics"}, rows));
}

std::string lineage_page(const Project& project, const lineage::Graph& graph) {
  std::map<std::string, std::vector<std::string>> readers;
  for (const TableNode& node : graph.tables()) {
    for (const std::string& input : node.inputs) {
      readers[input].push_back(link_to_table(node.name, true));
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const TableNode& node : graph.tables()) {
    std::vector<std::string> inputs;
    for (const std::string& input : node.inputs) inputs.push_back(link_to_table(input, true));
    for (const std::string& file : node.files) inputs.push_back(escaped(file));
    rows.push_back({fmt::format("{}", fmt::join(inputs, ", ")), link_to_table(node.name, true),
                    fmt::format("{}", fmt::join(readers[node.name], ", "))});
  }
  return page(project.name, "Lineage", 0, table({"Reads", "Table", "Read by"}, rows));
}

}  // namespace

std::vector<Page> pages_of(const Project& project, const lineage::Graph& graph,
                           const metrics::MetricSet& metrics) {
  std::vector<Page> pages = {{"index.html", index_page(project, graph)},
                             {"metrics.html", metrics_page(project, metrics)},
                             {"tests.html", tests_page(project)},
                             {"owners.html", owners_page(project, graph, metrics)},
                             {"lineage.html", lineage_page(project, graph)}};
  for (const TableNode& node : graph.tables()) {
    pages.push_back({path_of_table(node.name), table_page(project, graph, metrics, node)});
  }
  return pages;
}

}  // namespace bullion::docsite
