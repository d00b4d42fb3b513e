#include "schedule/export.h"

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const ExportOptions kOptions{.project_folder = "/srv/my shop", .start_day = "2026-05-01"};

std::vector<Job> job(const std::string& rest) {
  return schedule_of(
             "calendars: [{name: close}]\n"
             "jobs: [{name: daily, time_zone: Europe/Berlin, " +
             rest + "}]\n")
      .jobs;
}

std::vector<std::string> events(const std::string& cron) {
  return calendar_events(job("cron: \"" + cron + "\"")[0]);
}

TEST(Export, SystemdEventsNameWhatTheCronNames) {
  EXPECT_THAT(events("0 6 * * mon-fri"),
              ElementsAre("Mon,Tue,Wed,Thu,Fri *-*-* 06:00:00 Europe/Berlin"));
  EXPECT_THAT(events("*/30 8,9 * 1 *"), ElementsAre("*-01-* 08,09:00,30:00 Europe/Berlin"));
  EXPECT_THAT(events("0 0 13 * fri"),
              ElementsAre("*-*-13 00:00:00 Europe/Berlin", "Fri *-*-* 00:00:00 Europe/Berlin"));
  EXPECT_THAT(events("0 0 L * *"), ElementsAre("*-*~01 00:00:00 Europe/Berlin"));
}

TEST(Export, ACrontabKeepsZoneAndGuardsCalendars) {
  const auto files =
      export_cron(job("cron: \"0 6 L * *\", calendar: close, select: [daily_cost]"), kOptions);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_THAT(files[0].text,
              HasSubstr("CRON_TZ=Europe/Berlin\n0 6 28,29,30,31 * * bullion --project-dir "
                        "'/srv/my shop' schedule due daily && bullion --project-dir '/srv/my shop' "
                        "run -q --select daily_cost\n"));
}

TEST(Export, ADagMapsCatchupRetriesAndCalendar) {
  const auto files = export_airflow(
      job("cron: \"@daily\", catchup: all, retries: {max: 3, initial: 30s}, calendar: close"),
      kOptions);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].name, "bullion_daily.py");
  for (const char* text :
       {"dag_id=\"bullion_daily\"", "schedule=\"0 0 * * *\"", "catchup=True", "max_active_runs=1",
        "pendulum.datetime(2026, 5, 1, tz=\"Europe/Berlin\")", "\"retries\": 3",
        "timedelta(seconds=30)", "skip_on_exit_code=1", "due >> run"}) {
    EXPECT_THAT(files[0].text, HasSubstr(text));
  }
}

TEST(Export, ShellWordsAreQuoted) {
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("$(x)"), "'$(x)'");
  EXPECT_EQ(shell_quoted("+m"), "+m");
}

}  // namespace
}  // namespace bullion::schedule
