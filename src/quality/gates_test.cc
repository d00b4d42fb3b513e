#include "quality/gates.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"

namespace bullion::quality {
namespace {

using project::DataTest;

DataTest data_test(const std::string& kind, const std::vector<std::string>& columns) {
  DataTest test;
  test.name = kind + "_t";
  test.kind = kind;
  test.table = "t";
  test.columns = columns;
  return test;
}

class Gates : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = std::move(engine::duckdb_engine({})).value();
    run("CREATE TABLE changed AS SELECT * FROM (VALUES (1, 'a'), (2, NULL), (2, 'c')) AS v(id, "
        "name)");
    run("CREATE TABLE kept AS SELECT * FROM (VALUES (1, 'z'), (9, 'a')) AS v(id, name)");
    run("CREATE VIEW t AS SELECT * FROM changed UNION ALL SELECT * FROM kept");
    run("CREATE TABLE parents AS SELECT * FROM (VALUES ('a'), ('c')) AS v(name)");
    TestedTable& table = scope_.tables["t"];
    table.live = "t";
    table.changed = "changed";
    table.kept = "kept";
    TestedTable& parents = scope_.tables["parents"];
    parents.live = parents.kept = "parents";
  }
  void run(const std::string& sql) { ASSERT_THAT(engine_->execute(sql), IsOk()); }

  TestOutcome outcome_of(const DataTest& test) {
    auto outcomes = run_data_tests(*engine_, {test}, scope_);
    EXPECT_THAT(outcomes, IsOk());
    return outcomes->at(0);
  }

  std::unique_ptr<engine::Engine> engine_;
  GateScope scope_;
};

TEST_F(Gates, NotNullLooksAtChangedRows) {
  const TestOutcome outcome = outcome_of(data_test("not_null", {"name"}));
  EXPECT_EQ(outcome.failures, 1);
  EXPECT_EQ(outcome.status, TestStatus::Fail);
  EXPECT_EQ(outcome.sample.at(0), "id=2, name=NULL");
}

TEST_F(Gates, NotNullOfAColumnThatCannotHoldNullReadsNoRow) {
  // The row that would fail shows that nobody looked.
  scope_.tables["t"].never_null = {"name"};
  const TestOutcome outcome = outcome_of(data_test("not_null", {"name"}));
  EXPECT_EQ(outcome.failures, 0);
  EXPECT_EQ(outcome.status, TestStatus::Pass);
}

TEST_F(Gates, UniqueComparesChangedWithKeptRows) {
  EXPECT_EQ(outcome_of(data_test("unique", {"id"})).failures, 2);
  EXPECT_EQ(outcome_of(data_test("unique", {"id", "name"})).failures, 0);
}

TEST_F(Gates, UniqueTakesNullForEqualToNull) {
  run("INSERT INTO kept VALUES (2, NULL), (2, NULL)");
  // The key (2, NULL) of the changed rows is kept as well, and counts once.
  EXPECT_EQ(outcome_of(data_test("unique", {"id", "name"})).failures, 1);
}

TEST_F(Gates, UniqueWithinPartitionsLooksAtTheChangedOnesAlone) {
  run("CREATE TABLE beside AS SELECT * FROM kept WHERE id = 1");
  run("INSERT INTO kept VALUES (2, 'c')");
  TestedTable& table = scope_.tables["t"];
  table.partition_column = "id";
  table.kept_beside = "beside";
  // The row (2, 'c') of the kept rows, which no partition that changed holds, shows who looked.
  EXPECT_EQ(outcome_of(data_test("unique", {"id", "name"})).failures, 0);
  EXPECT_EQ(outcome_of(data_test("unique", {"name"})).failures, 2);
  table.kept_beside = "";
  EXPECT_EQ(outcome_of(data_test("unique", {"id", "name"})).failures, 0);
}

