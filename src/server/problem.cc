#include "server/problem.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bullion::server {
namespace {

struct StatusName {
  int status;
  std::string_view text;
  std::string_view code;
};

constexpr std::array<StatusName, 20> kStatusNames = {{
    {200, "OK", ""},
    {202, "Accepted", ""},
    {204, "No Content", ""},
    {304, "Not Modified", ""},
    {400, "Bad request", "bad-request"},
    {401, "Not signed in", "not-signed-in"},
    {403, "Not allowed", "not-allowed"},
    {404, "Not found", "not-found"},
    {405, "Method not allowed", "method-not-allowed"},
    {406, "No such format", "no-such-format"},
    {408, "Too slow or interrupted", "too-slow"},
    {409, "Conflict", "conflict"},
    {413, "Too large", "too-large"},
    {414, "Address too long", "address-too-long"},
    {415, "Wrong content type", "wrong-content-type"},
    {422, "Cannot be read", "cannot-be-read"},
    {429, "Too many at once", "too-many-at-once"},
    {431, "Headers too large", "headers-too-large"},
    {500, "Our mistake", "internal"},
    {503, "Not ready", "not-ready"},
}};

const StatusName* find_status(int status) {
  const auto* found = std::find_if(kStatusNames.begin(), kStatusNames.end(),
                                   [&](const StatusName& name) { return name.status == status; });
  return found == kStatusNames.end() ? nullptr : found;
}

}  // namespace

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Invalid:
      return 400;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::Conflict:
      return 409;
    case ErrorKind::Interrupted:
      return 408;
    case ErrorKind::Io:
      return 503;
    case ErrorKind::Corrupt:
    case ErrorKind::Internal:
      return 500;
  }
  return 500;
}

std::string_view status_text(int status) {
  const StatusName* name = find_status(status);
  return name == nullptr ? "Error" : name->text;
}

Response problem_response(const Problem& problem, const Request& request) {
  const StatusName* name = find_status(problem.status);
  std::string code = problem.code;
  if (code.empty()) code = name == nullptr ? "error" : std::string(name->code);
  nlohmann::ordered_json json = {{"type", "/problems/" + code},
                                 {"title", status_text(problem.status)},
                                 {"status", problem.status},
                                 {"detail", problem.detail}};
  if (!request.request_id.empty()) json["request_id"] = request.request_id;
  for (const FieldProblem& error : problem.errors) {
    json["errors"].push_back({{"field", error.field}, {"message", error.message}});
  }
  // An engine's message may quote bytes of a file that are no UTF-8.
  std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  Response response{.status = problem.status,
                    .body = std::move(text),
                    .content_type = "application/problem+json"};
  if (problem.status == 429 || problem.status == 503) response.with_header("Retry-After", "1");
  return response;
}

Response problem_response(const Error& error, const Request& request, const std::string& code) {
  return problem_response(
      Problem{.status = status_of(error.kind()), .code = code, .detail = error.message()}, request);
}

}  // namespace bullion::server
