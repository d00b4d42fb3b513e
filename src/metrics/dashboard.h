// What the files dashboards/*.yml define: pages of panels over metrics.
// docs/dashboards.md says each key for its users.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.h"
#include "metrics/request.h"
#include "project/project.h"

namespace bullion::metrics {

/// One picture, number or text. Fields are those of the API's Panel.
struct Panel {
  std::string id;  ///< unique in its dashboard
  std::string title;
  /// number | line | bar | column | stacked | table | heatmap | calendar | text | cumulative |
  /// waterfall | pareto | query
  std::string kind;
  std::string metric;                ///< "" for text and query
  std::vector<std::string> metrics;  ///< all that are shown, `metric` the first; else empty
  std::vector<std::string> by;
  std::optional<Grain> grain;
  Compare compare = Compare::None;  ///< never Release: a file cannot know one
  std::optional<Window> window;
  std::optional<int64_t> limit;
  std::string sort;  ///< as MetricRequest::sort
  int width = 12;    ///< twelfths of the page, 1 to 12
  std::string text;  ///< Markdown of a text panel, never HTML
  std::vector<Filter> filters;
  std::string query;                              ///< of kind query: queries/NAME.sql; else ""
  std::map<std::string, std::string> parameters;  ///< of the query, as text
  /// By dimension of the page's filters: the column of the query's result that it filters, or "$"
  /// and the parameter that takes its value.
  std::map<std::string, std::string> follows;
  std::string time_column;  ///< of the query's result: the page's range holds for it; "" : for none
  /// By column of the query: the "table.column" whose rows its values name.
  std::map<std::string, std::string> links;
};

struct DashboardFilter {
  std::string dimension;
  std::string title;
};

struct Dashboard {
  std::string name;  ///< as the file is called
  std::string title;
  std::string description;
  std::string group;  ///< heading in the menu
  int order = 0;      ///< place in the menu; ties by title
  std::vector<DashboardFilter> filters;
  std::string metric;  ///< gives the values of the filters; "" without filters
  std::string default_range = "last_30_days";  ///< a name of range_names()
  std::string range_of;  ///< metric whose last day all panels count ranges back from; "": their own
  std::vector<std::vector<Panel>> rows;
  project::Location location;
};

struct DashboardOutcome {
  std::vector<Dashboard> dashboards;  ///< those without mistakes, by order, then title
  std::vector<project::Problem> problems;
};

/// Reads dashboards/*.yml below the project's folder. A project without that folder has none.
DashboardOutcome load_dashboards(const project::Project& project, const MetricSet& metrics);

}  // namespace bullion::metrics
