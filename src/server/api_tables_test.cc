#include "server/api_fixture_internal.h"

namespace bullion::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ApiTables : public ApiLake {
 protected:
  void SetUp() override {
    ApiLake::SetUp();
    serve();
  }
};

TEST_F(ApiTables, AreEmptyHandedBeforeTheFirstRelease) {
  EXPECT_EQ(read("/project")["latest_release"], nullptr);
  EXPECT_EQ(read("/project")["name"], "small");
  EXPECT_THAT(read("/tables", 404)["detail"].get<std::string>(), HasSubstr("no release yet"));
  EXPECT_EQ(read("/releases")["releases"], json::array());
}

TEST_F(ApiTables, ListWhatTheReleaseHasInTheProjectsOrder) {
  publish_two_days();
  const auto tables = read("/tables")["tables"];
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table["name"]);
  EXPECT_THAT(names, testing::ElementsAre("events_raw", "owners", "events", "daily", "by_owner"));
  EXPECT_EQ(tables[2]["amount_column"], "cost_usd");
  EXPECT_EQ(tables[1]["amount_column"], nullptr);
  EXPECT_EQ(tables[2]["rows"], 5);
}

TEST_F(ApiTables, TellColumnsWithTheirMeaning) {
  publish_two_days();
  const auto table = read("/tables/daily");
  EXPECT_EQ(table["release"], 1);
  EXPECT_EQ(table["currency_column"], "currency");
  EXPECT_EQ(table["grain"], json({"account_id", "usage_date", "currency"}));
  EXPECT_EQ(table["inputs"], json({"events"}));
  EXPECT_EQ(table["columns"][1], json({{"name", "usage_date"},
                                       {"type", "DATE"},
                                       {"kind", "date"},
                                       {"nullable", true},
                                       {"money", false},
                                       {"key", true},
                                       {"partition", true},
                                       {"description", ""},
                                       {"references", nullptr}}));
  EXPECT_EQ(table["columns"][3]["type"], "DECIMAL(38,2)");
  EXPECT_EQ(table["columns"][3]["money"], true);
  EXPECT_EQ(read("/tables/daly", 404)["detail"].get<std::string>(),
            "release 1 has no table `daly` (did you mean `daily`?); it has by_owner, daily, "
            "events, events_raw, owners");
}

TEST_F(ApiTables, GiveRowsWithMoneyInTheirCurrencyAndTheTotalOfAll) {
  publish_two_days();
  const auto page =
      read("/tables/daily/rows?columns=account_id,total_cost&sort=-total_cost&limit=2");
  EXPECT_EQ(page["rows"], json::parse(R"([["A1",{"amount":"15.00","currency":"USD"}],
                                          ["A2",{"amount":"7.00","currency":"USD"}]])"));
  ASSERT_TRUE(page["total"].is_object()) << page;
  EXPECT_EQ(page["total"]["rows"], 4);
  EXPECT_EQ(page["total"]["sums"], json::parse(R"([
    {"column": "total_cost", "sum": {"amount": "2.00", "currency": "EUR"}, "rows": 1},
    {"column": "total_cost", "sum": {"amount": "23.00", "currency": "USD"}, "rows": 3}])"));
  const std::string cursor = page["next_cursor"];
  const auto next = read(
      "/tables/daily/rows?columns=account_id,total_cost&sort=-total_cost&limit=2&cursor=" + cursor);
  EXPECT_EQ(next["rows"], json::parse(R"([["A2",{"amount":"2.00","currency":"EUR"}],
                                          ["A1",{"amount":"1.00","currency":"USD"}]])"));
  EXPECT_EQ(next["next_cursor"], nullptr);
  EXPECT_EQ(next["total"], page["total"]);
}

TEST_F(ApiTables, KeepThePagesOfAListAtTheReleaseOfTheFirst) {
  publish_two_days();
  const auto page = read("/tables/events/rows?limit=3");
  arrive("2.csv", "e0,1,A1,2025-01-01,100.00,USD,\ne9,1,A1,2025-01-01,100.00,USD,\n");
  publish();
  const std::string cursor = page["next_cursor"];
  const auto next = read("/tables/events/rows?limit=3&cursor=" + cursor);
  EXPECT_EQ(next["release"], 1);
  EXPECT_EQ(next["rows"].size(), 2U);
  EXPECT_EQ(read("/tables/events/rows?limit=3&release=2&cursor=" + cursor, 400)["status"], 400);
  EXPECT_EQ(read("/tables/events/rows")["rows"].size(), 7U);
}

