// The server as a process: who gets in, what a run tells, who hurts whom, and how it ends.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include <curl/curl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "end_to_end/program.h"
#include "server/test_client.h"

namespace bullion::end_to_end {
namespace {

using server::TestClient;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Answer {
  long status = 0;
  std::string header;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

size_t append(char* bytes, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

/// A well-behaved client with its cookies.
class Browser {
 public:
  Browser() : curl_(::curl_easy_init()) {}
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser() { ::curl_easy_cleanup(curl_); }

  Answer ask(const std::string& method, const std::string& url, const std::string& body = "",
             const std::vector<std::string>& headers = {}, long tls_max = 0) {
    ::curl_easy_reset(curl_);
    ::curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    ::curl_easy_setopt(curl_, CURLOPT_COOKIEFILE, "");
    ::curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYPEER, 0L);
    ::curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYHOST, 0L);
    if (tls_max != 0) ::curl_easy_setopt(curl_, CURLOPT_SSLVERSION, tls_max);
    curl_slist* lines = nullptr;
    for (const std::string& header : headers) lines = ::curl_slist_append(lines, header.c_str());
    if (method != "GET") {
      lines = ::curl_slist_append(lines, "Content-Type: application/json");
      ::curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method.c_str());
      ::curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    }
    ::curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, lines);
    Answer answer;
    ::curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, append);
    ::curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer.body);
    ::curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer.header);
    if (::curl_easy_perform(curl_) == CURLE_OK) {
      ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    }
    ::curl_slist_free_all(lines);
    return answer;
  }
  Answer get(const std::string& url) { return ask("GET", url); }

 private:
  CURL* curl_;
};

