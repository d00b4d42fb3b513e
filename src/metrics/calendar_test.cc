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

constexpr Grain kAllGrains[] = {Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year};

TEST(FiscalCalendar, CutsEveryRangeIntoPeriodsWithoutGapOrOverlap) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int32_t> start_day(day("1999-01-01"), day("2030-01-01"));
  std::uniform_int_distribution<int32_t> length(1, 900);
  for (int round = 0; round < 400; ++round) {
    const FiscalCalendar calendar(1 + round % 12);
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

TEST(FiscalCalendar, HoldsEachDayInThePeriodItIsAskedFor) {
  for (int month = 1; month <= 12; ++month) {
    const FiscalCalendar calendar(month);
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

TEST(FiscalCalendar, KnowsIsoWeeksAndFiscalQuarters) {
  const FiscalCalendar january;
  const FiscalCalendar april(4);
  const FiscalCalendar february(2);
  EXPECT_EQ(text(january.period_of(Grain::Week, day("2025-01-01"))), "2024-12-30..2025-01-06");
  EXPECT_EQ(text(january.period_of(Grain::Week, day("1969-12-28"))), "1969-12-22..1969-12-29");
  EXPECT_EQ(text(january.period_of(Grain::Quarter, day("2024-02-29"))), "2024-01-01..2024-04-01");
  EXPECT_EQ(text(april.period_of(Grain::Quarter, day("2025-01-31"))), "2025-01-01..2025-04-01");
  EXPECT_EQ(text(april.period_of(Grain::Year, day("2025-03-31"))), "2024-04-01..2025-04-01");
  EXPECT_EQ(text(february.period_of(Grain::Quarter, day("2025-01-31"))), "2024-11-01..2025-02-01");
  EXPECT_EQ(text(february.period_of(Grain::Year, day("2025-01-31"))), "2024-02-01..2025-02-01");
}

TEST(FiscalCalendar, BeginsWindowsInThePeriodOfTheLastDay) {
  const FiscalCalendar april(4);
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
    EXPECT_EQ(text(prior_period(range(aligned.start, aligned.end))), aligned.before);
    EXPECT_EQ(text(prior_year(range(aligned.start, aligned.end))), aligned.year_before);
  }
}

TEST(PriorRange, AlwaysEndsWhereTheRangeBeginsAndNeverOverlapsIt) {
  for (int32_t start = day("2023-12-01"); start < day("2025-04-01"); ++start) {
    for (int32_t length = 1; length < 70; ++length) {
      const DayRange whole{start, start + length};
      const DayRange before = prior_period(whole);
      ASSERT_EQ(before.end, whole.start);
      ASSERT_LT(before.start, before.end);
      const DayRange year = prior_year(whole);
      ASSERT_LT(year.start, year.end);
      ASSERT_GE(whole.start - year.start, 365);
      ASSERT_LE(whole.start - year.start, 366);
    }
  }
}

TEST(PriorRange, AlignsThePeriodsOfARangeWithoutOverlap) {
  const FiscalCalendar calendar;
  for (int32_t start = day("2023-12-25"); start < day("2024-07-01"); ++start) {
    for (const int32_t length : {1, 7, 28, 29, 30, 31, 60, 91}) {
      const DayRange whole{start, start + length};
      const DayRange before = prior_period(whole);
      for (const Grain grain : kAllGrains) {
        int32_t next = before.start;
        for (const DayRange& period : calendar.periods(grain, whole)) {
          const auto aligned = prior_period_of(whole, period);
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
  EXPECT_EQ(text(prior_period_of(march, range("2025-03-28", "2025-03-29"))),
            "2025-02-28..2025-03-01");
  EXPECT_EQ(text(prior_period_of(march, range("2025-03-31", "2025-04-01"))), "none");
  EXPECT_EQ(text(prior_period_of(march, march)), "2025-02-01..2025-03-01");
  EXPECT_EQ(text(prior_period_of(march, range("2025-03-24", "2025-03-31"))),
            "2025-02-24..2025-03-01");
  EXPECT_EQ(
      text(prior_period_of(range("2025-03-10", "2025-04-05"), range("2025-03-10", "2025-04-01"))),
      "2025-02-12..2025-03-06");
  EXPECT_EQ(text(prior_year_of(Grain::Week, range("2025-03-03", "2025-03-10"))),
            "2024-03-04..2024-03-11");
}

TEST(NamedRange, CountsBackFromTheLastDayThatHasData) {
  const FiscalCalendar april(4);
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
    EXPECT_EQ(text(named_range(name, last, april)), expected) << name;
  }
  for (const std::string& name : range_names()) {
    EXPECT_EQ(named_range(name, last, april).has_value(), name != "all") << name;
  }
}

}  // namespace
}  // namespace bullion::metrics
