// Runs as children, and what the lake's watcher tells.
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/result_matchers.h"
#include "server/change_watcher.h"
#include "server/child_runs.h"
#include "server/run_routes.h"
#include "server/test_clock_internal.h"
#include "storage/temporary_folder.h"

namespace bullion::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ChildRunsTest : public testing::Test {
 protected:
  /// Runs a shell script instead of the pipeline.
  std::unique_ptr<ChildRuns> runs(const std::string& script) {
    return std::make_unique<ChildRuns>(
        ChildRunsOptions{.command = [script](const RunRequest&, const std::string& id,
                                             const std::string& user) -> std::vector<std::string> {
                           return {"/bin/sh", "-c", script, "sh", id, user};
                         },
                         .new_id = [this] { return fmt::format("run-{}", ++ids_); },
                         .scrubber = Scrubber(std::vector<std::pair<std::string, std::string>>{
                             {"/srv/lake", "<lake>"}})},
        clock_);
  }
  static ServedRun wait_for_end(const RunQueue& runs, const std::string& id) {
    while (runs.find(id)->state == RunState::Running) std::this_thread::yield();
    return *runs.find(id);
  }
  static std::vector<std::string> events_of(const RunQueue& runs, const std::string& id) {
    std::vector<std::string> out;
    for (const ServerEvent& event : runs.events(id).value()->read_after(0, 10'000).events) {
      out.push_back(event.data);
    }
    return out;
  }

  TestClock clock_;
  int ids_ = 0;
};

TEST_F(ChildRunsTest, FollowsAChildToItsRelease) {
  const auto queue = runs(
      "echo 'Source a: 1 file'; echo "
      "'{\"phase\":\"compute\",\"item\":\"m\",\"done\":1,\"total\":2}'"
      " >&2; echo \"$1 $2 at /srv/lake/x\"; echo '{\"status\": \"published\", \"release\": 7}'");
  const ServedRun started = queue->start({}, "ana", "").value();
  EXPECT_EQ(started.state, RunState::Running);
  const ServedRun ended = wait_for_end(*queue, started.id);
  EXPECT_EQ(ended.state, RunState::Published);
  EXPECT_EQ(ended.release, 7);
  EXPECT_THAT(ended.log, ElementsAre("Source a: 1 file", "run-1 ana at <lake>/x"));
  EXPECT_THAT(
      events_of(*queue, started.id),
      ElementsAre(
          R"({"id":"run-1","status":"running"})",
          R"({"id":"run-1","status":"running","line":"Source a: 1 file"})",
          R"({"id":"run-1","status":"running","phase":"compute","item":"m","done":1,"total":2})",
          R"({"id":"run-1","status":"running","line":"run-1 ana at <lake>/x"})",
          R"({"id":"run-1","status":"published"})"));
  EXPECT_TRUE(queue->events(started.id).value()->read_after(5, 1).closed);
}

TEST_F(ChildRunsTest, AChildThatDiesHasFailedWithItsLastWords) {
  const auto queue = runs("echo 'bullion: no space left'; kill -9 $$");
  const ServedRun ended = wait_for_end(*queue, queue->start({}, "ana", "")->id);
  EXPECT_EQ(ended.state, RunState::Failed);
  EXPECT_EQ(ended.detail, "bullion: no space left");
}

TEST_F(ChildRunsTest, AChildThatCannotStartHasFailed) {
  ChildRuns queue(
      {.command = [](const RunRequest&, const std::string&,
                     const std::string&) -> std::vector<std::string> { return {"/nothing/here"}; },
       .new_id = [] { return std::string("run-1"); }},
      clock_);
  const ServedRun ended = wait_for_end(queue, queue.start({}, "ana", "")->id);
  EXPECT_EQ(ended.state, RunState::Failed);
  EXPECT_THAT(ended.detail, HasSubstr("cannot be started"));
}

TEST_F(ChildRunsTest, OneRunAtATime) {
  const auto queue = runs("read forever < /dev/zero");
  const ServedRun first = queue->start({}, "ana", "").value();
  EXPECT_THAT(queue->start({}, "ana", ""), IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(queue->cancel(first.id), IsOk());
  EXPECT_EQ(wait_for_end(*queue, first.id).state, RunState::Cancelled);
  EXPECT_THAT(queue->cancel(first.id), IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(queue->cancel("run-9"), IsErrorOf(ErrorKind::NotFound));
  EXPECT_THAT(queue->events("run-9"), IsErrorOf(ErrorKind::NotFound));
}

TEST_F(ChildRunsTest, AKeyStartsOneRunForADay) {
  const auto queue = runs("echo '{\"status\": \"unchanged\", \"release\": null}'");
  const std::string first = queue->start({}, "ana", "key")->id;
  EXPECT_EQ(wait_for_end(*queue, first).state, RunState::Unchanged);
  EXPECT_EQ(queue->start({}, "ana", "key")->id, first);
  EXPECT_THAT(queue->start({.full_refresh = true}, "ana", "key"), IsErrorOf(ErrorKind::Invalid));
  const std::string second = queue->start({}, "ana", "other")->id;
  EXPECT_NE(second, first);
  wait_for_end(*queue, second);
  clock_.advance(25 * 3'600'000'000LL);
  const std::string third = queue->start({}, "ana", "key")->id;
  EXPECT_NE(third, first);
  wait_for_end(*queue, third);
  EXPECT_EQ(queue->list().size(), 3U);
  EXPECT_EQ(queue->list().front().id, third);
}

TEST_F(ChildRunsTest, StoppingEndsTheChildAndTakesNoOther) {
  const auto queue = runs("read forever < /dev/zero");
  const std::string id = queue->start({}, "ana", "")->id;
  queue->stop(0);
  EXPECT_EQ(queue->find(id)->state, RunState::Cancelled);
  EXPECT_THAT(queue->start({}, "ana", ""), IsErrorOf(ErrorKind::Conflict));
}

TEST_F(ChildRunsTest, RoutesRefuseWhatIsNoRequest) {
  const auto queue = runs("true");
  Router router;
  add_run_routes(router, *queue);
  const auto post = [&](const std::string& body) {
    Request request;
    request.body = body;
    return (*router.match("POST", "/runs")->handler)(request);
  };
  EXPECT_EQ(post("{").status, 400);
  for (const char* body : {"[]", "{\"select\":\"m\"}", "{\"select\":[1]}", "{\"select\":[\"-x\"]}",
                           "{\"select\":[\"\"]}", "{\"full_refresh\":1}", "{\"selct\":[]}"}) {
    EXPECT_EQ(post(body).status, 422) << body;
  }
  const Response started = post("{\"select\":[\"+m\"]}");
  EXPECT_EQ(started.status, 202);
  EXPECT_THAT(started.body, HasSubstr("\"status\":\"running\""));
}

class ChangeWatcherTest : public testing::Test {
 protected:
  WatchedThings things() {
    return {[this]() -> Result<std::optional<int64_t>> { return release_; }, *files_};
  }
  static std::vector<std::string> seen(const ChangeWatcher& watcher, int64_t after) {
    std::vector<std::string> out;
    for (const ServerEvent& event : watcher.events()->read_after(after, 100).events) {
      out.push_back(event.type + " " + event.data);
    }
    return out;
  }

  TestClock clock_;
  std::unique_ptr<storage::FileSystem> files_ = storage::memory_file_system();
  std::optional<int64_t> release_;
};

TEST_F(ChangeWatcherTest, TellsOfReleasesAndEditedDefinitions) {
  ASSERT_THAT(files_->create("metrics/cost.yml", "a"), IsOk());
  ChangeWatcher watcher(things(), clock_);
  watcher.look();
  EXPECT_THAT(seen(watcher, 0), ElementsAre());
  release_ = 3;
  ASSERT_THAT(files_->replace("metrics/cost.yml", "abc"), IsOk());
  ASSERT_THAT(files_->create("dashboards/a/b.yml", "x"), IsOk());
  ASSERT_THAT(files_->create("dashboards/.b.yml.swp", "x"), IsOk());
  watcher.look();
  watcher.look();
  EXPECT_THAT(seen(watcher, 0),
              ElementsAre("release {\"release\":3}",
                          "project {\"files\":[\"dashboards/a/b.yml\",\"metrics/cost.yml\"]}"));
  ASSERT_THAT(files_->remove("metrics/cost.yml"), IsOk());
  watcher.look();
  EXPECT_EQ(seen(watcher, 0).back(), "project {\"files\":[\"metrics/cost.yml\"]}");
  EXPECT_EQ(watcher.latest_release(), 3);
}

TEST_F(ChangeWatcherTest, NewAndStrangeClientsLearnTheNewestReleaseFirst) {
  release_ = 1;
  ChangeWatcher watcher(things(), clock_);
  release_ = 2;
  watcher.look();
  EXPECT_THAT(seen(watcher, watcher.go_on_after(0)), ElementsAre("release {\"release\":2}"));
  EXPECT_THAT(seen(watcher, watcher.go_on_after(17)), ElementsAre("release {\"release\":2}"));
  const int64_t last = watcher.events()->last_number();
  EXPECT_THAT(seen(watcher, watcher.go_on_after(last)), ElementsAre());
  EXPECT_THAT(seen(watcher, watcher.go_on_after(last + 100)),
              ElementsAre("release {\"release\":2}"));
}

}  // namespace
}  // namespace bullion::server
