// detectors/: read like models, with their own mistakes.
#include <gmock/gmock.h>

#include "project/project_fixture_internal.h"

namespace bullion::project {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kSql = R"~(SELECT
  order_id AS finding_key,
  'order' AS subject_type,
  order_id AS subject_id,
  order_id AS row_id,
  'flagged' AS role,
  day AS occurred_on,
  CAST(amount AS DECIMAL(28, 6)) AS amount_at_risk,
  'USD' AS currency,
  CAST(0.5 AS DECIMAL(5, 4)) AS strength,
  'Order ' || order_id || ' is over {{ param('limit') }}' AS reason
FROM orders
WHERE amount > {{ param('limit') }}
)~";

constexpr const char* kYaml = R"~(version: 2
detectors:
  - name: large_order
    title: Large order
    description: an order over the limit
    severity: high
    weight: 0.25
    evidence: {table: orders, key: order_id}
    params:
      limit: {value: 1000, description: in the currency of the project}
    meta: {owner: audit@example.com}
  - name: any_order
    title: Any order
    evidence: {table: orders, key: order_id}
    params: {limit: 0}
    opens_cases: false
    meta: {owner: audit@example.com}
)~";

class Detectors : public ProjectTest {
 protected:
  void SetUp() override {
    ProjectTest::SetUp();
    files_["detectors/detectors.yml"] = kYaml;
    files_["detectors/large_order.sql"] = kSql;
    files_["detectors/any_order.sql"] = kSql;
  }
};

TEST_F(Detectors, AreModelsWhoseFindingsAreOneTable) {
  EXPECT_THAT(all_problems(), IsEmpty());
  const auto outcome = load();
  ASSERT_TRUE(outcome.project);
  const Project& project = *outcome.project;
  ASSERT_EQ(project.detectors.size(), 2U);
  const Detector& large = *project.find_detector("large_order");
  EXPECT_EQ(large.severity, "high");
  EXPECT_EQ(bullion::to_string(large.weight), "0.2500");
  EXPECT_EQ(large.evidence_table, "orders");
  EXPECT_TRUE(large.opens_cases);
  EXPECT_FALSE(project.detectors[0].opens_cases);
  EXPECT_EQ(project.detectors[0].severity, "medium");
  EXPECT_EQ(bullion::to_string(project.detectors[0].weight), "1.0000");
  EXPECT_THAT(project.find_model("large_order")->sql, HasSubstr("WHERE amount > 1000"));
  EXPECT_THAT(project.find_model("any_order")->sql, HasSubstr("is over 0'"));
  EXPECT_EQ(project.layer_of("large_order"), "findings");
  const Model& findings = *project.find_model(kFindingsTable);
  EXPECT_THAT(findings.depends_on, ElementsAre("any_order", "large_order"));
  EXPECT_EQ(findings.layer, "findings");
  std::vector<std::string> tests;
  for (const DataTest& test : project.data_tests) tests.push_back(test.name);
  EXPECT_THAT(tests, ::testing::IsSupersetOf(
                         {"large_order_role_known", "large_order_strength_in_range",
                          "large_order_amount_in_range", "large_order_evidence_exists"}));
}

TEST_F(Detectors, ChangeTheFindingsWhenTheirWeightChanges) {
  const std::string before = load().project->find_model(kFindingsTable)->code_hash;
  edit("detectors/detectors.yml", "weight: 0.25", "weight: 0.5");
  EXPECT_NE(load().project->find_model(kFindingsTable)->code_hash, before);
}

TEST_F(Detectors, MayBeTestedLikeModels) {
  files_["detectors/detectors.yml"] += R"~(unit_tests:
  - name: finds_large_orders
    model: large_order
    given:
      - input: ref('orders')
        rows: [{order_id: a, day: 2025-01-01, amount: 1000.01}, {order_id: b, amount: 1000.00}]
    expect:
      rows: [{finding_key: a, amount_at_risk: "1000.010000"}]
)~";
  EXPECT_THAT(all_problems(), IsEmpty());
}

