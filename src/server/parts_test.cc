// Sessions, scrubber, event log, compression, counters, pages: the parts without sockets.
#include <atomic>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "server/event_log.h"
#include "server/gzip_internal.h"
#include "server/health.h"
#include "server/problem.h"
#include "server/scrubber.h"
#include "server/sessions.h"
#include "server/static_files.h"
#include "server/telemetry.h"
#include "server/test_clock_internal.h"
#include "server/worker_pool_internal.h"

namespace bullion::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kHourUs = 3'600'000'000;

TEST(Sessions, TokenOpensOneSessionOnce) {
  const TestClock clock;
  Sessions sessions(clock);
  const std::string token = sessions.issue_token().value();
  EXPECT_EQ(token.size(), 64U);
  EXPECT_FALSE(sessions.exchange("").value().has_value());
  EXPECT_FALSE(sessions.exchange(token.substr(1)).value().has_value());
  const auto secret = sessions.exchange(token).value();
  ASSERT_TRUE(secret.has_value());
  EXPECT_FALSE(sessions.exchange(token).value().has_value());
  EXPECT_TRUE(sessions.knows(*secret));
  EXPECT_FALSE(sessions.knows(token));
  sessions.forget(*secret);
  EXPECT_FALSE(sessions.knows(*secret));
}

TEST(Sessions, NewTokenReplacesTheOneBeforeAndLeavesSessionsAlone) {
  const TestClock clock;
  Sessions sessions(clock);
  const std::string first = sessions.issue_token().value();
  const auto secret = sessions.exchange(first).value();
  const std::string second = sessions.issue_token().value();
  const std::string third = sessions.issue_token().value();
  EXPECT_FALSE(sessions.exchange(second).value().has_value());
  EXPECT_TRUE(sessions.exchange(third).value().has_value());
  EXPECT_TRUE(sessions.knows(*secret));
}

TEST(Sessions, EndAfterTwelveIdleHoursAndAfterThirtyDays) {
  TestClock clock;
  Sessions sessions(clock);
  const auto open = [&] { return *sessions.exchange(sessions.issue_token().value()).value(); };
  const std::string idle = open();
  const std::string busy = open();
  for (int hour = 0; hour < 13; ++hour) {
    clock.advance(kHourUs);
    EXPECT_TRUE(sessions.knows(busy));
  }
  EXPECT_FALSE(sessions.knows(idle));
  for (int hour = 13; hour < 30 * 24; ++hour) {
    clock.advance(kHourUs);
    EXPECT_TRUE(sessions.knows(busy)) << hour;
  }
  clock.advance(kHourUs);
  EXPECT_FALSE(sessions.knows(busy));
}

TEST(Sessions, ThousandAndFirstPushesTheIdlestOut) {
  TestClock clock;
  Sessions sessions(clock);
  const auto open = [&] {
    clock.advance(1);
    return *sessions.exchange(sessions.issue_token().value()).value();
  };
  const std::string first = open();
  const std::string second = open();
  for (int i = 2; i < 1'000; ++i) open();
  EXPECT_TRUE(sessions.knows(first));  // and so `second` is the idlest
  open();
  EXPECT_TRUE(sessions.knows(first));
  EXPECT_FALSE(sessions.knows(second));
}

TEST(Sessions, BearerTokenMustBeLongAndVisible) {
  const TestClock clock;
  Sessions sessions(clock);
  EXPECT_FALSE(sessions.knows_bearer(""));
  EXPECT_THAT(sessions.set_bearer("short"), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(sessions.set_bearer("0123456789abcdef 0123456789"), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(sessions.set_bearer("0123456789abcdef"), IsOk());
  EXPECT_TRUE(sessions.knows_bearer("0123456789abcdef"));
  EXPECT_FALSE(sessions.knows_bearer("0123456789abcdeF"));
  EXPECT_FALSE(sessions.knows_bearer(""));
}

TEST(Sessions, CookiesAreFoundByTheirWholeName) {
  EXPECT_EQ(cookie_value("a=1; bullion_session=xyz; b=2", "bullion_session"), "xyz");
  EXPECT_EQ(cookie_value("bullion_session=", "bullion_session"), "");
  EXPECT_EQ(cookie_value("x_bullion_session=1;;;=;bullion_session", "bullion_session"),
            std::nullopt);
}

TEST(Scrubber, NamesFoldersInsteadOfShowingThem) {
  const Scrubber scrubber(std::vector<std::pair<std::string, std::string>>{
      {"/srv/finance", "<project>"}, {"/srv/finance/lake", "<lake>"}});
  EXPECT_EQ(scrubber.scrub("cannot read /srv/finance/lake/tables/a: no"),
            "cannot read <lake>/tables/a: no");
  EXPECT_EQ(scrubber.scrub("/srv/finance/bullion.yml:3 and /srv/finance"),
            "<project>/bullion.yml:3 and <project>");
  EXPECT_EQ(scrubber.scrub("/srv/finance2 and /srv/finance-old/x"),
            "/srv/finance2 and /srv/finance-old/x");
}

TEST(Scrubber, FindsFoldersTheWayJsonEscapesThem) {
  const Scrubber scrubber(
      std::vector<std::pair<std::string, std::string>>{{"/srv/the \"big\" one/", "<lake>"}});
  EXPECT_EQ(scrubber.scrub(R"({"detail":"/srv/the \"big\" one/a"})"), R"({"detail":"<lake>/a"})");
}

TEST(EventLog, GivesEachReaderWhatItHasNotSeen) {
  EventLog log;
  log.append("a", "1");
  log.append("b", "2");
  auto page = log.read_after(0, 1);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].data, "1");
  EXPECT_FALSE(page.closed);
  log.close();
  log.append("c", "3");
  page = log.read_after(1, 10);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].number, 2);
  EXPECT_TRUE(page.closed);
  EXPECT_FALSE(log.read_after(0, 1).closed);
}

