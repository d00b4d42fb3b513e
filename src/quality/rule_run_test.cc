#include "quality/rule_run.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"

namespace bullion::quality {
namespace {

class RuleRun : public ::testing::Test {
 protected:
  void SetUp() override { engine_ = std::move(engine::duckdb_engine({})).value(); }

  /// A relation of texts with columns a, b, c and a row number.
  void rows(const std::string& values) {
    const auto made = engine_->execute(
        "CREATE OR REPLACE TABLE t AS SELECT *, row_number() OVER () AS n FROM (VALUES " + values +
        ") AS v(a, b, c)");
    ASSERT_THAT(made, IsOk());
    data_.relation = "t";
    data_.row_column = "n";
  }

  void rules(const std::string& text, const std::string& before = "") {
    auto set = read_rule_set(
        "rules/t.yml",
        "rule_set: t\ncolumns: {a: decimal, b: string, c: decimal, d: decimal}"
        "\n" +
            before + "rules:\n" + text,
        [](const std::string&, const std::string&) { return std::optional<std::string_view>(); });
    ASSERT_THAT(set, IsOk());
    set_ = std::move(set).value();
  }

  RuleOutcome outcome(const std::string& id) {
    auto report = run_rules(*engine_, set_, data_);
    EXPECT_THAT(report, IsOk());
    for (const RuleOutcome& found : report->outcomes) {
      if (found.rule->id == id) return found;
    }
    ADD_FAILURE() << "no outcome for " << id;
    return {};
  }
  Verdict verdict(const std::string& id) { return outcome(id).verdict; }

  /// The verdict of one check of column b on one text.
  Verdict check_b(const std::string& text, const std::string& check) {
    rows("('1', " + text + ", '1')");
    rules("  - {id: r, column: b, check: " + check + "}\n");
    return verdict("r");
  }

