#include "metrics/dashboard.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "metrics/query_panel_internal.h"
#include "project/problem_sink.h"
#include "project/project_files.h"
#include "project/yaml_reader.h"

namespace bullion::metrics {
namespace {

using project::MapReader;
using project::Mark;
using project::ProblemSink;
using project::YamlNode;

const std::vector<std::string>& panel_kinds() {
  static const std::vector<std::string> kKinds{
      "number",   "line", "bar",        "column",    "stacked", "table", "heatmap",
      "calendar", "text", "cumulative", "waterfall", "pareto",  "query"};
  return kKinds;
}

/// Reads the panels of one dashboard and checks them against the metrics.
class PanelReader {
 public:
  PanelReader(const project::Project& project, const MetricSet& metrics, ProblemSink& problems)
      : project_(project), metrics_(metrics), problems_(problems) {}

  Panel read(const YamlNode& node, const Dashboard& page) {
    MapReader entry(node, "a panel", problems_);
    Panel panel;
    panel.kind = entry.choice("kind", panel_kinds(), "table");
    panel.metric = entry.text("metric");
    panel.metrics = entry.texts("metrics");
    panel.text = panel.kind == "text" ? entry.required_text("text") : "";
    const Metric* of_page = metrics_.find(page.metric);
    const bool has_range = of_page != nullptr && !of_page->time_column.empty();
    read_query_panel(project_, page, has_range, entry, panel, problems_);
    read_metrics(entry, panel);
    panel.title = entry.text("title", title_of(panel));
    panel.id = entry.text("id", "panel" + std::to_string(++count_));
    if (!ids_.insert(panel.id).second) {
      problems_.error(entry.mark_of("id"), "name-duplicate",
                      fmt::format("panel `{}` is there twice", panel.id));
    }
    panel.width = static_cast<int>(number(entry, "width", 1, 12).value_or(12));
    panel.limit = number(entry, "limit", 1, 10000);
    panel.sort = entry.text("sort");
    read_request(entry, panel);
    entry.finish();
    return panel;
  }

 private:
  std::string title_of(const Panel& panel) const {
    const Metric* metric = metrics_.find(panel.metric);
    return metric == nullptr ? panel.query : metric->title;
  }

  void read_metrics(MapReader& entry, Panel& panel) {
    if (panel.kind == "query") entry.take("text");
    if (panel.kind == "text" || panel.kind == "query") {
      if (entry.has("metric") || entry.has("metrics")) {
        problems_.error(entry.mark(), "yaml-value",
                        fmt::format("a {} panel shows no metric; remove it", panel.kind));
      }
      panel.metric.clear();
      panel.metrics.clear();
      return;
    }
    if (entry.has("text")) {
      problems_.error(entry.mark_of("text"), "yaml-value", "`text` is for panels of kind text");
    }
    entry.take("text");
    if (entry.has("metric") && entry.has("metrics")) {
      problems_.error(entry.mark_of("metrics"), "yaml-value",
                      "give `metric`, or `metrics` for several");
    }
    if (panel.metrics.empty() && !panel.metric.empty()) panel.metrics = {panel.metric};
    if (panel.metrics.empty()) {
      problems_.error(entry.mark(), "yaml-missing-key",
                      fmt::format("a panel of kind {} needs a `metric`", panel.kind));
      return;
    }
    panel.metric = panel.metrics[0];
    for (size_t i = 0; i < panel.metrics.size(); ++i) {
      const auto found = metrics_.get(panel.metrics[i]);
      if (found) continue;
      problems_.error(entry.has("metric") ? entry.mark_of("metric") : entry.mark_of("metrics", i),
                      "metric-unknown", found.error().message());
    }
  }

  std::optional<int64_t> number(MapReader& entry, const std::string& key, int64_t least,
                                int64_t most) {
    const std::string text = entry.text(key);
    if (text.empty()) return std::nullopt;
    int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = fault == std::errc{} && end == text.data() + text.size();
    if (whole && value >= least && value <= most) return value;
    problems_.error(entry.mark_of(key), "yaml-value",
                    fmt::format("`{}` is `{}`; expected {} to {}", key, text, least, most));
    return std::nullopt;
  }

