#include "project/fiscal_calendar.h"

#include <gmock/gmock.h>

#include "base/date.h"
#include "project/project_fixture_internal.h"

namespace bullion::project {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

int32_t day(const std::string& text) { return parse_date(text).value(); }

FiscalCalendar retail(FiscalPattern pattern = FiscalPattern::Weeks445) {
  return {pattern, {day("2022-01-30"), day("2023-01-29"), day("2024-02-04")}};
}

TEST(FiscalCalendar, NamesYearsByTheirEndOrTheirStart) {
  const FiscalCalendar july(7);
  EXPECT_EQ(july.find(day("2025-06-30")).year, 2025);
  EXPECT_EQ(july.find(day("2025-07-01")).year, 2026);
  EXPECT_EQ(july.find(day("2025-07-01")).period, 1);
  EXPECT_EQ(july.find(day("2025-06-30")).quarter, 4);
  EXPECT_EQ(FiscalCalendar(7, FiscalCalendar::NamedBy::Start).find(day("2025-07-01")).year, 2025);
  EXPECT_EQ(FiscalCalendar().find(day("2025-12-31")).year, 2025);
  // A year of weeks that ends on 3 January belongs to the year before.
  const FiscalCalendar weeks(FiscalPattern::Weeks445, {day("2024-12-29"), day("2026-01-04")});
  EXPECT_EQ(weeks.find(day("2026-01-03")).year, 2025);
  EXPECT_EQ(weeks.find(day("2026-01-04")).year, 2026);
}

TEST(FiscalCalendar, GivesA53rdWeekToTheLastPeriod) {
  const FiscalDay last = retail().find(day("2024-02-03"));
  EXPECT_EQ(last.week, 53);
  EXPECT_EQ(last.period, 12);
  EXPECT_EQ(last.in_period, (FiscalSpan{day("2023-12-24"), day("2024-02-04")}));
  EXPECT_EQ(last.in_year, (FiscalSpan{day("2023-01-29"), day("2024-02-04")}));
  EXPECT_EQ(retail(FiscalPattern::Weeks544).find(day("2023-03-04")).period, 1);
  EXPECT_EQ(retail(FiscalPattern::Weeks454).find(day("2023-03-31")).period, 2);
}

TEST(FiscalCalendar, HoldsEveryDayInExactlyOnePeriod) {
  for (const FiscalCalendar& calendar : {retail(), FiscalCalendar(2)}) {
    int32_t number = calendar.period_number(day("1990-01-01"));
    int32_t next = calendar.period_start(number + 1);
    for (int32_t at = day("1990-01-01"); at < day("2040-01-01"); ++at) {
      if (at == next) next = calendar.period_start(++number + 1);
      ASSERT_EQ(calendar.period_number(at), number) << format_date(at);
      const FiscalDay found = calendar.find(at);
      ASSERT_TRUE(found.in_period.start <= at && at < found.in_period.end);
      ASSERT_TRUE(found.in_quarter.start <= found.in_period.start);
      ASSERT_TRUE(found.in_period.end <= found.in_quarter.end);
      ASSERT_EQ(found.period, calendar.period_in_year(number) + 1);
    }
  }
}

class FiscalConfig : public ProjectTest {
 protected:
  void configure(const std::string& text) {
    files_ = good_files();
    files_["bullion.yml"] += text;
  }
};

TEST_F(FiscalConfig, MakesATableOfDays) {
  configure("fiscal_calendar: {year_start_month: 7, days: {start: 2025-06-30, end: 2025-07-02}}\n");
  EXPECT_THAT(all_problems(), IsEmpty());
  const auto outcome = load();
  const Seed& seed = *outcome.project->find_seed(kFiscalDaysTable);
  EXPECT_EQ(seed.made,
            "day,fiscal_year,fiscal_quarter,fiscal_period,fiscal_week,period_start,"
            "next_period_start,year_start,next_year_start,day_of_period,days_in_period\n"
            "2025-06-30,2025,4,12,53,2025-06-01,2025-07-01,2024-07-01,2025-07-01,30,30\n"
            "2025-07-01,2026,1,1,1,2025-07-01,2025-08-01,2025-07-01,2026-07-01,1,31\n");
}

TEST_F(FiscalConfig, RefusesCalendarsThatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"fiscal_calendar: {year_start_month: 13}\n", "expected the number of a month"},
      {"fiscal_calendar: {pattern: 4-4-5}\n", "needs `year_starts`"},
      {"fiscal_calendar: {year_starts: [2026-02-01]}\n", "for the patterns 4-4-5"},
      {"fiscal_calendar: {pattern: 4-4-5, year_starts: [2025-02-02, 2026-02-02]}\n",
       "has 365 days; expected 364 or 371"},
      {"fiscal_calendar: {pattern: 4-4-5, year_starts: [2026-02-01], year_start_month: 2}\n",
       "`year_starts` says when"},
      {"fiscal_calendar: {days: {start: 2026-02-01, end: 2026-02-01}}\n", "the end later than"},
      {"fiscal_calendar: {days: {start: 1826-02-01, end: 2026-02-01}}\n", "100 years"},
      {"fiscal_calendar: {pattern: 445}\n", "expected one of"},
      {"fiscal_calendar: {years: 4}\n", "unknown key `years`"},
  };
  for (const auto& [text, message] : cases) {
    configure(text);
    EXPECT_THAT(all_problems(), Contains(AllOf(StartsWith("bullion.yml:"), HasSubstr(message))))
        << text;
  }
}

}  // namespace
}  // namespace bullion::project
