#include "server/dispatcher.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/gzip_internal.h"
#include "server/problem.h"
#include "server/test_clock_internal.h"

namespace bullion::server {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() : page_(gzip("<html>")), files_{{"index.html", page_}}, pages_(files_) {
    router_.add("GET", "/who", [](const Request& request) { return json_response(request.user); });
    router_.add("POST", "/who", [](const Request& request) { return json_response(request.body); });
    router_.add(
        "GET", "/open", [](const Request& request) { return json_response(request.user); },
        Access::Open);
    router_.add("GET", "/tagged", [](const Request&) {
      return json_response(std::string(5'000, ' ')).with_header("ETag", "\"r7\"");
    });
    router_.add("GET", "/broken", [](const Request&) -> Response {
      return json_response(std::string(1, std::string().at(5)));  // throws, as a library would
    });
    router_.add("GET", "/leak", [](const Request& request) {
      return problem_response(io_error("/srv/lake/tables: gone"), request);
    });
    const bool set = sessions_.set_bearer(kToken).has_value();
    EXPECT_TRUE(set);
  }

  Dispatcher dispatcher(bool signs_in = true, bool is_loopback = true) {
    return Dispatcher(
        {router_, sessions_, pages_, telemetry_, clock_},
        {.user = "ana",
         .signs_in = signs_in,
         .is_loopback = is_loopback,
         .scrubber =
             Scrubber(std::vector<std::pair<std::string, std::string>>{{"/srv/lake", "<lake>"}}),
         .log = [this](const std::string& line) { logged_ += line; }});
  }

  using Headers = std::map<std::string, std::string>;
  /// A request that would be answered, changed by what is given.
  Response ask(const std::string& method, const std::string& target, const Headers& headers = {},
               const std::string& body = "") {
    RawRequest raw{.method = method, .target = target, .body = body};
    raw.headers = {{"host", "127.0.0.1:8501"}, {"authorization", "Bearer " + std::string(kToken)}};
    if (!body.empty()) raw.headers["content-type"] = "application/json";
    for (const auto& [name, value] : headers) {
      raw.headers[name] = value;
      if (value.empty()) raw.headers.erase(name);
    }
    const Dispatcher judge = dispatcher();
    return judge.answer(judge.prepare(raw));
  }

  static constexpr const char* kToken = "0123456789abcdef0123";
  TestClock clock_;
  Router router_;
  Sessions sessions_{clock_};
  Telemetry telemetry_;
  std::string page_;
  std::vector<EmbeddedFile> files_;
  StaticFiles pages_;
  std::string logged_;
};

TEST_F(DispatcherTest, LetsInWhoHasTheTokenOrASession) {
  EXPECT_EQ(ask("GET", "/api/v1/who").body, "ana");
  EXPECT_EQ(ask("GET", "/api/v1/who", {{"authorization", ""}}).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/who", {{"authorization", "Basic eDp5"}}).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/who", {{"authorization", "Bearer wrong-wrong-wrong-wrong"}}).status,
            401);
  const std::string secret = *sessions_.exchange(sessions_.issue_token().value()).value();
  const std::string cookie = "x=1; bullion_session=" + secret;
  EXPECT_EQ(ask("GET", "/api/v1/who", {{"authorization", ""}, {"cookie", cookie}}).body, "ana");
  EXPECT_EQ(ask("GET", "/api/v1/who", {{"authorization", "Bearer bad"}, {"cookie", cookie}}).status,
            401);
}

TEST_F(DispatcherTest, TellsHowToSignIn) {
  const Response response = ask("GET", "/api/v1/who", {{"authorization", ""}});
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
  EXPECT_THAT(response.body, HasSubstr("\"type\":\"/problems/not-signed-in\""));
}

TEST_F(DispatcherTest, OpensOnlyWhatIsOpenToOthers) {
  EXPECT_EQ(ask("GET", "/api/v1/open", {{"authorization", ""}}).status, 200);
  EXPECT_EQ(ask("GET", "/", {{"authorization", ""}}).status, 200);
  EXPECT_EQ(ask("GET", "/metrics", {{"authorization", ""}}).status, 401);
  EXPECT_EQ(ask("GET", "/metrics").status, 200);
}

TEST_F(DispatcherTest, GivesTheMetricsPageToBrowsersAndCountersToOthers) {
  EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("# TYPE bullion_http_requests_total counter"));
  EXPECT_THAT(ask("GET", "/metrics", {{"accept", "text/html,application/xhtml+xml"}}).body,
              Not(HasSubstr("# TYPE")));
}

