// GET /runs and /runs/{id}: what the lake and this server know of runs.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/date.h"
#include "reader/work.h"
#include "server/api_internal.h"
#include "server/run_routes.h"

namespace bullion::server {
namespace {

constexpr const char* kList = "runs";

std::string status_of_run(const std::string& status) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"queued", "running", "published", "unchanged", "blocked", "failed", "cancelled"});
  return std::ranges::find(kKnown, status) == kKnown.end() ? "failed" : status;
}

Json run_json_of(const reader::RunRow& run) {
  return {{"id", run.id},
          {"status", status_of_run(run.status)},
          {"command", run.command},
          {"user", run.user},
          {"started_at", format_timestamp(run.started_us)},
          {"finished_at", format_timestamp(run.finished_us)},
          {"release", number_or_null(run.release)},
          {"files_loaded", number_or_null(run.files_loaded)},
          {"rows_loaded", number_or_null(run.rows_loaded)},
          {"rows_quarantined", number_or_null(run.rows_quarantined)},
          {"detail", run.detail}};
}

/// Runs of this server that the lake has no row of: going on, stopped, or without anything to do.
Result<Json> served_runs(const Api& api, const std::vector<reader::RunRow>& newest) {
  Json runs = Json::array();
  if (api.runs() == nullptr) return runs;
  for (const ServedRun& run : api.runs()->list()) {
    const bool is_recorded = std::ranges::find(newest, run.id, &reader::RunRow::id) != newest.end();
    if (!is_recorded) runs.push_back(Json::parse(run_json(run)));
  }
  return runs;
}

Result<std::string> runs_body(Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {"limit", "cursor"}));
  BULLION_TRY_ASSIGN(const auto asked, number_parameter(request, "limit", 1, 1000));
  const int64_t limit = asked.value_or(kPage);
  BULLION_TRY_ASSIGN(const int64_t offset, offset_of_cursor(request, kList));
  const engine::QueryLimits limits = limits_of(api, request);
  Json runs = Json::array();
  if (offset == 0) {
    // As many as a server remembers of its own.
    constexpr int64_t kRemembered = 200;
    BULLION_TRY_ASSIGN(const auto newest, reader::list_runs(api.reader(), 0, kRemembered, limits));
    BULLION_TRY_ASSIGN(runs, served_runs(api, newest));
  }
  BULLION_TRY_ASSIGN(const auto recorded,
                     reader::list_runs(api.reader(), offset, limit + 1, limits));
  const bool has_more = static_cast<int64_t>(recorded.size()) > limit;
  for (size_t i = 0; i < recorded.size() && static_cast<int64_t>(i) < limit; ++i) {
    runs.push_back(run_json_of(recorded[i]));
  }
  return json_text(
      {{"runs", runs},
       {"next_cursor", has_more ? Json(cursor_of_offset(offset + limit, kList)) : Json(nullptr)}});
}

Json steps_json(const std::vector<reader::StepRow>& steps) {
  Json json = Json::array();
  for (const reader::StepRow& step : steps) {
    json.push_back({{"position", step.position},
                    {"step", step.step},
                    {"table", step.table},
                    {"duration_us", step.duration_us},
                    {"cpu_us", step.cpu_us},
                    {"peak_bytes", step.peak_bytes},
                    {"read_bytes", step.read_bytes},
                    {"written_bytes", step.written_bytes},
                    {"files", step.files},
                    {"rows", step.rows},
                    {"amount", step.amount ? Json(*step.amount) : Json(nullptr)}});
  }
  return json;
}

Result<std::string> run_body(Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  const std::string& id = request.parameters.at("id");
  const engine::QueryLimits limits = limits_of(api, request);
  BULLION_TRY_ASSIGN(const auto recorded, reader::find_run(api.reader(), id, limits));
  std::optional<ServedRun> served;
  if (api.runs() != nullptr) served = api.runs()->find(id);
  if (!recorded && !served) return not_found("there is no run `" + id + "`; /runs lists them");
  BULLION_TRY_ASSIGN(const auto steps, reader::steps_of_run(api.reader(), id, limits));
  return json_text({{"run", recorded ? run_json_of(*recorded) : Json::parse(run_json(*served))},
                    {"steps", steps_json(steps)},
                    {"log", served ? Json(served->log) : Json::array()}});
}

}  // namespace

void add_history_routes(Router& router, Api& api) {
  router.add("GET", "/runs", [&api](const Request& request) {
    return answer_of(runs_body(api, request), request);
  });
  router.add("GET", "/runs/{id}",
             [&api](const Request& request) { return answer_of(run_body(api, request), request); });
}

}  // namespace bullion::server
