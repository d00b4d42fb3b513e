#include <fstream>

#include "server/api_fixture_internal.h"

namespace bullion::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ApiTrust : public ApiLake {
 protected:
  void SetUp() override {
    ApiLake::SetUp();
    serve();
    publish_two_days();
    arrive("2.csv",
           "e1,2,A1,2025-01-01,9.50,USD,\n"
           "bad1,1,A1,2025-01-01,abc,USD,\n"
           "bad2,1,A1,2025-02-30,=1+1,USD,\n");
    publish();
  }
};

TEST_F(ApiTrust, ShowsWhatChangedAgainstTheReleaseBefore) {
  const auto diff = read("/releases/2/diff");
  EXPECT_EQ(diff["before"], 1);
  EXPECT_EQ(diff["after"], 2);
  bool found = false;
  for (const auto& table : diff["tables"]) {
    if (table["table"] != "daily") continue;
    found = true;
    EXPECT_EQ(table["total"]["rows_changed"], 1);
    EXPECT_EQ(table["total"]["money"][0]["changed"],
              json({{"amount", "-0.50"}, {"currency", "USD"}}));
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(read("/releases/1/diff")["before"], 0);
  EXPECT_EQ(read("/releases/2/diff?base=0")["before"], 0);
  EXPECT_EQ(read("/releases/2/diff?base=9", 404)["status"], 404);
}

TEST_F(ApiTrust, FollowsARowToTheRecordsOfItsFiles) {
  const auto trace =
      read("/tables/daily/trace?filter=account_id:eq:A1&filter=usage_date:eq:2025-01-01");
  EXPECT_EQ(trace["sums_agree"], true);
  EXPECT_EQ(trace["verdict"], "agrees");
  EXPECT_EQ(trace["levels"][0]["amount"], "14.50");
  ASSERT_FALSE(trace["records"].empty());
  for (const auto& record : trace["records"]) {
    EXPECT_THAT(record["file"].get<std::string>(), testing::StartsWith("incoming/"));
  }
  const auto none = read("/tables/daily/trace?filter=account_id:eq:NOPE");
  EXPECT_EQ(none["sums_agree"], false);
  EXPECT_EQ(none["verdict"], "no_rows");
  EXPECT_EQ(none["levels"].size(), 1U);
  EXPECT_EQ(read("/tables/daily/trace?filter=account_id:gt:A1", 400)["status"], 400);
  EXPECT_EQ(read("/tables/daly/trace", 404)["status"], 404);
}

TEST_F(ApiTrust, ListsTheQuarantineWithoutPathsOfTheMachine) {
  const Response response = get("/quarantine?limit=1");
  EXPECT_THAT(response.body, Not(HasSubstr(folder_.path())));
  EXPECT_THAT(get("/quality").body, Not(HasSubstr(folder_.path())));
  // An added column is an event, without which there is no table of events.
  write("incoming/3.csv",
        "event_id,event_version,account_id,usage_date,cost,currency,is_withdrawn,colour\n"
        "e9,1,A1,2025-01-04,1.00,USD,,red\n");
  publish();
  for (const char* table : {"runs", "files", "conservation", "events", "gate_results"}) {
    const auto rows = posted("/sql", {{"sql", std::string("SELECT * FROM ops.") + table}});
    EXPECT_THAT(rows.dump(), Not(HasSubstr(folder_.path()))) << table;
  }
  const auto page = read("/quarantine?limit=1");
  EXPECT_EQ(page["total"], 2);
  EXPECT_EQ(page["rows"][0]["file"], "incoming/2.csv");
  const std::string cursor = page["next_cursor"];
  const auto next = read("/quarantine?limit=1&cursor=" + cursor);
  EXPECT_EQ(next["rows"][0]["record"], 3);
  EXPECT_EQ(next["next_cursor"], nullptr);
  EXPECT_EQ(read("/quarantine?limit=1&reason=bad-date&cursor=" + cursor, 400)["status"], 400);
  EXPECT_EQ(read("/quarantine?source=nobody", 404)["status"], 404);
  EXPECT_EQ(posted("/sql", {{"sql", "SELECT DISTINCT file FROM quarantine.events_raw"}})["rows"],
            json::parse(R"([["incoming/2.csv"]])"));
}

TEST_F(ApiTrust, ShowsQualityRunsLineageAndDays) {
  const auto quality = read("/quality");
  EXPECT_EQ(quality["release"], 2);
  EXPECT_EQ(quality["score"], "100.0");
  const auto runs = read("/runs?limit=1");
  EXPECT_EQ(runs["runs"][0]["release"], 2);
  EXPECT_EQ(
      read("/runs?limit=1&cursor=" + runs["next_cursor"].get<std::string>())["runs"][0]["release"],
      1);
  const auto report = read("/runs/" + runs["runs"][0]["id"].get<std::string>());
  EXPECT_FALSE(report["steps"].empty());
  EXPECT_EQ(read("/runs/nobody", 404)["status"], 404);
  EXPECT_EQ(read("/lineage")["edges"].size(), 4U);
  const auto made = read("/lineage/daily");
  const auto cost = std::ranges::find_if(
      made["columns"], [](const auto& column) { return column["name"] == "total_cost"; });
  ASSERT_NE(cost, made["columns"].end());
  EXPECT_EQ((*cost)["inputs"][0]["use"], "aggregation");
  EXPECT_EQ(made["complete"], true);
  EXPECT_EQ(read("/lineage/dayly", 404)["status"], 404);
  const auto days = read("/completeness?table=daily&start=2025-01-01&end=2025-01-04")["days"];
  ASSERT_EQ(days.size(), 3U);
  EXPECT_EQ(days[0]["restated"], true);
  EXPECT_EQ(days[2]["status"], "missing");
  EXPECT_EQ(read("/completeness", 400)["status"], 400);
  EXPECT_EQ(read("/completeness?table=owners", 400)["status"], 400);
}

TEST_F(ApiTrust, WritesTheRowsThatAreSeenAsFiles) {
  EXPECT_EQ(file("/tables/daily/export?format=csv&columns=account_id,total_cost&sort=-total_cost&"
                 "filter=currency:eq:USD"),
            "account_id,total_cost\r\nA1,14.50\r\nA2,7.00\r\nA1,1.00\r\n");
  const std::string parquet = file("/tables/daily/export?format=parquet&filter=currency:eq:EUR");
  EXPECT_THAT(parquet, testing::StartsWith("PAR1"));
  const std::string xlsx = file("/tables/daily/export?format=xlsx");
  EXPECT_THAT(xlsx, testing::StartsWith("PK"));
  EXPECT_THAT(xlsx, Not(HasSubstr(folder_.path())));
  const Response first = get("/tables/daily/export?format=csv");
  EXPECT_EQ(get("/tables/daily/export?format=csv", header(first, "ETag")).status, 304);
  EXPECT_EQ(read("/tables/daily/export", 400)["status"], 400);
  EXPECT_EQ(read("/tables/daily/export?format=pdf", 400)["status"], 400);
  EXPECT_EQ(read("/tables/daily/export?format=csv&filter=x:eq:1", 400)["status"], 400);
}

TEST_F(ApiTrust, RunsSqlAndSavedQueriesWithinTheirLimits) {
  const auto answer = posted("/sql", {{"sql",
                                       "SELECT 9007199254740993 AS a, 1.50 AS b, "
                                       "'nan'::DOUBLE AS c, 1e20::DOUBLE AS d, chr(0) AS e, "
                                       "DATE '2025-01-01' AS f, NULL AS g, true AS h, "
                                       "12::HUGEINT AS i"}});
  EXPECT_EQ(answer["rows"][0], json({"9007199254740993", "1.50", nullptr, 1e20,
                                     std::string(1, '\0'), "2025-01-01", nullptr, true, "12"}));
  EXPECT_EQ(posted("/sql", {{"sql", "SELECT * FROM range(10)"}, {"limit", 3}})["truncated"], true);
  EXPECT_EQ(posted("/sql", {{"sql", "SELECT count(*) FROM events"}, {"release", 1}})["release"], 1);
  posted("/sql", {{"sql", "DROP VIEW events"}}, 400);
  posted("/sql", {{"sql", 1}}, 422);
  posted("/sql", json::object(), 422);
  posted("/sql", {{"sql", "SELECT 1"}, {"limt", 1}}, 422);
  posted("/sql", {{"sql", "SELECT 1"}, {"release", 77}}, 404);
  EXPECT_EQ(ask("POST", "/sql", "{", {{"content-type", "application/json"}}).status, 400);
  EXPECT_EQ(ask("POST", "/sql", "{}").status, 415);
  write(
      "queries/of_day.sql",
      "-- title: Of a day\n-- parameter: day date\nSELECT event_id FROM events WHERE usage_date = "
      "$day ORDER BY 1\n");
  EXPECT_EQ(read("/queries")["queries"][0]["name"], "of_day");
  EXPECT_EQ(posted("/queries/of_day/run", {{"parameters", {{"day", "2025-01-02"}}}})["rows"],
            json::parse(R"([["e4"],["e5"]])"));
  posted("/queries/of_day/run", json::object(), 400);
  const auto filtered = [&](const json& filters, int status = 200) {
    return posted("/queries/of_day/run",
                  {{"parameters", {{"day", "2025-01-02"}}}, {"filters", filters}}, status);
  };
  EXPECT_EQ(filtered({"event_id:eq:e5"})["rows"], json::parse(R"([["e5"]])"));
  filtered({"event:eq:e5"}, 400);
  filtered({"event_id"}, 422);
  filtered("event_id:eq:e5", 422);
  posted("/sql", {{"sql", "SELECT 1"}, {"filters", json::array()}}, 422);
  write("queries/of_account.sql",
        "-- parameter: who text from daily.account_id\nSELECT $who AS who\n");
  EXPECT_EQ(posted("/queries/of_account/run", {{"parameters", {{"who", "A1"}}}})["rows"],
            json::parse(R"([["A1"]])"));
  const auto unknown = posted("/queries/of_account/run", {{"parameters", {{"who", "A0"}}}}, 400);
  EXPECT_THAT(unknown["detail"].get<std::string>(), HasSubstr("did you mean `A1`?"));
  posted("/queries/off_day/run", json::object(), 404);
}

TEST_F(ApiTrust, StopWhenNobodyWaits) {
  gone_ = true;
  EXPECT_EQ(
      ask("POST", "/sql", R"({"sql": "SELECT 1"})", {{"content-type", "application/json"}}).status,
      408);
  EXPECT_EQ(get("/tables/daily/rows").status, 408);
  gone_ = false;
  EXPECT_EQ(get("/tables/daily/rows").status, 200);
}

}  // namespace
}  // namespace bullion::server