  std::unique_ptr<engine::Engine> engine_;
  RuleSet set_;
  RuleData data_;
};

TEST_F(RuleRun, CountsViolationsAndShowsTheFirstRows) {
  rows("('1', 'x', '1'), ('2', NULL, '1'), ('3', NULL, '1')");
  rules("  - {id: r, column: b, check: not_null}\n  - {id: s, column: a, check: not_null}\n");
  const RuleOutcome failed = outcome("r");
  EXPECT_EQ(failed.verdict, Verdict::Failed);
  EXPECT_EQ(failed.violations, 2);
  ASSERT_EQ(failed.sample.size(), 2U);
  EXPECT_EQ(failed.sample[0].row, 2);
  EXPECT_EQ(failed.sample[0].text, "b=NULL");
  EXPECT_EQ(verdict("s"), Verdict::Passed);
}

TEST_F(RuleRun, AConditionNarrowsTheRowsAndWithoutAnyTheRuleDoesNotApply) {
  rows("('1', 'tax', NULL), ('2', 'use', '7')");
  rules(
      "  - {id: r, column: c, reads: b, when: b = 'use', check: not_null}\n"
      "  - {id: s, column: c, reads: b, when: b = 'gift', check: not_null}\n");
  EXPECT_EQ(outcome("r").checked, 1);
  EXPECT_EQ(verdict("r"), Verdict::Passed);
  EXPECT_EQ(verdict("s"), Verdict::NotApplicable);
  EXPECT_EQ(outcome("s").reason, "no row satisfies b = 'gift'");
}

TEST_F(RuleRun, ARowThatViolatesARuleInTwoColumnsCountsOnce) {
  rows("(NULL, NULL, '1'), ('1', NULL, '2'), ('1', 'x', '3'), ('1', 'x', '3')");
  rules(
      "  - {id: r, columns: [a, b], check: not_null}\n"
      "  - {id: s, columns: [b, c], check: not_null}\n"
      "  - {id: t, columns: [b, c], reads: a, when: a IS NOT NULL, check: not_null}\n"
      "  - {id: u, columns: [c], check: {rejected_values: ['3']}}\n");
  EXPECT_EQ(outcome("r").violations, 2);
  EXPECT_EQ(outcome("s").violations, 2);
  EXPECT_EQ(outcome("t").violations, 1);
  EXPECT_EQ(outcome("u").violations, 2) << "equal cells count as often as they come";
}

TEST_F(RuleRun, SaysWhatAnAbsentColumnMeansAsTheSetOrTheRuleHasIt) {
  rows("('1', 'x', '1')");
  rules(
      "  - {id: r, column: d, check: not_null}\n"
      "  - {id: s, column: d, when_missing: failed, check: not_null}\n"
      "  - {id: u, columns: [b, d], when_missing: ignored, check: not_null}\n"
      "  - {id: v, column: B, check: column_present}\n",
      "when_column_missing: passed\n");
  EXPECT_EQ(verdict("r"), Verdict::Passed);
  EXPECT_EQ(outcome("r").reason, "no column d");
  EXPECT_EQ(verdict("s"), Verdict::Failed);
  EXPECT_EQ(verdict("u"), Verdict::Passed);
  EXPECT_EQ(verdict("v"), Verdict::Failed);
  EXPECT_EQ(outcome("v").reason, "no column B (there is `b`; names are compared letter by letter)");
}

TEST_F(RuleRun, FlagsAreDeclaredOrShownByTheData) {
  rows("('1', 'x', NULL)");
  rules(
      "  - {id: r, column: a, applies_if: ON_B, check: not_null}\n"
      "  - {id: s, column: a, applies_if: ON_C, check: not_null}\n",
      "applicability: {ON_B: {about: b is used, evidence: b}, ON_C: {about: c is used, evidence: "
      "c}}\n");
  EXPECT_EQ(verdict("r"), Verdict::Passed);
  EXPECT_EQ(verdict("s"), Verdict::Skipped);
  EXPECT_EQ(outcome("s").reason, "ON_C is not declared, and no value of c shows it");
  data_.flags = {{"ON_B", false}, {"ON_C", true}};
  EXPECT_EQ(verdict("r"), Verdict::NotApplicable);
  EXPECT_EQ(verdict("s"), Verdict::Passed);
  data_.flags = {{"ON_D", true}};
  EXPECT_THAT(run_rules(*engine_, set_, data_), HasMessage("has no flag `ON_D` (did you mean"));
}

TEST_F(RuleRun, TypesAndFormatsLookAtTheText) {
  EXPECT_EQ(check_b("'12.50'", "{type: decimal}"), Verdict::Passed);
  EXPECT_EQ(check_b("'9.6E-6'", "{type: decimal}"), Verdict::Passed);
  EXPECT_EQ(check_b("'1_000'", "{type: decimal}"), Verdict::Failed);
  EXPECT_EQ(check_b("'+1'", "{format: numeric}"), Verdict::Failed);
  EXPECT_EQ(check_b("'1,5'", "{format: numeric}"), Verdict::Failed);
  EXPECT_EQ(check_b("'-0.5e-3'", "{format: numeric}"), Verdict::Passed);
  EXPECT_EQ(check_b("'2024-09-01T00:00:00Z'", "{format: datetime_utc_z}"), Verdict::Passed);
  EXPECT_EQ(check_b("'2024-09-01 00:00:00'", "{format: datetime_utc}"), Verdict::Failed);
  EXPECT_EQ(check_b("'2024-09-01 00:00:00+00:00'", "{format: datetime_utc}"), Verdict::Passed);
  EXPECT_EQ(check_b("'2024-09-01T00:00:00+02:00'", "{format: datetime_utc}"), Verdict::Failed);
  EXPECT_EQ(check_b("'2024-02-30T00:00:00Z'", "{format: datetime_utc_z}"), Verdict::Failed);
  EXPECT_EQ(check_b("NULL", "{format: datetime_utc_z}"), Verdict::Passed);
  EXPECT_EQ(check_b("'{\"k\": 1}'", "{format: key_value}"), Verdict::Passed);
  EXPECT_EQ(check_b("'{\"k\": {}}'", "{format: key_value}"), Verdict::Failed);
  EXPECT_EQ(check_b("'{\"k\": {}}'", "{format: json_object}"), Verdict::Passed);
  EXPECT_EQ(check_b("'{\"k\": 1, \"k\": 2}'", "{format: json_unique}"), Verdict::Failed);
  EXPECT_EQ(check_b("'[1]'", "{format: json_object}"), Verdict::Failed);
  EXPECT_EQ(check_b("'{broken'", "{format: json_object}"), Verdict::Failed);
  EXPECT_EQ(check_b("'ab'", "{matches: '[a-z]'}"), Verdict::Failed);
  EXPECT_EQ(check_b("'N/A'", "{rejected_values: [N/A]}"), Verdict::Failed);
  EXPECT_EQ(check_b("'EUR'", "{accepted_values: [USD]}"), Verdict::Failed);
}

TEST_F(RuleRun, AmountsAreComparedToTheLastDigit) {
  rows("('0.1', 'x', '0.3'), ('12345678901234567890.000000000000000001', 'x', '1')");
  rules("  - {id: r, columns: [a, c], check: {row: a + a + a = c}}\n");
  EXPECT_EQ(outcome("r").violations, 1);
  EXPECT_EQ(outcome("r").sample.at(0).row, 2);
}

TEST_F(RuleRun, ProductsAreExactUpToTheStatedDifference) {
  const std::string exact = "  - {id: r, check: {product: {of: [a, b2], is: c}}}\n";
  const std::string near = "  - {id: r, check: {product: {of: [a, b2], is: c, within: '0.01'}}}\n";
  const auto product = [&](const std::string& a, const std::string& b, const std::string& c,
                           const std::string& rule) {
    EXPECT_THAT(engine_->execute("CREATE OR REPLACE TABLE p AS SELECT '" + a + "' AS a, '" + b +
                                 "' AS b2, '" + c + "' AS c"),
                IsOk());
    data_ = {.relation = "p"};
    rules(rule, "");
    set_.columns.emplace_back("b2", "decimal");
    return verdict("r");
  };
  EXPECT_EQ(product("0.1", "3", "0.3", exact), Verdict::Passed);
  EXPECT_EQ(product("0.000015", "-20", "-0.0003", exact), Verdict::Passed);
  EXPECT_EQ(product("0.1", "3", "0.300000000000000001", exact), Verdict::Failed);
  EXPECT_EQ(product("0.000000000000000001", "0.1", "0", exact), Verdict::Failed);
  EXPECT_EQ(product("123456789012.5", "1000000.000001", "123456789012623456.789012", exact),
            Verdict::Failed);
  EXPECT_EQ(product("123456789012.5", "1000000", "123456789012500000", exact), Verdict::Passed);
  EXPECT_EQ(product("1.005", "1", "1.01", near), Verdict::Passed);
  EXPECT_EQ(product("1.005", "1", "1.02", near), Verdict::Failed);
  EXPECT_EQ(product("10000000000000000000", "10000000000000000000", "1", near), Verdict::Failed);
}

TEST_F(RuleRun, QueriesSeeTheDataItsColumnsAndTheInputs) {
  rows("('1', 'x', '1'), ('2', 'x', '1'), ('3', 'y', '1')");
  ASSERT_THAT(engine_->execute("CREATE TABLE totals AS SELECT 'x' AS b, 3 AS total"), IsOk());
  rules(
      "  - id: sums\n    inputs: totals\n    check: {query: 'SELECT b, sum(a) AS found FROM data "
      "JOIN totals USING (b) GROUP BY b, total HAVING sum(a) <> total'}\n"
      "  - {id: names, check: {query: \"SELECT name FROM columns_of_data WHERE name = 'c'\"}}\n",
      "inputs: {totals: [b, total]}\n");
  EXPECT_EQ(verdict("sums"), Verdict::Skipped);
  EXPECT_EQ(outcome("sums").reason, "needs the input `totals`; give it with --input totals=FILE");
  data_.inputs["totals"] = "totals";
  EXPECT_EQ(verdict("sums"), Verdict::Passed);
  ASSERT_THAT(engine_->execute("UPDATE totals SET total = 4"), IsOk());
  EXPECT_EQ(outcome("sums").sample.at(0).text, "b=x, found=3.000000000000000000");
  EXPECT_EQ(outcome("names").violations, 1);
}

TEST_F(RuleRun, WholesFollowFromTheirPartsAndDependenciesSilence) {
  rows("('1', NULL, '1')");
  rules(
      "  - {id: good, column: a, check: not_null}\n"
      "  - {id: bad, column: b, check: not_null}\n"
      "  - {id: advice, column: b, keyword: SHOULD, check: not_null}\n"
      "  - {id: open, check: {unchecked: nobody knows}}\n"
      "  - {id: all-bad, check: {all: [good, bad]}}\n"
      "  - {id: all-advice, check: {all: [good, advice, open]}}\n"
      "  - {id: any, check: {any: [bad, good]}}\n"
      "  - {id: none, check: {all: [open]}}\n"
      "  - {id: silent, column: b, depends_on: bad, check: {type: decimal}}\n");
  EXPECT_EQ(verdict("all-bad"), Verdict::Failed);
  EXPECT_EQ(outcome("all-bad").reason, "failed: bad");
  EXPECT_EQ(verdict("all-advice"), Verdict::Passed);
  EXPECT_EQ(outcome("all-advice").reason, "1 of 3 parts could not be checked");
  EXPECT_EQ(verdict("any"), Verdict::Passed);
  EXPECT_EQ(verdict("none"), Verdict::Skipped);
  EXPECT_EQ(verdict("silent"), Verdict::Skipped);
  EXPECT_EQ(outcome("silent").reason, "depends on bad, which failed");
  data_.only = {"advice"};
  const auto report = run_rules(*engine_, set_, data_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->outcomes.size(), 1U);
  EXPECT_TRUE(report->conforms()) << "a broken recommendation is no breach";
}

TEST_F(RuleRun, TypedColumnsNeedNoFormat) {
  ASSERT_THAT(engine_->execute("CREATE TABLE typed AS SELECT 1.5::DECIMAL(9,2) AS a, "
                               "TIMESTAMPTZ '2024-09-01 00:00:00+00' AS b, 0.1::DOUBLE AS c"),
              IsOk());
  data_.relation = "typed";
  rules(
      "  - {id: number, column: a, check: {format: numeric}}\n"
      "  - {id: instant, column: b, check: {format: datetime_utc_z}}\n"
      "  - {id: text, column: a, check: {type: string}}\n"
      "  - {id: digits, column: c, check: {row: c = 0.1}}\n");
  EXPECT_EQ(verdict("number"), Verdict::Passed);
  EXPECT_EQ(verdict("instant"), Verdict::Passed);
  EXPECT_EQ(verdict("text"), Verdict::Failed);
  EXPECT_EQ(verdict("digits"), Verdict::Passed) << "a binary float is read as the digits it shows";
}

TEST_F(RuleRun, AnErrorNamesTheRuleThatCausesIt) {
  rows("('1', 'x', '1')");
  rules(
      "  - {id: good, column: a, check: not_null}\n"
      "  - {id: broken, columns: a, check: {row: a > amonut}}\n");
  const auto report = run_rules(*engine_, set_, data_);
  EXPECT_THAT(report, HasMessage("rules/t.yml:5:5: rule broken: "));
  EXPECT_THAT(report, HasMessage("amonut"));
  data_.only = {"goood"};
  EXPECT_THAT(run_rules(*engine_, set_, data_), HasMessage("has no rule `goood` (did you mean"));
}

TEST_F(RuleRun, ExplainsARuleAsSql) {
  rules("  - {id: r, column: b, check: not_null}\n  - {id: s, check: {unchecked: nobody knows}}\n");
  const auto sql = explain_rule(*engine_, set_, *set_.find("r"), {});
  ASSERT_THAT(sql, IsOk());
  EXPECT_EQ(*sql, "SELECT * FROM data WHERE \"b!text\" IS NULL");
  EXPECT_EQ(*explain_rule(*engine_, set_, *set_.find("s"), {}), "-- never checked: nobody knows");
}

}  // namespace
}  // namespace bullion::quality
