// GET /metrics..., /dashboards...: what the project defines, evaluated at a release.
#include <algorithm>
#include <limits>
#include <list>

#include <fmt/format.h>

#include "base/date.h"
#include "metrics/json.h"
#include "metrics/values.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

using metrics::Metric;
using metrics::MetricRequest;
using metrics::MetricValues;
using reader::OpenRelease;

/// nlohmann's other JSON: as text, with bytes that are no UTF-8 replaced.
std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Relations of any release, each kept open while the request goes on.
class Relations {
 public:
  explicit Relations(reader::Reader& reader) : reader_(reader) {}

  metrics::RelationLookup lookup() {
    return [this](const std::string& table, int64_t number) -> Result<std::string> {
      BULLION_TRY_ASSIGN(const auto release, reader_.release(number));
      BULLION_TRY_ASSIGN(const auto opened, release->table(table));
      open_.push_back(release);
      return opened->relation;
    };
  }

 private:
  reader::Reader& reader_;
  std::list<std::shared_ptr<OpenRelease>> open_;
};

Result<const Metric*> metric_of(const Definitions& definitions, const Request& request) {
  return definitions.set.get(request.parameters.at("metric"));
}

/// The parameters but for those of the transport.
std::vector<std::pair<std::string, std::string>> metric_parameters(const Request& request) {
  auto parameters = request.query;
  std::erase_if(parameters,
                [](const auto& pair) { return pair.first == "format" || pair.first == "release"; });
  return parameters;
}

Status check_once(const Request& request) {
  return check_parameters(request, {"release", "by", "grain", "start", "end", "range", "compare",
                                    "window", "sort", "limit", "filter", "format"});
}

Result<MetricValues> values_at(Api& api, const Definitions& definitions, const Metric& metric,
                               MetricRequest wanted, const Request& request, int64_t release) {
  wanted.release = release;
  const auto engine = engine::limited_engine(api.reader().engine(), limits_of(api, request));
  Relations relations(api.reader());
  return evaluate(*engine, definitions.set, metric, wanted, relations.lookup());
}

Response list_metrics(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {}), request);
  const auto definitions = api.definitions();
  nlohmann::json metrics = nlohmann::json::array();
  for (const Metric& metric : definitions->set.metrics) metrics.push_back(to_json(metric));
  return json_response(text_of({{"metrics", metrics}}));
}

Response get_metric(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {}), request);
  const auto definitions = api.definitions();
  BULLION_SERVER_ASSIGN(const Metric* metric, metric_of(*definitions, request), request);
  return json_response(text_of(to_json(*metric)));
}

