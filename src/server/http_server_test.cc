// The server over real sockets, with clients that behave badly.
#include "server/http_server.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "server/gzip_internal.h"
#include "server/problem.h"
#include "server/test_client.h"

namespace bullion::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// Lets handlers wait until the test has seen enough.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    add("GET", "/hello", [](const Request&) { return json_response("hello"); });
    add("POST", "/echo", [](const Request& request) { return json_response(request.body); });
    add("GET", "/wait", [this](const Request&) {
      ++waiting_;
      gate_.wait();
      return json_response("waited");
    });
    // What a query does: works until its client has left.
    add("GET", "/work", [this](const Request& request) {
      ++working_;
      while (!*request.gone) std::this_thread::yield();
      ++stopped_;
      return problem_response({.status = 408, .detail = "interrupted"}, request);
    });
    add("GET", "/stream", [this](const Request& request) {
      Response response{.content_type = "text/csv"};
      const size_t pieces = std::stoul(request.query_value("pieces").value_or("3"));
      const bool breaks = request.query_value("breaks").has_value();
      response.stream = [this, pieces, breaks](const ByteSink& sink) -> Status {
        for (size_t i = 0; i < pieces; ++i) {
          const Status sent = sink(std::string(50'000, 'a'));
          if (!sent) ++stopped_;
          BULLION_TRY(sent);
        }
        return breaks ? Status(io_error("the file ends too early")) : ok();
      };
      return response;
    });
    add("GET", "/events", [this](const Request& request) {
      Response response{.content_type = "text/event-stream"};
      response.events = events_;
      response.events_after = last_event_id(request);
      return response;
    });
  }

  void add(const std::string& method, const std::string& path, Handler handler) {
    router_.add(method, path, std::move(handler), Access::Open);
  }

  void start(int workers = 2) {
    router_.add(
        "GET", "/live", [](const Request&) { return json_response("live"); }, Access::OpenAndQuick);
    auto started = HttpServer::start({.port = 0, .workers = workers, .limits = limits_},
                                     dispatcher_, telemetry_, clock_);
    ASSERT_THAT(started, IsOk());
    server_ = std::move(*started);
  }
  int port() const { return server_->port(); }

  std::string get(const std::string& path, const std::string& headers = "") {
    TestClient client(port());
    client.get(path, "Connection: close\r\n" + headers);
    return client.receive_all();
  }
  template <typename Condition>
  static void wait_for(const Condition& condition) {
    while (!condition()) std::this_thread::yield();
  }

  SystemClock clock_;
  Limits limits_;
  Router router_;
  Sessions sessions_{clock_};
  Telemetry telemetry_;
  StaticFiles pages_{embedded_web()};
  Dispatcher dispatcher_{{router_, sessions_, pages_, telemetry_, clock_}, {.user = "ana"}};
  Gate gate_;
  std::atomic<int> waiting_ = 0;
  std::atomic<int> working_ = 0;
  std::atomic<int> stopped_ = 0;
  std::shared_ptr<EventLog> events_ = std::make_shared<EventLog>(100);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersManyRequestsOfOneConnection) {
  start();
  TestClient client(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.get("/api/v1/hello"));
    const std::string answer = client.receive_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
  }
  EXPECT_EQ(telemetry_.connections(), 1);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  TestClient client(port());
  const std::string get = "GET /api/v1/hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string post =
      "POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 4\r\n\r\n\"ab\"";
  ASSERT_TRUE(client.send(get + post + get));
  EXPECT_THAT(client.receive_answer(), EndsWith("hello"));
  EXPECT_THAT(client.receive_answer(), EndsWith("\"ab\""));
  EXPECT_THAT(client.receive_answer(), EndsWith("hello"));
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  start();
  TestClient client(port());
  ASSERT_TRUE(client.send("HEAD /api/v1/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(client.receive_until("\r\n\r\n"), HasSubstr("Content-Length: 5\r\n"));
  ASSERT_TRUE(client.get("/api/v1/hello"));
  EXPECT_THAT(client.receive_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, TakesBodiesInChunks) {
  start();
  TestClient client(port());
  ASSERT_TRUE(
      client.send("POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                  "chunked\r\nContent-Type: application/json\r\n\r\n2\r\n[1\r\n"));
  ASSERT_TRUE(client.send("2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n"));
  EXPECT_THAT(client.receive_answer(), EndsWith("\r\n\r\n[1,2]"));
}

TEST_F(HttpServerTest, OversizedAndMalformedRequestsAreAnsweredAndEnded) {
  start();
  const std::string host = "Host: localhost\r\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET /api/v1/hello HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "431"},
      {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n", "431"},
      {"POST /api/v1/echo HTTP/1.1\r\n" + host + "Content-Length: 1048577\r\n\r\n", "413"},
      {"POST /api/v1/echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n200000\r\n" +
           std::string(0x200000, 'x') + "\r\n0\r\n\r\n",
       "413"},
      {"\x16\x03\x01 hello\r\n\r\n", "400"},
      {"GET /api/v1/hello\r\n\r\n", "400"},
      {"GET /api/v1/hello HTTP/1.1\r\nbad header\r\n\r\n", "400"},
      {"POST /api/v1/echo HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", "400"},
      {"POST /api/v1/echo HTTP/1.1\r\n" + host +
           "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400"}};
  for (const auto& [bytes, status] : cases) {
    TestClient client(port());
    client.send(bytes);
    const std::string answer = client.receive_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status)) << bytes.substr(0, 80);
    EXPECT_THAT(answer, HasSubstr("application/problem+json")) << bytes.substr(0, 80);
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << bytes.substr(0, 80);
  }
  EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
}

TEST_F(HttpServerTest, ABodyOfOneMebibyteIsTaken) {
  start();
  TestClient client(port());
  const std::string body = "\"" + std::string(1024 * 1024 - 2, 'x') + "\"";
  ASSERT_TRUE(client.send(
      "POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 1048576\r\n\r\n" +
      body));
  EXPECT_THAT(client.receive_answer(), EndsWith(body));
}

TEST_F(HttpServerTest, SlowClientsAreLeftWhileOthersAreServed) {
  // Long enough for the good ones on a busy machine.
  limits_.header_us = 1'500'000;
  limits_.body_us = 1'500'000;
  limits_.idle_us = 1'500'000;
  start();
  std::vector<std::unique_ptr<TestClient>> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(std::make_unique<TestClient>(port()));
  for (size_t i = 0; i < slow.size(); ++i) {
    const std::array<const char*, 4> beginnings = {
        "", "GET /api/v1/he", "GET /api/v1/hello HTTP/1.1\r\nHost: loc",
        "POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123"};
    slow[i]->send(beginnings[i % 4]);
  }
  for (int i = 0; i < 50; ++i) EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
  for (const auto& client : slow) EXPECT_EQ(client->receive_all(), "");
  wait_for([&] { return telemetry_.connections() == 0; });
}

TEST_F(HttpServerTest, AnIdleConnectionEnds) {
  limits_.idle_us = 100'000;
  start();
  TestClient client(port());
  client.get("/api/v1/hello");
  EXPECT_THAT(client.receive_answer(), EndsWith("hello"));
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(HttpServerTest, AHalfClosedClientGetsItsAnswer) {
  start();
  TestClient client(port());
  client.get("/api/v1/hello");
  client.half_close();
  EXPECT_THAT(client.receive_all(), EndsWith("hello"));
  TestClient silent(port());
  silent.half_close();
  EXPECT_EQ(silent.receive_all(), "");
}

TEST_F(HttpServerTest, ARequestWhoseClientLeavesStops) {
  start();
  for (const bool has_sent_more : {false, true}) {
    const int before = working_;
    TestClient client(port());
    client.get("/api/v1/work");
    wait_for([&] { return working_ == before + 1; });
    if (has_sent_more) client.get("/api/v1/hello");
    EXPECT_EQ(stopped_, before);
    client.leave();
    wait_for([&] { return stopped_ == before + 1; });
  }
  wait_for([&] { return telemetry_.connections() == 0; });
}

TEST_F(HttpServerTest, TooManyWaitingRequestsAreTurnedAwayAndLiveStillAnswers) {
  limits_.queued = 2;
  start(1);
  TestClient first(port());
  first.get("/api/v1/wait");
  wait_for([&] { return waiting_ == 1; });
  std::vector<std::unique_ptr<TestClient>> queued;
  for (int i = 0; i < 2; ++i) {
    queued.push_back(std::make_unique<TestClient>(port()));
    queued.back()->get("/api/v1/hello");
  }
  // The queue holds two; whether they are in it yet shows once a third is turned away.
  std::string refused;
  while (!refused.starts_with("HTTP/1.1 429")) {
    TestClient third(port());
    third.get("/api/v1/live");
    EXPECT_THAT(third.receive_answer(), EndsWith("live"));
    if (telemetry_.connections() < 3) continue;
    queued.push_back(std::make_unique<TestClient>(port()));
    queued.back()->get("/api/v1/hello");
    refused = queued.size() > 2 ? queued.back()->receive_answer() : "";
  }
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1"));
  gate_.open();
  EXPECT_THAT(first.receive_answer(), EndsWith("waited"));
  EXPECT_THAT(queued[0]->receive_answer(), EndsWith("hello"));
}

TEST_F(HttpServerTest, TooManyConnectionsAreTurnedAway) {
  limits_.connections = 2;
  start();
  TestClient first(port());
  TestClient second(port());
  wait_for([&] { return telemetry_.connections() == 2; });
  TestClient third(port());
  EXPECT_THAT(third.receive_all(), StartsWith("HTTP/1.1 503"));
  second.leave();
  wait_for([&] { return telemetry_.connections() == 1; });
  EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
}

TEST_F(HttpServerTest, StreamsInChunksAndGoesOn) {
  start();
  TestClient client(port());
  client.get("/api/v1/stream");
  EXPECT_THAT(client.receive_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  const std::string body = client.receive_until("\r\n0\r\n\r\n");
  EXPECT_EQ(std::count(body.begin(), body.end(), 'a'), 150'000);
  client.get("/api/v1/hello");
  EXPECT_THAT(client.receive_answer(), EndsWith("hello"));
  client.get("/api/v1/stream?pieces=0");
  EXPECT_THAT(client.receive_answer(), HasSubstr("Content-Length: 0"));
}

TEST_F(HttpServerTest, AStreamThatFailsLacksItsEnd) {
  start();
  TestClient client(port());
  client.get("/api/v1/stream?breaks=1");
  const std::string answer = client.receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, testing::Not(EndsWith("\r\n0\r\n\r\n")));
  EXPECT_THAT(get("/api/v1/stream?pieces=0&breaks=1"), StartsWith("HTTP/1.1 500"));
}

TEST_F(HttpServerTest, AStreamStopsWhenItsReaderLeavesOrSleeps) {
  limits_.write_us = 200'000;
  start();
  {
    TestClient leaves(port());
    leaves.get("/api/v1/stream?pieces=1000000");
    leaves.receive_until("\r\n\r\n");
    leaves.leave();
    wait_for([&] { return stopped_ == 1; });
  }
  TestClient sleeps(port(), 4096);
  sleeps.get("/api/v1/stream?pieces=1000000");
  wait_for([&] { return stopped_ == 2; });
  EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
}

TEST_F(HttpServerTest, EventsReachEveryClientFromWhereItWas) {
  limits_.keep_alive_us = 100'000;
  start();
  events_->append("run", "{\"n\":1}");
  events_->append("run", "{\"n\":2}");
  TestClient all(port());
  all.get("/api/v1/events");
  TestClient late(port());
  late.get("/api/v1/events", "Last-Event-ID: 1\r\n");
  EXPECT_THAT(all.receive_until("{\"n\":2}\n\n"),
              HasSubstr("id: 1\nevent: run\ndata: {\"n\":1}\n"));
  EXPECT_THAT(late.receive_until("{\"n\":2}\n\n"), testing::Not(HasSubstr("{\"n\":1}")));
  all.receive_until(": still here\n\n");
  events_->append("run", "{\"n\":3}");
  EXPECT_THAT(all.receive_until("{\"n\":3}\n\n"), HasSubstr("id: 3"));
  events_->close();
  EXPECT_THAT(all.receive_until("0\r\n\r\n"), EndsWith("0\r\n\r\n"));
  all.get("/api/v1/hello");
  EXPECT_THAT(all.receive_answer(), EndsWith("hello"));
}

TEST_F(HttpServerTest, EventClientsHoldNoWorker) {
  start(1);
  std::vector<std::unique_ptr<TestClient>> watching;
  for (int i = 0; i < 10; ++i) {
    watching.push_back(std::make_unique<TestClient>(port()));
    watching.back()->get("/api/v1/events");
    EXPECT_THAT(watching.back()->receive_until("retry: 2000\n\n"), HasSubstr("text/event-stream"));
  }
  EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
  watching.clear();
  wait_for([&] { return telemetry_.connections() == 0; });
}

TEST_F(HttpServerTest, AnEventClientThatDoesNotReadIsDropped) {
  limits_.write_us = 200'000;
  start();
  TestClient sleeps(port(), 4096);
  sleeps.get("/api/v1/events");
  wait_for([&] { return telemetry_.connections() == 1; });
  while (telemetry_.connections() == 1) events_->append("x", std::string(10'000, 'x'));
  EXPECT_EQ(events_->read_after(0, 1'000).events.size(), 100U);
}

TEST_F(HttpServerTest, StoppingLetsRequestsEndAndTakesNoMore) {
  start();
  TestClient waits(port());
  waits.get("/api/v1/wait");
  wait_for([&] { return waiting_ == 1; });
  TestClient idle(port());
  idle.get("/api/v1/hello");
  idle.receive_answer();
  std::thread stopping([&] { server_->stop(60'000'000); });
  EXPECT_EQ(idle.receive_all(), "");
  gate_.open();
  const std::string answer = waits.receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith("waited"));
  stopping.join();
  EXPECT_FALSE(TestClient(port()).is_connected());
}

TEST_F(HttpServerTest, ReadersWhoSleepKeepNoHandlerWaiting) {
  start(1);
  std::vector<std::unique_ptr<TestClient>> asleep;
  for (int i = 0; i < 20; ++i) {
    asleep.push_back(std::make_unique<TestClient>(port(), 4096));
    asleep.back()->get("/api/v1/stream?pieces=1000000");
  }
  for (int i = 0; i < 20; ++i) EXPECT_THAT(get("/api/v1/hello"), EndsWith("hello"));
}

TEST_F(HttpServerTest, StoppingBreaksOffWhatDoesNotEnd) {
  start(3);
  TestClient works(port());
  works.get("/api/v1/work");
  TestClient streams(port(), 4096);
  streams.get("/api/v1/stream?pieces=1000000");
  TestClient watches(port());
  watches.get("/api/v1/events");
  EXPECT_THAT(watches.receive_until("retry: 2000"), EndsWith("retry: 2000"));
  wait_for([&] { return working_ == 1; });
  server_->stop(50'000);
  EXPECT_EQ(stopped_, 2);
  EXPECT_EQ(telemetry_.connections(), 0);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  start();
  const auto refused = [&](const HttpOptions& options) {
    return HttpServer::start(options, dispatcher_, telemetry_, clock_);
  };
  const auto taken = refused({.port = port(), .workers = 1});
  EXPECT_THAT(taken, IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(taken.error().message(), HasSubstr(fmt::format("port {}", port())));
  EXPECT_THAT(refused({.host = "nowhere", .workers = 1}), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(refused({.port = 0, .tls = TlsFiles{"/nothing.pem", "/nothing.pem"}, .workers = 1}),
              IsErrorOf(ErrorKind::Invalid));
}

TEST(IsLoopback, KnowsThisMachinesAddresses) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "example.com"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace bullion::server