TEST_F(DispatcherTest, RefusesForeignHostNamesOnLoopback) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example",
                           "[::2]:80", "10.0.0.1"}) {
    EXPECT_EQ(ask("GET", "/api/v1/open", {{"host", host}}).status, 400) << host;
    EXPECT_EQ(ask("GET", "/", {{"host", host}}).status, 400) << host;
  }
  for (const char* host : {"localhost:9999", "LOCALHOST", "127.0.0.1", "[::1]:8501"}) {
    EXPECT_EQ(ask("GET", "/api/v1/open", {{"host", host}}).status, 200) << host;
  }
  const Dispatcher elsewhere = dispatcher(true, false);
  const RawRequest raw{.method = "GET", .target = "/", .headers = {{"host", "books.example"}}};
  EXPECT_EQ(elsewhere.answer(elsewhere.prepare(raw)).status, 200);
}

TEST_F(DispatcherTest, RefusesChangesFromPagesOfOtherSites) {
  const std::string path = "/api/v1/who";
  EXPECT_EQ(ask("POST", path, {{"origin", "http://evil.example"}}, "{}").status, 403);
  EXPECT_EQ(ask("POST", path, {{"origin", "null"}}, "{}").status, 403);
  EXPECT_EQ(ask("POST", path, {{"origin", "https://127.0.0.1:8501"}}, "{}").status, 403);
  EXPECT_EQ(ask("POST", path, {{"sec-fetch-site", "cross-site"}}, "{}").status, 403);
  EXPECT_EQ(ask("POST", path, {{"sec-fetch-site", "same-site"}}, "{}").status, 403);
  EXPECT_EQ(ask("POST", path, {{"origin", "http://127.0.0.1:8501"}}, "{}").status, 200);
  EXPECT_EQ(ask("POST", path, {{"sec-fetch-site", "same-origin"}}, "{}").status, 200);
}

TEST_F(DispatcherTest, TakesJsonOnly) {
  EXPECT_EQ(ask("POST", "/api/v1/who", {{"content-type", "text/plain"}}, "{}").status, 415);
  EXPECT_EQ(ask("POST", "/api/v1/who", {{"content-type", ""}}, "{}").status, 415);
  EXPECT_EQ(ask("POST", "/api/v1/who", {{"content-type", "application/json; charset=utf-8"}}, "{}")
                .status,
            200);
}

TEST_F(DispatcherTest, NamesTheMethodsOfAnAddress) {
  const Response refused = ask("DELETE", "/api/v1/who");
  EXPECT_EQ(refused.status, 405);
  EXPECT_THAT(refused.headers, Contains(Pair("Allow", "GET, POST, HEAD, OPTIONS")));
  EXPECT_EQ(ask("OPTIONS", "/api/v1/who").status, 204);
  EXPECT_EQ(ask("BREW", "/api/v1/who").status, 405);
  EXPECT_EQ(ask("POST", "/").status, 405);
}

TEST_F(DispatcherTest, CountsUnknownMethodsAndAddressesTogether) {
  const Dispatcher judge = dispatcher();
  const Prepared prepared = judge.prepare(
      {.method = "BREW", .target = "/api/v1/nothing/here", .headers = {{"host", "localhost"}}});
  EXPECT_EQ(prepared.method, "OTHER");
  EXPECT_EQ(prepared.route, "(none)");
  EXPECT_EQ(judge.answer(prepared).status, 404);
}

