// Requests on a small real engine, against numbers added up by hand.
#include "metrics/values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "metrics/metrics_fixture_internal.h"

namespace bullion::metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string text(const std::optional<Decimal>& value) { return value ? to_string(*value) : "-"; }

/// "2025-03-01 a1|compute EUR 10.00 x2" and, when compared, " was 5.00 by 5.00 = 100.0", and the
/// share.
std::string text(const MetricRow& row) {
  std::vector<std::string> parts;
  if (row.time) parts.push_back(format_date(*row.time));
  std::vector<std::string> dimensions;
  for (const auto& dimension : row.dimensions) dimensions.push_back(dimension.value_or("NULL"));
  if (!dimensions.empty()) parts.push_back(fmt::format("{}", fmt::join(dimensions, "|")));
  if (row.currency) parts.push_back(*row.currency);
  parts.push_back(text(row.value));
  parts.push_back("x" + std::to_string(row.rows));
  if (row.growth) {
    parts.push_back(
        fmt::format("was {} by {} = {}", text(row.compared), text(row.change), *row.growth));
  }
  if (row.share) parts.push_back("share " + *row.share);
  return fmt::format("{}", fmt::join(parts, " "));
}

std::vector<std::string> texts(const std::vector<MetricRow>& rows) {
  std::vector<std::string> out;
  for (const MetricRow& row : rows) out.push_back(text(row));
  return out;
}

class ValuesTest : public MetricsTest {
 protected:
  void SetUp() override {
    MetricsTest::SetUp();
    release(1, R"(
      ('2025-02-01', 'a1', 'compute', 'EUR', 10.00, true),
      ('2025-02-28', 'a1', 'storage', 'EUR', 2.50, true),
      ('2025-02-28', 'a2', 'compute', 'USD', 7.00, true),
      ('2025-03-01', 'a1', 'compute', 'EUR', 12.01, true),
      ('2025-03-01', 'a2', NULL, 'EUR', 0.99, true),
      ('2025-03-02', 'a1', 'compute', 'EUR', 0.10, true),
      ('2025-03-02', 'a1', 'compute', 'EUR', 0.20, true),
      ('2025-03-31', 'a1', 'storage', 'EUR', -0.30, false),
      ('2025-03-15', 'a2', 'compute', 'USD', 8.00, true))");
    run("CREATE TABLE r1.usage AS SELECT CAST(a AS TIMESTAMP WITH TIME ZONE) AS at, b AS account, "
        "CAST(c AS DECIMAL(18,3)) AS hours FROM (VALUES "
        "('2025-03-01T00:00:00Z', 'a1', 3), ('2025-03-31T23:59:59Z', 'a1', 4), "
        "('2025-04-01T00:00:00Z', 'a1', 100), ('2025-03-05T00:00:00Z', 'a2', -1)) AS t(a, b, c)");
    run("CREATE TABLE r1.ledger AS SELECT CAST(a AS DECIMAL(38,4)) AS amount, true AS booked FROM "
        "(VALUES ('-9999999999999999999999999999999999.9998'), ('-0.0001')) AS t(a)");
    load();
  }
};

