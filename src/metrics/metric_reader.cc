// metrics/*.yml as written: keys, kinds of values, names. What needs the contract:
// metric_binder.cc.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "metrics/metric_reader_internal.h"
#include "project/project_files.h"

namespace bullion::metrics {
namespace {

using project::MapReader;
using project::Mark;
using project::ProblemSink;
using project::YamlNode;

const std::vector<std::string>& grain_names() {
  static const std::vector<std::string> kNames{"day", "week", "month", "quarter", "year"};
  return kNames;
}

/// "total_cost" -> "Total cost".
std::string title_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  }
  return name;
}

bool is_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

void check_name(const std::string& name, const std::string& what, Mark mark,
                ProblemSink& problems) {
  if (name.empty() || is_name(name)) return;
  problems.error(mark, "metric-name",
                 fmt::format("`{}` is no name of a {}; use lower-case letters, digits and '_', "
                             "beginning with a letter",
                             name, what));
}

void read_grains(MapReader& entry, ProblemSink& problems, MetricDraft& draft) {
  const std::vector<std::string> texts = entry.texts("grains");
  draft.grains_given = entry.has("grains");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto grain = parse_grain(texts[i]);
    if (grain) {
      draft.metric.grains.push_back(*grain);
      continue;
    }
    problems.error(
        entry.mark_of("grains", i), "yaml-value",
        fmt::format("`{}` is no grain{}; grains: {}", texts[i],
                    did_you_mean(texts[i], grain_names()), fmt::join(grain_names(), ", ")));
  }
}

DimensionDraft read_dimension(const YamlNode& node, ProblemSink& problems) {
  DimensionDraft draft;
  draft.mark = node.mark;
  Dimension& dimension = draft.dimension;
  if (node.kind == YamlNode::Kind::Scalar) {
    dimension.name = node.text;
    dimension.column = node.text;
    dimension.title = title_of(node.text);
    return draft;
  }
  MapReader entry(node, "a dimension", problems);
  dimension.name = entry.required_text("name");
  dimension.title = entry.text("title", title_of(dimension.name));
  dimension.expression = entry.text("expression");
  if (dimension.expression.empty()) {
    dimension.column = entry.text("column", dimension.name);
  } else if (entry.has("column")) {
    problems.error(
        entry.mark_of("column"), "yaml-value",
        fmt::format("dimension `{}` has both `column` and `expression`; keep one", dimension.name));
  }
  entry.take("column");
  dimension.sort_by = entry.text("sort_by");
  draft.sort_mark = entry.mark_of("sort_by");
  check_name(dimension.name, "dimension", entry.mark_of("name"), problems);
  entry.finish();
  return draft;
}

void read_dimensions(MapReader& entry, ProblemSink& problems, MetricDraft& draft) {
  const YamlNode* list = entry.take("dimensions");
  if (list == nullptr || list->kind == YamlNode::Kind::Null) return;
  if (list->kind != YamlNode::Kind::List) {
    problems.error(list->mark, "yaml-type",
                   fmt::format("`dimensions` must be a list, found {}", kind_name(list->kind)));
    return;
  }
  for (const YamlNode& item : list->items) {
    DimensionDraft dimension = read_dimension(item, problems);
    const bool twice = std::any_of(
        draft.dimensions.begin(), draft.dimensions.end(),
        [&](const DimensionDraft& d) { return d.dimension.name == dimension.dimension.name; });
    if (twice) {
      problems.error(item.mark, "name-duplicate",
                     fmt::format("dimension `{}` is there twice", dimension.dimension.name));
    } else if (!dimension.dimension.name.empty()) {
      draft.dimensions.push_back(std::move(dimension));
    }
  }
}

void read_scale(MapReader& entry, ProblemSink& problems, Metric& metric) {
  const std::string text = entry.text("scale", "4");
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), metric.scale);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  if (whole && metric.scale >= 0 && metric.scale <= 18) return;
  metric.scale = 4;
  problems.error(
      entry.mark_of("scale"), "yaml-value",
      fmt::format("`scale` is `{}`; expected the digits after the point, 0 to 18", text));
}

/// Keys that make sense for one of the two kinds of metrics only.
void refuse_keys(MapReader& entry, const std::vector<std::string>& keys, const std::string& why,
                 ProblemSink& problems) {
  for (const std::string& key : keys) {
    if (!entry.has(key)) continue;
    problems.error(entry.mark_of(key), "yaml-value", fmt::format("`{}`: {}", key, why));
  }
}

void read_unit(MapReader& entry, MetricDraft& draft) {
  draft.unit_given = entry.has("unit");
  const std::string unit = entry.choice("unit", {"money", "count", "quantity", "ratio"}, "");
  if (unit == "money") draft.metric.unit = Unit::Money;
  if (unit == "quantity") draft.metric.unit = Unit::Quantity;
  if (unit == "ratio") draft.metric.unit = Unit::Ratio;
  draft.unit_mark = entry.mark_of("unit");
  draft.metric.unit_name = entry.text("unit_name");
  const std::string better = entry.choice("better", {"up", "down", "neither"}, "neither");
  if (better == "up") draft.metric.better = Better::Up;
  if (better == "down") draft.metric.better = Better::Down;
  const std::string scenario =
      entry.choice("scenario", {"actual", "plan", "forecast", "variance"}, "actual");
  if (scenario == "plan") draft.metric.scenario = Scenario::Plan;
  if (scenario == "forecast") draft.metric.scenario = Scenario::Forecast;
  if (scenario == "variance") draft.metric.scenario = Scenario::Variance;
  draft.metric.flip_sign = entry.choice("sign", {"keep", "flip"}, "keep") == "flip";
}

}  // namespace

