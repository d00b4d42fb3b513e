#include "project/column_lineage.h"

#include <gmock/gmock.h>

#include "project/project_fixture_internal.h"

namespace bullion::project {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(const ColumnInputs& inputs) {
  std::vector<std::string> out;
  for (const ColumnInput& input : inputs) {
    out.push_back(input.table + "." + input.column + " " + to_string(input.use));
  }
  return out;
}

class Lineage : public ProjectTest {
 protected:
  void follow(const std::string& sql) {
    files_.erase("tests/unit.yml");
    files_["models/gold/daily.sql"] = sql;
    const LoadOutcome outcome = load();
    for (const Problem& problem : outcome.problems) ADD_FAILURE() << to_string(problem);
    ASSERT_TRUE(outcome.project.has_value());
    const auto found =
        column_lineage(*outcome.project, *outcome.project->find_model("daily"), *engine_);
    ASSERT_TRUE(found) << found.error().message();
    lineage_ = *found;
  }
  std::vector<std::string> of(const std::string& column) {
    return words(lineage_.columns.at(column));
  }
  std::vector<std::string> rows() { return words(lineage_.rows); }

  ColumnLineage lineage_;
};

TEST_F(Lineage, FollowsValuesThroughExpressionsAndAggregates) {
  follow("SELECT day, sum(amount * 2) AS amount FROM orders GROUP BY day");
  EXPECT_THAT(of("day"), ElementsAre("orders.day identity"));
  EXPECT_THAT(of("amount"), ElementsAre("orders.amount aggregation"));
  EXPECT_THAT(rows(), ElementsAre("orders.day group_by"));
}

TEST_F(Lineage, TellsWhatDecidesFromWhatMakesAValue) {
  follow(
      "SELECT o.day, max(CASE WHEN s.status = 'paid' THEN o.amount ELSE 0 END) AS amount FROM "
      "orders "
      "AS o JOIN dim_status AS s ON s.label = o.label WHERE o.version > 1 GROUP BY o.day");
  EXPECT_THAT(of("amount"),
              ElementsAre("dim_status.status conditional", "orders.amount aggregation"));
  EXPECT_THAT(rows(), ElementsAre("dim_status.label join", "orders.day group_by",
                                  "orders.label join", "orders.version filter"));
}

TEST_F(Lineage, GoesThroughCtesStarsUnionsAndWindows) {
  follow(
      "WITH a AS (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY version) AS place "
      "FROM "
      "orders), b AS (SELECT day, amount FROM a WHERE place = 1 UNION ALL SELECT day, -amount FROM "
      "a) SELECT day, sum(amount) AS amount FROM b GROUP BY day");
  EXPECT_THAT(of("day"), ElementsAre("orders.day identity"));
  EXPECT_THAT(of("amount"), ElementsAre("orders.amount aggregation"));
  EXPECT_THAT(rows(), ElementsAre("orders.day group_by", "orders.order_id window",
                                  "orders.version window"));
}

TEST_F(Lineage, GoesIntoSubqueriesOfExpressions) {
  follow(
      "SELECT day, sum(amount) + (SELECT max(version) FROM orders WHERE label = 'Paid') AS amount "
      "FROM orders WHERE label IN (SELECT label FROM dim_status) GROUP BY day");
  EXPECT_THAT(of("amount"), ElementsAre("orders.amount aggregation", "orders.label filter",
                                        "orders.version aggregation"));
  EXPECT_THAT(rows(), ElementsAre("dim_status.label conditional", "orders.day group_by",
                                  "orders.label conditional"));
}

TEST_F(Lineage, ConstantsComeFromNowhere) {
  follow("SELECT day, CAST(1 AS DECIMAL(38,2)) AS amount FROM orders");
  EXPECT_THAT(of("amount"), IsEmpty());
  EXPECT_TRUE(lineage_.is_complete);
}

}  // namespace
}  // namespace bullion::project
