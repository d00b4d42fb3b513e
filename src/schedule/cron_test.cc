#include "schedule/cron.h"

#include "base/date.h"
#include "base/result_matchers.h"

namespace bullion::schedule {
namespace {

bool on(const std::string& cron, const std::string& day) {
  const auto parsed = parse_cron(cron);
  EXPECT_THAT(parsed, IsOk());
  return names_day(*parsed, *parse_date(day));
}

TEST(Cron, ReadsListsRangesStepsAndNames) {
  const auto cron = parse_cron("*/20 8-10,22 1,15 JAN,jun-aug mon-fri/2");
  ASSERT_THAT(cron, IsOk());
  EXPECT_THAT(values_of(cron->minutes), testing::ElementsAre(0, 20, 40));
  EXPECT_THAT(values_of(cron->hours), testing::ElementsAre(8, 9, 10, 22));
  EXPECT_THAT(values_of(cron->days), testing::ElementsAre(1, 15));
  EXPECT_THAT(values_of(cron->months), testing::ElementsAre(1, 6, 7, 8));
  EXPECT_THAT(values_of(cron->weekdays), testing::ElementsAre(1, 3, 5));
}

TEST(Cron, SundayIsZeroAndSeven) {
  for (const char* text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun"}) {
    EXPECT_THAT(values_of(parse_cron(text)->weekdays), testing::ElementsAre(0)) << text;
  }
  EXPECT_THAT(values_of(parse_cron("0 0 * * fri-sun")->weekdays), testing::ElementsAre(0, 5, 6));
  EXPECT_THAT(values_of(parse_cron("0 0 * * *")->weekdays), testing::SizeIs(7));
}

TEST(Cron, TwoRestrictedDayFieldsAddUp) {
  // 2026-03-13 is a Friday; 2026-03-16 a Monday; 2026-03-17 a Tuesday.
  EXPECT_TRUE(on("0 0 13 * mon", "2026-03-13"));
  EXPECT_TRUE(on("0 0 13 * mon", "2026-03-16"));
  EXPECT_FALSE(on("0 0 13 * mon", "2026-03-17"));
  EXPECT_FALSE(on("0 0 * * mon", "2026-03-13"));
}

TEST(Cron, LIsTheLastDayOfAnyMonth) {
  EXPECT_TRUE(on("0 0 L * *", "2028-02-29"));
  EXPECT_FALSE(on("0 0 L * *", "2028-02-28"));
  EXPECT_TRUE(on("0 0 L * *", "2026-02-28"));
  EXPECT_TRUE(on("0 0 1,L * *", "2026-04-01"));
  EXPECT_TRUE(on("0 0 1,L * *", "2026-04-30"));
}

TEST(Cron, NamesMayStandForFields) {
  EXPECT_EQ(parse_cron("@monthly")->five_fields, "0 0 1 * *");
  EXPECT_TRUE(parse_cron("@hourly")->every_hour());
  EXPECT_FALSE(parse_cron("0 */2 * * *")->every_hour());
}

TEST(Cron, SaysWhichFieldIsWrong) {
  EXPECT_THAT(parse_cron("60 * * * *"), HasMessage("`60` in the field minute; expected 0-59"));
  EXPECT_THAT(parse_cron("0 0 * jann *"), HasMessage("expected 1-12 or jan-dec"));
  EXPECT_THAT(parse_cron("0 0 * *"), HasMessage("has 4 fields; expected five"));
  EXPECT_THAT(parse_cron("@dayly"), HasMessage("did you mean `@daily`?"));
  EXPECT_THAT(parse_cron("0 22-6 * * *"), HasMessage("runs backwards"));
  EXPECT_THAT(parse_cron("*/0 * * * *"), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(parse_cron("0 0 30 2 *"), HasMessage("no month it names has such a day"));
  for (const char* text : {"", " ", ",", "a b c d e", "1- * * * *", "1--2 * * * *", "*/ * * * *",
                           "1,,2 * * * *", "99999999999 * * * *", "* * 0 * *"}) {
    EXPECT_THAT(parse_cron(text), IsErrorOf(ErrorKind::Invalid)) << text;
  }
}

}  // namespace
}  // namespace bullion::schedule
