#include "schedule/scheduler.h"

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

class SchedulerTest : public testing::Test {
 protected:
  /// One pass of a scheduler that just started.
  void run_once() { EXPECT_THAT(Scheduler(schedule_, around("a")).run_once(), IsOk()); }

  void run_until(const std::string& time) {
    EXPECT_THAT(Scheduler(schedule_, around("a")).run(*parse_timestamp(time)), IsOk());
  }

  Surroundings around(const std::string& token) {
    return {.lake = *lake_,
            .clock = clock_,
            .self = this_process(token),
            .run_job =
                [this](const Job& job, const KeepAlive& keep_alive) {
                  const auto attempts = read_attempts(*lake_, clock_, this_process("t"), job, 1);
                  ran_.push_back(job.times.zone.format((*attempts)[0].scheduled).substr(5, 11));
                  if (during_) during_(keep_alive);
                  JobOutcome outcome;
                  if (!outcomes_.empty()) {
                    outcome.status = outcomes_.front();
                    outcomes_.erase(outcomes_.begin());
                  }
                  outcome.message = "as told";
                  return outcome;
                },
            .last_arrival = [this](const std::string&) -> Result<std::optional<int64_t>> {
              return arrival_us_;
            },
            .send =
                [this](const Channel&, const Notice& notice) {
                  sent_.push_back(to_string(notice.event) + " " + notice.subject.name);
                  return ok();
                },
            .wait = [this](int64_t until_us) { clock_.set_us(until_us); },
            .stopping = [] { return false; },
            .log = [](const std::string&) {}};
  }

