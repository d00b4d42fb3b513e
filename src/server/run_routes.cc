#include "server/run_routes.h"

#include <nlohmann/json.hpp>

#include "base/date.h"
#include "server/problem.h"

namespace bullion::server {
namespace {

constexpr size_t kKeyMax = 200;

nlohmann::ordered_json time_or_null(const std::optional<int64_t>& us) {
  if (!us) return nullptr;
  return format_timestamp(*us);
}

/// The request of a body, or what is wrong with it.
struct ReadRequest {
  RunRequest request;
  Problem problem{.status = 0};
};

ReadRequest read_request(const std::string& body) {
  ReadRequest out;
  const auto refuse = [&](std::string field, std::string message) {
    out.problem = {.status = 422,
                   .detail = "the body is no RunRequest",
                   .errors = {{std::move(field), std::move(message)}}};
    return out;
  };
  if (body.empty()) return out;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) {
    out.problem = {.status = 400, .detail = "the body is not JSON"};
    return out;
  }
  if (!json.is_object()) return refuse("", "expected an object");
  for (const auto& [name, value] : json.items()) {
    if (name == "full_refresh") {
      if (!value.is_boolean()) return refuse(name, "expected true or false");
      out.request.full_refresh = value.get<bool>();
    } else if (name == "select") {
      if (!value.is_array()) return refuse(name, "expected a list of models");
      for (const auto& model : value) {
        if (!model.is_string()) return refuse(name, "expected a list of texts");
        auto text = model.get<std::string>();
        // It becomes an argument of a command line.
        const bool is_odd = text.empty() || text.front() == '-' || text.size() > kKeyMax ||
                            text.find('\0') != std::string::npos;
        if (is_odd) return refuse(name, "expected models such as m, +m, m+ or +m+");
        out.request.select.push_back(std::move(text));
      }
    } else {
      return refuse(name, "is not known; expected select and full_refresh");
    }
  }
  return out;
}

Response start_run(RunQueue& runs, const Request& request) {
  const std::string key = request.header("idempotency-key");
  if (key.size() > kKeyMax) {
    return problem_response(
        {.status = 400, .detail = "Idempotency-Key: expected at most 200 characters"}, request);
  }
  const ReadRequest read = read_request(request.body);
  if (read.problem.status != 0) return problem_response(read.problem, request);
  const auto run = runs.start(read.request, request.user, key);
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
