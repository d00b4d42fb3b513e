// The scheduler as a process: two at once, killed in the middle, stopped, late to the party.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

using testing::HasSubstr;

constexpr const char* kEachMinute = "jobs: [{name: each_minute, cron: \"* * * * *\"}]\n";

/// Sees the job, and then puts that back a minute, so that one time is due now.
void make_due(const std::filesystem::path& folder) {
  ASSERT_EQ(bullion(folder, {"schedule", "run", "--once"}).code, 0);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  write_file(folder / "lake/schedule/jobs/each_minute/first_seen.json",
             "{\"at_us\": " + std::to_string(now - 61'000'000) + "}\n");
}

/// Files of the claims folder whose name ends so.
int count_claims(const std::filesystem::path& folder, const std::string& ending) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(
           folder / "lake/schedule/jobs/each_minute/claims", ignored)) {
    const std::string name = entry.path().filename();
    const bool matches = ending.empty() ? name.size() == std::string("000000000001.json").size()
                                        : name.ends_with(ending);
    count += matches ? 1 : 0;
  }
  return count;
}

class Schedule : public testing::Test {
 protected:
  void SetUp() override {
    make_project(folder_.path());
    deliver_sample(folder_.path(), "batch1");
    write_file(folder_ / "schedule.yml", kEachMinute);
  }

  TestFolder folder_{"schedule"};
};

TEST_F(Schedule, TwoSchedulersRunOneTimeOnce) {
  make_due(folder_.path());
  const pid_t a = start_bullion(folder_.path(), {"schedule", "run", "--once"}, folder_ / "a.log");
  const pid_t b = start_bullion(folder_.path(), {"schedule", "run", "--once"}, folder_ / "b.log");
  EXPECT_EQ(wait_for(a), 0);
  EXPECT_EQ(wait_for(b), 0);
  const std::string both = read_file(folder_ / "a.log") + read_file(folder_ / "b.log");
  const size_t first = both.find("release 1 published");
  ASSERT_NE(first, std::string::npos) << both;
  EXPECT_EQ(both.find("release 1 published", first + 1), std::string::npos) << both;
  EXPECT_EQ(count_claims(folder_.path(), ""), count_claims(folder_.path(), ".end.json"));
}

TEST_F(Schedule, AKilledSchedulerTakesItsJobAlongAndTheTimeRunsAgain) {
  make_due(folder_.path());
  const pid_t killed =
      start_bullion(folder_.path(), {"schedule", "run", "--once"}, folder_ / "a.log");
  while (count_claims(folder_.path(), "") == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ASSERT_EQ(::kill(killed, SIGKILL), 0);
  EXPECT_EQ(wait_for(killed), 128 + SIGKILL);
  EXPECT_EQ(count_claims(folder_.path(), ".end.json"), 0);
  const Outcome next = bullion(folder_.path(), {"schedule", "run", "--once"});
  EXPECT_EQ(next.code, 0) << next.err;
  EXPECT_THAT(next.out, HasSubstr("its claim is taken over"));
  EXPECT_THAT(next.out, HasSubstr("good: "));
  EXPECT_EQ(query_value(folder_.path(), "SELECT COUNT(*) > 0 FROM account_service_day_cost"),
            "true");
}

TEST_F(Schedule, StopsCleanlyOnASignal) {
  const pid_t running = start_bullion(folder_.path(), {"schedule", "run"}, folder_ / "a.log");
  while (read_file(folder_ / "a.log").find("Scheduling") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_EQ(::kill(running, SIGTERM), 0);
  EXPECT_EQ(wait_for(running), 0);
  EXPECT_THAT(read_file(folder_ / "a.log"), HasSubstr("Stopped."));
  EXPECT_EQ(count_claims(folder_.path(), ""), count_claims(folder_.path(), ".end.json"));
}

TEST_F(Schedule, ABlockedGateIsAlertedOnceAndSeenInTheStatus) {
  write_file(folder_ / "schedule.yml",
             std::string(kEachMinute) + "alerts: [{name: log, kind: file, path: alerts.jsonl}]\n");
  write_file(folder_ / "tests/never.sql", "SELECT * FROM account_service_day_cost LIMIT 1\n");
  make_due(folder_.path());
  EXPECT_EQ(bullion(folder_.path(), {"schedule", "run", "--once"}).code, 0);
  EXPECT_EQ(bullion(folder_.path(), {"schedule", "run", "--once"}).code, 0);
  const std::string alerts = read_file(folder_ / "alerts.jsonl");
  EXPECT_EQ(std::count(alerts.begin(), alerts.end(), '\n'), 1) << alerts;
  EXPECT_THAT(alerts, HasSubstr(R"("event":"blocked")"));
  const Outcome status = bullion(folder_.path(), {"schedule", "status", "--output", "json"});
  EXPECT_THAT(status.out, HasSubstr("1 gate failed"));
  EXPECT_THAT(status.out, HasSubstr("sent"));
}

TEST_F(Schedule, AMistakeInTheScheduleIsShownWithItsPlace) {
  write_file(folder_ / "schedule.yml", "jobs:\n  - {name: a, corn: \"@daily\"}\n");
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"schedule", "run", "--once"}, {"schedule", "list"}}) {
    const Outcome outcome = bullion(folder_.path(), verb);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("schedule.yml:2:15: error: unknown key `corn`"));
  }
  EXPECT_EQ(bullion(folder_.path(), {"check"}).code, 2);
}

}  // namespace
}  // namespace bullion::end_to_end