/// `bullion serve --json` from its first line to its end.
class Serving {
 public:
  Serving(const std::filesystem::path& folder, std::vector<std::string> arguments,
          const Environment& environment = {})
      : log_(folder / "serve.log") {
    std::filesystem::remove(log_);
    arguments.insert(arguments.begin(), {"serve", "--json", "--port", "0"});
    process_ = start_bullion(folder, arguments, log_, environment);
    first_ = line(1);
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving() { stop(SIGKILL); }

  /// The n-th announcement, once it is there; null when the process ends without it.
  nlohmann::json line(int number) {
    for (;;) {
      std::ifstream file(log_);
      std::string text;
      int seen = 0;
      while (std::getline(file, text)) {
        const auto json = nlohmann::json::parse(text, nullptr, false);
        if (json.is_object() && ++seen == number && !file.eof()) return json;
      }
      if (process_ == 0 || ::kill(process_, 0) != 0) return nullptr;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  std::string url() const { return first_.value("url", ""); }
  std::string api() const { return url() + "api/v1"; }
  int port() const { return first_.value("port", 0); }
  std::string token() const { return first_.value("token", ""); }
  std::string log() const { return read_file(log_); }
  pid_t process() const { return process_; }
  int stop(int signal) {
    if (process_ == 0) return -1;
    ::kill(process_, signal);
    return wait_for(std::exchange(process_, 0));
  }
  void sign_in(Browser& browser) const {
    EXPECT_EQ(
        browser.ask("POST", api() + "/session", fmt::format(R"({{"token":"{}"}})", token())).status,
        200);
  }

 private:
  std::filesystem::path log_;
  pid_t process_ = 0;
  nlohmann::json first_;
};

class Serve : public testing::Test {
 protected:
  void SetUp() override {
    make_project(folder_.path());
    deliver_sample(folder_.path(), "batch1");
    ASSERT_EQ(bullion(folder_.path(), {"run", "-q"}).code, 0);
  }

  /// The final state of a run, from its events.
  static std::string final_status(Browser& browser, const std::string& api, const std::string& id) {
    const Answer events = browser.get(api + "/runs/" + id + "/events");
    const size_t at = events.body.rfind("data: ");
    if (at == std::string::npos) return "";
    const auto json = nlohmann::json::parse(
        events.body.substr(at + 6, events.body.find('\n', at) - at - 6), nullptr, false);
    return json.value("status", "");
  }

  TestFolder folder_{"serve"};
};

TEST_F(Serve, LetsInOneBrowserPerLink) {
  Serving serving(folder_.path(), {});
  ASSERT_THAT(serving.url(), StartsWith("http://127.0.0.1:"));
  Browser browser;
  EXPECT_EQ(browser.get(serving.url()).status, 200);
  EXPECT_EQ(browser.get(serving.api() + "/health/live").status, 200);
  EXPECT_EQ(browser.get(serving.api() + "/health/ready").status, 200);
  EXPECT_EQ(browser.get(serving.api() + "/openapi.json").json().value("openapi", ""), "3.1.0");
  for (const char* path : {"/health/deep", "/changes", "/runs/x/events"}) {
    const Answer answer = browser.get(serving.api() + path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_THAT(answer.header, HasSubstr("application/problem+json"));
  }
  serving.sign_in(browser);
  EXPECT_EQ(browser.get(serving.api() + "/health/deep").status, 200);
  Browser other;
  const std::string spent = fmt::format(R"({{"token":"{}"}})", serving.token());
  EXPECT_EQ(other.ask("POST", serving.api() + "/session", spent).status, 401);
  EXPECT_EQ(other.get(serving.api() + "/health/deep").status, 401);
  EXPECT_EQ(browser.ask("DELETE", serving.api() + "/session").status, 204);
  EXPECT_EQ(browser.get(serving.api() + "/health/deep").status, 401);
  ::kill(serving.process(), SIGHUP);
  const std::string fresh = serving.line(2).value("token", "");
  EXPECT_NE(fresh, serving.token());
  EXPECT_EQ(
      browser.ask("POST", serving.api() + "/session", fmt::format(R"({{"token":"{}"}})", fresh))
          .status,
      200);
}

TEST_F(Serve, LetsProgramsInWithABearerToken) {
  write_file(folder_ / "token", "0123456789abcdef-file\n");
  Browser browser;
  {
    Serving serving(folder_.path(), {"--token-file", "token"});
    const std::string url = serving.url() + "metrics";
    EXPECT_EQ(browser.ask("GET", url, "", {"Authorization: Bearer 0123456789abcdef-file"}).status,
              200);
    EXPECT_EQ(browser.ask("GET", url, "", {"Authorization: Bearer 0123456789abcdef"}).status, 401);
  }
  Serving serving(folder_.path(), {}, {{"BULLION_TOKEN", "0123456789abcdef-env"}});
  const Answer metrics = browser.ask("GET", serving.url() + "metrics", "",
                                     {"Authorization: Bearer 0123456789abcdef-env"});
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("\nbullion_release 1\n"));
}

TEST_F(Serve, StartsFollowsAndRemembersARun) {
  Serving serving(folder_.path(), {});
  Browser browser;
  serving.sign_in(browser);
  deliver_sample(folder_.path(), "batch2");
  const std::string url = serving.api() + "/runs";
  const Answer started = browser.ask("POST", url, "{}", {"Idempotency-Key: monday"});
  ASSERT_EQ(started.status, 202) << started.body;
  const std::string id = started.json().value("id", "");
  const Answer again = browser.ask("POST", url, "{}", {"Idempotency-Key: monday"});
  EXPECT_EQ(again.json().value("id", ""), id);
  const Answer second = browser.ask("POST", url, "{}");
  EXPECT_THAT(second.status, AnyOf(409, 202));
  EXPECT_EQ(final_status(browser, serving.api(), id), "published");
  EXPECT_EQ(query_value(folder_.path(), fmt::format("SELECT count(*) FROM ops.runs WHERE run_id = "
                                                    "'{}'",
                                                    id)),
            "1");
  EXPECT_EQ(browser.ask("POST", url + "/" + id + "/cancel").status, 409);
  EXPECT_EQ(browser.ask("POST", url + "/nothing/cancel").status, 404);
  const Answer unknown = browser.ask("POST", url, R"({"select":["nothing_here"]})");
  ASSERT_EQ(unknown.status, 202);
  EXPECT_EQ(final_status(browser, serving.api(), unknown.json().value("id", "")), "failed");
  const Answer log = browser.get(url + "/" + unknown.json().value("id", "") + "/events");
  EXPECT_THAT(log.body, HasSubstr("nothing_here"));
  EXPECT_THAT(log.body, Not(HasSubstr(folder_.path().string())));
}

TEST_F(Serve, ToldOfReleasesThatOthersPublish) {
  Serving serving(folder_.path(), {"--no-auth"});
  TestClient client(serving.port());
  client.get("/api/v1/changes");
  EXPECT_THAT(client.receive_until("\n\n\r\n"), HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(client.receive_until("{\"release\":1}"), HasSubstr("event: release"));
  deliver_sample(folder_.path(), "batch2");
  ASSERT_EQ(bullion(folder_.path(), {"run", "-q"}).code, 0);
  EXPECT_THAT(client.receive_until("{\"release\":2}"), HasSubstr("{\"release\":2}"));
  write_file(folder_ / "dashboards/mine.yml", "x");
  EXPECT_THAT(client.receive_until("mine.yml"), HasSubstr("event: project"));
}

TEST_F(Serve, ClientsThatBehaveBadlyHurtNobody) {
  Serving serving(folder_.path(), {});
  std::vector<std::unique_ptr<TestClient>> bad;
  for (int i = 0; i < 20; ++i) {
    bad.push_back(std::make_unique<TestClient>(serving.port()));
    TestClient& client = *bad.back();
    if (i % 4 == 0) client.send("GET /api/v1/health/live HTTP/1.1\r\nHost: 127");
    if (i % 4 == 1) client.send("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x'));
    if (i % 4 == 2) client.send(std::string(5'000, '\x80') + "\r\n\r\n");
    if (i % 4 == 3) client.half_close();
  }
  Browser browser;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(browser.get(serving.api() + "/health/ready").status, 200);
  }
  for (size_t i = 0; i < bad.size(); ++i) {
    if (i % 4 == 0) continue;  // Would be waited for.
    const std::string answer = bad[i]->receive_all();
    const std::string wanted = i % 4 == 1 ? "HTTP/1.1 431" : i % 4 == 2 ? "HTTP/1.1 400" : "";
    EXPECT_EQ(answer.substr(0, 12), wanted);
  }
}

TEST_F(Serve, PagesOfOtherSitesAndNamesAreRefused) {
  Serving serving(folder_.path(), {"--no-auth"});
  Browser browser;
  const std::string url = serving.api() + "/runs";
  EXPECT_EQ(browser.ask("POST", url, "{}", {"Origin: https://evil.example"}).status, 403);
  EXPECT_EQ(browser.ask("GET", serving.url(), "", {"Host: evil.example"}).status, 400);
}

TEST_F(Serve, EndsWhenTold) {
  Serving serving(folder_.path(), {});
  Browser browser;
  serving.sign_in(browser);
  TestClient watching(serving.port());
  EXPECT_EQ(serving.stop(SIGTERM), 0);
  EXPECT_THAT(serving.log(), HasSubstr("Stopping"));
  EXPECT_FALSE(TestClient(serving.port()).is_connected());
}

TEST_F(Serve, SpeaksTls13Only) {
  const std::string make_certificate = fmt::format(
      "cd '{}' && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out "
      "cert.pem -days 2 -subj /CN=localhost 2>/dev/null",
      folder_.path().string());
  ASSERT_EQ(std::system(make_certificate.c_str()), 0);
  Serving serving(folder_.path(), {"--tls-cert", "cert.pem", "--tls-key", "key.pem"});
  ASSERT_THAT(serving.url(), StartsWith("https://"));
  Browser browser;
  EXPECT_EQ(browser.get(serving.api() + "/health/ready").status, 200);
  const Answer session = browser.ask("POST", serving.api() + "/session",
                                     fmt::format(R"({{"token":"{}"}})", serving.token()));
  EXPECT_THAT(session.header, HasSubstr("; Secure"));
  EXPECT_EQ(browser.get(serving.api() + "/health/deep").status, 200);
  const Answer old =
      Browser().ask("GET", serving.api() + "/health/live", "", {}, CURL_SSLVERSION_MAX_TLSv1_2);
  EXPECT_EQ(old.status, 0);
  TestClient plain(serving.port());
  plain.get("/");
  EXPECT_THAT(plain.receive_all(), Not(HasSubstr("HTTP/")));
}

TEST_F(Serve, SaysWhatIsWrongWithItsOptions) {
  Serving serving(folder_.path(), {});
  const auto refused = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words{"serve"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = bullion(folder_.path(), words);
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  EXPECT_THAT(refused({"--port", std::to_string(serving.port())}), HasSubstr("is in use"));
  EXPECT_THAT(refused({"--no-auth", "--host", "0.0.0.0"}), HasSubstr("--no-auth"));
  EXPECT_THAT(refused({"--tls-cert", "a"}), HasSubstr("go together"));
  EXPECT_THAT(refused({"--tls-cert", "a", "--tls-key", "b"}), HasSubstr("--tls-cert a"));
  EXPECT_THAT(refused({"--host", "nowhere"}), HasSubstr("--host nowhere"));
  EXPECT_THAT(refused({"--token-file", "nothing"}), HasSubstr("--token-file nothing"));
  EXPECT_THAT(refused({"--project-dir", "/"}), HasSubstr("bullion.yml"));
  write_file(folder_ / "schedule.yml", "jbs: []\n");
  EXPECT_THAT(refused({"--port", "0"}), HasSubstr("--no-schedule"));
}

TEST_F(Serve, RunsTheScheduleToo) {
  write_file(folder_ / "schedule.yml", "jobs: [{name: each_minute, cron: \"* * * * *\"}]\n");
  ASSERT_EQ(bullion(folder_.path(), {"schedule", "run", "--once"}).code, 0);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  write_file(folder_ / "lake/schedule/jobs/each_minute/first_seen.json",
             fmt::format("{{\"at_us\": {}}}\n", now - 61'000'000));
  deliver_sample(folder_.path(), "batch2");
  Serving serving(folder_.path(), {"--no-auth"});
  TestClient client(serving.port());
  client.get("/api/v1/changes");
  EXPECT_THAT(client.receive_until("{\"release\":2}"), HasSubstr("{\"release\":2}"));
  Browser browser;
  EXPECT_THAT(browser.get(serving.api() + "/health/deep").body, HasSubstr("1 job of schedule.yml"));
}

/// Memory in MiB of a process, of a line of its status: VmRSS now, VmHWM at its most.
int64_t memory_of(pid_t process, const std::string& line) {
  std::ifstream file(fmt::format("/proc/{}/status", process));
  std::string text;
  while (std::getline(file, text)) {
    if (text.starts_with(line + ":")) return std::stoll(text.substr(line.size() + 1)) / 1024;
  }
  return 0;
}

/// Looks at the children of a process while it lives.
class ChildWatch {
 public:
  explicit ChildWatch(pid_t parent) : parent_(parent), thread_([this] { watch(); }) {}
  ChildWatch(const ChildWatch&) = delete;
  ChildWatch& operator=(const ChildWatch&) = delete;
  ~ChildWatch() {
    stopping_ = true;
    thread_.join();
  }
  int64_t peak_of_one() const { return one_; }
  int64_t peak_of_all() const { return all_; }

 private:
  void watch() {
    while (!stopping_) {
      int64_t sum = memory_of(parent_, "VmRSS");
      std::error_code fault;
      for (const auto& task :
           std::filesystem::directory_iterator(fmt::format("/proc/{}/task", parent_), fault)) {
        std::ifstream children(task.path() / "children");
        pid_t child = 0;
        while (children >> child) {
          one_ = std::max<int64_t>(one_, memory_of(child, "VmHWM"));
          sum += memory_of(child, "VmRSS");
        }
      }
      all_ = std::max<int64_t>(all_, sum);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  const pid_t parent_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> one_ = 0;
  std::atomic<int64_t> all_ = 0;
  std::thread thread_;
};

std::string json_of_sql(const std::string& sql) { return nlohmann::json{{"sql", sql}}.dump(); }

/// `query` over itself again and again: each step doubles a text.
std::string doubled(std::string query, int times) {
  for (int i = 0; i < times; ++i) query = "SELECT s || s AS s FROM (" + query + ")";
  return query;
}

/// Each step makes of every `a` 2,000 of them.
std::string blown_up(std::string text, int times) {
  for (int i = 0; i < times; ++i) {
    text = fmt::format("replace({}, 'a', '{}')", text, std::string(2000, 'a'));
  }
  return text;
}

TEST_F(Serve, SqlThatWantsAllMemoryGetsItsShareAndNoMore) {
  Serving serving(folder_.path(), {"--no-auth"});
  const std::string url = serving.api() + "/sql";
  Browser browser;
  const Answer plain = browser.ask("POST", url, json_of_sql("SELECT count(*) FROM billing_events"));
  ASSERT_EQ(plain.status, 200) << plain.body;
  const ChildWatch watch(serving.process());
  for (const std::string& sql : {
           // While the engine plans, where nothing can interrupt it: of constants.
           "SELECT length(" + blown_up("'aaaaaaaaa'", 3) + ") AS n",
           "SELECT length(s) FROM (" + doubled("SELECT 'aaaaaaaaaaaaaaaa' AS s", 26) + ")",
           "SELECT length(hex(hex(hex(s)))) FROM (" + doubled("SELECT 'abcdef' AS s", 25) + ")",
           // Of the values of a column, 2,048 at a time.
           "SELECT max(length(" + blown_up("'a' || event_id", 3) + ")) FROM billing_events",
           "SELECT max(length(s)) FROM (" +
               doubled("SELECT event_id AS s FROM billing_events", 26) + ")",
           // Of few rows many.
           std::string("SELECT length(string_agg(event_id || e, ',')) FROM billing_events, "
                       "range(100000000) r(e)"),
           std::string("SELECT length(list(i)) FROM range(1000000000) r(i)"),
           std::string("SELECT histogram(event_id || e) FROM billing_events, range(10000000) r(e)"),
           std::string(
               "WITH RECURSIVE t(s) AS (SELECT 'aaaaaaaaaa' UNION ALL SELECT s || s FROM t) "
               "SELECT max(length(s)) FROM t"),
       }) {
    const Answer answer = browser.ask("POST", url, json_of_sql(sql));
    EXPECT_THAT(answer.status, AnyOf(400, 408)) << sql.substr(0, 200) << "\n" << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr(folder_.path().string())));
  }
  // 448 MiB of its own and the pages of the program; the server itself has nothing of it.
  EXPECT_LE(watch.peak_of_one(), 512);
  EXPECT_LE(memory_of(serving.process(), "VmHWM"), 300);
  EXPECT_EQ(browser.ask("POST", url, json_of_sql("SELECT 1")).status, 200);
}

TEST_F(Serve, OthersReadWhileSqlTakesAllItMay) {
  Serving serving(folder_.path(), {"--no-auth"});
  const ChildWatch watch(serving.process());
  const std::string endless = json_of_sql(
      "SELECT * FROM (SELECT hash(a.i + b.i) AS x FROM range(100000000) a(i), "
      "range(100000000) b(i)) ORDER BY x");
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(serving.port()));
    clients.back()->send(
        fmt::format("POST /api/v1/sql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n{}",
                    endless.size(), endless));
  }
  // Two run, two wait, and the others are told so at once.
  EXPECT_THAT(clients[7]->receive_until("\r\n\r\n"),
              AnyOf(HasSubstr("HTTP/1.1 429"), HasSubstr("HTTP/1.1 408")));
  Browser browser;
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(browser.get(serving.api() + "/tables/billing_events/rows?limit=5").status, 200);
  }
  EXPECT_LE(watch.peak_of_all(), 2048);
  clients.clear();
  // Their clients have left, so there is room again.
  for (int tries = 0; tries < 1000; ++tries) {
    if (browser.ask("POST", serving.api() + "/sql", json_of_sql("SELECT 1")).status == 200) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "no query is answered any more";
}

TEST_F(Serve, GoesOnAfterAnUpgradeInPlace) {
  const char* given = std::getenv("BULLION_PROGRAM");
  const std::filesystem::path built = program_path();
  const std::filesystem::path installed = folder_ / "installed";
  std::filesystem::copy_file(built, installed);
  ::setenv("BULLION_PROGRAM", installed.c_str(), 1);
  Serving serving(folder_.path(), {"--no-auth"});
  if (given == nullptr) {
    ::unsetenv("BULLION_PROGRAM");
  } else {
    ::setenv("BULLION_PROGRAM", built.c_str(), 1);
  }
  write_file(folder_ / "next", "#!/bin/sh\nexit 9\n");
  std::filesystem::permissions(folder_ / "next", std::filesystem::perms::owner_all);
  std::filesystem::rename(folder_ / "next", installed);
  Browser browser;
  const Answer sum = browser.ask("POST", serving.api() + "/sql", json_of_sql("SELECT 1 + 1 AS n"));
  EXPECT_EQ(sum.status, 200) << sum.body;
  deliver_sample(folder_.path(), "batch2");
  const Answer started = browser.ask("POST", serving.api() + "/runs", "{}");
  ASSERT_EQ(started.status, 202) << started.body;
  EXPECT_EQ(final_status(browser, serving.api(), started.json().value("id", "")), "published");
}

}  // namespace
}  // namespace bullion::end_to_end
