#include <gmock/gmock.h>

#include "project/project_fixture_internal.h"

namespace bullion::project {
namespace {

using ::testing::HasSubstr;

/// `daily` reads `orders` (partitioned by day) and, in some queries, `plan` (by day) and seeds.
class Alignment : public ProjectTest {
 protected:
  void SetUp() override {
    ProjectTest::SetUp();
    files_["models/silver/plan.sql"] = "SELECT day, amount AS planned FROM raw_orders\n";
    files_["models/silver/plan.yml"] = R"~(models:
  - name: plan
    meta: {owner: shop@example.com}
    config: {kind: append, partition_by: day}
    columns:
      - {name: day, data_type: date}
      - {name: planned, data_type: "decimal(18,2)"}
)~";
    files_["seeds/calendar.csv"] = "day\n2025-01-01\n";
    files_["seeds/calendar.yml"] = R"~(seeds:
  - name: calendar
    meta: {owner: shop@example.com}
    columns: [{name: day, data_type: date}]
)~";
    files_.erase("tests/unit.yml");
  }

  /// "" when every partitioned input is aligned, else the reason.
  std::string why_not(const std::string& sql) {
    const Model model = daily_with(sql);
    for (const std::string& input : model.depends_on) {
      const bool partitioned = input == "orders" || input == "plan";
      EXPECT_EQ(!partitioned || model.aligned_inputs.count(input) != 0 ||
                    !model.not_aligned_reason.empty(),
                true);
    }
    return model.not_aligned_reason;
  }
  /// By what the model is aligned with `orders` when not by the day itself.
  std::optional<DateUnit> unit_of(const std::string& sql) {
    const Model model = daily_with(sql);
    const auto aligned = model.aligned_inputs.find("orders");
    return aligned == model.aligned_inputs.end() ? std::nullopt : aligned->second.unit;
  }
  void expect_aligned(const std::string& sql) { EXPECT_EQ(why_not(sql), "") << sql; }
  void expect_not(const std::string& sql, const std::string& reason) {
    EXPECT_THAT(why_not(sql), HasSubstr(reason)) << sql;
  }
};

TEST_F(Alignment, GroupByKeepsThePartition) {
  expect_aligned("SELECT day, sum(amount) AS amount FROM orders GROUP BY day");
  expect_aligned("SELECT o.day AS day, sum(amount) AS amount FROM orders o GROUP BY 1");
  expect_aligned("SELECT day, sum(amount) AS amount FROM orders GROUP BY ALL");
  expect_aligned("SELECT CAST(day AS DATE) AS day, amount FROM orders");
  expect_aligned("SELECT DISTINCT day, label FROM orders");
  expect_not("SELECT max(day) AS day, label FROM orders GROUP BY label",
             "models/gold/daily.sql:1:52: GROUP BY does not hold `day` of `orders`");
  expect_not("SELECT day, sum(amount) AS amount FROM orders GROUP BY ROLLUP(day)", "GROUP BY");
  expect_not("SELECT max(day) AS day FROM orders", "without GROUP BY");
  expect_not("SELECT day + 1 AS day, amount FROM orders", "does not pass `day`");
  expect_not("SELECT day AS label, CAST('2025-01-01' AS DATE) AS day FROM orders", "`day` is not");
}

TEST_F(Alignment, CommonTablesAndSubqueriesKeepThePartition) {
  expect_aligned(
      "WITH a AS (SELECT day AS d, amount FROM orders WHERE amount > 0), "
      "b(x, y) AS (SELECT d, sum(amount) FROM a GROUP BY d) SELECT x AS day, y AS amount FROM b");
  expect_aligned("SELECT * FROM (SELECT day, amount FROM orders) q(day, amount)");
  expect_aligned("WITH orders AS (SELECT day, planned AS amount FROM plan) SELECT * FROM orders");
  expect_not(
      "WITH t AS (SELECT label, sum(amount) AS s FROM orders GROUP BY label) "
      "SELECT o.day, t.s AS amount FROM orders o JOIN t ON o.label = t.label",
      "GROUP BY does not hold");
}

