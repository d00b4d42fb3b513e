#include "server/api_fixture_internal.h"

namespace bullion::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ApiMetrics : public ApiLake {
 protected:
  void SetUp() override {
    ApiLake::SetUp();
    define("Cost");
    serve();
    publish_two_days();
  }

  void define(const std::string& title) const {
    write("metrics/cost.yml",
          "version: 2\nmetrics:\n  - name: cost\n    title: " + title +
              "\n    description: All of it.\n    owner: ann\n    table: daily\n    measure: "
              "sum(total_cost)\n    unit: money\n    time_column: usage_date\n    better: down\n"
              "    dimensions:\n      - {name: account, title: Account, column: account_id}\n");
  }
};

TEST_F(ApiMetrics, GivesValuesWhoseRowsSumToThem) {
  const auto values = read("/metrics/cost/values?by=account");
  ASSERT_FALSE(values["rows"].empty());
  for (const auto& row : values["rows"]) {
    const std::string account = row["dimensions"]["account"];
    const auto rows = read("/metrics/cost/rows?filter=account:eq:" + account +
                           "&filter=currency:eq:" + row["currency"].get<std::string>());
    ASSERT_EQ(rows["total"]["sums"].size(), 1U);
    EXPECT_EQ(rows["total"]["sums"][0]["sum"], row["value"]);
    EXPECT_EQ(rows["total"]["rows"], row["rows"]);
  }
  const std::string etag = header(get("/metrics/cost/values?by=account"), "ETag");
  EXPECT_EQ(get("/metrics/cost/values?by=account", etag).status, 304);
  EXPECT_EQ(read("/metrics/cost/members?dimension=account")["members"], json({"A1", "A2"}));
}

TEST_F(ApiMetrics, WritesValuesAsAFile) {
  EXPECT_EQ(file("/metrics/cost/export?format=csv&by=account&filter=currency:eq:USD"),
            "account,currency,cost,rows,share_percent\r\nA1,USD,16.00,2,69.6\r\nA2,USD,7.00,1,30.4"
            "\r\n");
}

TEST_F(ApiMetrics, SeesEditedFilesAfterAReload) {
  EXPECT_EQ(read("/metrics")["metrics"].size(), 1U);
  EXPECT_THAT(read("/metrics/cots", 404)["detail"].get<std::string>(), HasSubstr("`cost`"));
  EXPECT_EQ(read("/metrics/cost/values?by=acount", 400)["status"], 400);
  EXPECT_EQ(read("/metrics/cost/members?dimension=nothing", 400)["status"], 400);
  const auto before = read("/metrics/cost/values");
  define("Spend");
  api_->reload();
  EXPECT_EQ(read("/metrics/cost")["title"], "Spend");
  EXPECT_EQ(read("/metrics/cost/values")["metric"]["title"], "Spend");
  EXPECT_EQ(read("/dashboards")["dashboards"], json::array());
  EXPECT_EQ(read("/dashboards/nothing", 404)["status"], 404);
}

}  // namespace
}  // namespace bullion::server
