#include "schedule/config.h"

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

/// The problems of a text, one per line.
std::string problems_of(const std::string& text) {
  std::string out;
  const ScheduleOutcome outcome = load_text(text);
  EXPECT_FALSE(outcome.schedule.has_value());
  for (const project::Problem& problem : outcome.problems) out += to_string(problem) + "\n";
  return out;
}

TEST(Config, ReadsAJobWithEverything) {
  const Schedule schedule = schedule_of(R"(
time_zone: Europe/Berlin
calendars:
  - name: close
    weekend: [saturday, sunday]
    holidays: [2026-01-01, 2025-12-25]
jobs:
  - name: monthly
    cron: "0 6 * * *"
    calendar: close
    days: business day 3
    catchup: all
    retries: {max: 3, initial: 30s, longest: 5m, factor: 3}
    select: [+daily_cost]
    timeout: 2h
)");
  ASSERT_EQ(schedule.jobs.size(), 1U);
  const Job& job = schedule.jobs[0];
  EXPECT_EQ(job.times.zone.name(), "Europe/Berlin");
  EXPECT_EQ(job.catchup, Catchup::All);
  EXPECT_EQ(job.timeout_us, int64_t{7'200'000'000});
  EXPECT_EQ(job.times.next(seconds_at("2026-01-01T00:00:00Z")), seconds_at("2026-01-06T05:00:00Z"));
  EXPECT_EQ(job.retries.wait_us(1), 30'000'000);
  EXPECT_EQ(job.retries.wait_us(2), 90'000'000);
  EXPECT_EQ(job.retries.wait_us(4), 300'000'000);
}

TEST(Config, AnUnknownKeyIsRefusedWithItsPlaceAndTheNearestName) {
  EXPECT_THAT(
      problems_of("jobs:\n  - name: daily\n    cron: '@daily'\n    catch_up: all\n"),
      testing::HasSubstr("schedule.yml:4:5: error: unknown key `catch_up` in a job (did you "
                         "mean `catchup`?)"));
}

TEST(Config, EveryMistakeIsReportedAtOnce) {
  const std::string problems = problems_of(R"(
jobs:
  - {name: a, cron: "61 * * * *", time_zone: Mars/Base}
  - {name: a, cron: "@daily", select: [dayly_cost]}
  - {name: Upper, cron: "@daily", catchup: sometimes, timeout: 5}
  - {name: b, cron: "@daily", days: business day 3}
  - {name: c, cron: "@daily", calendar: none}
expected:
  - {source: biling, by: "@daily"}
)");
  for (const char* text :
       {"`61` in the field minute", "`Mars/Base` is not in the time zone database",
        "two jobs are named `a`", "there is no model `dayly_cost` (did you mean `daily_cost`?)",
        "name `Upper`", "`catchup` of a job is `sometimes`", "expected a duration such as 30s",
        "`days` needs a `calendar`", "there is no calendar `none`",
        "there is no source `biling` (did you mean `billing`?)"}) {
    EXPECT_THAT(problems, testing::HasSubstr(text));
  }
}

TEST(Config, SecretsInTheFileAreRefusedWithoutRepeatingThem) {
  const std::string problems = problems_of(R"(
jobs: [{name: a, cron: "@daily"}]
alerts:
  - {name: m, kind: smtp, url: "smtp://mail:25", from: a@b, to: [c@d], password: hunter2}
  - {name: w, kind: webhook, url: "https://u:hunter2@host/x"}
  - {name: h, kind: webhook, url: "https://host/x", headers: {Authorization: Bearer hunter2}}
)");
  EXPECT_THAT(problems, testing::HasSubstr("`password` is a secret"));
  EXPECT_THAT(problems, testing::HasSubstr("`url` holds a user or a password"));
  EXPECT_THAT(problems, testing::HasSubstr("header `Authorization` is a secret"));
  EXPECT_THAT(problems, testing::Not(testing::HasSubstr("hunter2")));
}

TEST(Config, AFiscalYearIs52Or53WeeksLong) {
  EXPECT_THAT(problems_of(R"(
calendars:
  - name: f
    fiscal: {pattern: 4-4-5, year_starts: [2025-02-02, 2026-02-02]}
jobs: [{name: a, cron: "@daily"}]
)"),
              testing::HasSubstr("has 365 days; expected 364 or 371"));
}

}  // namespace
}  // namespace bullion::schedule