TEST_F(DispatcherTest, AddressesBelowApiAreNeverPages) {
  for (const char* path : {"/api", "/api/", "/api/v2/who", "/api/v1", "/api/v1/", "/api/v1/nope"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
  EXPECT_EQ(ask("GET", "/anything/else").status, 200);
  EXPECT_EQ(ask("GET", "/%zz").status, 400);
}

TEST_F(DispatcherTest, AnswersNotModifiedForAKnownEtag) {
  const Response same = ask("GET", "/api/v1/tagged", {{"if-none-match", "W/\"r7\""}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_THAT(same.headers, Contains(Pair("ETag", "\"r7\"")));
  EXPECT_EQ(ask("GET", "/api/v1/tagged", {{"if-none-match", "\"r6\""}}).status, 200);
}

TEST_F(DispatcherTest, CompressesForThoseWhoTakeIt) {
  const Response packed = ask("GET", "/api/v1/tagged", {{"accept-encoding", "gzip, br"}});
  EXPECT_THAT(packed.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(packed.headers, Contains(Pair("ETag", "W/\"r7\"")));
  EXPECT_EQ(gunzip(packed.body), std::string(5'000, ' '));
  const Response plain = ask("GET", "/api/v1/tagged");
  EXPECT_EQ(plain.body.size(), 5'000U);
  EXPECT_THAT(plain.headers, Contains(Pair("Vary", "Accept-Encoding")));
  const Response small = ask("GET", "/api/v1/who", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(small.body, "ana");
}

TEST_F(DispatcherTest, EveryAnswerIsHardened) {
  for (const char* path : {"/", "/api/v1/who", "/api/v1/nope", "/nope.js"}) {
    const Response response = ask("GET", path);
    EXPECT_THAT(response.headers, Contains(Pair("X-Content-Type-Options", "nosniff"))) << path;
    EXPECT_THAT(response.headers,
                Contains(Pair("Content-Security-Policy",
                              testing::AllOf(HasSubstr("default-src 'self'"),
                                             HasSubstr("frame-ancestors 'none'"),
                                             testing::Not(HasSubstr("unsafe-"))))))
        << path;
    EXPECT_THAT(response.headers, Contains(Pair("Referrer-Policy", "no-referrer"))) << path;
    EXPECT_THAT(response.headers, Contains(Pair("Cache-Control", testing::_))) << path;
  }
}

TEST_F(DispatcherTest, AThrowingLibraryIsOurMistakeAndSaysSo) {
  const Response response = ask("GET", "/api/v1/broken", {{"x-request-id", "abc-1"}});
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("\"request_id\":\"abc-1\""));
  EXPECT_THAT(logged_, HasSubstr("GET /api/v1/broken answered 500 (request abc-1)"));
}

TEST_F(DispatcherTest, TakesNoRequestIdThatCouldForgeALogLine) {
  const Response response = ask("GET", "/api/v1/who", {{"x-request-id", "a b\nc"}});
  EXPECT_THAT(response.headers, Contains(Pair("X-Request-Id", clock_.uuid())));
}

TEST_F(DispatcherTest, ProblemsDoNotShowPathsOfThisMachine) {
  const Response response = ask("GET", "/api/v1/leak");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("<lake>/tables: gone"));
}

TEST_F(DispatcherTest, WithoutSignInEverybodyIsTheUser) {
  const Dispatcher open = dispatcher(false);
  const RawRequest raw{
      .method = "GET", .target = "/api/v1/who", .headers = {{"host", "localhost"}}};
  EXPECT_EQ(open.answer(open.prepare(raw)).body, "ana");
  RawRequest foreign = raw;
  foreign.method = "POST";
  foreign.headers["origin"] = "http://evil.example";
  EXPECT_EQ(open.answer(open.prepare(foreign)).status, 403);
}

}  // namespace
}  // namespace bullion::server