  /// The keys that are a request's, checked by the request's own rules.
  void read_request(MapReader& entry, Panel& panel) {
    panel.by = entry.texts("by");
    const std::string grain =
        entry.choice("grain", {"day", "week", "month", "quarter", "year"}, "");
    const std::string compare = entry.choice("compare", {"prior_period", "prior_year"}, "");
    const std::string window = entry.choice("window", {"mtd", "qtd", "ytd", "ltm"}, "");
    panel.grain = parse_grain(grain);
    panel.window = parse_window(window);
    if (compare == "prior_period") panel.compare = Compare::PriorPeriod;
    if (compare == "prior_year") panel.compare = Compare::PriorYear;
    const std::vector<std::string> filters = entry.texts("filters");
    for (size_t i = 0; i < filters.size(); ++i) {
      auto filter = parse_filter(filters[i]);
      if (filter) {
        panel.filters.push_back(std::move(*filter));
      } else {
        problems_.error(entry.mark_of("filters", i), "panel-filter", filter.error().message());
      }
    }
    needs_grain(entry, panel);
    for (const std::string& name : panel.metrics) check(entry, name, panel);
  }

  void needs_grain(MapReader& entry, const Panel& panel) {
    const bool in_time =
        panel.kind == "line" || panel.kind == "calendar" || panel.kind == "cumulative";
    if (in_time && !panel.grain) {
      problems_.error(
          entry.mark(), "panel-grain",
          fmt::format("a panel of kind {} runs in time and needs a `grain`", panel.kind));
    }
    if (panel.kind == "cumulative" && !panel.window) {
      problems_.error(entry.mark(), "panel-window",
                      "a panel of kind cumulative needs a `window`: mtd, qtd, ytd or ltm");
    }
    if (panel.kind == "pareto" && panel.by.size() != 1) {
      problems_.error(entry.mark(), "panel-by",
                      "a panel of kind pareto ranks the values of one dimension; give it in `by`");
    }
  }

  void check(MapReader& entry, const std::string& name, const Panel& panel) {
    const Metric* metric = metrics_.find(name);
    if (metric == nullptr) return;
    MetricRequest request;
    request.by = panel.by;
    request.grain = panel.grain;
    request.window = panel.window;
    request.compare = panel.compare;
    request.filters = panel.filters;
    request.sort = panel.sort;
    // Days enough that a comparison has a range, as it will when somebody looks.
    if (!metric->time_column.empty()) request.range = "this_month";
    const Status checked = check_request(metrics_, *metric, request);
    if (checked) return;
    problems_.error(entry.mark(), "panel-request", checked.error().message());
  }

  const project::Project& project_;
  const MetricSet& metrics_;
  ProblemSink& problems_;
  std::set<std::string> ids_;
  int count_ = 0;
};

class DashboardReader {
 public:
  DashboardReader(const project::Project& project, const MetricSet& metrics, ProblemSink& problems)
      : metrics_(metrics), problems_(problems), panels_(project, metrics, problems) {}

  Dashboard read(const std::string& name, std::string_view text) {
    const YamlNode document = read_yaml(text, problems_);
    Dashboard out;
    out.name = name;
    out.location = problems_.at({1, 1});
    if (document.kind == YamlNode::Kind::Null) {
      if (problems_.list().empty()) {
        problems_.error({1, 1}, "yaml-missing-key",
                        "the dashboard is empty; it needs `title` and "
                        "`rows`");
      }
      return out;
    }
    MapReader top(document, "a dashboard", problems_);
    top.take("version");
    out.title = top.required_text("title");
    out.description = top.text("description");
    out.group = top.text("group");
    out.metric = top.text("metric");
    read_order(top, out);
    out.default_range = top.text("default_range", "last_30_days");
    const auto& names = range_names();
    if (std::find(names.begin(), names.end(), out.default_range) == names.end()) {
      problems_.error(
          top.mark_of("default_range"), "yaml-value",
          fmt::format("`default_range` is `{}`{}; expected one of: {}", out.default_range,
                      did_you_mean(out.default_range, names), fmt::join(names, ", ")));
    }
    read_range_of(top, out);
    read_filters(top, out);
    read_rows(top, out);
    top.finish();
    return out;
  }

 private:
  void read_order(MapReader& top, Dashboard& out) {
    const std::string text = top.text("order", "0");
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out.order);
    if (fault == std::errc{} && end == text.data() + text.size()) return;
    problems_.error(top.mark_of("order"), "yaml-value",
                    fmt::format("`order` is `{}`; expected a whole number", text));
  }

  void read_range_of(MapReader& top, Dashboard& out) {
    out.range_of = top.text("range_of");
    if (out.range_of.empty()) return;
    const auto metric = metrics_.get(out.range_of);
    if (!metric) {
      problems_.error(top.mark_of("range_of"), "metric-unknown", metric.error().message());
    } else if ((*metric)->time_column.empty()) {
      problems_.error(
          top.mark_of("range_of"), "metric-range",
          fmt::format("metric `{}` has no time column, so it has no last day", out.range_of));
    }
  }

