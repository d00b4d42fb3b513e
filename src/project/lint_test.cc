#include <gmock/gmock.h>

#include "project/project_fixture_internal.h"

namespace bullion::project {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Lint : public ProjectTest {
 protected:
  /// Problems of `daily` when its label is this expression over `orders o`.
  std::vector<std::string> with_label(const std::string& expression) {
    files_["models/gold/daily.sql"] = "SELECT day,\n" + expression +
                                      " AS label,\nsum(amount) AS amount, count(*) AS orders\n"
                                      "FROM orders AS o GROUP BY ALL\n";
    return all_problems();
  }
  std::vector<std::string> with_sql(const std::string& sql) {
    files_["models/gold/daily.sql"] = sql;
    return all_problems();
  }
};

struct Case {
  std::string what;
  std::string expression;
  std::string place;  ///< "line:column"
  std::string code;
  std::string spelling;  ///< the portable spelling named
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.what; }

class LintExpression : public Lint, public ::testing::WithParamInterface<Case> {};

TEST_P(LintExpression, IsFoundWithItsPortableSpelling) {
  const Case& test = GetParam();
  EXPECT_THAT(with_label(test.expression),
              Contains(AllOf(StartsWith("models/gold/daily.sql:" + test.place + ": "),
                             HasSubstr("[" + test.code + "]"), HasSubstr(test.spelling))));
}

std::vector<Case> cases() {
  return {
      {"Division", "CAST(o.amount / 2 AS STRING)", "2:15", "sql-decimal-division", "ratio("},
      {"DivisionByZero", "CAST(1 / version AS STRING)", "2:8", "sql-division-by-zero", "nullif"},
      {"Average", "CAST(avg(o.amount) AS STRING)", "2:6", "sql-decimal-average", "ratio(sum(x)"},
      {"Median", "CAST(median(o.amount) AS STRING)", "2:6", "sql-decimal-average", "ratio("},
      {"CastToInteger", "CAST(CAST(o.amount AS INT) AS STRING)", "2:6", "sql-cast-integer",
       "round("},
      {"DayOfWeek", "CAST(dayofweek(day) AS STRING)", "2:6", "sql-day-of-week",
       "date_trunc('week'"},
      {"ExtractDow", "CAST(extract(dow FROM day) AS STRING)", "2:6", "sql-day-of-week", "Monday"},
      {"DateDifference", "CAST(day - DATE '2025-01-01' AS STRING)", "2:10", "sql-date-difference",
       "date_diff('day'"},
      {"DateInterval", "CAST(day + INTERVAL 1 DAY AS STRING)", "2:10", "sql-date-interval",
       "CAST(d + INTERVAL"},
      {"Concat", "concat(label, 'x')", "2:1", "sql-concat-null", "||"},
      {"RegexpReplace", "regexp_replace(label, '[0-9]', '')", "2:1", "sql-regexp-replace",
       "translate()"},
      {"Backslash", "regexp_extract(label, '(\\d+)', 1)", "2:23", "sql-backslash", "[0-9]"},
      {"SubstrZero", "substr(label, 0, 2)", "2:1", "sql-substr-zero", "count from 1"},
      {"Log", "CAST(log(version) AS STRING)", "2:6", "sql-log", "log10"},
      {"Clock", "CAST(current_date AS STRING)", "2:6", "sql-clock", "var('name')"},
      {"Now", "CAST(now() AS STRING)", "2:6", "sql-clock", "no clock"},
      {"Random", "CAST(random() AS STRING)", "2:6", "sql-random", "md5"},
      {"AnyValue", "any_value(label)", "2:1", "sql-row-order", "max_by"},
      {"ZonedText", "CAST(CAST('2025-01-01 10:00:00+02:00' AS TIMESTAMP) AS STRING)", "2:6",
       "sql-zoned-text", "UTC"},
      {"DuckDbOnly", "strftime(day, '%Y')", "2:1", "sql-duckdb-only", "strftime"},
      {"Varchar", "CAST(version AS VARCHAR)", "2:17", "sql-duckdb-only", "STRING"},
      {"Upper", "upper(label)", "2:1", "sql-upper", "lower()"},
  };
}

INSTANTIATE_TEST_SUITE_P(Each, LintExpression, ::testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.what; });

TEST_F(Lint, PortableSpellingsAreQuiet) {
  EXPECT_THAT(with_label("label || CAST(CAST(round(ratio(o.amount, 3, 2), 0) AS BIGINT) AS STRING) "
                         "|| CAST(CAST(day + INTERVAL 1 MONTH AS DATE) AS STRING) || "
                         "concat(order_id, 'x') || substr(label, 1, 2) || "
                         "CAST(day + 1 AS STRING) || regexp_replace(label, '^a', '')"),
              ::testing::IsEmpty());
}