TEST_F(ValuesTest, NeverAddAmountsOfTwoCurrencies) {
  const MetricValues values = ask("cost", {});
  EXPECT_THAT(texts(values.rows), ElementsAre("EUR 25.50 x7", "USD 15.00 x2"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 25.50 x7", "USD 15.00 x2"));
  EXPECT_EQ(values.summary,
            "Cost was 25.50 EUR and 15.00 USD over all days; some days are not complete.");
}

/// Only the last day with rows counts: of all, of a range, and of each month.
TEST_F(ValuesTest, TakeTheLastDayOfAPeriodWhereDaysDoNotAddUp) {
  const MetricValues all = ask("balance", {});
  EXPECT_THAT(texts(all.rows), ElementsAre("-0.30 x1"));
  EXPECT_EQ(all.summary, "Balance was -0.3 at the end, over all days.");
  EXPECT_THAT(texts(ask("balance", {{"end", "2025-03-16"}}).rows), ElementsAre("8.00 x1"));
  const MetricValues months = ask("balance", {{"grain", "month"}});
  EXPECT_THAT(texts(months.rows), ElementsAre("2025-02-01 9.50 x2", "2025-03-01 -0.30 x1"));
  EXPECT_THAT(texts(months.totals), ElementsAre("-0.30 x1"));
  EXPECT_THAT(
      texts(ask("balance", {{"grain", "month"}, {"by", "account"}}).rows),
      ElementsAre("2025-02-01 a2 7.00 x1", "2025-02-01 a1 2.50 x1", "2025-03-01 a1 -0.30 x1"));
  EXPECT_THAT(texts(ask("balance", {{"filter", "account:eq:a2"}, {"grain", "month"}}).rows),
              ElementsAre("2025-02-01 7.00 x1", "2025-03-01 8.00 x1"));
  EXPECT_FALSE(all.metric.drillable);
}

TEST_F(ValuesTest, GroupByDimensionAndSortTheLargestFirst) {
  const MetricValues values = ask("cost", {{"by", "service"},
                                           {"start", "2025-03-01"},
                                           {"end", "2025-04-01"},
                                           {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("compute EUR 12.31 x3 share 94.7", "NULL EUR 0.99 x1 share 7.6",
                          "storage EUR -0.30 x1 share -2.3"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 13.00 x5"));
  EXPECT_TRUE(values.incomplete);
  EXPECT_EQ(values.summary,
            "Cost was 13.00 EUR in March 2025; the largest service is compute with "
            "94.7 %; some days are not complete.");
}

TEST_F(ValuesTest, SortADimensionByWhatPlacesItsValues) {
  const MetricValues values =
      ask("cost", {{"by", "size"}, {"sort", "size"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("small EUR 0.99 x4 share 3.9", "medium EUR 2.50 x1 share 9.8",
                          "large EUR 22.01 x2 share 86.3"));
  EXPECT_THAT(values.members.at("size"), ElementsAre("small", "medium", "large"));
  const MetricValues back = ask(
      "cost", {{"by", "size"}, {"sort", "-size"}, {"limit", "2"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(back.rows),
              ElementsAre("large EUR 22.01 x2 share 86.3", "medium EUR 2.50 x1 share 9.8"));
  EXPECT_THAT(back.members.at("size"), ElementsAre("medium", "large"));
  EXPECT_THAT(ask("cost", {{"by", "service"}}).members, IsEmpty());
}

TEST_F(ValuesTest, PlaceTheValuesOfARatioAndOfMonths) {
  const MetricValues ratio = ask("average", {{"by", "service,size"}, {"sort", "size"}});
  EXPECT_THAT(ratio.members.at("size"), ElementsAre("small", "medium", "large"));
  ASSERT_FALSE(ratio.rows.empty());
  EXPECT_EQ(ratio.rows.front().dimensions[1], "small");
  EXPECT_EQ(ratio.rows.back().dimensions[1], "large");
  const MetricValues months =
      ask("cost", {{"by", "size"}, {"grain", "month"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(months.members.at("size"), ElementsAre("small", "medium", "large"));
}

TEST_F(ValuesTest, PlaceWhatOnlyAnEarlierReleaseHas) {
  release(2,
          "('2025-03-01', 'a1', 'compute', 'EUR', 12.01, true), "
          "('2025-03-01', 'a1', 'compute', 'EUR', 0.50, true)");
  release_ = 2;
  const MetricValues values = ask(
      "cost",
      {{"by", "size"}, {"sort", "size"}, {"compare", "release:1"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(values.members.at("size"), ElementsAre("small", "medium", "large"));
  EXPECT_EQ(values.rows[1].dimensions[0], "medium");
  EXPECT_FALSE(values.rows[1].value.has_value());
}

TEST_F(ValuesTest, CompareAWholeMonthWithTheMonthBefore) {
  const MetricValues values = ask("cost", {{"by", "service"},
                                           {"start", "2025-03-01"},
                                           {"end", "2025-04-01"},
                                           {"compare", "prior_period"},
                                           {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("compute EUR 12.31 x3 was 10.00 by 2.31 = 23.1 share 94.7",
                          "NULL EUR 0.99 x1 was - by 0.99 = n.m. share 7.6",
                          "storage EUR -0.30 x1 was 2.50 by -2.80 = n.m. share -2.3"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 13.00 x5 was 12.50 by 0.50 = 4.0"));
  EXPECT_EQ(format_date(*values.compared_start), "2025-02-01");
  EXPECT_EQ(format_date(*values.compared_end), "2025-03-01");
  EXPECT_EQ(values.summary,
            "Cost was 13.00 EUR in March 2025, 4.0 % more than in February 2025; the largest "
            "service is compute with 94.7 %; some days are not complete.");
}

TEST_F(ValuesTest, KeepWhatIsGoneSoThatChangesAddUp) {
  const MetricValues values = ask("cost", {{"by", "account"},
                                           {"start", "2025-03-02"},
                                           {"end", "2025-03-03"},
                                           {"compare", "prior_period"},
                                           {"sort", "change"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("a1 EUR 0.30 x2 was 12.01 by -11.71 = -97.5 share 100.0",
                          "a2 EUR - x0 was 0.99 by -0.99 = -100.0"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 0.30 x2 was 13.00 by -12.70 = -97.7"));
}

TEST_F(ValuesTest, RunWithinTheMonthAgainstTheSameDaysOfTheMonthBefore) {
  const MetricValues values = ask("cost", {{"grain", "day"},
                                           {"window", "mtd"},
                                           {"start", "2025-03-01"},
                                           {"end", "2025-04-01"},
                                           {"compare", "prior_period"},
                                           {"filter", "currency:eq:EUR"}});
  ASSERT_EQ(values.rows.size(), 31U);
  EXPECT_EQ(text(values.rows[0]), "2025-03-01 EUR 13.00 x2 was 10.00 by 3.00 = 30.0");
  EXPECT_EQ(text(values.rows[1]), "2025-03-02 EUR 13.30 x4 was 10.00 by 3.30 = 33.0");
  EXPECT_EQ(text(values.rows[27]), "2025-03-28 EUR 13.30 x4 was 12.50 by 0.80 = 6.4");
  EXPECT_EQ(text(values.rows[28]), "2025-03-29 EUR 13.30 x4 was - by - = n.m.");
  EXPECT_EQ(text(values.rows[30]), "2025-03-31 EUR 13.00 x5 was - by - = n.m.");
}

TEST_F(ValuesTest, EndARunningTotalWithTheLastDayThatHasRows) {
  const MetricValues values = ask("cost", {{"grain", "day"},
                                           {"window", "mtd"},
                                           {"start", "2025-03-14"},
                                           {"end", "2025-04-01"},
                                           {"filter", "currency:eq:USD"}});
  EXPECT_THAT(texts(values.rows), ElementsAre("2025-03-15 USD 8.00 x1"));
}

TEST_F(ValuesTest, GroupByMonthWithoutARangeAndCompareWithTheMonthBefore) {
  const MetricValues values =
      ask("cost", {{"grain", "month"}, {"compare", "prior_period"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows), ElementsAre("2025-02-01 EUR 12.50 x2 was - by 12.50 = n.m.",
                                              "2025-03-01 EUR 13.00 x5 was 12.50 by 0.50 = 4.0"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 25.50 x7 was - by - = n.m."));
}

TEST_F(ValuesTest, CountDistinctOverTheWholeOfEachPeriod) {
  const MetricValues values =
      ask("accounts", {{"grain", "month"}, {"by", "service"}, {"filter", "service:notnull"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("2025-02-01 compute 2 x2", "2025-02-01 storage 1 x1",
                          "2025-03-01 compute 2 x4", "2025-03-01 storage 1 x1"));
  EXPECT_THAT(texts(values.totals), ElementsAre("2 x8"));
}

TEST_F(ValuesTest, TakeTheLargestOfPartsForAMaximum) {
  const MetricValues values = ask("largest", {{"grain", "month"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("2025-02-01 EUR 10.00 x2", "2025-03-01 EUR 12.01 x5"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 12.01 x7"));
}

TEST_F(ValuesTest, DivideExactlyAndRoundHalvesAway) {
  // 13.00 EUR over 7 hours; the hours have no currency, so they are whole for each.
  const MetricValues march =
      ask("price", {{"start", "2025-03-01"}, {"end", "2025-04-01"}, {"by", "account"}});
  EXPECT_THAT(texts(march.rows), ElementsAre("a1 EUR 1.7157 x4", "a2 EUR - x1", "a2 USD - x1"));
  EXPECT_THAT(texts(march.totals), ElementsAre("EUR 1.8571 x5", "USD 1.1429 x1"));
  EXPECT_EQ(march.summary,
            "Cost per hour was 1.8571 EUR per hour and 1.1429 USD per hour in March 2025; some "
            "days are not complete.");
  // 25.50 / 7 = 3.642857..., 15 / 2 = 7.5, of one table currency by currency.
  EXPECT_THAT(texts(ask("average", {}).rows), ElementsAre("USD 7.500 x2", "EUR 3.643 x7"));
}

TEST_F(ValuesTest, SumWideDecimalsWithoutLosingADigit) {
  const MetricValues values = ask("expense", {});
  EXPECT_THAT(texts(values.rows), ElementsAre("EUR 9999999999999999999999999999999999.9999 x2"));
  run("INSERT INTO r1.ledger VALUES ('-0.0001', true)");
  EXPECT_THAT(try_ask("expense", {}), HasMessage("more than 38 digits"));
  run("INSERT INTO r1.ledger VALUES ('-9999999999999999999999999999999999.9999', true)");
  EXPECT_FALSE(try_ask("expense", {}).has_value());
}

TEST_F(ValuesTest, CompareTwoReleases) {
  release(2, R"(
      ('2025-03-01', 'a1', 'compute', 'EUR', 12.00, true),
      ('2025-03-01', 'a3', 'compute', 'EUR', 5.00, true))");
  release_ = 2;
  const MetricValues values = ask("cost", {{"by", "account"},
                                           {"compare", "release:1"},
                                           {"grain", "day"},
                                           {"start", "2025-03-01"},
                                           {"end", "2025-03-02"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("2025-03-01 a1 EUR 12.00 x1 was 12.01 by -0.01 = -0.1 share 70.6",
                          "2025-03-01 a3 EUR 5.00 x1 was - by 5.00 = n.m. share 29.4",
                          "2025-03-01 a2 EUR - x0 was 0.99 by -0.99 = -100.0"));
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 17.00 x2 was 13.00 by 4.00 = 30.8"));
  EXPECT_THAT(values.summary, ::testing::HasSubstr("30.8 % more than in release 1"));
}

TEST_F(ValuesTest, NameTheRowsBehindEachValue) {
  for (const Parameters& parameters :
       {Parameters{{"by", "account,service,kind"}, {"grain", "month"}},
        Parameters{{"by", "service"},
                   {"grain", "day"},
                   {"window", "ytd"},
                   {"start", "2025-03-01"},
                   {"end", "2025-04-01"}},
        Parameters{{"filter", "account:in:a1|a9"}, {"start", "2025-03-01"}}}) {
    const MetricValues values = ask("cost", parameters);
    ASSERT_THAT(values.rows, ::testing::Not(IsEmpty()));
    for (const MetricRow& row : values.rows) {
      const auto condition =
          rows_condition(set_, values.metric, row.rows_filter, row.rows_start, row.rows_end);
      ASSERT_THAT(condition, IsOk());
      const auto rows = engine_->query(
          "SELECT CAST(sum(amount) AS VARCHAR), count(*) FROM r1.costs WHERE " + *condition);
      ASSERT_THAT(rows, IsOk());
      EXPECT_EQ(engine::to_text(rows->rows[0][0]), text(row.value)) << *condition;
      EXPECT_EQ(engine::to_text(rows->rows[0][1]), std::to_string(row.rows)) << *condition;
    }
  }
  EXPECT_THAT(rows_condition(set_, *set_.find("price"), {}, {}, {}), HasMessage("a ratio"));
  EXPECT_THAT(rows_condition(set_, *set_.find("accounts"), {}, {}, {}),
              HasMessage("neither one sum nor one count"));
}

TEST_F(ValuesTest, GroupByTheFiscalYearOfTheProject) {
  project_.fiscal_calendar = project::FiscalCalendar(3);
  load();
  const MetricValues values = ask("cost", {{"grain", "year"}, {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(values.rows),
              ElementsAre("2024-03-01 EUR 12.50 x2", "2025-03-01 EUR 13.00 x5"));
  EXPECT_THAT(values.summary, ::testing::HasSubstr("in FY2026"));
  const MetricValues quarter = ask("cost", {{"grain", "day"},
                                            {"window", "qtd"},
                                            {"start", "2025-03-02"},
                                            {"end", "2025-03-03"},
                                            {"filter", "currency:eq:EUR"}});
  EXPECT_THAT(texts(quarter.rows), ElementsAre("2025-03-02 EUR 13.30 x4"));
}

TEST_F(ValuesTest, CutAtTheLimitAndKeepTheTotals) {
  const MetricValues values =
      ask("cost", {{"by", "service,account"}, {"limit", "2"}, {"sort", "-value"}});
  EXPECT_THAT(texts(values.rows), ElementsAre("compute|a1 EUR 22.31 x4 share 87.5",
                                              "compute|a2 USD 15.00 x2 share 100.0"));
  EXPECT_TRUE(values.truncated);
  EXPECT_THAT(texts(values.totals), ElementsAre("EUR 25.50 x7", "USD 15.00 x2"));
}

TEST_F(ValuesTest, ResolveNamedRangesFromTheLastDayOfTheTable) {
  const MetricValues values = ask("cost", {{"range", "last_month"}, {"filter", "account:eq:a2"}});
  EXPECT_EQ(format_date(*values.start), "2025-02-01");
  EXPECT_EQ(format_date(*values.end), "2025-03-01");
  EXPECT_THAT(texts(values.rows), ElementsAre("USD 7.00 x1"));
  EXPECT_THAT(texts(ask("cost", {{"range", "all"}}).rows),
              ElementsAre("EUR 25.50 x7", "USD 15.00 x2"));
}

TEST_F(ValuesTest, AnswerNothingForATableWithoutRows) {
  release(3, "('2025-03-01', 'a', 'b', 'EUR', 1.00, true)");
  run("DELETE FROM r3.costs");
  release_ = 3;
  for (const Parameters& parameters :
       {Parameters{}, Parameters{{"grain", "day"}, {"by", "account"}, {"window", "mtd"}},
        Parameters{{"range", "this_month"}, {"compare", "prior_period"}}}) {
    const MetricValues values = ask("cost", parameters);
    EXPECT_THAT(values.rows, IsEmpty());
    EXPECT_THAT(values.totals, IsEmpty());
  }
  EXPECT_EQ(ask("cost", {}).summary, "Cost has no value over all days.");
}

TEST_F(ValuesTest, ListTheMembersOfADimension) {
  const auto list = [&](const std::string& dimension, const std::string& contains) {
    const auto found =
        members(*engine_, set_, *set_.find("cost"), dimension, contains, 10, 1, relation);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> out;
    if (!found) return out;
    for (const auto& member : *found) out.push_back(member.value_or("NULL"));
    return out;
  };
  EXPECT_THAT(list("service", ""), ElementsAre("compute", "storage", "NULL"));
  EXPECT_THAT(list("service", "STO"), ElementsAre("storage"));
  EXPECT_THAT(list("kind", ""), ElementsAre("charge", "credit"));
  EXPECT_THAT(list("size", ""), ElementsAre("small", "medium", "large"));
}

TEST_F(ValuesTest, TreatHostileFilterValuesAsText) {
  release(1, R"(('2025-03-01', ''' OR 1=1 --', 's', 'EUR', 1.00, true),
                ('2025-03-01', 'b|c%7C', 's', 'EUR', 2.00, true))");
  EXPECT_THAT(texts(ask("cost", {{"filter", "account:eq:' OR 1=1 --"}}).rows),
              ElementsAre("EUR 1.00 x1"));
  const MetricValues values = ask("cost", {{"by", "account"}});
  ASSERT_EQ(values.rows.size(), 2U);
  for (const MetricRow& row : values.rows) {
    const auto again = parse_filter(to_string(row.rows_filter[0]));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again, row.rows_filter[0]);
  }
  EXPECT_THAT(texts(ask("cost", {{"filter", "account:in:b%7Cc%257C"}}).rows),
              ElementsAre("EUR 2.00 x1"));
}

struct Growth {
  const char* value;
  const char* base;
  const char* expected;
};

TEST(GrowthOf, IsMeaninglessWithoutABaseAboveZero) {
  const Growth cases[] = {
      {"110.00", "100.00", "10.0"},
      {"100.00", "110.00", "-9.1"},
      {"0.00", "5.00", "-100.0"},
      {"5.00", "0.00", "n.m."},
      {"5.00", "", "n.m."},
      {"", "5.00", "n.m."},
      {"5.00", "-5.00", "n.m."},
      {"-5.00", "5.00", "n.m."},
      {"-5.00", "-4.00", "n.m."},
      {"100.05", "100.00", "0.1"},
      {"99.95", "100.00", "-0.1"},
      {"100.04", "100.00", "0.0"},
      {"99.96", "100.00", "0.0"},
      {"3", "1.5", "100.0"},
      {"10005", "10000", "0.1"},
      {"99999999999999999999999999999999999999", "33333333333333333333333333333333333333", "200.0"},
      {"0.99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001",
       "n.m."},
      {"12345678901234567890123456789.01", "0.01", "n.m."}};
  for (const Growth& growth : cases) {
    EXPECT_EQ(growth_of(decimal_of(growth.value), decimal_of(growth.base)), growth.expected)
        << growth.value << " from " << growth.base;
  }
  EXPECT_EQ(percent_of({1, 0}, {3, 0}), "33.3");
  EXPECT_EQ(percent_of({2, 0}, {3, 0}), "66.7");
  EXPECT_EQ(percent_of({-1, 0}, {8, 0}), "-12.5");
  EXPECT_EQ(percent_of({1, 0}, {0, 2}), "n.m.");
  EXPECT_EQ(percent_of({1, 0}, {-3, 0}), "n.m.");
}

}  // namespace
}  // namespace bullion::metrics