TEST_F(ApiTables, RefuseWhatTheyDoNotKnow) {
  publish_two_days();
  const auto detail = [&](const std::string& target) {
    return read(target, 400)["detail"].get<std::string>();
  };
  EXPECT_THAT(detail("/tables/daily/rows?filters=a:eq:1"), HasSubstr("did you mean `filter`"));
  EXPECT_THAT(detail("/tables/daily/rows?limit=0"), HasSubstr("from 1 to 1000"));
  EXPECT_THAT(detail("/tables/daily/rows?limit=1&limit=2"), HasSubstr("given twice"));
  EXPECT_THAT(detail("/tables/daily/rows?limit=abc"), HasSubstr("`abc`"));
  EXPECT_THAT(detail("/tables/daily/rows?columns=acount_id"), HasSubstr("`account_id`"));
  EXPECT_THAT(detail("/tables/daily/rows?columns=account_id,,total_cost"), HasSubstr("commas"));
  EXPECT_THAT(detail("/tables/daily/rows?sort=-nothing"), HasSubstr("no column `nothing`"));
  EXPECT_THAT(detail("/tables/daily/rows?cursor=abc"), HasSubstr("no cursor"));
  EXPECT_THAT(detail("/tables/daily/rows?cursor="), HasSubstr("empty"));
  EXPECT_THAT(detail("/tables?release=0"), HasSubstr("from 1"));
  EXPECT_EQ(read("/tables?release=99", 404)["status"], 404);
  EXPECT_EQ(read("/releases/abc", 400)["status"], 400);
}

TEST_F(ApiTables, AnswerNotModifiedToWhoHasTheSameContent) {
  publish_two_days();
  const Response first = get("/tables/daily/rows?limit=2&sort=account_id");
  const std::string etag = header(first, "ETag");
  EXPECT_THAT(etag, testing::MatchesRegex("\"r1-[0-9a-f]{16}\""));
  const Response again = get("/tables/daily/rows?sort=account_id&limit=2", etag);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  arrive("2.csv", "e9,1,A1,2025-01-01,100.00,USD,\n");
  publish();
  const Response later = get("/tables/daily/rows?limit=2&sort=account_id", etag);
  EXPECT_EQ(later.status, 200);
  EXPECT_THAT(header(later, "ETag"), testing::StartsWith("\"r2-"));
}

TEST_F(ApiTables, CarryHostileTextsAsTexts) {
  const std::string hostile[] = {"<script>alert(1)</script>",
                                 "=HYPERLINK(1)",
                                 "a''b;--",
                                 "\xE2\x80\xAE"
                                 "txt.exe",
                                 std::string(10000, 'x'),
                                 "\xE2\x80\xA8line",
                                 "\x01\x1F"};
  std::string lines;
  for (size_t i = 0; i < std::size(hostile); ++i) {
    lines += "h" + std::to_string(i) + ",1,\"" + hostile[i] + "\",2025-01-01,1.00,USD,\n";
  }
  arrive("1.csv", lines);
  publish();
  const auto page = read("/tables/events/rows?columns=account_id&sort=event_id");
  ASSERT_EQ(page["rows"].size(), std::size(hostile));
  for (size_t i = 0; i < std::size(hostile); ++i) EXPECT_EQ(page["rows"][i][0], hostile[i]);
  const auto found =
      read("/tables/events/rows?filter=account_id:eq:%3Cscript%3Ealert(1)%3C/script%3E");
  EXPECT_EQ(found["total"]["rows"], 1);
  // A key too long for a URL still has a next page.
  std::string cursor;
  int rows = 0;
  for (int pages = 0; pages < 20; ++pages) {
    const auto part = read("/tables/events/rows?limit=1&sort=-account_id&columns=event_id" +
                           (cursor.empty() ? "" : "&cursor=" + cursor));
    rows += static_cast<int>(part["rows"].size());
    if (part["next_cursor"].is_null()) break;
    cursor = part["next_cursor"];
    EXPECT_LT(cursor.size(), 2000U);
  }
  EXPECT_EQ(rows, static_cast<int>(std::size(hostile)));
}

TEST_F(ApiTables, ListReleasesFromTheNewestPageByPage) {
  publish_two_days();
  for (int i = 2; i <= 5; ++i) {
    arrive("n" + std::to_string(i) + ".csv",
           "n" + std::to_string(i) + ",1,A1,2025-01-01,1.00,USD,\n");
    publish();
  }
  std::vector<int> numbers;
  std::string cursor;
  do {
    const auto page = read("/releases?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& release : page["releases"]) numbers.push_back(release["number"]);
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"];
  } while (!cursor.empty());
  EXPECT_THAT(numbers, testing::ElementsAre(5, 4, 3, 2, 1));
  const auto release = read("/releases/3");
  EXPECT_EQ(release["number"], 3);
  EXPECT_EQ(release["status"], "published");
  EXPECT_EQ(release["tables"].size(), 5U);
}

}  // namespace
}  // namespace bullion::server
