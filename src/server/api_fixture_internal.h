// The API over a small lake that real runs publish to, asked without sockets. For tests only.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/small_lake_fixture.h"
#include "reader/reader.h"
#include "server/api.h"
#include "server/json_cells.h"
#include "server/problem.h"
#include "server/router.h"
#include "server/url_internal.h"

namespace bullion::server {

class ApiLake : public pipeline::SmallLake {
 protected:
  void SetUp() override {
    SmallLake::SetUp();
    env_.emplace(env());
    auto engine = reader::reading_engine(*env_, {.threads = 2});
    ASSERT_THAT(engine, IsOk());
    sandbox_ = *std::move(engine);
  }

  /// After the project was changed by the test.
  void serve() {
    reader_ = std::make_unique<reader::Reader>(*env_, project_, *sandbox_, reader::Paths::Hidden);
    api_ = std::make_unique<Api>(*reader_, nullptr);
    router_ = std::make_unique<Router>();
    api_->add_routes(*router_);
  }

  void publish_two_days() {
    arrive("1.csv",
           "e1,1,A1,2025-01-01,10.00,USD,\n"
           "e2,1,A1,2025-01-01,5.00,USD,\n"
           "e3,1,A2,2025-01-01,7.00,USD,\n"
           "e4,1,A1,2025-01-02,1.00,USD,\n"
           "e5,1,A2,2025-01-02,2.00,EUR,\n");
    publish();
  }

  Response ask(const std::string& method, const std::string& target, const std::string& body = "",
               const std::map<std::string, std::string>& headers = {}) {
    const auto parsed = parse_target(target);
    Request request{.method = method, .headers = headers, .body = body, .gone = &gone_};
    if (!parsed) return problem_response({.status = 400, .detail = "the address"}, request);
    const std::string& path = parsed->raw_path;
    request.path = decode_percent(path, false).value_or("");
    request.query = parsed->query;
    request.user = "tester";
    const auto match = router_->match(method, path);
    if (!match || match->handler == nullptr) {
      return problem_response({.status = 404, .detail = "no route"}, request);
    }
    request.parameters = match->parameters;
    return (*match->handler)(request);
  }

  Response get(const std::string& target, const std::string& etag = "") {
    std::map<std::string, std::string> headers;
    if (!etag.empty()) headers["if-none-match"] = etag;
    return ask("GET", target, "", headers);
  }

  /// The JSON of an answer that must have this status.
  nlohmann::json read(const std::string& target, int status = 200) {
    const Response response = get(target);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return nlohmann::json::parse(response.body, nullptr, false);
  }
  /// The bytes of an answer that must be a file.
  static std::string bytes_of(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    std::string bytes;
    if (response.stream) {
      EXPECT_THAT(response.stream([&](std::string_view part) {
        bytes += part;
        return ok();
      }),
                  IsOk());
    }
    return bytes;
  }
  std::string file(const std::string& target) { return bytes_of(get(target)); }
  nlohmann::json posted(const std::string& target, const nlohmann::json& body, int status = 200) {
    const Response response =
        ask("POST", target, body.dump(), {{"content-type", "application/json"}});
    EXPECT_EQ(response.status, status) << target << " " << body << ": " << response.body;
    return nlohmann::json::parse(response.body, nullptr, false);
  }

  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  std::optional<pipeline::Environment> env_;
  std::unique_ptr<engine::Engine> sandbox_;
  std::unique_ptr<reader::Reader> reader_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Router> router_;
  std::atomic<bool> gone_ = false;
};

}  // namespace bullion::server
