#include <fmt/format.h>

#include "server/json_body_internal.h"

namespace bullion::server {
namespace {

Problem problem_with(int status, std::string detail) {
  return {.status = status, .code = {}, .detail = std::move(detail), .errors = {}};
}

}  // namespace

Problem field_problem(const std::string& field, const std::string& message) {
  Problem problem = problem_with(422, fmt::format("{}: {}", field, message));
  problem.errors.push_back({field, message});
  return problem;
}

std::optional<Problem> read_json_body(const Request& request, const BodyRules& rules,
                                      const MemberReader& read) {
  if (rules.names_its_type && !request.header("content-type").starts_with("application/json")) {
    return problem_with(415, "the body must be JSON: Content-Type: application/json");
  }
  if (!request.query.empty()) return problem_with(400, "no parameter is expected in the address");
  if (rules.may_be_empty && request.body.empty()) return std::nullopt;
  const auto json = nlohmann::json::parse(request.body, nullptr, false);
  if (json.is_discarded()) return problem_with(400, "the body is not JSON");
  if (!json.is_object()) return problem_with(422, "the body must be an object");
  for (const auto& [name, value] : json.items()) {
    const std::string fault = read(name, value);
    if (!fault.empty()) return field_problem(name, fault);
  }
  if (!rules.required.empty() && !json.contains(rules.required)) {
    return field_problem(rules.required, rules.meaning.empty()
                                             ? "is missing"
                                             : fmt::format("is missing: {}", rules.meaning));
  }
  return std::nullopt;
}

}  // namespace bullion::server