  void read_filters(MapReader& top, Dashboard& out) {
    const YamlNode* list = top.take("filters");
    if (list == nullptr || list->kind == YamlNode::Kind::Null) return;
    if (list->kind != YamlNode::Kind::List) {
      problems_.error(
          list->mark, "yaml-type",
          fmt::format("`filters` must be a list of dimensions, found {}", kind_name(list->kind)));
      return;
    }
    const Metric* metric = filter_metric(top, out);
    for (const YamlNode& node : list->items) {
      DashboardFilter filter;
      Mark mark = node.mark;
      if (node.kind == YamlNode::Kind::Scalar) {
        filter.dimension = node.text;
      } else {
        MapReader entry(node, "a filter", problems_);
        filter.dimension = entry.required_text("dimension");
        filter.title = entry.text("title");
        mark = entry.mark_of("dimension");
        entry.finish();
      }
      if (metric == nullptr || filter.dimension.empty()) continue;
      const Dimension* dimension = metric->find_dimension(filter.dimension);
      if (dimension == nullptr) {
        std::vector<std::string> names;
        for (const Dimension& other : metric->dimensions) names.push_back(other.name);
        problems_.error(mark, "dimension-unknown",
                        fmt::format("metric `{}` has no dimension `{}`{}; dimensions: {}",
                                    metric->name, filter.dimension,
                                    did_you_mean(filter.dimension, names), fmt::join(names, ", ")));
        continue;
      }
      if (filter.title.empty()) filter.title = dimension->title;
      out.filters.push_back(std::move(filter));
    }
  }

  /// The metric whose dimensions the filters are; reported when there is none.
  const Metric* filter_metric(MapReader& top, const Dashboard& out) {
    if (out.metric.empty()) {
      problems_.error(top.mark_of("filters"), "yaml-missing-key",
                      "`filters` need a `metric`, whose dimensions give their values");
      return nullptr;
    }
    const auto found = metrics_.get(out.metric);
    if (found) return *found;
    problems_.error(top.mark_of("metric"), "metric-unknown", found.error().message());
    return nullptr;
  }

  void read_rows(MapReader& top, Dashboard& out) {
    const YamlNode* rows = top.take("rows");
    if (rows == nullptr || rows->kind != YamlNode::Kind::List || rows->items.empty()) {
      problems_.error(top.mark_of("rows"), "yaml-missing-key",
                      "a dashboard needs `rows`: a list of lists of panels");
      return;
    }
    for (const YamlNode& row : rows->items) {
      if (row.kind != YamlNode::Kind::List) {
        problems_.error(
            row.mark, "yaml-type",
            fmt::format("each row must be a list of panels, found {}", kind_name(row.kind)));
        continue;
      }
      std::vector<Panel> panels;
      int width = 0;
      for (const YamlNode& node : row.items) {
        panels.push_back(panels_.read(node, out));
        width += panels.back().width;
      }
      if (width > 12) {
        problems_.error(row.mark, "panel-width",
                        fmt::format("the panels of this row are {} twelfths wide; 12 fit", width));
      }
      out.rows.push_back(std::move(panels));
    }
  }

  const MetricSet& metrics_;
  ProblemSink& problems_;
  PanelReader panels_;
};

}  // namespace

DashboardOutcome load_dashboards(const project::Project& project, const MetricSet& metrics) {
  DashboardOutcome out;
  std::map<std::string, std::string> seen;
  for (const std::string& file :
       project::list_files(project.folder, "dashboards", {".yml", ".yaml"})) {
    std::vector<project::Problem> problems;
    ProblemSink sink(file, problems);
    const std::string name = project::stem_of(file);
    const auto text =
        project::read_text_file((std::filesystem::path(project.folder) / file).string());
    if (!text) sink.error({}, "file-unreadable", text.error().message());
    const auto [first, fresh] = seen.emplace(name, file);
    if (!fresh) {
      sink.error({1, 1}, "name-duplicate",
                 fmt::format("there is a dashboard `{}` already, in {}", name, first->second));
    } else if (text) {
      Dashboard dashboard = DashboardReader(project, metrics, sink).read(name, *text);
      if (problems.empty()) out.dashboards.push_back(std::move(dashboard));
    }
    out.problems.insert(out.problems.end(), problems.begin(), problems.end());
  }
  std::sort(out.dashboards.begin(), out.dashboards.end(),
            [](const Dashboard& a, const Dashboard& b) {
              return std::tie(a.order, a.title, a.name) < std::tie(b.order, b.title, b.name);
            });
  return out;
}

}  // namespace bullion::metrics