TEST_F(Lint, ACommentAllowsOneCodeOnItsLineAndTheNext) {
  EXPECT_THAT(with_label("upper(label) -- bullion: allow sql-upper\n"), ::testing::IsEmpty());
  EXPECT_THAT(with_label("-- bullion: allow sql-upper, sql-log\nupper(label)"),
              ::testing::IsEmpty());
  EXPECT_THAT(with_label("-- bullion: allow sql-log\nupper(label)"),
              Contains(HasSubstr("[sql-upper]")));
}

TEST_F(Lint, FloatsNeverReachMoney) {
  EXPECT_THAT(
      with_sql("SELECT day, label, CAST(sum(amount) AS DOUBLE) AS amount, count(*) AS orders "
               "FROM orders GROUP BY day, label"),
      Contains(AllOf(HasSubstr("daily.sql:1:20: error"), HasSubstr("[float-money]"))));
  EXPECT_THAT(with_sql("WITH a AS (SELECT day, label, CAST(amount AS DOUBLE) AS x FROM orders)\n"
                       "SELECT day, label, CAST(max(x) AS DECIMAL(18,2)) AS amount, 1 AS orders\n"
                       "FROM a GROUP BY day, label"),
              Contains(AllOf(HasSubstr("daily.sql:1:31: error"), HasSubstr("[float-money]"))));
  EXPECT_THAT(with_sql("SELECT day, label, sum(CAST(amount AS DOUBLE)) AS amount, 1 AS orders FROM "
                       "orders GROUP BY day, label"),
              Contains(AllOf(HasSubstr("daily.sql:1:20: error"), HasSubstr("sum() of a double"))));
  EXPECT_THAT(with_sql("-- bullion: allow float-money\nSELECT day, label, CAST(sum(amount) AS "
                       "DOUBLE) AS amount, count(*) AS orders FROM orders GROUP BY day, label"),
              Contains(AllOf(HasSubstr("daily.sql:2:20: error"), HasSubstr("[float-money]"))));
  EXPECT_THAT(with_sql("SELECT day, label, CASE WHEN CAST(max(version) AS DOUBLE) > 1 THEN "
                       "sum(amount) END AS amount, count(*) AS orders FROM orders GROUP BY 1, 2"),
              Not(Contains(HasSubstr("[float-money]"))));
}

TEST_F(Lint, ShapesThatDependOnRowOrderAreErrors) {
  EXPECT_THAT(with_sql("SELECT day, label, amount, 1 AS orders FROM orders LIMIT 3"),
              Contains(AllOf(HasSubstr("daily.sql:1:58: error"), HasSubstr("[sql-limit-order]"))));
  EXPECT_THAT(with_sql("SELECT day, label, amount, row_number() OVER (ORDER BY label) AS orders "
                       "FROM orders"),
              Contains(AllOf(HasSubstr("daily.sql:1:56: error"), HasSubstr("[sql-null-order]"))));
  EXPECT_THAT(with_sql("SELECT day, label, amount, row_number() OVER (ORDER BY order_id) AS orders "
                       "FROM orders"),
              Not(Contains(HasSubstr("[sql-null-order]"))));
  EXPECT_THAT(with_sql("SELECT day, label, amount, row_number() OVER () AS orders FROM orders"),
              Contains(HasSubstr("[sql-row-order]")));
  EXPECT_THAT(with_sql("SELECT day, label, amount, 1 AS orders FROM orders ORDER BY day"),
              Contains(AllOf(HasSubstr("warning"), HasSubstr("[sql-order-unused]"))));
}

TEST_F(Lint, StarsOverTablesAreStyle) {
  EXPECT_THAT(
      with_sql("SELECT day, label, amount, 1 AS orders FROM (SELECT * FROM orders) q"),
      Contains(AllOf(HasSubstr("daily.sql:1:53: warning"), HasSubstr("[sql-select-star]"))));
  EXPECT_THAT(with_sql("WITH final AS (SELECT day, label, amount, 1 AS orders FROM orders) "
                       "SELECT * FROM final"),
              ::testing::IsEmpty());
}

TEST_F(Lint, FilesOutsideTheProjectAreNoInput) {
  EXPECT_THAT(with_sql("SELECT day, label, amount, 1 AS orders FROM orders, read_text('x') t"),
              Contains(HasSubstr("[sql-outside-input]")));
}

}  // namespace
}  // namespace bullion::project