  std::unique_ptr<storage::FileSystem> lake_ = storage::memory_file_system();
  FakeClock clock_{"2026-05-01T00:00:00Z"};
  Schedule schedule_ = schedule_of(
      "jobs: [{name: daily, cron: \"0 6 * * *\"}]\nalerts: [{name: log, kind: file, path: a}]\n");
  std::vector<JobStatus> outcomes_;  ///< of the next runs; then good
  std::function<void(const KeepAlive&)> during_;
  std::optional<int64_t> arrival_us_;
  std::vector<std::string> ran_;
  std::vector<std::string> sent_;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(SchedulerTest, RunsEachTimeOnce) {
  run_until("2026-05-03T12:00:00Z");
  run_once();
  EXPECT_THAT(ran_, ElementsAre("05-01 06:00", "05-02 06:00", "05-03 06:00"));
}

TEST_F(SchedulerTest, CatchesUpAsTheJobSays) {
  for (const auto& [policy, expected] : std::map<std::string, std::vector<std::string>>{
           {"latest", {"05-04 06:00"}},
           {"all", {"05-01 06:00", "05-02 06:00", "05-03 06:00", "05-04 06:00"}},
           {"none", {}}}) {
    lake_ = storage::memory_file_system();
    ran_.clear();
    clock_.set("2026-05-01T00:00:00Z");
    schedule_ = schedule_of("jobs: [{name: daily, cron: \"0 6 * * *\", catchup: " + policy + "}]");
    run_once();
    EXPECT_THAT(ran_, IsEmpty()) << policy;
    clock_.set("2026-05-04T12:00:00Z");
    run_once();
    run_once();
    EXPECT_EQ(ran_, expected) << policy;
  }
}

TEST_F(SchedulerTest, AJobPastItsNextTimeNeverRunsTwiceAtOnce) {
  schedule_ = schedule_of("jobs: [{name: hourly, cron: \"@hourly\"}]");
  during_ = [this](const KeepAlive& keep_alive) {
    for (int i = 0; i < 150; ++i) {
      clock_.advance_seconds(60);
      EXPECT_TRUE(keep_alive());
    }
    // Another scheduler finds the job running.
    during_ = {};
    const size_t before = ran_.size();
    EXPECT_THAT(Scheduler(schedule_, around("b")).run_once(), IsOk());
    EXPECT_EQ(ran_.size(), before);
  };
  run_until("2026-05-01T04:30:00Z");
  EXPECT_THAT(ran_, ElementsAre("05-01 01:00", "05-01 03:00", "05-01 04:00"));
}

TEST_F(SchedulerTest, RetriesFailuresWithGrowingWaitsAndTellsAfterTheLast) {
  schedule_ = schedule_of(
      "jobs: [{name: daily, cron: \"0 6 * * *\", retries: {max: 2, initial: 10m, factor: 2}}]\n"
      "alerts: [{name: log, kind: file, path: a}]\n");
  outcomes_ = {JobStatus::Failed, JobStatus::Failed, JobStatus::Failed};
  run_until("2026-05-01T06:09:00Z");
  EXPECT_EQ(ran_.size(), 1U);
  run_until("2026-05-01T06:11:00Z");
  EXPECT_EQ(ran_.size(), 2U);
  EXPECT_THAT(sent_, IsEmpty());
  run_until("2026-05-01T06:29:00Z");
  EXPECT_EQ(ran_.size(), 2U);
  run_until("2026-05-01T09:00:00Z");
  EXPECT_EQ(ran_.size(), 3U);
  EXPECT_THAT(sent_, ElementsAre("failure daily"));
  run_until("2026-05-03T09:00:00Z");
  EXPECT_THAT(sent_, ElementsAre("failure daily", "recovered daily"));
}

TEST_F(SchedulerTest, ABlockedGateAndAWrongProjectAreNotRetried) {
  schedule_ = schedule_of(
      "jobs: [{name: daily, cron: \"0 6 * * *\", retries: {max: 5, initial: 1m}}]\n"
      "alerts: [{name: log, kind: file, path: a}]\n");
  outcomes_ = {JobStatus::Blocked, JobStatus::Blocked, JobStatus::Refused};
  run_until("2026-05-03T12:00:00Z");
  EXPECT_EQ(ran_.size(), 3U);
  EXPECT_THAT(sent_, ElementsAre("blocked daily", "failure daily"));
}

TEST_F(SchedulerTest, AFailureThatANewerTimeOvertakesIsTold) {
  schedule_ = schedule_of(
      "jobs: [{name: hourly, cron: \"@hourly\", retries: {max: 9, initial: 2h, longest: 2h}}]\n"
      "alerts: [{name: log, kind: file, path: a}]\n");
  outcomes_ = {JobStatus::Failed, JobStatus::Failed};
  run_until("2026-05-01T02:30:00Z");
  EXPECT_THAT(ran_, ElementsAre("05-01 01:00", "05-01 02:00"));
  EXPECT_THAT(sent_, ElementsAre("failure hourly"));
}

TEST_F(SchedulerTest, ATimeoutEndsTheJobAndCountsAsAFailure) {
  schedule_ = schedule_of(
      "jobs: [{name: daily, cron: \"0 6 * * *\", timeout: 10m}]\n"
      "alerts: [{name: log, kind: file, path: a}]\n");
  outcomes_ = {JobStatus::Failed};
  during_ = [this](const KeepAlive& keep_alive) {
    clock_.advance_seconds(590);
    EXPECT_TRUE(keep_alive());
    clock_.advance_seconds(20);
    EXPECT_FALSE(keep_alive());
  };
  run_until("2026-05-01T07:00:00Z");
  const auto attempts = read_attempts(*lake_, clock_, this_process("t"), schedule_.jobs[0], 1);
  EXPECT_EQ((*attempts)[0].message, "ended after its timeout of 10m");
  EXPECT_THAT(sent_, ElementsAre("failure daily"));
}

TEST_F(SchedulerTest, ATimeWhoseProcessDiedRunsAgainButNotForever) {
  run_once();
  clock_.set("2026-05-01T06:00:10Z");
  Owner gone = this_process("gone");
  gone.started = "1";
  const Claims claims(*lake_, "schedule/jobs/daily/claims", clock_, gone);
  Attempt attempt;
  attempt.scheduled = seconds_at("2026-05-01T06:00:00Z");
  ASSERT_TRUE(claims.claim(0, what_of(attempt))->has_value());
  run_once();
  EXPECT_THAT(ran_, ElementsAre("05-01 06:00"));
  clock_.set("2026-05-02T06:00:10Z");
  attempt.scheduled = seconds_at("2026-05-02T06:00:00Z");
  attempt.broken_off = kBrokenOffMax - 1;
  ASSERT_TRUE(claims.claim(2, what_of(attempt))->has_value());
  run_once();
  EXPECT_THAT(ran_, ElementsAre("05-01 06:00"));
  EXPECT_THAT(sent_, ElementsAre("failure daily"));
}

TEST_F(SchedulerTest, LateDataIsToldOnceAndItsArrivalOnce) {
  schedule_ = schedule_of(
      "jobs: [{name: yearly, cron: \"@yearly\"}]\n"
      "expected: [{source: billing, by: \"0 7 * * *\"}]\n"
      "alerts: [{name: log, kind: file, path: a}]\n");
  arrival_us_ = *parse_timestamp("2026-05-01T05:00:00Z");
  run_until("2026-05-02T06:59:00Z");
  EXPECT_THAT(sent_, IsEmpty());
  run_until("2026-05-02T12:00:00Z");
  EXPECT_THAT(sent_, ElementsAre("late billing"));
  arrival_us_ = clock_.now_us();
  run_until("2026-05-02T18:00:00Z");
  EXPECT_THAT(sent_, ElementsAre("late billing", "recovered billing"));
}

}  // namespace
}  // namespace bullion::schedule