Response get_values(Api& api, const Request& request) {
  const auto definitions = api.definitions();
  BULLION_SERVER_ASSIGN(const Metric* metric, metric_of(*definitions, request), request);
  BULLION_SERVER_TRY(check_once(request), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(
      const MetricRequest wanted,
      metrics::parse_request(definitions->set, *metric, metric_parameters(request)), request);
  return release_answer(
      api, request, release,
      [&](OpenRelease& open) -> Result<std::string> {
        BULLION_TRY_ASSIGN(const MetricValues values,
                           values_at(api, *definitions, *metric, wanted, request, open.number()));
        return text_of(to_json(values));
      },
      definitions->generation);
}

Response get_rows(Api& api, const Request& request) {
  BULLION_SERVER_TRY(
      check_parameters(request, {"release", "start", "end", "sort", "limit", "cursor", "filter"}),
      request);
  const auto definitions = api.definitions();
  BULLION_SERVER_ASSIGN(const Metric* metric, metric_of(*definitions, request), request);
  BULLION_SERVER_ASSIGN(const auto start, day_parameter(request, "start"), request);
  BULLION_SERVER_ASSIGN(const auto end, day_parameter(request, "end"), request);
  BULLION_SERVER_ASSIGN(const auto filters, filter_parameters(request), request);
  BULLION_SERVER_ASSIGN(reader::RowRequest rows, row_request(request, metric->table), request);
  rows.filters.clear();
  BULLION_SERVER_ASSIGN(rows.condition,
                        rows_condition(definitions->set, *metric, filters, start, end), request);
  BULLION_SERVER_ASSIGN(const auto release, release_of_page(request, rows.cursor), request);
  return release_answer(
      api, request, release, [&](OpenRelease& open) { return rows_body(api, request, open, rows); },
      definitions->generation);
}

Response get_members(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"dimension", "contains", "release", "limit"}),
                     request);
  const auto definitions = api.definitions();
  BULLION_SERVER_ASSIGN(const Metric* metric, metric_of(*definitions, request), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto limit, number_parameter(request, "limit", 1, 1000), request);
  const auto dimension = request.query_value("dimension");
  if (!dimension) {
    return problem_response({.status = 400, .detail = "dimension is missing"}, request);
  }
  constexpr int64_t kMembers = 200;
  return release_answer(
      api, request, release,
      [&](OpenRelease& open) -> Result<std::string> {
        const auto engine = engine::limited_engine(api.reader().engine(), limits_of(api, request));
        Relations relations(api.reader());
        BULLION_TRY_ASSIGN(const auto found,
                           members(*engine, definitions->set, *metric, *dimension,
                                   request.query_value("contains").value_or(""),
                                   limit.value_or(kMembers), open.number(), relations.lookup()));
        Json json = Json::array();
        for (const auto& member : found) json.push_back(member ? Json(*member) : Json(nullptr));
        return json_text({{"members", json}});
      },
      definitions->generation);
}

Response export_metric(Api& api, const Request& request) {
  const auto definitions = api.definitions();
  BULLION_SERVER_ASSIGN(const Metric* metric, metric_of(*definitions, request), request);
  BULLION_SERVER_TRY(check_once(request), request);
  BULLION_SERVER_ASSIGN(const FileForm form, form_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(
      const MetricRequest wanted,
      metrics::parse_request(definitions->set, *metric, metric_parameters(request)), request);
  BULLION_SERVER_ASSIGN(const auto open, api.reader().release(release), request);
  BULLION_SERVER_ASSIGN(const MetricValues values,
                        values_at(api, *definitions, *metric, wanted, request, open->number()),
                        request);
  BULLION_SERVER_ASSIGN(exports::Request file, file_of_values(api, values, open->record()),
                        request);
  return file_answer(api.reader(), request, form,
                     fmt::format("{}-r{}", metric->name, open->number()), std::move(file), open);
}

Response list_dashboards(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {}), request);
  const auto definitions = api.definitions();
  nlohmann::json dashboards = nlohmann::json::array();
  for (const auto& dashboard : definitions->dashboards) dashboards.push_back(to_json(dashboard));
  return json_response(text_of({{"dashboards", dashboards}}));
}

Response get_dashboard(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {}), request);
  const auto definitions = api.definitions();
  const std::string& name = request.parameters.at("dashboard");
  const auto found = std::ranges::find(definitions->dashboards, name, &metrics::Dashboard::name);
  if (found == definitions->dashboards.end()) {
    return problem_response(not_found("there is no dashboard `" + name + "`"), request);
  }
  return json_response(text_of(to_json(*found)));
}

}  // namespace

void add_metric_routes(Router& router, Api& api) {
  const auto add = [&](const char* pattern, Response (*handler)(Api&, const Request&)) {
    router.add("GET", pattern,
               [&api, handler](const Request& request) { return handler(api, request); });
  };
  add("/metrics", list_metrics);
  add("/metrics/{metric}", get_metric);
  add("/metrics/{metric}/values", get_values);
  add("/metrics/{metric}/rows", get_rows);
  add("/metrics/{metric}/members", get_members);
  add("/metrics/{metric}/export", export_metric);
  add("/dashboards", list_dashboards);
  add("/dashboards/{dashboard}", get_dashboard);
}

}  // namespace bullion::server