TEST(EventLog, TellsAReaderThatFellBehind) {
  EventLog log(3);
  for (int i = 1; i <= 5; ++i) log.append("", std::to_string(i));
  EXPECT_TRUE(log.read_after(1, 10).lost);
  EXPECT_FALSE(log.read_after(2, 10).lost);
  EXPECT_FALSE(log.read_after(0, 10).lost);
  EXPECT_EQ(log.read_after(0, 10).events.size(), 3U);
}

TEST(EventLog, WakesSubscribersUntilTheyLeave) {
  EventLog log;
  int woken = 0;
  const int64_t subscription = log.subscribe([&] { ++woken; });
  log.append("", "1");
  EXPECT_EQ(woken, 1);
  log.unsubscribe(subscription);
  log.append("", "2");
  EXPECT_EQ(woken, 1);
}

TEST(EventLog, AnEventCannotSmuggleInAnother) {
  EventLog log;
  log.append("x\nid: 9", "a\r\n\r\nevent: release\ndata: 7");
  EXPECT_EQ(to_wire(log.read_after(0, 1).events[0]),
            "id: 1\nevent: x id: 9\ndata: a    event: release data: 7\n\n");
}

TEST(Gzip, GivesBackWhatItTook) {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += std::to_string(i * 7919);
  const std::string packed = gzip(bytes);
  EXPECT_LT(packed.size(), bytes.size() * 2 / 3);
  EXPECT_EQ(gunzip(packed), bytes);
  EXPECT_EQ(gunzip(gzip("")), "");
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 1)), std::nullopt);
  EXPECT_EQ(gunzip("plain"), std::nullopt);
}

TEST(Gzip, StopsWhenItsReaderDoes) {
  GzipStream stream([](std::string_view) { return io_error("gone"); });
  const bool written = stream.write("x").has_value();
  EXPECT_TRUE(!written || !stream.finish().has_value());
}

