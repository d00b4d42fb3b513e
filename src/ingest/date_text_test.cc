#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/date.h"
#include "ingest/date_text_internal.h"

namespace bullion::ingest {
namespace {

/// "2024-02-28T13:05:00.000000Z" with the offset behind it when there is one; "refused".
std::string read(std::string_view text, std::string_view format) {
  const auto found = read_date_and_time(text, format);
  if (!found) return "refused";
  std::string shown = format_date(found->days);
  if (found->micros != 0) shown += format_timestamp(found->micros).substr(10);
  if (found->offset_minutes) shown += fmt::format(" {:+}", *found->offset_minutes);
  return shown + (found->zone.empty() ? "" : " " + found->zone);
}

TEST(DateText, ReadsTheFormatsOfRealFiles) {
  EXPECT_EQ(read("16-Jan-2013", "%d-%b-%Y"), "2013-01-16");
  EXPECT_EQ(read("31-jul-13", "%d-%b-%y"), "2013-07-31");
  EXPECT_EQ(read("31/12/2010", "%d/%m/%Y"), "2010-12-31");
  EXPECT_EQ(read("7/4/2017", "%d/%m/%Y"), "2017-04-07");
  EXPECT_EQ(read("20240228", "%Y%m%d"), "2024-02-28");
  EXPECT_EQ(read("2013-05", "%Y-%m"), "2013-05-01");
  EXPECT_EQ(read("September 3, 2020", "%B %d, %Y"), "2020-09-03");
  EXPECT_EQ(read("Sept 3, 2020", "%b %e, %Y"), "2020-09-03");
  EXPECT_EQ(read("2024060", "%Y%j"), "2024-02-29");
  EXPECT_EQ(read("28.02.2024 13:05", "%d.%m.%Y %H:%M"), "2024-02-28T13:05:00.000000Z");
  EXPECT_EQ(read("2/28/2024 12:05:07 AM", "%m/%d/%Y %I:%M:%S %p"), "2024-02-28T00:05:07.000000Z");
  EXPECT_EQ(read("2/28/2024 12:05 pm", "%m/%d/%Y %I:%M %p"), "2024-02-28T12:05:00.000000Z");
  EXPECT_EQ(read("2024-02-28 01:02:03.5", "%Y-%m-%d %H:%M:%S.%f"), "2024-02-28T01:02:03.500000Z");
  EXPECT_EQ(read("2024-02-28T01:02-0330", "%Y-%m-%dT%H:%M%z"), "2024-02-28T01:02:00.000000Z -210");
  EXPECT_EQ(read("2024-02-28 Europe/Berlin", "%Y-%m-%d %Z"), "2024-02-28 Europe/Berlin");
}

TEST(DateText, RefusesWhatDoesNotFitWholeOrIsNoDay) {
  EXPECT_EQ(read("2024-99-99", "%Y-%m-%d"), "refused");
  EXPECT_EQ(read("2023-02-29", "%Y-%m-%d"), "refused");
  EXPECT_EQ(read("31/12/2010 x", "%d/%m/%Y"), "refused");
  EXPECT_EQ(read("31/12/20100", "%d/%m/%Y"), "refused");
  EXPECT_EQ(read("31/12/10", "%d/%m/%Y"), "refused");
  EXPECT_EQ(read("1900-01-00", "%Y-%m-%d"), "refused");
  EXPECT_EQ(read("2023366", "%Y%j"), "refused");
  EXPECT_EQ(read("12:00", "%H:%M"), "refused");
  EXPECT_EQ(read("2024-01-01 24:00", "%Y-%m-%d %H:%M"), "refused");
  EXPECT_EQ(read("2024-01-01 EST", "%Y-%m-%d %Z"), "refused");
  EXPECT_EQ(read("2024-01-01 1.0000001", "%Y-%m-%d %S.%f"), "refused");
  EXPECT_EQ(read("", "%Y-%m-%d"), "refused");
  EXPECT_EQ(read("2024-01-01", "%Q"), "refused");
}

TEST(DateText, TakesTwoDigitYearsFrom1969To2068) {
  EXPECT_EQ(read("01/01/68", "%d/%m/%y"), "2068-01-01");
  EXPECT_EQ(read("01/01/69", "%d/%m/%y"), "1969-01-01");
}

TEST(DateText, ReadsEveryDayBack) {
  for (int32_t day = -700'000; day < 2'900'000; day += 997) {
    const std::string iso = format_date(day);
    const std::string text = iso.substr(8) + "." + iso.substr(5, 2) + "." + iso.substr(0, 4);
    ASSERT_EQ(read(text, "%d.%m.%Y"), iso);
  }
}

TEST(DateText, ChoosesTheInstantOfALocalTimeByTheRule) {
  const auto at = [](std::string_view local, std::string_view dst) {
    const Instant instant = instant_in_zone(*parse_timestamp(local), "America/New_York", dst);
    return instant.fault == LocalTimeFault::None ? format_timestamp(instant.micros) : "fault";
  };
  EXPECT_EQ(at("2024-11-03T01:30:00", "reject"), "fault");
  EXPECT_EQ(at("2024-11-03T01:30:00.25", "earlier"), "2024-11-03T05:30:00.250000Z");
  EXPECT_EQ(at("2024-11-03T01:30:00", "later"), "2024-11-03T06:30:00.000000Z");
  EXPECT_EQ(at("2024-03-10T02:30:00", "reject"), "fault");
  EXPECT_EQ(at("2024-03-10T02:30:00", "earlier"), "2024-03-10T06:30:00.000000Z");
  EXPECT_EQ(at("2024-03-10T02:30:00", "later"), "2024-03-10T07:30:00.000000Z");
  EXPECT_EQ(at("1965-07-01T00:00:00.5", "reject"), "1965-07-01T04:00:00.500000Z");
}

TEST(DateText, AReaderGivesTheSameInstantsInWhateverOrderTheTimesCome) {
  for (const char* dst : {"reject", "earlier", "later"}) {
    project::ValueFormat format;
    format.time_zone = "America/New_York";
    format.dst = dst;
    const DateReader reader(format);
    // Hours of two years in no order of time, those around both changes among them.
    const int64_t first = *parse_timestamp("2023-12-31T00:30:00");
    constexpr int64_t kHour = int64_t{3600} * 1'000'000;
    for (int64_t n = 0; n < 17'600; ++n) {
      const int64_t local = first + (n * 7919 % 17'600) * kHour;
      const std::string text = format_timestamp(local).substr(0, 26);
      const Instant expected = instant_in_zone(local, "America/New_York", dst);
      const auto found = reader.instant(text);
      ASSERT_TRUE(found) << text;
      ASSERT_EQ(found->fault, expected.fault) << text;
      if (expected.fault != LocalTimeFault::None) continue;
      ASSERT_EQ(found->micros, expected.micros) << text;
    }
  }
}

}  // namespace
}  // namespace bullion::ingest