TEST_F(Alignment, JoinsOfTwoPartitionedInputsMustEquateThePartition) {
  expect_aligned(
      "SELECT o.day, o.amount FROM orders o JOIN plan p ON p.day = o.day AND o.amount > 1");
  expect_aligned("SELECT o.day, o.amount FROM orders o, plan p WHERE o.day = p.day");
  expect_aligned("SELECT day, amount FROM orders JOIN plan USING (day)");
  expect_aligned("SELECT day, amount FROM orders FULL JOIN plan USING (day)");
  expect_aligned("SELECT o.day, o.amount FROM orders o LEFT JOIN plan p ON p.day = o.day");
  expect_aligned("SELECT a.day, b.amount FROM orders a LEFT JOIN orders b ON a.day = b.day");
  expect_aligned("SELECT o.day FROM orders o ANTI JOIN plan p ON p.day = o.day");
  expect_not("SELECT o.day, o.amount FROM orders o JOIN plan p ON p.planned = o.amount",
             "`day` of `plan`");
  expect_not("SELECT p.day, o.amount FROM orders o LEFT JOIN plan p ON p.day = o.day", "day");
  expect_not("SELECT o.day FROM orders o JOIN plan p ON p.day = o.day OR o.amount = 1",
             "`day` of `plan`");
  expect_not("SELECT a.day FROM orders a JOIN orders b ON a.order_id = b.order_id",
             "does not equate `day` of both sides");
  expect_not("SELECT o.day FROM orders o LEFT JOIN plan p ON p.day = o.day + 1",
             "all partitions of `plan`");
}

TEST_F(Alignment, UnpartitionedInputsAreBroadcast) {
  expect_aligned("SELECT o.day, s.label FROM orders o JOIN dim_status s ON s.label = o.label");
  expect_aligned("SELECT c.day, o.amount FROM calendar c JOIN orders o ON o.day = c.day");
  expect_aligned(
      "SELECT c.day, sum(o.amount) AS amount FROM calendar c LEFT JOIN orders o "
      "ON o.day = c.day GROUP BY c.day");
  expect_aligned("SELECT day, amount FROM orders WHERE label IN (SELECT label FROM dim_status)");
  expect_not("SELECT c.day, o.amount FROM calendar c LEFT JOIN orders o ON o.amount = 1",
             "all partitions of `orders`");
  expect_not("SELECT o.day, o.amount FROM orders o RIGHT JOIN calendar c ON c.day = o.day", "day");
  expect_not("SELECT c.day, s.label FROM calendar c CROSS JOIN orders s", "does not pass `day`");
}

TEST_F(Alignment, WindowsMustPartitionByIt) {
  expect_aligned(
      "SELECT day, row_number() OVER (PARTITION BY label, day ORDER BY amount DESC) "
      "AS orders FROM orders");
  expect_aligned(
      "SELECT day, amount FROM orders QUALIFY row_number() OVER (PARTITION BY day "
      "ORDER BY amount DESC) = 1");
  expect_not("SELECT day, sum(amount) OVER (ORDER BY day DESC) AS amount FROM orders",
             "models/gold/daily.sql:1:13: the window has no plain `day`");
  expect_not("SELECT day, sum(amount) OVER (PARTITION BY label) AS amount FROM orders", "window");
}

TEST_F(Alignment, MonthOfTheDayIsEnough) {
  const std::string month = "CAST(date_trunc('month', day) AS DATE)";
  EXPECT_EQ(
      unit_of("SELECT " + month + " AS day, sum(amount) AS amount FROM orders GROUP BY " + month),
      DateUnit::Month);
  EXPECT_EQ(unit_of("SELECT CAST(date_trunc('QUARTER', day) AS DATE) AS day, sum(amount) AS amount "
                    "FROM orders GROUP BY 1"),
            DateUnit::Quarter);
  EXPECT_EQ(unit_of("WITH days AS (SELECT day, label, sum(amount) AS amount FROM orders GROUP BY "
                    "day, label) SELECT CAST(date_trunc('week', day) AS DATE) AS day, max(amount) "
                    "AS amount FROM days GROUP BY ALL"),
            DateUnit::Week);
  // Of two branches, and joined with itself by day.
  EXPECT_EQ(unit_of("SELECT " + month + " AS day, amount FROM orders UNION ALL SELECT " + month +
                    ", amount FROM orders"),
            DateUnit::Month);
  EXPECT_EQ(
      unit_of("SELECT CAST(date_trunc('year', a.day) AS DATE) AS day, b.amount FROM orders AS "
              "a JOIN orders AS b ON b.day = a.day"),
      DateUnit::Year);
  // What is equal to a month is one as well, but that is not followed.
  EXPECT_EQ(
      unit_of("WITH months AS (SELECT " + month +
              " AS month, amount FROM orders) SELECT "
              "c.day AS day, m.amount FROM calendar AS c JOIN months AS m ON m.month = c.day"),
      std::nullopt);
  // One day of it, or a unit that does not hold whole others.
  EXPECT_EQ(unit_of("SELECT max(day) AS day, sum(amount) AS amount FROM orders GROUP BY " + month),
            std::nullopt);
  EXPECT_EQ(unit_of("SELECT " + month +
                    " AS day, amount FROM orders UNION ALL SELECT day, amount "
                    "FROM orders"),
            std::nullopt);
  EXPECT_EQ(unit_of("SELECT " + month +
                    " AS day, sum(amount) OVER (ORDER BY day DESC) AS amount "
                    "FROM orders"),
            std::nullopt);
  EXPECT_EQ(unit_of("SELECT " + month + " + 1 AS day, amount FROM orders"), std::nullopt);
  EXPECT_EQ(unit_of("SELECT CAST(date_trunc('month', day + 5) AS DATE) AS day, amount FROM orders"),
            std::nullopt);
  EXPECT_EQ(unit_of("SELECT CAST(date_trunc('week', " + month +
                    ") AS DATE) AS day, amount FROM "
                    "orders"),
            std::nullopt);
}