TEST_F(Gates, AcceptedValuesIgnoreNulls) {
  DataTest test = data_test("accepted_values", {"name"});
  test.values = {"a"};
  EXPECT_EQ(outcome_of(test).failures, 1);
  scope_.whole_tables = true;
  EXPECT_EQ(outcome_of(test).failures, 2);
}

TEST_F(Gates, PatternsAndRangesIgnoreNulls) {
  DataTest form = data_test("matches", {"name"});
  form.pattern = "[b-z]";
  scope_.whole_tables = true;
  EXPECT_EQ(outcome_of(form).failures, 2);
  DataTest range = data_test("in_range", {"id"});
  range.range = {.above = "0", .at_most = "1"};
  EXPECT_EQ(outcome_of(range).failures, 3);
  range.range = {.above = "0"};
  EXPECT_EQ(outcome_of(range).failures, 0);
}

TEST_F(Gates, RelationshipsCountOrphanValues) {
  DataTest test = data_test("relationships", {"name"});
  test.to_table = "parents";
  test.to_column = "name";
  EXPECT_EQ(outcome_of(test).failures, 0);
  scope_.whole_tables = true;
  EXPECT_EQ(outcome_of(test).failures, 1);
}

TEST_F(Gates, RelationshipsToOneColumnAreCountedTogether) {
  scope_.whole_tables = true;
  for (const char* table : {"t", "changed", "numbers"}) {
    scope_.tables[table].live = table;
    scope_.tables[table].types = {{"name", "VARCHAR"}};
  }
  run("CREATE TABLE numbers AS SELECT '7' AS name");
  scope_.tables["numbers"].types = {{"name", "DECIMAL(9,0)"}};
  std::vector<DataTest> tests;
  const auto add = [&](const std::string& table, const std::string& where) {
    DataTest& test = tests.emplace_back(data_test("relationships", {"name"}));
    test.name = table + where;
    test.table = table;
    test.where = where;
    test.to_table = "parents";
    test.to_column = "name";
  };
  add("t", "");
  add("changed", "");
  add("t", "id < 9 AND id > 1");
  // Of another type, so it is asked alone.
  add("numbers", "");
  const auto outcomes = run_data_tests(*engine_, tests, scope_);
  ASSERT_THAT(outcomes, IsOk());
  EXPECT_EQ(outcomes->at(0).failures, 1);
  EXPECT_EQ(outcomes->at(0).sample.at(0), "name=z, rows=1");
  EXPECT_EQ(outcomes->at(1).failures, 0);
  EXPECT_EQ(outcomes->at(2).failures, 0);
  EXPECT_EQ(outcomes->at(3).failures, 1);

  tests[1].where = "nonsense = 1";
  EXPECT_THAT(run_data_tests(*engine_, tests, scope_), HasMessage("test changed: "));
}

TEST_F(Gates, WarningsDoNotFail) {
  DataTest test = data_test("not_null", {"name"});
  test.severity = project::Severity::Warn;
  EXPECT_EQ(outcome_of(test).status, TestStatus::Warn);
}

TEST_F(Gates, SqlTestsMustReturnNoRow) {
  DataTest test = data_test("sql", {});
  test.sql = "SELECT id FROM t WHERE id > 5 -- nine";
  test.depends_on = {"t"};
  EXPECT_EQ(outcome_of(test).failures, 1);
}

TEST_F(Gates, ATestThatCannotRunNamesItsPlace) {
  DataTest test = data_test("sql", {});
  test.sql = "SELECT nonsense FROM t";
  test.depends_on = {"t"};
  test.location = {.file = "tests/x.sql", .line = 1, .column = 8};
  EXPECT_THAT(run_data_tests(*engine_, {test}, scope_), HasMessage("tests/x.sql:1:8"));
}

TEST_F(Gates, TheHashOfTheTestsChangesWithThem) {
  DataTest test = data_test("not_null", {"name"});
  const std::string before = tests_hash({test});
  test.where = "id > 1";
  EXPECT_NE(tests_hash({test}), before);
}

}  // namespace
}  // namespace bullion::quality
