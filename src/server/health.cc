#include "server/health.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace bullion::server {
namespace {

Response health_response(const std::vector<HealthPart>& parts, const Scrubber& scrubber) {
  const bool passes =
      std::all_of(parts.begin(), parts.end(), [](const HealthPart& part) { return part.passes; });
  nlohmann::ordered_json json = {{"status", passes ? "pass" : "fail"},
                                 {"parts", nlohmann::ordered_json::array()}};
  for (const HealthPart& part : parts) {
    json["parts"].push_back({{"name", part.name},
                             {"status", part.passes ? "pass" : "fail"},
                             {"detail", scrubber.scrub(part.detail)}});
  }
  return json_response(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                       passes ? 200 : 503);
}

std::vector<HealthPart> look_at(const std::vector<HealthCheck>& checks) {
  std::vector<HealthPart> parts;
  for (const HealthCheck& check : checks) parts.push_back(check());
  return parts;
}

}  // namespace

HealthCheck health_check(std::string name, std::function<Result<std::string>()> look) {
  return [name = std::move(name), look = std::move(look)] {
    const Result<std::string> seen = look();
    return seen ? HealthPart{name, true, *seen} : HealthPart{name, false, seen.error().message()};
  };
}

void add_health_routes(Router& router, std::vector<HealthCheck> ready,
                       std::vector<HealthCheck> further, Scrubber scrubber) {
  router.add(
      "GET", "/health/live",
      [scrubber](const Request&) {
        return health_response({{"process", true, "answers"}}, scrubber);
      },
      Access::OpenAndQuick);
  router.add(
      "GET", "/health/ready",
      [ready, scrubber](const Request&) { return health_response(look_at(ready), scrubber); },
      Access::Open);
  std::vector<HealthCheck> all = std::move(ready);
  all.insert(all.end(), further.begin(), further.end());
  router.add("GET", "/health/deep",
             [all = std::move(all), scrubber = std::move(scrubber)](const Request&) {
               return health_response(look_at(all), scrubber);
             });
}

}  // namespace bullion::server
