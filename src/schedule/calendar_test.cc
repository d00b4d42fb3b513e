#include "schedule/calendar.h"

#include "base/date.h"
#include "base/result_matchers.h"

namespace bullion::schedule {
namespace {

using testing::ElementsAre;

std::vector<std::string> days_of(const std::string& rule, const Calendar& calendar,
                                 const std::string& first, const std::string& last) {
  const auto parsed = parse_day_rule(rule);
  EXPECT_THAT(parsed, IsOk());
  std::vector<std::string> out;
  for (int32_t day = *parse_date(first); day <= *parse_date(last); ++day) {
    if (names_day(*parsed, calendar, day)) out.push_back(format_date(day));
  }
  return out;
}

TEST(Calendar, BusinessDaysLeaveOutWeekendsAndHolidays) {
  const Calendar calendar{.holidays = {*parse_date("2026-01-01")}};
  EXPECT_THAT(days_of("business days", calendar, "2025-12-31", "2026-01-06"),
              ElementsAre("2025-12-31", "2026-01-02", "2026-01-05", "2026-01-06"));
  const Calendar friday_saturday{.weekend = 0b1100000};
  EXPECT_THAT(days_of("business days", friday_saturday, "2026-01-01", "2026-01-04"),
              ElementsAre("2026-01-01", "2026-01-04"));
}

TEST(Calendar, CountsBusinessDaysFromBothEndsOfTheMonth) {
  const Calendar calendar{.holidays = {*parse_date("2026-01-01"), *parse_date("2026-05-29")}};
  EXPECT_THAT(days_of("business day 3", calendar, "2026-01-01", "2026-02-28"),
              ElementsAre("2026-01-06", "2026-02-04"));
  EXPECT_THAT(days_of("last business day", calendar, "2026-05-01", "2026-06-30"),
              ElementsAre("2026-05-28", "2026-06-30"));
  EXPECT_THAT(days_of("last business day - 2", calendar, "2026-05-01", "2026-05-31"),
              ElementsAre("2026-05-26"));
}

TEST(Calendar, FiscalCloseFollowsWeeksOf445WithA53rdWeek) {
  // 2023-01-29 begins a year of 53 weeks; the next begins 2024-02-04.
  const Calendar calendar{.fiscal = {project::FiscalPattern::Weeks445,
                                     {*parse_date("2023-01-29"), *parse_date("2024-02-04")}}};
  // Months end after 4, 8 and 13 weeks; the year before the first one given had 52.
  EXPECT_THAT(days_of("fiscal close 1", calendar, "2023-01-29", "2023-05-10"),
              ElementsAre("2023-01-30", "2023-02-27", "2023-03-27", "2023-05-01"));
  // The last month has a sixth week and ends on 2024-02-03.
  EXPECT_THAT(days_of("fiscal close 2", calendar, "2023-12-20", "2024-03-10"),
              ElementsAre("2023-12-26", "2024-02-06", "2024-03-05"));
}

TEST(Calendar, FiscalCloseOfCalendarMonthsIsABusinessDayOfTheNextMonth) {
  EXPECT_THAT(days_of("fiscal close 2", Calendar{}, "2026-01-01", "2026-02-28"),
              ElementsAre("2026-01-02", "2026-02-03"));
}

TEST(Calendar, ARuleThatIsNoneSaysWhatIsOne) {
  for (const char* text : {"", "business day 0", "business day 24", "last business day - 0",
                           "business day three", "fiscal close", "last business day 2"}) {
    EXPECT_THAT(parse_day_rule(text), HasMessage("expected `business days`")) << text;
  }
  EXPECT_EQ(to_string(*parse_day_rule("last business day - 2")), "last business day - 2");
}

}  // namespace
}  // namespace bullion::schedule