TEST(AlignedInput, TellsTheOutputsPartition) {
  const AlignedInput month{.column = "day", .unit = DateUnit::Month};
  EXPECT_EQ(month.output_of("2024-02-29"), "2024-02-01");
  EXPECT_EQ(month.output_of(""), "");
  const AlignedInput same{.column = "day"};
  EXPECT_EQ(same.output_of("2024-02-29"), "2024-02-29");
}

TEST_F(Alignment, EachBranchOfAUnionKeepsIt) {
  expect_aligned("SELECT day, amount FROM orders UNION ALL SELECT day, planned FROM plan");
  expect_aligned("SELECT day, amount FROM orders EXCEPT SELECT day, planned FROM plan");
  expect_not(
      "SELECT day, amount FROM orders UNION ALL SELECT CAST('2025-01-01' AS DATE), amount "
      "FROM orders",
      "");
  EXPECT_NE(why_not("SELECT day, amount FROM orders UNION ALL "
                    "SELECT CAST('2025-01-01' AS DATE), amount FROM orders"),
            "");
}

TEST_F(Alignment, LimitsSubqueriesAndSamplesDoNot) {
  expect_not("SELECT day, amount FROM orders ORDER BY day DESC LIMIT 3", "LIMIT");
  expect_not("SELECT day, amount FROM orders WHERE amount > (SELECT max(amount) FROM orders)",
             "a subquery inside an expression reads `orders`");
  expect_not(
      "SELECT day, amount FROM orders o WHERE EXISTS (SELECT 1 FROM plan p WHERE p.day = "
      "o.day)",
      "subquery");
  expect_not("SELECT day, amount FROM orders TABLESAMPLE 10%", "TABLESAMPLE");
  expect_not("SELECT DISTINCT ON (label) day, label FROM orders", "DISTINCT ON");
  expect_not(
      "WITH RECURSIVE r AS (SELECT day, amount FROM orders UNION ALL SELECT day, amount "
      "FROM r WHERE amount > 1) SELECT day, amount FROM r",
      "recursive");
}

TEST_F(Alignment, OneInputMayBeAlignedWithoutTheOther) {
  const Model model = daily_with(
      "SELECT o.day, o.amount FROM orders o CROSS JOIN (SELECT max(planned) AS m FROM plan) p");
  EXPECT_EQ(model.aligned_inputs.count("orders"), 1U);
  EXPECT_EQ(model.aligned_inputs.count("plan"), 0U);
  EXPECT_THAT(model.not_aligned_reason, HasSubstr("`plan`"));
}

TEST_F(Alignment, AModelWithoutPartitionIsNotAligned) {
  edit("models/gold/schema.yml", "      partition_by: [day]\n", "");
  expect_not("SELECT day, amount FROM orders", "declares no partition_by");
}

TEST_F(Alignment, OriginsFollowPlainColumns) {
  const Model model = daily_with(
      "WITH a AS (SELECT o.day, coalesce(s.label, 'none') AS label, o.amount FROM orders o LEFT "
      "JOIN "
      "dim_status s USING (label)) SELECT day, label, sum(amount) AS amount FROM a GROUP BY 1, 2");
  ASSERT_EQ(model.origins.size(), 1U);
  EXPECT_EQ(model.origins.at("day").table, "orders");
  EXPECT_EQ(model.origins.at("day").column, "day");
}

}  // namespace
}  // namespace bullion::project
