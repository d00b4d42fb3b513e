// metric: numbers by name, as the API and the charts show them.
#include "cli/verbs_metric.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/failure.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "metrics/json.h"
#include "metrics/metric.h"
#include "metrics/values.h"
#include "pipeline/environment.h"

namespace bullion::cli {
namespace {

using metrics::MetricRow;
using metrics::MetricValues;

void add_column(engine::Rows& rows, const std::string& name) {
  rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
}

int list_metrics(const metrics::MetricSet& set, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  if (format == OutputFormat::Json) {
    nlohmann::json out = nlohmann::json::array();
    for (const metrics::Metric& metric : set.metrics) out.push_back(to_json(metric));
    put(out.dump(2) + "\n");
    return kOk;
  }
  if (set.metrics.empty() && format == OutputFormat::Table) {
    say("The project has no metrics; write them to metrics/NAME.yml.");
    return kOk;
  }
  engine::Rows rows;
  for (const char* name : {"metric", "title", "unit", "table", "by", "grains"}) {
    add_column(rows, name);
  }
  for (const metrics::Metric& metric : set.metrics) {
    std::vector<std::string> dimensions;
    for (const auto& dimension : metric.dimensions) dimensions.push_back(dimension.name);
    std::vector<std::string> grains;
    for (const metrics::Grain grain : metric.grains) grains.push_back(to_string(grain));
    rows.rows.push_back({metric.name, metric.title, to_string(metric.unit), metric.table,
                         fmt::format("{}", fmt::join(dimensions, ", ")),
                         fmt::format("{}", fmt::join(grains, ", "))});
  }
  put(format_rows(rows, format));
  return kOk;
}

/// The smallest number of digits after the point, two or more for money, that shows all values
/// exactly; a column of 18 digits after the point is not readable when 16 of them are zeros.
int shown_scale(const MetricValues& values) {
  int scale = 0;
  const auto look = [&](const std::optional<Decimal>& value) {
    if (!value) return;
    Decimal shorter = *value;
    while (shorter.scale > 0 && shorter.units % 10 == 0) {
      shorter.units /= 10;
      --shorter.scale;
    }
    const int least = values.metric.unit == metrics::Unit::Money ? std::min(2, value->scale) : 0;
    scale = std::max({scale, shorter.scale, least});
  };
  for (const auto* rows : {&values.rows, &values.totals}) {
    for (const MetricRow& row : *rows) {
      look(row.value);
      look(row.compared);
      look(row.change);
    }
  }
  return scale;
}

engine::Value cell_of(const std::optional<Decimal>& value, std::optional<int> scale) {
  if (!value) return std::monostate();
  Decimal out = *value;
  while (scale && out.scale > *scale) {
    out.units /= 10;
    --out.scale;
  }
  return out;
}

engine::Value cell_of(const std::optional<std::string>& text) {
  if (!text) return std::monostate();
  return *text;
}

/// A percentage as a number, so that columns of them align.
engine::Value percent_cell(const std::optional<std::string>& text) {
  const auto number = text ? decimal_of(*text) : std::nullopt;
  if (number) return *number;
  return cell_of(text);
}

/// Rows of an answer as a table.
engine::Rows rows_of(const MetricValues& values, bool readable) {
  engine::Rows out;
  const bool any_currency =
      std::any_of(values.totals.begin(), values.totals.end(),
                  [](const MetricRow& row) { return row.currency.has_value(); });
  const bool compares = values.compare != metrics::Compare::None;
  if (values.grain) add_column(out, to_string(*values.grain));
  for (const std::string& name : values.by) add_column(out, name);
  if (any_currency) add_column(out, "currency");
  add_column(out, values.metric.name);
  if (compares) {
    for (const char* name : {"compared", "change", "growth_percent"}) add_column(out, name);
  }
  const bool any_share = std::any_of(values.rows.begin(), values.rows.end(),
                                     [](const MetricRow& row) { return row.share.has_value(); });
  if (any_share) add_column(out, "share_percent");
  add_column(out, "rows");
  std::optional<int> scale;
  if (readable) scale = shown_scale(values);
  for (const MetricRow& row : values.rows) {
    std::vector<engine::Value> cells;
    if (values.grain) cells.emplace_back(engine::DateValue{row.time.value_or(0)});
    for (const auto& member : row.dimensions) cells.push_back(cell_of(member));
    if (any_currency) cells.push_back(cell_of(row.currency));
    cells.push_back(cell_of(row.value, scale));
    if (compares) {
      cells.push_back(cell_of(row.compared, scale));
      cells.push_back(cell_of(row.change, scale));
      cells.push_back(percent_cell(row.growth));
    }
    if (any_share) cells.push_back(percent_cell(row.share));
    cells.emplace_back(row.rows);
    out.rows.push_back(std::move(cells));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parameters_of(const MetricOptions& options) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [key, value] :
       {std::pair("by", &options.by), std::pair("grain", &options.grain),
        std::pair("start", &options.start), std::pair("end", &options.end),
        std::pair("range", &options.range), std::pair("compare", &options.compare),
        std::pair("window", &options.window), std::pair("sort", &options.sort),
        std::pair("limit", &options.limit)}) {
    if (!value->empty()) out.emplace_back(key, *value);
  }
  for (const std::string& filter : options.filters) out.emplace_back("filter", filter);
  return out;
}

/// The relation of a table at any release of the lake.
metrics::RelationLookup relations_of(const Session& session) {
  return [&session](const std::string& table, int64_t number) -> Result<std::string> {
    BULLION_TRY_ASSIGN(const release::Record record, session.release(number));
    const auto found = record.tables.find(table);
    if (found == record.tables.end()) {
      return not_found(
          fmt::format("release {} has no table `{}`; `bullion run` computes it", number, table));
    }
    BULLION_TRY_ASSIGN(
        const std::string sql,
        pipeline::table_sql_at(session.env(), found->second.path, found->second.version));
    return "(" + sql + ")";
  };
}

/// The SELECT over plain table names, as `bullion query` takes it.
int explain(Session& session, const metrics::MetricSet& set, const metrics::Metric& metric,
            const metrics::MetricRequest& request, const release::Record& record) {
  if (request.compare == metrics::Compare::Release) {
    return fail(invalid("--explain shows one release; leave out --compare release:N"));
  }
  BULLION_CLI_TRY(pipeline::create_release_views(session.env(), record));
  BULLION_CLI_ASSIGN(const std::string sql,
                     metrics::compile(session.engine(), set, metric, request,
                                      [](const std::string& table, int64_t) -> Result<std::string> {
                                        return engine::quote_name(table);
                                      }));
  say(sql);
  return kOk;
}

void print_values(const MetricValues& values, OutputFormat format) {
  if (format == OutputFormat::Json) return put(to_json(values).dump(2) + "\n");
  put(format_rows(rows_of(values, format != OutputFormat::Csv), format));
  if (format != OutputFormat::Table) return;
  say("");
  say(values.summary);
  if (values.truncated) {
    complain(fmt::format("The first {} rows; --limit N shows more. Totals count all of them.",
                         values.rows.size()));
  }
}

}  // namespace

int show_metric(const GlobalOptions& global, const MetricOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  metrics::MetricOutcome outcome = metrics::load_metrics(session->project(), session->engine());
  for (const project::Problem& problem : outcome.problems) complain(to_string(problem));
  if (options.name.empty()) {
    const int code = list_metrics(outcome.set, options.output);
    return code != kOk || outcome.problems.empty() ? code : kUsage;
  }
  BULLION_CLI_ASSIGN(const metrics::Metric* metric, outcome.set.get(options.name));
  BULLION_CLI_ASSIGN(metrics::MetricRequest request,
                     metrics::parse_request(outcome.set, *metric, parameters_of(options)));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(options.release));
  request.release = record.number;
  if (options.explain) return explain(*session, outcome.set, *metric, request, record);
  BULLION_CLI_ASSIGN(
      const MetricValues values,
      metrics::evaluate(session->engine(), outcome.set, *metric, request, relations_of(*session)));
  print_values(values, format);
  return kOk;
}

}  // namespace bullion::cli
