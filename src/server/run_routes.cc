#include "server/run_routes.h"

#include <nlohmann/json.hpp>

#include "base/date.h"
#include "server/json_body_internal.h"
#include "server/problem.h"

namespace bullion::server {
namespace {

constexpr size_t kKeyMax = 200;

nlohmann::ordered_json time_or_null(const std::optional<int64_t>& us) {
  if (!us) return nullptr;
  return format_timestamp(*us);
}

/// One member of the body; what was expected when it is not that.
std::string read_member(const std::string& name, const nlohmann::json& value, RunRequest& run) {
  if (name == "full_refresh") {
    if (!value.is_boolean()) return "expected true or false";
    run.full_refresh = value.get<bool>();
    return "";
  }
  if (name != "select") return "is not known; expected select and full_refresh";
  if (!value.is_array()) return "expected a list of models";
  for (const auto& model : value) {
    if (!model.is_string()) return "expected a list of texts";
    auto text = model.get<std::string>();
    // It becomes an argument of a command line.
    const bool is_odd = text.empty() || text.front() == '-' || text.size() > kKeyMax ||
                        text.find('\0') != std::string::npos;
    if (is_odd) return "expected models such as m, +m, m+ or +m+";
    run.select.push_back(std::move(text));
  }
  return "";
}

Response start_run(RunQueue& runs, const Request& request) {
  const std::string key = request.header("idempotency-key");
  if (key.size() > kKeyMax) {
    return problem_response(
        {.status = 400, .detail = "Idempotency-Key: expected at most 200 characters"}, request);
  }
  RunRequest wanted;
  const auto problem =
      read_json_body(request, {.may_be_empty = true},
                     [&wanted](const std::string& name, const nlohmann::json& value) {
                       return read_member(name, value, wanted);
                     });
  if (problem) return problem_response(*problem, request);
  const auto run = runs.start(wanted, request.user, key);
  if (!run) {
    const bool key_is_taken = run.error().kind() == ErrorKind::Invalid;
    return problem_response({.status = key_is_taken ? 422 : status_of(run.error().kind()),
                             .code = key_is_taken ? "idempotency-key-taken" : "",
                             .detail = run.error().message()},
                            request);
  }
  return json_response(run_json(*run), 202);
}

}  // namespace

std::string run_json(const ServedRun& run) {
  nlohmann::ordered_json json = {{"id", run.id},
                                 {"status", to_string(run.state)},
                                 {"command", "run"},
                                 {"user", run.user},
                                 {"started_at", time_or_null(run.started_us)},
                                 {"finished_at", time_or_null(run.finished_us)},
                                 {"release", nullptr},
                                 {"files_loaded", nullptr},
                                 {"rows_loaded", nullptr},
                                 {"rows_quarantined", nullptr},
                                 {"detail", run.detail}};
  if (run.release) json["release"] = *run.release;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void add_run_routes(Router& router, RunQueue& runs) {
  router.add("POST", "/runs", [&runs](const Request& request) { return start_run(runs, request); });
  router.add("GET", "/runs/{id}/events", [&runs](const Request& request) {
    BULLION_SERVER_ASSIGN(auto events, runs.events(request.parameters.at("id")), request);
    Response response{.content_type = "text/event-stream"};
    response.events = std::move(events);
    response.events_after = last_event_id(request);
    return response;
  });
  router.add("POST", "/runs/{id}/cancel", [&runs](const Request& request) {
    BULLION_SERVER_ASSIGN(const auto run, runs.cancel(request.parameters.at("id")), request);
    return json_response(run_json(run), 202);
  });
}

}  // namespace bullion::server
