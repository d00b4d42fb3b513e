#include "schedule/zone_time.h"

#include "base/date.h"
#include "base/result_matchers.h"

namespace bullion::schedule {
namespace {

int64_t at(const std::string& text) { return *parse_timestamp(text) / 1'000'000; }

Zone zone(const std::string& name) {
  auto found = Zone::find(name);
  EXPECT_THAT(found, IsOk());
  return *found;
}

std::vector<std::string> times(const std::string& cron, const std::string& zone_name,
                               const std::string& day) {
  const Zone in = zone(zone_name);
  std::vector<std::string> out;
  for (const int64_t instant : instants_of_day(*parse_cron(cron), in, *parse_date(day))) {
    out.push_back(in.format(instant).substr(11));
  }
  return out;
}

using testing::ElementsAre;
using testing::SizeIs;

TEST(ZoneTime, ASkippedTimeRunsAtTheFirstInstantAfterTheGapOnce) {
  // Europe/Berlin, 2026-03-29: 02:00 to 03:00 does not exist.
  EXPECT_THAT(times("30 2 * * *", "Europe/Berlin", "2026-03-29"), ElementsAre("03:00 +02:00"));
  EXPECT_THAT(times("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29"),
              ElementsAre("03:00 +02:00", "03:30 +02:00"));
  // America/Santiago skips midnight.
  EXPECT_THAT(times("0 0 * * *", "America/Santiago", "2025-09-07"), ElementsAre("01:00 -03:00"));
}

TEST(ZoneTime, ARepeatedTimeRunsOnceAtItsFirstOccurrence) {
  // Europe/Berlin, 2026-10-25: 02:00 to 03:00 comes twice.
  EXPECT_THAT(times("30 2 * * *", "Europe/Berlin", "2026-10-25"), ElementsAre("02:30 +02:00"));
  EXPECT_THAT(times("15,45 1 * * *", "Australia/Lord_Howe", "2026-04-05"),
              ElementsAre("01:15 +11:00", "01:45 +11:00"));
}

TEST(ZoneTime, AnHourlyJobRunsEachRealHour) {
  EXPECT_THAT(times("0 * * * *", "Europe/Berlin", "2026-03-29"), SizeIs(23));
  EXPECT_THAT(times("30 * * * *", "Europe/Berlin", "2026-03-29"), SizeIs(23));
  EXPECT_THAT(times("30 * * * *", "Europe/Berlin", "2026-10-25"), SizeIs(25));
  EXPECT_THAT(times("*/15 * * * *", "America/New_York", "2026-11-01"), SizeIs(100));
  const auto cron = *parse_cron("@hourly");
  int64_t last = at("2026-10-24T00:00:00Z");
  for (int i = 0; i < 72; ++i) {
    const auto next = next_instant(cron, zone("Europe/Berlin"), {}, last);
    ASSERT_TRUE(next);
    EXPECT_EQ(*next - last, 3600);
    last = *next;
  }
}

TEST(ZoneTime, AGapOfHalfAnHourKeepsTheHourThatRemains) {
  // Australia/Lord_Howe, 2026-10-04: 02:00 to 02:30 does not exist.
  const auto hourly = times("0 * * * *", "Australia/Lord_Howe", "2026-10-04");
  EXPECT_THAT(hourly, SizeIs(24));
  EXPECT_EQ(hourly[2], "02:30 +11:00");
  EXPECT_THAT(times("15 2 * * *", "Australia/Lord_Howe", "2026-10-04"),
              ElementsAre("02:30 +11:00"));
}

TEST(ZoneTime, ADayThatAZoneLeavesOutRunsAtTheBeginningOfTheNext) {
  const auto cron = *parse_cron("0 6 * * *");
  const Zone apia = zone("Pacific/Apia");
  const auto next = next_instant(cron, apia, {}, at("2011-12-30T00:00:00Z"));
  ASSERT_TRUE(next);
  EXPECT_EQ(apia.format(*next), "2011-12-31 00:00 +14:00");
  EXPECT_EQ(apia.format(*next_instant(cron, apia, {}, *next)), "2011-12-31 06:00 +14:00");
}

TEST(ZoneTime, EachDayThatACronNamesRunsExactlyOnceWhateverTheClockDoes) {
  const std::vector<std::string> zones{"UTC",
                                       "Europe/Berlin",
                                       "America/New_York",
                                       "America/St_Johns",
                                       "America/Santiago",
                                       "Australia/Lord_Howe",
                                       "Africa/Cairo",
                                       "Africa/Casablanca",
                                       "Asia/Kathmandu",
                                       "Asia/Tehran",
                                       "Asia/Beirut",
                                       "Pacific/Chatham",
                                       "America/Nuuk",
                                       "Antarctica/Troll"};
  const std::vector<std::string> crons{
      "0 0 * * *",  "30 0 * * *",   "0 1 * * *",   "45 1 * * *",  "0 2 * * *",   "15 2 * * *",
      "30 2 * * 0", "59 2 1,L * *", "0 3 * * 1-5", "59 23 * * *", "30 2 29 2 *",
  };
  int64_t checked = 0;
  for (const std::string& name : zones) {
    const Zone in = zone(name);
    for (const std::string& text : crons) {
      const Cron cron = *parse_cron(text);
      const int32_t first_day = *parse_date("2019-01-01");
      const int32_t end_day = *parse_date("2030-01-01");
      std::optional<int64_t> run =
          next_instant(cron, in, {}, in.meaning_of(int64_t{first_day} * 86'400).first - 1);
      for (int32_t day = first_day; day < end_day; ++day) {
        ++checked;
        if (!names_day(cron, day)) continue;
        const int64_t wanted = int64_t{day} * 86'400 + times_of_day(cron)[0];
        ASSERT_TRUE(run);
        const int64_t local = *run + in.offset_at(*run);
        const bool skipped = in.meaning_of(wanted).kind == LocalMeaning::Kind::Skipped;
        // The next run is this day's, at the time it names, or just after the gap that holds it.
        ASSERT_TRUE(skipped ? local > wanted && local - wanted <= 7'200 : local == wanted)
            << text << " in " << name << " on " << format_date(day) << ": " << in.format(*run);
        ASSERT_TRUE(!skipped || in.offset_at(*run - 1) < in.offset_at(*run));
        run = next_instant(cron, in, {}, *run);
      }
    }
  }
  EXPECT_GT(checked, 600'000);
}

TEST(ZoneTime, BetweenAndNextAgree) {
  const Zone in = zone("Europe/Berlin");
  const Cron cron = *parse_cron("*/30 1-3 * * *");
  const int64_t begin = at("2026-03-20T00:00:00Z");
  const int64_t end = at("2026-04-02T00:00:00Z");
  std::vector<int64_t> stepped;
  for (auto next = next_instant(cron, in, {}, begin); next && *next <= end;
       next = next_instant(cron, in, {}, *next)) {
    stepped.push_back(*next);
  }
  EXPECT_EQ(instants_between(cron, in, {}, begin, end, 10'000), stepped);
  const auto newest = instants_between(cron, in, {}, begin, end, 3);
  EXPECT_EQ(newest, std::vector<int64_t>(stepped.end() - 3, stepped.end()));
}

TEST(ZoneTime, AnUnknownZoneIsRefusedWithTheNearestName) {
  EXPECT_THAT(Zone::find("Europe/Berln"), HasMessage("did you mean `Europe/Berlin`?"));
  EXPECT_THAT(Zone::find("../../etc/passwd"), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(Zone::find(""), IsErrorOf(ErrorKind::Invalid));
}

}  // namespace
}  // namespace bullion::schedule
