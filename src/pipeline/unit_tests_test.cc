#include "pipeline/unit_tests.h"

#include <functional>

#include "pipeline/small_lake_fixture.h"

namespace bullion::pipeline {
namespace {

using project::TextRow;
using testing::ElementsAre;
using testing::IsEmpty;

class UnitTests : public SmallLake {
 protected:
  static TextRow event(const std::string& id, const std::string& version, const std::string& cost,
                       const std::string& withdrawn = "false") {
    return {{"event_id", id},
            {"event_version", version},
            {"usage_date", "2025-01-01"},
            {"cost", cost},
            {"is_withdrawn", withdrawn}};
  }

  project::UnitTest& add(const std::string& name, const std::string& model) {
    project::UnitTest& test = project_.unit_tests.emplace_back();
    test.name = name;
    test.model = model;
    test.location = {"tests/unit.yml", 7, 5};
    return test;
  }

  UnitTestOutcome only_outcome() {
    auto outcomes = run_unit_tests(env(), project_, {});
    EXPECT_THAT(outcomes, IsOk());
    if (!outcomes || outcomes->size() != 1) return {};
    return outcomes->front();
  }
};

TEST_F(UnitTests, ALatestModelKeepsTheNewestVersionAndHidesWithdrawnKeys) {
  project::UnitTest& test = add("latest", "events");
  test.given["events_raw"] = {event("e1", "2", "9.50"), event("e1", "1", "10"),
                              event("e2", "1", "7"), event("e2", "2", "7", "true"),
                              event("e3", "1", "1.25")};
  test.expect = {{{"event_id", "e3"}, {"cost_usd", "1.25"}},
                 {{"event_id", "e1"}, {"cost_usd", "9.5"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_TRUE(outcome.passed) << outcome.error;
  EXPECT_THAT(outcome.missing, IsEmpty());
  EXPECT_THAT(outcome.unexpected, IsEmpty());
}

TEST_F(UnitTests, ShowsMissingAndUnexpectedRows) {
  project::UnitTest& test = add("wrong", "events");
  test.given["events_raw"] = {event("e1", "1", "10.01")};
  test.expect = {{{"event_id", "e1"}, {"cost_usd", "10.00"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_FALSE(outcome.passed);
  EXPECT_THAT(outcome.missing, ElementsAre("{event_id: e1, cost_usd: 10.00}"));
  EXPECT_THAT(outcome.unexpected, ElementsAre("{event_id: e1, cost_usd: 10.01}"));
}

TEST_F(UnitTests, ComparesMultisets) {
  project::UnitTest& test = add("twice", "daily");
  test.given["events"] = {{{"account_id", "A1"}, {"cost_usd", "1"}},
                          {{"account_id", "A2"}, {"cost_usd", "1"}}};
  test.expect = {{{"total_cost", "1.00"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_THAT(outcome.missing, IsEmpty());
  EXPECT_THAT(outcome.unexpected, ElementsAre("{total_cost: 1.00}"));
}

TEST_F(UnitTests, AnInputThatIsNotGivenIsEmptyAndALeftOutColumnIsNull) {
  project::UnitTest& test = add("no owners", "by_owner");
  test.given["daily"] = {{{"account_id", "A1"}, {"total_cost", "0.1"}},
                         {{"account_id", "A2"}, {"total_cost", "0.2"}}};
  test.expect = {{{"owner", std::nullopt}, {"total_cost", "0.30"}}};
  EXPECT_TRUE(only_outcome().passed);
}

TEST_F(UnitTests, NullIsNotTheWordNull) {
  project::UnitTest& test = add("null", "by_owner");
  test.given["daily"] = {{{"account_id", "A1"}, {"total_cost", "1"}}};
  test.expect = {{{"owner", "null"}, {"total_cost", "1"}}};
  EXPECT_FALSE(only_outcome().passed);
}

TEST_F(UnitTests, ExpectingNoRowShowsEveryRowThatCame) {
  project::UnitTest& test = add("none", "by_owner");
  test.given["daily"] = {{{"account_id", "A1"}, {"total_cost", "1"}}};
  EXPECT_THAT(only_outcome().unexpected, ElementsAre("{owner: null, total_cost: 1.00}"));
}

TEST_F(UnitTests, ASumOfFloatsIsNotAnAmount) {
  project_.models[2].sql = "SELECT 'x' AS owner, CAST(0.1 AS DOUBLE) AS total_cost FROM daily";
  project::UnitTest& test = add("float", "by_owner");
  test.given["daily"] = {{{"account_id", "A1"}}};
  test.expect = {{{"total_cost", "0.10"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_FALSE(outcome.passed);
  EXPECT_THAT(outcome.error, testing::HasSubstr("total_cost is a float"));
}

TEST_F(UnitTests, AModelThatCannotRunFailsItsTestOnly) {
  project_.models[2].sql = "SELECT nonsense FROM daily";
  add("broken", "by_owner").expect = {{{"owner", "ann"}}};
  project::UnitTest& sound = add("sound", "events");
  sound.given["events_raw"] = {event("e1", "1", "1")};
  sound.expect = {{{"event_id", "e1"}}};
  const auto outcomes = run_unit_tests(env(), project_, {});
  ASSERT_THAT(outcomes, IsOk());
  EXPECT_THAT(outcomes->at(0).error, testing::HasSubstr("nonsense"));
  EXPECT_TRUE(outcomes->at(1).passed);
}

TEST_F(UnitTests, AMistakeInATestNamesItsPlaceAndTheRemedy) {
  const auto failure = [&](const std::function<void(project::UnitTest&)>& spoil) {
    project_.unit_tests.clear();
    project::UnitTest& test = add("t", "events");
    test.given["events_raw"] = {event("e1", "1", "1")};
    test.expect = {{{"event_id", "e1"}}};
    spoil(test);
    return run_unit_tests(env(), project_, {});
  };
  EXPECT_THAT(
      failure([](auto& test) { test.given["events_raw"][0]["cost"] = "0.129"; }),
      HasMessage("tests/unit.yml:7:5: unit test t: row 1 of input events_raw: cost: `0.129` "
                 "has digits after the point that DECIMAL(18,2) cannot hold"));
  EXPECT_THAT(failure([](auto& test) { test.given["events_raw"][0]["usage_date"] = "2025-02-30"; }),
              HasMessage("usage_date: `2025-02-30` is not a date"));
  EXPECT_THAT(
      failure([](auto& test) { test.given["events_raw"][0]["event_version"] = "3000000000"; }),
      HasMessage("`3000000000` is not a whole number in range"));
  EXPECT_THAT(failure([](auto& test) { test.given["events_raw"][0]["costs"] = "1"; }),
              HasMessage("there is no column `costs` (did you mean `cost`?)"));
  EXPECT_THAT(failure([](auto& test) { test.given["event_raw"] = {}; }),
              HasMessage("does not read `event_raw` (did you mean `events_raw`?)"));
  EXPECT_THAT(failure([](auto& test) { test.expect[0]["cost"] = "1"; }),
              HasMessage("model events has no column `cost`"));
  EXPECT_THAT(failure([](auto& test) { test.model = "event"; }),
              HasMessage("there is no model `event` (did you mean `events`?)"));
  EXPECT_THAT(failure([](auto& test) {
                test.model = "daily";
                test.given.clear();
                test.expect[0] = {{"published_at", "2025-01-01"}};
              }),
              HasMessage("published_at is set when a release is published"));
}

class SqlUnitTests : public UnitTests {
 protected:
  /// A test of SQL over a table `numbers` that the project does not know, and over `daily`.
  project::UnitTest& add_sql(const std::string& sql) {
    project::UnitTest& test = add("by itself", "");
    test.sql = sql;
    test.reads = {"numbers", "daily"};
    test.macros = {"plain"};
    test.given["numbers"] = {{{"n", "1O-045"}, {"kind", std::nullopt}}, {{"n", "7"}}};
    return test;
  }
};

TEST_F(SqlUnitTests, TablesOfTheTestAreTextAndTablesOfTheProjectHaveTheirTypes) {
  project::UnitTest& test = add_sql(
      "SELECT n, kind, length(n) AS size, (SELECT sum(total_cost) FROM daily) AS total FROM "
      "numbers");
  test.given["daily"] = {{{"account_id", "A1"}, {"total_cost", "0.10"}},
                         {{"account_id", "A2"}, {"total_cost", "0.20"}}};
  test.expect = {{{"n", "7"}, {"kind", std::nullopt}, {"size", "1"}, {"total", "0.3"}},
                 {{"n", "1O-045"}, {"kind", std::nullopt}, {"size", "6"}, {"total", "0.30"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_TRUE(outcome.passed) << outcome.error;
}

TEST_F(SqlUnitTests, ShowWhatCameInstead) {
  add_sql("SELECT replace(n, 'O', '0') AS n FROM numbers").expect = {{{"n", "10-045"}},
                                                                     {{"n", "8"}}};
  const UnitTestOutcome outcome = only_outcome();
  EXPECT_FALSE(outcome.passed);
  EXPECT_THAT(outcome.missing, ElementsAre("{n: 8}"));
  EXPECT_THAT(outcome.unexpected, ElementsAre("{n: 7}"));
}

TEST_F(SqlUnitTests, SayWhatTheSqlGotWrong) {
  add_sql("SELECT CAST('0.01' AS DECIMAL(9,2)) AS cost FROM numbers").expect = {
      {{"cost", "0.009"}}};
  EXPECT_THAT(only_outcome().error,
              testing::HasSubstr("`0.009` has digits after the point that DECIMAL(9,2)"));
  project_.unit_tests.clear();
  add_sql("SELECT m FROM numbers").expect = {{{"n", "7"}}};
  EXPECT_THAT(only_outcome().error, testing::HasSubstr("\"m\" not found"));
  project_.unit_tests.clear();
  add_sql("SELECT n FROM numbers").expect = {{{"m", "7"}}};
  EXPECT_THAT(run_unit_tests(env(), project_, {}), HasMessage("the SQL has no column `m`"));
  project_.unit_tests[0].given.clear();
  EXPECT_THAT(run_unit_tests(env(), project_, {}),
              HasMessage("the project has no table numbers, and the test gives no row of it"));
}

TEST_F(SqlUnitTests, AreSelectedByTheMacrosTheyUse) {
  add_sql("SELECT n FROM numbers").expect = {{{"n", "7"}}, {{"n", "1O-045"}}};
  add("another", "events");
  project_.macros["plain"].name = "plain";
  const auto outcomes = run_unit_tests(env(), project_, {"plain"});
  ASSERT_THAT(outcomes, IsOk());
  ASSERT_EQ(outcomes->size(), 1U);
  EXPECT_EQ(outcomes->front().name, "by itself");
  EXPECT_THAT(run_unit_tests(env(), project_, {"plai"}), HasMessage("did you mean `plain`?"));
}

TEST_F(UnitTests, SelectsByTestAndByModel) {
  add("one", "events");
  add("two", "events");
  add("three", "daily");
  const auto named = [&](const std::vector<std::string>& select) {
    std::vector<std::string> names;
    const auto outcomes = run_unit_tests(env(), project_, select);
    for (const UnitTestOutcome& outcome : *outcomes) names.push_back(outcome.name);
    return names;
  };
  EXPECT_THAT(named({"two", "daily"}), ElementsAre("two", "three"));
  EXPECT_THAT(named({"events"}), ElementsAre("one", "two"));
  EXPECT_THAT(run_unit_tests(env(), project_, {"tree"}), HasMessage("did you mean `three`?"));
}

}  // namespace
}  // namespace bullion::pipeline
