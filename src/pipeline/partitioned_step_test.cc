// Aggregate models: the partitions that changed, computed alone, are what all files would give.
#include <algorithm>
#include <string>
#include <vector>

#include "pipeline/run.h"
#include "pipeline/small_lake_fixture.h"
#include "pipeline/verify.h"

namespace bullion::pipeline {
namespace {

using testing::IsEmpty;

class Partitioned : public SmallLake {
 protected:
  project::Model& daily_model() { return project_.models.at(1); }

  /// Publishes; the release must be what its files give when they are computed anew.
  RunOutcome publish_verified() {
    auto outcome = pipeline::run(env(), project_, {});
    EXPECT_THAT(outcome, IsOk());
    const auto verified = verify(env(), project_);
    EXPECT_THAT(verified, IsOk());
    if (verified) {
      for (const VerifiedTable& table : verified->tables) {
        EXPECT_THAT(table.different, IsEmpty()) << table.table;
      }
    }
    return outcome ? *std::move(outcome) : RunOutcome{};
  }
};

TEST_F(Partitioned, RowsOfDaysThatDoNotChangeStayWhereTheSqlYieldsThemAnyway) {
  // Every day of the seed has a row, whether or not something happened on it.
  write("seeds/owners.csv", "account_id,owner\n2025-01-01,ann\n2025-01-02,bob\n2025-01-03,cy\n");
  project::Model& daily = daily_model();
  daily.sql =
      "SELECT o.owner AS account_id, CAST(o.account_id AS DATE) AS usage_date, 'USD' AS currency, "
      "CAST(coalesce(sum(e.cost_usd), 0) AS DECIMAL(38,2)) AS total_cost, CAST(count(e.event_id) "
      "AS "
      "BIGINT) AS event_count FROM owners AS o LEFT JOIN events AS e ON e.usage_date = "
      "CAST(o.account_id AS DATE) GROUP BY ALL";
  daily.depends_on = {"owners", "events"};
  daily.conserves.clear();
  project_.models.pop_back();
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\n");
  EXPECT_EQ(publish_verified().record->tables.at("daily").rows, 3);
  arrive("2.csv", "e2,1,A1,2025-01-02,5.00,USD,\n");
  EXPECT_EQ(publish_verified().record->tables.at("daily").rows, 3);
}

TEST_F(Partitioned, MonthsAreComputedFromTheDaysTheyHold) {
  project::Model& daily = daily_model();
  daily.contract.columns = {typed("usage_month", delta::TypeId::Date), money("total_cost", 38, 2),
                            typed("event_count", delta::TypeId::Long)};
  daily.contract.grain = {"usage_month"};
  daily.contract.partition_by = {"usage_month"};
  daily.contract.currency_column = "";
  daily.sql =
      "SELECT CAST(date_trunc('month', usage_date) AS DATE) AS usage_month, CAST(sum(cost_usd) AS "
      "DECIMAL(38,2)) AS total_cost, CAST(count(*) AS BIGINT) AS event_count FROM events GROUP BY "
      "1";
  daily.aligned_inputs = {{"events", {.column = "usage_date", .unit = DateUnit::Month}}};
  project_.models.pop_back();
  arrive("1.csv",
         "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-01-31,1.00,USD,\ne3,1,A1,2025-02-01,2.00,USD,"
         "\n");
  EXPECT_EQ(publish_verified().record->tables.at("daily").rows, 2);
  // A late day of a month, and the first of another.
  arrive("2.csv", "e4,1,A1,2025-01-15,5.00,USD,\ne5,1,A1,2025-03-09,7.00,USD,\n");
  const RunOutcome late = publish_verified();
  EXPECT_EQ(late.record->tables.at("daily").rows, 3);
  // A correction moves an event to another month.
  arrive("3.csv", "e2,2,A1,2025-02-03,1.00,USD,\n");
  EXPECT_EQ(publish_verified().record->tables.at("daily").rows, 3);
  // A month whose only day goes away has no row.
  arrive("4.csv", "e5,2,A1,2025-03-09,7.00,USD,true\n");
  EXPECT_EQ(publish_verified().record->tables.at("daily").rows, 2);
}

TEST_F(Partitioned, OneLateDayChangesItsMonthAlone) {
  project::Model& daily = daily_model();
  daily.contract.columns = {typed("usage_month", delta::TypeId::Date), money("total_cost", 38, 2)};
  daily.contract.grain = daily.contract.partition_by = {"usage_month"};
  daily.contract.currency_column = "";
  daily.sql =
      "SELECT CAST(date_trunc('month', usage_date) AS DATE) AS usage_month, CAST(sum(cost_usd) AS "
      "DECIMAL(38,2)) AS total_cost FROM events GROUP BY 1";
  daily.aligned_inputs = {{"events", {.column = "usage_date", .unit = DateUnit::Month}}};
  project_.models.pop_back();
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-02-01,1.00,USD,\n");
  publish_verified();
  arrive("2.csv", "e3,1,A1,2025-02-15,5.00,USD,\n");
  RunOptions options;
  options.command = "plan";
  const auto items = plan(env(), project_, options);
  ASSERT_THAT(items, IsOk());
  std::vector<std::string> partitions;
  for (const PlanItem& item : items->items) {
    if (item.table == "daily") partitions.push_back(item.partition);
  }
  EXPECT_THAT(partitions, testing::ElementsAre("2025-02-01"));
}

}  // namespace
}  // namespace bullion::pipeline