TEST_F(Detectors, AreRefusedWithTheirPlaceWhenTheyCannotWork) {
  const auto spoiled = [&](const std::string& before, const std::string& after) {
    files_["detectors/detectors.yml"] = kYaml;
    edit("detectors/detectors.yml", before, after);
    return all_problems();
  };
  EXPECT_THAT(spoiled("weight: 0.25", "weight: 25"),
              ElementsAre(AllOf(StartsWith("detectors/detectors.yml:7:"),
                                HasSubstr("`25`; expected a number from 0 to 1"))));
  EXPECT_THAT(spoiled("severity: high", "severity: hi"),
              ElementsAre(HasSubstr("one of: low, medium, high")));
  EXPECT_THAT(spoiled("table: orders, key: order_id}\n    params:\n      limit: {",
                      "table: order, key: order_id}\n    params:\n      limit: {"),
              ElementsAre(AllOf(StartsWith("detectors/detectors.yml:3:"),
                                HasSubstr("there is no table `order`"), HasSubstr("`orders`"))));
  EXPECT_THAT(spoiled("key: order_id}\n    params: {", "key: day}\n    params: {"),
              ElementsAre(HasSubstr("the key `day` is date; it must be string")));
  EXPECT_THAT(spoiled("params: {limit: 0}", "params: {limits: 0}"),
              ElementsAre(AllOf(StartsWith("detectors/any_order.sql:11:"),
                                HasSubstr("param `limit` has no value"), HasSubstr("`limits`")),
                          HasSubstr("param `limit` has no value")));
  EXPECT_THAT(spoiled("    title: Any order\n", ""), ElementsAre(HasSubstr("`title`")));
  EXPECT_THAT(spoiled("name: any_order", "name: findings"),
              Contains(HasSubstr("`findings` is already the name of a table")));
}

TEST_F(Detectors, TellAMistakeInAValueOnceAndWhereItIsWritten) {
  files_["tests/large.yml"] = R"~(unit_tests:
  - name: finds_large_orders
    model: large_order
    given:
      - input: ref('orders')
        rows: [{order_id: a, day: 2025-01-01, amount: 1000.01}]
    expect:
      rows: [{finding_key: a}]
)~";
  ASSERT_THAT(all_problems(), IsEmpty());
  edit("detectors/detectors.yml", "value: 1000,", "value: 1OOO,");
  EXPECT_THAT(all_problems(),
              ElementsAre(AllOf(StartsWith("detectors/large_order.sql:"), HasSubstr("syntax error"),
                                HasSubstr("it is in `1OOO`, the value of `limit` at "
                                          "detectors/detectors.yml:10:22"))));
  edit("detectors/detectors.yml", "limit: {value: 1OOO,", "limits: {value: 1000,");
  EXPECT_THAT(all_problems(), Each(HasSubstr("param `limit` has no value")));
  edit("detectors/detectors.yml", "limits: {", "limit: {");
  edit("detectors/large_order.sql", "FROM orders", "FROM orders_");
  EXPECT_THAT(all_problems(), ElementsAre(HasSubstr("`orders_`")));
}

TEST_F(Detectors, NeedBothTheirFiles) {
  files_["detectors/lage_order.sql"] = kSql;
  EXPECT_THAT(all_problems(), Contains(AllOf(StartsWith("detectors/lage_order.sql"),
                                             HasSubstr("has no entry in detectors/*.yml"),
                                             HasSubstr("`large_order`"))));
  files_.erase("detectors/lage_order.sql");
  files_.erase("detectors/large_order.sql");
  EXPECT_THAT(all_problems(), Contains(HasSubstr("there is no detectors/large_order.sql")));
}

TEST_F(Detectors, MustYieldTheColumnsOfFindings) {
  edit("detectors/large_order.sql", "AS amount_at_risk", "AS amount");
  EXPECT_THAT(all_problems(), Contains(AllOf(StartsWith("detectors/large_order.sql"),
                                             HasSubstr("amount_at_risk"))));
}

TEST_F(Detectors, ParamsAreForDetectorsOnly) {
  edit("models/gold/daily.sql", "GROUP BY", "WHERE amount > {{ param('limit') }} GROUP BY");
  EXPECT_THAT(all_problems(), Contains(HasSubstr("only detectors have params")));
}

}  // namespace
}  // namespace bullion::project
