#include "metrics/json.h"

#include "base/date.h"

namespace bullion::metrics {
namespace {

using Json = nlohmann::json;

Json day_json(const std::optional<int32_t>& day) {
  return day ? Json(format_date(*day)) : Json(nullptr);
}

Json text_json(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Json value_json(const Metric& metric, const std::optional<Decimal>& value,
                const std::optional<std::string>& currency) {
  if (!value) return nullptr;
  if (metric.unit != Unit::Money) return to_string(*value);
  return {{"amount", to_string(*value)}, {"currency", currency.value_or("")}};
}

Json compare_json(Compare compare, int64_t release) {
  switch (compare) {
    case Compare::PriorPeriod:
      return "prior_period";
    case Compare::PriorYear:
      return "prior_year";
    case Compare::Release:
      return "release:" + std::to_string(release);
    case Compare::None:
      break;
  }
  return nullptr;
}

Json filters_json(const std::vector<Filter>& filters) {
  Json out = Json::array();
  for (const Filter& filter : filters) out.push_back(to_json(filter));
  return out;
}

Json row_json(const MetricValues& values, const MetricRow& row) {
  Json dimensions = Json::object();
  for (size_t i = 0; i < row.dimensions.size(); ++i) {
    dimensions[values.by[i]] = text_json(row.dimensions[i]);
  }
  Json out{{"time", day_json(row.time)},
           {"dimensions", std::move(dimensions)},
           {"currency", text_json(row.currency)},
           {"value", value_json(values.metric, row.value, row.currency)},
           {"rows", row.rows},
           {"compared", value_json(values.metric, row.compared, row.currency)},
           {"change", value_json(values.metric, row.change, row.currency)},
           {"growth", text_json(row.growth)},
           {"share", text_json(row.share)}};
  if (values.metric.drillable) {
    out["rows_filter"] = filters_json(row.rows_filter);
    out["rows_start"] = day_json(row.rows_start);
    out["rows_end"] = day_json(row.rows_end);
  }
  return out;
}

Json panel_json(const Panel& panel) {
  return {{"id", panel.id},
          {"title", panel.title},
          {"kind", panel.kind},
          {"metric", panel.metric.empty() ? Json(nullptr) : Json(panel.metric)},
          {"metrics", panel.metrics},
          {"by", panel.by},
          {"grain", panel.grain ? Json(to_string(*panel.grain)) : Json(nullptr)},
          {"compare", compare_json(panel.compare, 0)},
          {"window", panel.window ? Json(to_string(*panel.window)) : Json(nullptr)},
          {"limit", panel.limit ? Json(*panel.limit) : Json(nullptr)},
          {"sort", panel.sort.empty() ? Json(nullptr) : Json(panel.sort)},
          {"width", panel.width},
          {"text", panel.text},
          {"filters", filters_json(panel.filters)},
          {"query", panel.query.empty() ? Json(nullptr) : Json(panel.query)},
          {"parameters", Json(panel.parameters)},
          {"follows", Json(panel.follows)},
          {"time_column", panel.time_column.empty() ? Json(nullptr) : Json(panel.time_column)},
          {"links", Json(panel.links)}};
}

}  // namespace

Json to_json(const Filter& filter) {
  return {{"column", filter.column}, {"op", to_string(filter.op)}, {"values", filter.values}};
}

Json to_json(const Metric& metric) {
  Json dimensions = Json::array();
  for (const Dimension& dimension : metric.dimensions) {
    dimensions.push_back(
        {{"name", dimension.name}, {"title", dimension.title}, {"type", dimension.type}});
  }
  Json grains = Json::array();
  for (const Grain grain : metric.grains) grains.push_back(to_string(grain));
  return {{"name", metric.name},
          {"title", metric.title},
          {"description", metric.description},
          {"table", metric.table},
          {"unit", to_string(metric.unit)},
          {"unit_name", metric.unit_name},
          {"better", to_string(metric.better)},
          {"scenario", to_string(metric.scenario)},
          {"time_column", metric.time_column.empty() ? Json(nullptr) : Json(metric.time_column)},
          {"dimensions", std::move(dimensions)},
          {"grains", std::move(grains)},
          {"sql", metric.measure},
          {"drillable", metric.drillable},
          {"owner", metric.owner}};
}

Json to_json(const MetricValues& values) {
  Json rows = Json::array();
  for (const MetricRow& row : values.rows) rows.push_back(row_json(values, row));
  Json members = Json::object();
  for (const auto& [dimension, ordered] : values.members) {
    Json list = Json::array();
    for (const auto& member : ordered) list.push_back(text_json(member));
    members[dimension] = std::move(list);
  }
  Json totals = Json::array();
  for (const MetricRow& row : values.totals) totals.push_back(row_json(values, row));
  return {{"metric", to_json(values.metric)},
          {"release", values.release},
          {"grain", values.grain ? Json(to_string(*values.grain)) : Json(nullptr)},
          {"by", values.by},
          {"start", day_json(values.start)},
          {"end", day_json(values.end)},
          {"compare", compare_json(values.compare, values.compare_release)},
          {"compared_start", day_json(values.compared_start)},
          {"compared_end", day_json(values.compared_end)},
          {"window", values.window ? Json(to_string(*values.window)) : Json(nullptr)},
          {"filters", filters_json(values.filters)},
          {"rows", std::move(rows)},
          {"members", std::move(members)},
          {"totals", std::move(totals)},
          {"truncated", values.truncated},
          {"incomplete", values.incomplete},
          {"summary", values.summary}};
}

Json to_json(const Dashboard& dashboard) {
  Json filters = Json::array();
  for (const DashboardFilter& filter : dashboard.filters) {
    filters.push_back({{"dimension", filter.dimension}, {"title", filter.title}});
  }
  Json rows = Json::array();
  for (const auto& row : dashboard.rows) {
    Json panels = Json::array();
    for (const Panel& panel : row) panels.push_back(panel_json(panel));
    rows.push_back(std::move(panels));
  }
  return {{"name", dashboard.name},
          {"title", dashboard.title},
          {"description", dashboard.description},
          {"group", dashboard.group},
          {"filters", std::move(filters)},
          {"metric", dashboard.metric.empty() ? Json(nullptr) : Json(dashboard.metric)},
          {"default_range", dashboard.default_range},
          {"range_of", dashboard.range_of.empty() ? Json(nullptr) : Json(dashboard.range_of)},
          {"rows", std::move(rows)}};
}

}  // namespace bullion::metrics
