#include "metrics/calendar.h"

#include <random>

#include <gtest/gtest.h>

#include "base/date.h"

namespace bullion::metrics {
namespace {

int32_t day(const std::string& text) { return parse_date(text).value(); }
DayRange range(const std::string& start, const std::string& end) { return {day(start), day(end)}; }
std::string text(DayRange range) {
  return format_date(range.start) + ".." + format_date(range.end);
}
std::string text(const std::optional<DayRange>& range) { return range ? text(*range) : "none"; }

PeriodCalendar months(int first) { return PeriodCalendar(project::FiscalCalendar(first)); }
/// 2023-01-29 begins a year of 53 weeks.
PeriodCalendar weeks() {
  return PeriodCalendar(project::FiscalCalendar(
      project::FiscalPattern::Weeks445, {day("2022-01-30"), day("2023-01-29"), day("2024-02-04")}));
}

constexpr Grain kAllGrains[] = {Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year};

TEST(PeriodCalendar, CutsEveryRangeIntoPeriodsWithoutGapOrOverlap) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int32_t> start_day(day("1999-01-01"), day("2030-01-01"));
  std::uniform_int_distribution<int32_t> length(1, 900);
  for (int round = 0; round < 400; ++round) {
    const PeriodCalendar calendar = round % 13 == 12 ? weeks() : months(1 + round % 13);
    const int32_t start = start_day(random);
    const DayRange whole{start, start + length(random)};
    for (const Grain grain : kAllGrains) {
      int32_t next = whole.start;
      for (const DayRange& period : calendar.periods(grain, whole)) {
        ASSERT_EQ(period.start, next);
        ASSERT_LT(period.start, period.end);
        const DayRange uncut = calendar.period_of(grain, period.start);
        ASSERT_EQ(uncut, calendar.period_of(grain, period.end - 1));
        next = period.end;
      }
      ASSERT_EQ(next, whole.end);
    }
  }
}

TEST(PeriodCalendar, HoldsEachDayInThePeriodItIsAskedFor) {
  for (int month = 1; month <= 12; ++month) {
    const PeriodCalendar calendar = months(month);
    for (int32_t at = day("1967-12-20"); at < day("1972-03-10"); ++at) {
      for (const Grain grain : kAllGrains) {
        const DayRange period = calendar.period_of(grain, at);
        ASSERT_LE(period.start, at);
        ASSERT_GT(period.end, at);
      }
      ASSERT_EQ(format_date(calendar.period_of(Grain::Year, at).start).substr(5, 2),
                (month < 10 ? "0" : "") + std::to_string(month));
    }
  }
}

TEST(PeriodCalendar, KnowsIsoWeeksAndFiscalQuarters) {
  const PeriodCalendar january;
  const PeriodCalendar april = months(4);
  const PeriodCalendar february = months(2);
  EXPECT_EQ(text(january.period_of(Grain::Week, day("2025-01-01"))), "2024-12-30..2025-01-06");
  EXPECT_EQ(text(january.period_of(Grain::Week, day("1969-12-28"))), "1969-12-22..1969-12-29");
  EXPECT_EQ(text(january.period_of(Grain::Quarter, day("2024-02-29"))), "2024-01-01..2024-04-01");
  EXPECT_EQ(text(april.period_of(Grain::Quarter, day("2025-01-31"))), "2025-01-01..2025-04-01");
  EXPECT_EQ(text(april.period_of(Grain::Year, day("2025-03-31"))), "2024-04-01..2025-04-01");
  EXPECT_EQ(text(february.period_of(Grain::Quarter, day("2025-01-31"))), "2024-11-01..2025-02-01");
  EXPECT_EQ(text(february.period_of(Grain::Year, day("2025-01-31"))), "2024-02-01..2025-02-01");
}

TEST(PeriodCalendar, BeginsWindowsInThePeriodOfTheLastDay) {
  const PeriodCalendar april = months(4);
  const DayRange middle = range("2025-03-14", "2025-03-15");
  EXPECT_EQ(text(april.window_of(Window::Mtd, middle)), "2025-03-01..2025-03-15");
  EXPECT_EQ(text(april.window_of(Window::Qtd, middle)), "2025-01-01..2025-03-15");
  EXPECT_EQ(text(april.window_of(Window::Ytd, middle)), "2024-04-01..2025-03-15");
  EXPECT_EQ(text(april.window_of(Window::Ltm, middle)), "2024-03-15..2025-03-15");
  // A week that begins in one month and ends in the next belongs to the next.
  EXPECT_EQ(text(april.window_of(Window::Mtd, range("2025-03-31", "2025-04-07"))),
            "2025-04-01..2025-04-07");
  // Twelve months are whole ones where the period ends with a month, leap year or not.
  EXPECT_EQ(text(april.window_of(Window::Ltm, range("2024-02-01", "2024-03-01"))),
            "2023-03-01..2024-03-01");
  EXPECT_EQ(text(april.window_of(Window::Ltm, range("2025-02-28", "2025-03-01"))),
            "2024-03-01..2025-03-01");
  EXPECT_EQ(text(april.window_of(Window::Ltm, range("2024-02-28", "2024-02-29"))),
            "2023-03-01..2024-02-29");
}

const PeriodCalendar kMonths;

struct Aligned {
  const char* start;
  const char* end;
  const char* before;
  const char* year_before;
};

TEST(PriorRange, ComparesWholeMonthsWithWholeMonthsAndOtherRangesDayByDay) {
  const Aligned cases[] = {
      {"2025-03-01", "2025-04-01", "2025-02-01..2025-03-01", "2024-03-01..2024-04-01"},
      {"2025-02-01", "2025-03-01", "2025-01-01..2025-02-01", "2024-02-01..2024-03-01"},
      {"2024-02-01", "2024-03-01", "2024-01-01..2024-02-01", "2023-02-01..2023-03-01"},
      {"2025-01-01", "2025-04-01", "2024-10-01..2025-01-01", "2024-01-01..2024-04-01"},
      {"2025-01-01", "2026-01-01", "2024-01-01..2025-01-01", "2024-01-01..2025-01-01"},
      {"2025-03-10", "2025-03-17", "2025-03-03..2025-03-10", "2024-03-10..2024-03-17"},
      {"2024-02-29", "2024-03-01", "2024-02-28..2024-02-29", "2023-02-28..2023-03-01"},
      {"2024-02-28", "2024-02-29", "2024-02-27..2024-02-28", "2023-02-28..2023-03-01"},
      {"2025-02-20", "2025-03-01", "2025-02-11..2025-02-20", "2024-02-20..2024-02-29"},
      {"2025-01-01", "2025-01-02", "2024-12-31..2025-01-01", "2024-01-01..2024-01-02"},
  };
  for (const Aligned& aligned : cases) {
    EXPECT_EQ(text(kMonths.prior_period(range(aligned.start, aligned.end))), aligned.before);
    EXPECT_EQ(text(kMonths.prior_year(range(aligned.start, aligned.end))), aligned.year_before);
  }
}

TEST(PriorRange, AlwaysEndsWhereTheRangeBeginsAndNeverOverlapsIt) {
  for (int32_t start = day("2023-12-01"); start < day("2025-04-01"); ++start) {
    for (int32_t length = 1; length < 70; ++length) {
      const DayRange whole{start, start + length};
      const DayRange before = kMonths.prior_period(whole);
      ASSERT_EQ(before.end, whole.start);
      ASSERT_LT(before.start, before.end);
      const DayRange year = kMonths.prior_year(whole);
      ASSERT_LT(year.start, year.end);
      ASSERT_GE(whole.start - year.start, 365);
      ASSERT_LE(whole.start - year.start, 366);
    }
  }
}

TEST(PriorRange, AlignsThePeriodsOfARangeWithoutOverlap) {
  const PeriodCalendar calendar;
  for (int32_t start = day("2023-12-25"); start < day("2024-07-01"); ++start) {
    for (const int32_t length : {1, 7, 28, 29, 30, 31, 60, 91}) {
      const DayRange whole{start, start + length};
      const DayRange before = kMonths.prior_period(whole);
      for (const Grain grain : kAllGrains) {
        int32_t next = before.start;
        for (const DayRange& period : calendar.periods(grain, whole)) {
          const auto aligned = kMonths.prior_period_of(whole, period);
          if (!aligned) continue;
          ASSERT_GE(aligned->start, next);
          ASSERT_LT(aligned->start, aligned->end);
          ASSERT_LE(aligned->end, before.end);
          next = aligned->end;
        }
      }
    }
  }
}

TEST(PriorRange, ComparesDaysOfAMonthWithTheSameDaysOfTheMonthBefore) {
  const DayRange march = range("2025-03-01", "2025-04-01");
  EXPECT_EQ(text(kMonths.prior_period_of(march, range("2025-03-28", "2025-03-29"))),
            "2025-02-28..2025-03-01");
  EXPECT_EQ(text(kMonths.prior_period_of(march, range("2025-03-31", "2025-04-01"))), "none");
  EXPECT_EQ(text(kMonths.prior_period_of(march, march)), "2025-02-01..2025-03-01");
  EXPECT_EQ(text(kMonths.prior_period_of(march, range("2025-03-24", "2025-03-31"))),
            "2025-02-24..2025-03-01");
  EXPECT_EQ(text(kMonths.prior_period_of(range("2025-03-10", "2025-04-05"),
                                         range("2025-03-10", "2025-04-01"))),
            "2025-02-12..2025-03-06");
  EXPECT_EQ(text(kMonths.prior_year_of(Grain::Week, range("2025-03-03", "2025-03-10"))),
            "2024-03-04..2024-03-11");
}

TEST(PeriodCalendar, ComparesWeeksOf445WithTheirPeriodsAYearBefore) {
  const PeriodCalendar calendar = weeks();
  // P12 of the year of 53 weeks has six weeks.
  EXPECT_EQ(text(calendar.period_of(Grain::Month, day("2024-02-03"))), "2023-12-24..2024-02-04");
  EXPECT_EQ(text(calendar.period_of(Grain::Quarter, day("2024-02-03"))), "2023-10-29..2024-02-04");
  EXPECT_EQ(text(calendar.period_of(Grain::Year, day("2024-02-03"))), "2023-01-29..2024-02-04");
  EXPECT_EQ(text(calendar.prior_year(range("2023-12-24", "2024-02-04"))), "2022-12-25..2023-01-29");
  EXPECT_EQ(text(calendar.prior_period(range("2024-02-04", "2024-03-03"))),
            "2023-12-24..2024-02-04");
  // The last week of a period of six weeks has nothing in one of four.
  const DayRange longest = range("2023-12-24", "2024-02-04");
  EXPECT_EQ(text(calendar.prior_period_of(longest, range("2024-01-28", "2024-02-04"))), "none");
  EXPECT_EQ(text(calendar.prior_period_of(longest, range("2023-12-31", "2024-01-07"))),
            "2023-12-03..2023-12-10");
  EXPECT_EQ(text(calendar.prior_year(range("2024-02-06", "2024-02-07"))), "2023-02-07..2023-02-08");
  EXPECT_EQ(text(calendar.window_of(Window::Ytd, range("2024-02-03", "2024-02-04"))),
            "2023-01-29..2024-02-04");
  EXPECT_EQ(text(calendar.window_of(Window::Ltm, range("2024-01-28", "2024-02-04"))),
            "2023-01-29..2024-02-04");
  EXPECT_EQ(text(calendar.named_range("last_month", day("2024-02-10"))), "2023-12-24..2024-02-04");
}

TEST(NamedRange, CountsBackFromTheLastDayThatHasData) {
  const PeriodCalendar april = months(4);
  const int32_t last = day("2025-03-15");
  const std::pair<const char*, const char*> cases[] = {{"last_day", "2025-03-15..2025-03-16"},
                                                       {"last_7_days", "2025-03-09..2025-03-16"},
                                                       {"last_30_days", "2025-02-14..2025-03-16"},
                                                       {"last_90_days", "2024-12-16..2025-03-16"},
                                                       {"this_week", "2025-03-10..2025-03-17"},
                                                       {"this_month", "2025-03-01..2025-04-01"},
                                                       {"last_month", "2025-02-01..2025-03-01"},
                                                       {"this_quarter", "2025-01-01..2025-04-01"},
                                                       {"last_quarter", "2024-10-01..2025-01-01"},
                                                       {"this_year", "2024-04-01..2025-04-01"},
                                                       {"last_year", "2023-04-01..2024-04-01"},
                                                       {"last_12_months", "2024-04-01..2025-04-01"},
                                                       {"all", "none"},
                                                       {"yesterday", "none"}};
  for (const auto& [name, expected] : cases) {
    EXPECT_EQ(text(april.named_range(name, last)), expected) << name;
  }
  for (const std::string& name : range_names()) {
    EXPECT_EQ(april.named_range(name, last).has_value(), name != "all") << name;
  }
}

}  // namespace
}  // namespace bullion::metrics