TEST(Gzip, IsUsedOnlyWhenTheClientTakesIt) {
  for (const char* yes : {"gzip", "br, GZIP;q=0.5", "*", "gzip;q=1", "deflate, * ; q=0.1"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000, *", "identity", "*;q=0"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Telemetry, CountsRequestsByRouteAndTime) {
  Telemetry telemetry;
  telemetry.count_request("GET", "/a/{b}", 200, 4'000);
  telemetry.count_request("GET", "/a/{b}", 200, 30'000'000);
  telemetry.count_request("POST", "/a/{b}", 409, 260'000);
  telemetry.add_source(
      [] { return std::vector<Sample>{{"bullion_release", "Newest.", false, 7}}; });
  const std::string text = telemetry.prometheus();
  EXPECT_THAT(text, HasSubstr("{method=\"GET\",route=\"/a/{b}\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a/{b}\",le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a/{b}\",le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a/{b}\",le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/a/{b}\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("_sum{route=\"/a/{b}\"} 30.264\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE bullion_release gauge\nbullion_release 7\n"));
  EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

TEST(WorkerPool, RefusesWhatDoesNotFitAndRunsTheRest) {
  std::atomic<int> ran = 0;
  {
    std::mutex hold;
    WorkerPool pool(1, 2);
    std::unique_lock held(hold);
    std::atomic<bool> begun = false;
    ASSERT_TRUE(pool.submit([&] {
      begun = true;
      const std::lock_guard wait(hold);
      ++ran;
    }));
    while (!begun) std::this_thread::yield();
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_FALSE(pool.submit([&] { ++ran; }));
    held.unlock();
  }
  EXPECT_EQ(ran, 3);
}

TEST(Problem, KindsHaveTheirStatus) {
  const Request request{.request_id = "r1"};
  EXPECT_EQ(problem_response(invalid("x"), request).status, 400);
  EXPECT_EQ(problem_response(not_found("x"), request).status, 404);
  EXPECT_EQ(problem_response(conflict("x"), request).status, 409);
  EXPECT_EQ(problem_response(io_error("x"), request).status, 503);
  EXPECT_EQ(problem_response(corrupt("x"), request).status, 500);
  EXPECT_EQ(problem_response(not_found("no table \"a\""), request, "table-unknown").body,
            R"({"type":"/problems/table-unknown","title":"Not found","status":404,)"
            R"("detail":"no table \"a\"","request_id":"r1"})");
}

TEST(Problem, BytesThatAreNoTextDoNotBreakIt) {
  const Response response = problem_response(invalid("cell \xff\xfe"), Request{});
  EXPECT_THAT(response.body, HasSubstr("cell \xEF\xBF\xBD"));
}

Request asking(const std::string& header, const std::string& value) {
  Request request;
  request.headers[header] = value;
  return request;
}

TEST(Message, ComparesEtagsWeakly) {
  EXPECT_TRUE(asking("if-none-match", "\"r1\", W/\"r2\"").has_etag("\"r2\""));
  EXPECT_TRUE(asking("if-none-match", "*").has_etag("\"r2\""));
  EXPECT_FALSE(asking("if-none-match", "\"r22\"").has_etag("\"r2\""));
  EXPECT_FALSE(Request{}.has_etag("\"r2\""));
}

TEST(Message, ReadsTheLastEventId) {
  EXPECT_EQ(last_event_id(asking("last-event-id", "17")), 17);
  for (const char* text : {"", "x", "-3", "17x", "99999999999999999999"}) {
    EXPECT_EQ(last_event_id(asking("last-event-id", text)), 0) << text;
  }
}

TEST(StaticFiles, ServesPagesFilesAndNothingElse) {
  const std::string index = gzip("<html>");
  const std::string script = gzip("let x;");
  const std::vector<EmbeddedFile> files = {{"assets/a-1.js", script}, {"index.html", index}};
  const StaticFiles pages(files);
  const Request zipped = asking("accept-encoding", "gzip");
  const Response page = pages.answer("/", zipped);
  EXPECT_EQ(page.body, index);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(pages.answer("/dashboards/cost", Request{}).body, "<html>");
  const Response file = pages.answer("/assets/a-1.js", Request{});
  EXPECT_EQ(file.body, "let x;");
  EXPECT_THAT(file.headers, testing::Contains(testing::Pair(
                                "Cache-Control", "public, max-age=31536000, immutable")));
  EXPECT_EQ(pages.answer("/assets/a-2.js", Request{}).status, 404);
  EXPECT_EQ(pages.answer("/../etc/passwd.x", Request{}).status, 404);
}

TEST(StaticFiles, EmbedsAPageAndTheApi) {
  EXPECT_EQ(StaticFiles(embedded_web()).answer("/", Request{}).status, 200);
  const Response api = StaticFiles(embedded_api()).answer("/openapi.json", Request{});
  EXPECT_EQ(api.status, 200);
  EXPECT_THAT(api.body, HasSubstr("\"openapi\""));
}

TEST(Health, NamesThePartThatFails) {
  Router router;
  add_health_routes(
      router, {health_check("engine", [] { return Result<std::string>(std::string("fine")); })},
      {health_check("storage",
                    []() -> Result<std::string> { return io_error("/srv/lake: read only"); })},
      Scrubber(std::vector<std::pair<std::string, std::string>>{{"/srv/lake", "<lake>"}}));
  const auto answer = [&](const std::string& path) {
    return (*router.match("GET", path)->handler)(Request{});
  };
  EXPECT_EQ(answer("/health/live").status, 200);
  EXPECT_EQ(answer("/health/ready").status, 200);
  EXPECT_EQ(answer("/health/deep").status, 503);
  EXPECT_THAT(answer("/health/deep").body,
              HasSubstr(R"({"name":"storage","status":"fail","detail":"<lake>: read only"})"));
}

}  // namespace
}  // namespace bullion::server