MetricDraft read_metric(const YamlNode& node, ProblemSink& problems) {
  MapReader entry(node, "a metric", problems);
  MetricDraft draft;
  draft.file = problems.file();
  draft.mark = node.mark;
  Metric& metric = draft.metric;
  metric.location = problems.at(node.mark);
  metric.name = entry.required_text("name");
  check_name(metric.name, "metric", entry.mark_of("name"), problems);
  metric.title = entry.text("title", title_of(metric.name));
  metric.description = entry.text("description");
  metric.owner = entry.text("owner");
  metric.numerator = entry.text("numerator");
  metric.denominator = entry.text("denominator");
  draft.numerator_mark = entry.mark_of("numerator");
  draft.denominator_mark = entry.mark_of("denominator");
  read_scale(entry, problems, metric);
  read_unit(entry, draft);
  const bool ratio = entry.has("numerator") || entry.has("denominator");
  if (ratio) {
    entry.required_text("numerator");
    entry.required_text("denominator");
    refuse_keys(entry,
                {"table", "measure", "filters", "dimensions", "time_column", "grains", "over_time",
                 "currency_column", "complete_column", "sign"},
                "a ratio has it from its two metrics; remove it here", problems);
    for (const char* key : {"table", "measure", "filters", "dimensions", "time_column", "grains",
                            "over_time", "currency_column", "complete_column"}) {
      entry.take(key);
    }
    entry.finish();
    return draft;
  }
  metric.table = entry.required_text("table");
  metric.measure = entry.required_text("measure");
  metric.filters = entry.texts("filters");
  for (size_t i = 0; i < metric.filters.size(); ++i) {
    draft.filter_marks.push_back(entry.mark_of("filters", i));
  }
  read_dimensions(entry, problems, draft);
  metric.time_column = entry.text("time_column");
  read_grains(entry, problems, draft);
  metric.is_last_over_time = entry.choice("over_time", {"sum", "last"}, "sum") == "last";
  draft.over_time_mark = entry.mark_of("over_time");
  metric.currency_column = entry.text("currency_column");
  metric.complete_column = entry.text("complete_column");
  draft.table_mark = entry.mark_of("table");
  draft.measure_mark = entry.mark_of("measure");
  draft.time_mark = entry.mark_of("time_column");
  draft.currency_mark = entry.mark_of("currency_column");
  draft.complete_mark = entry.mark_of("complete_column");
  refuse_keys(entry, {"scale"}, "only a ratio has a scale; others have the digits of their columns",
              problems);
  entry.finish();
  return draft;
}

namespace {

/// The entries of `metrics:` of one file.
void read_file(const std::string& text, ProblemSink& problems, std::vector<MetricDraft>& drafts) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  top.take("version");
  const YamlNode* list = top.take("metrics");
  top.finish();
  if (list == nullptr || list->kind == YamlNode::Kind::Null) return;
  if (list->kind != YamlNode::Kind::List) {
    problems.error(
        list->mark, "yaml-type",
        fmt::format("`metrics` must be a list of metrics, found {}", kind_name(list->kind)));
    return;
  }
  for (const YamlNode& node : list->items) {
    const size_t before = problems.list().size();
    MetricDraft draft = read_metric(node, problems);
    const bool sound = problems.list().size() == before;
    const auto same = std::find_if(drafts.begin(), drafts.end(), [&](const MetricDraft& other) {
      return !draft.metric.name.empty() && other.metric.name == draft.metric.name;
    });
    if (same != drafts.end()) {
      problems.error(node.mark, "name-duplicate",
                     fmt::format("there is a metric `{}` already, at {}", draft.metric.name,
                                 to_string(same->metric.location)));
    } else if (sound) {
      drafts.push_back(std::move(draft));
    }
  }
}

}  // namespace

MetricOutcome load_metrics(const project::Project& project, engine::Engine& engine) {
  MetricOutcome out;
  out.set.calendar = PeriodCalendar(project.fiscal_calendar);
  std::vector<MetricDraft> drafts;
  for (const std::string& file :
       project::list_files(project.folder, "metrics", {".yml", ".yaml"})) {
    const auto text =
        project::read_text_file((std::filesystem::path(project.folder) / file).string());
    ProblemSink problems(file, out.problems);
    if (text) {
      read_file(*text, problems, drafts);
    } else {
      problems.error({}, "file-unreadable", text.error().message());
    }
  }
  MetricBinder binder(project, engine, out.set);
  for (const bool ratios : {false, true}) {
    for (MetricDraft& draft : drafts) {
      if (draft.metric.is_ratio() != ratios) continue;
      ProblemSink problems(draft.file, out.problems);
      const bool bound =
          ratios ? binder.bind_ratio(draft, problems) : binder.bind_measure(draft, problems);
      if (bound) out.set.metrics.push_back(draft.metric);
    }
  }
  std::sort(out.set.metrics.begin(), out.set.metrics.end(),
            [](const Metric& a, const Metric& b) { return a.name < b.name; });
  std::stable_sort(out.problems.begin(), out.problems.end(),
                   [](const project::Problem& a, const project::Problem& b) {
                     return std::tie(a.location.file, a.location.line, a.location.column) <
                            std::tie(b.location.file, b.location.line, b.location.column);
                   });
  return out;
}

}  // namespace bullion::metrics
