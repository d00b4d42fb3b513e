// `bullion metric` against SQL over the same tables, to the last digit.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/shared_data.h"
#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

void expect_run(const fs::path& folder) {
  const Outcome run = bullion(folder, {"run", "-q"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
}

json metric(const fs::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "metric");
  arguments.insert(arguments.end(), {"--output", "json"});
  const Outcome outcome = bullion(folder, arguments);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return json::parse(outcome.out, nullptr, false);
}

/// "2025-01-01 A1 Compute" -> "15.000000".
std::map<std::string, std::string> amounts_of(const json& values) {
  std::map<std::string, std::string> out;
  for (const auto& row : values["rows"]) {
    std::string key = row["time"].is_null() ? "" : row["time"].get<std::string>();
    for (const auto& name : values["by"]) {
      key += " " + row["dimensions"][name.get<std::string>()].get<std::string>();
    }
    out[key] = row["value"]["amount"];
  }
  return out;
}

/// The same of a query with the columns `key` and `amount`.
std::map<std::string, std::string> amounts_of_query(const fs::path& folder,
                                                    const std::string& sql) {
  std::map<std::string, std::string> out;
  for (const auto& row : rows_of(folder, {"query", sql})) out[row["key"]] = row["amount"];
  return out;
}

TEST(Metric, EqualsTheSumsOfTheTableItIsOver) {
  const TestFolder parent("metric");
  const fs::path folder = parent / "demo";
  make_project(folder);
  deliver_sample(folder, "batch1");
  expect_run(folder);
  deliver_sample(folder, "batch2");
  expect_run(folder);
  const json cost = metric(folder, {"cost", "--by", "account,service", "--grain", "day"});
  EXPECT_EQ(amounts_of(cost),
            amounts_of_query(folder,
                             "SELECT usage_date || ' ' || account_id || ' ' || "
                             "service_name AS key, sum(total_cost_usd) AS amount FROM "
                             "account_service_day_cost GROUP BY ALL"));
  const std::string whole =
      query_value(folder, "SELECT sum(total_cost_usd) FROM daily_account_cost");
  EXPECT_EQ(cost["totals"][0]["value"]["amount"], whole);
  EXPECT_EQ(metric(folder, {"charges"})["totals"][0]["value"]["amount"], whole);
  // The running total of the last day is the sum of all days.
  const json running = metric(folder, {"cost", "--grain", "day", "--window", "mtd"});
  EXPECT_EQ(running["rows"].back()["value"]["amount"], whole);
  // What the second delivery changed, as `bullion diff` says it.
  const json compared = metric(folder, {"published_cost", "--compare", "release:1"});
  EXPECT_EQ(compared["totals"][0]["compared"]["amount"], "169.000000");
  EXPECT_EQ(compared["totals"][0]["change"]["amount"], "-0.500000");
  EXPECT_EQ(compared["totals"][0]["growth"], "-0.3");
  EXPECT_EQ(metric(folder, {"restated_bills"})["totals"][0]["value"],
            query_value(folder,
                        "SELECT count(*) FROM daily_account_cost WHERE published_at > "
                        "first_published_at"));
  // The SELECT behind a number is one that `bullion query` runs.
  const Outcome explained = bullion(folder, {"metric", "cost", "--by", "service", "--explain"});
  ASSERT_EQ(explained.code, 0) << explained.err;
  const Outcome rerun = bullion(folder, {"query", explained.out, "--output", "csv"});
  EXPECT_EQ(rerun.code, 0) << rerun.err;
  EXPECT_THAT(rerun.out, HasSubstr("Compute,USD,119.500000"));
}

TEST(Metric, CountsMonthsAsTheFiscalCalendarDoes) {
  const TestFolder parent("metric-fiscal");
  const fs::path folder = parent / "demo";
  make_project(folder);
  write_file(folder / "bullion.yml",
             read_file(folder / "bullion.yml") +
                 "\nfiscal_calendar:\n  pattern: 4-4-5\n  year_starts: [2024-12-05]\n"
                 "  days: {start: 2024-12-01, end: 2026-01-01}\n");
  deliver_sample(folder, "batch1");
  expect_run(folder);
  // Four weeks from 5 December end before 2 January.
  const json cost = metric(folder, {"cost", "--grain", "month"});
  EXPECT_EQ(amounts_of(cost),
            amounts_of_query(folder,
                             "SELECT CAST(period_start AS VARCHAR) AS key, sum(total_cost_usd) AS "
                             "amount FROM account_service_day_cost JOIN fiscal_days ON usage_date "
                             "= day GROUP BY ALL"));
  EXPECT_EQ(cost["rows"].size(), 2U);
  EXPECT_EQ(cost["rows"][1]["time"], "2025-01-02");
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM fiscal_days"), "396");
  // Another calendar is another table, and nothing else.
  const std::string config = read_file(folder / "bullion.yml");
  write_file(folder / "bullion.yml", config + "  year_named_by: start\n");
  EXPECT_THAT(bullion(folder, {"plan"}).out, HasSubstr("fiscal_days"));
  expect_run(folder);
  EXPECT_EQ(query_value(folder, "SELECT min(fiscal_year) FROM fiscal_days"), "2023");
  EXPECT_EQ(bullion(folder, {"verify"}).code, 0);
}

TEST(Queries, RunWithTheirParameters) {
  const TestFolder parent("queries");
  const fs::path folder = parent / "demo";
  make_project(folder);
  EXPECT_THAT(bullion(folder, {"variance"}).err, HasSubstr("write it to queries/variance.sql"));
  fs::create_directories(folder / "queries");
  write_file(folder / "queries/variance.sql",
             "-- title: Cost of an account\n-- parameter: account text = A1; Who is charged\n"
             "-- parameter: day date\nSELECT total_cost_usd FROM daily_account_cost\n"
             "WHERE account_id = $account AND usage_date = $day\n");
  deliver_sample(folder, "batch1");
  expect_run(folder);
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "csv"});
    return bullion(folder, arguments);
  };
  EXPECT_THAT(run({"queries"}).out, HasSubstr("variance,Cost of an account,\"account text = A1, "));
  EXPECT_EQ(run({"queries", "variance", "--param", "day=2025-01-01"}).out,
            "total_cost_usd\n15.000000\n");
  EXPECT_EQ(run({"variance", "--param", "day=2025-01-01", "--param", "account=A2"}).out,
            "total_cost_usd\n7.000000\n");
  // A value is a value, never SQL.
  EXPECT_EQ(run({"variance", "--param", "day=2025-01-01", "--param", "account=A2' OR '1'='1"}).out,
            "total_cost_usd\n");
  EXPECT_THAT(run({"variance"}).err, HasSubstr("`day` (date)"));
  EXPECT_THAT(run({"variance", "--param", "day=tomorrow"}).err, HasSubstr("tomorrow"));
  EXPECT_THAT(run({"variance", "--param", "dya=2025-01-01"}).err, HasSubstr("`day`"));
  EXPECT_THAT(run({"variance", "--param", "day"}).err, HasSubstr("expected NAME=VALUE"));
  EXPECT_THAT(run({"queries", "varience"}).err, HasSubstr("did you mean `variance`?"));
}

TEST(Metric, SaysWhatIsWrongAndWhatThereIs) {
  const TestFolder parent("metric-errors");
  const fs::path folder = parent / "demo";
  make_project(folder);
  const Outcome early = bullion(folder, {"metric", "cost"});
  EXPECT_EQ(early.code, 2);
  deliver_sample(folder, "batch1");
  expect_run(folder);
  const Outcome list = bullion(folder, {"metric"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, HasSubstr("cost_per_event"));
  EXPECT_THAT(bullion(folder, {"metric", "coost"}).err, HasSubstr("did you mean `cost`?"));
  EXPECT_THAT(bullion(folder, {"metric", "cost", "--by", "servce"}).err,
              HasSubstr("did you mean `service`?"));
  EXPECT_THAT(bullion(folder, {"metric", "--help"}).out, HasSubstr("half-open"));
  const Outcome table = bullion(folder, {"metric", "cost", "--by", "service"});
  EXPECT_THAT(table.out, HasSubstr("Cost was 169.00 USD over all days; the largest service is"));

  std::string text = read_file(folder / "metrics/cost.yml");
  const size_t at = text.find("sum(total_cost_usd)");
  ASSERT_NE(at, std::string::npos);
  write_file(folder / "metrics/cost.yml", text.replace(at, 19, "sum(total_cots_usd)"));
  const Outcome check = bullion(folder, {"check"});
  EXPECT_EQ(check.code, 2);
  EXPECT_THAT(check.out, HasSubstr("metrics/cost.yml:8:14"));
  EXPECT_THAT(check.out, HasSubstr("did you mean `total_cost_usd`?"));
  EXPECT_THAT(check.out, HasSubstr("dashboards/summary.yml"));
}

TEST(Metric, IsOptionalInAProject) {
  const TestFolder parent("metric-none");
  const fs::path folder = parent / "demo";
  make_project(folder);
  fs::remove_all(folder / "metrics");
  fs::remove_all(folder / "dashboards");
  EXPECT_EQ(bullion(folder, {"check"}).code, 0);
  const Outcome list = bullion(folder, {"metric"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, HasSubstr("no metrics"));
}

constexpr const char* kBillMetrics = R"~(version: 2
metrics:
  - name: bill
    table: cloud_bill
    measure: sum(cost)
    unit: money
    time_column: usage_date
    dimensions: [project_id, line_item, category]
)~";

TEST(Metric, EqualsTheStatedTotalsOfFourExportsOfARealCloudBill) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const TestFolder folder("metric-mybinder");
  fs::copy(source_folder() / "test/end_to_end/projects/mybinder", folder.path(),
           fs::copy_options::recursive);
  write_file(folder / "metrics/bill.yml", kBillMetrics);
  fs::create_directories(folder / "incoming");
  const std::vector<std::string> names = {"snapshot_1_2018-02-07", "snapshot_2_2018-04-05",
                                          "snapshot_3_2018-04-05", "snapshot_4_2018-05-18"};
  const std::vector<std::string> totals = {"9218.024991", "9702.837037", "22199.200712",
                                           "32464.863161"};
  for (const std::string& name : names) {
    fs::copy(shared_data() / "cloud_cost/mybinder_gcp_billing" / (name + ".csv.gz"),
             folder / "incoming");
    expect_run(folder.path());
  }
  for (size_t i = 0; i < totals.size(); ++i) {
    const json values = metric(folder.path(), {"bill", "--release", std::to_string(i + 1)});
    EXPECT_EQ(values["totals"][0]["value"]["amount"], totals[i]);
  }
  const json months = metric(folder.path(), {"bill", "--grain", "month", "--by", "project_id"});
  EXPECT_EQ(amounts_of(months),
            amounts_of_query(folder.path(),
                             "SELECT CAST(date_trunc('month', usage_date) AS DATE) || ' ' || "
                             "project_id AS key, sum(cost) AS amount FROM cloud_bill GROUP BY "
                             "ALL"));
  // April 2018 against March, and the year to date: both sides are sums of their own.
  const json april = metric(folder.path(), {"bill", "--start", "2018-04-01", "--end", "2018-05-01",
                                            "--compare", "prior_period", "--by", "category"});
  EXPECT_EQ(april["compared_start"], "2018-03-01");
  EXPECT_EQ(april["totals"][0]["compared"]["amount"],
            query_value(folder.path(),
                        "SELECT sum(cost) FROM cloud_bill WHERE usage_date >= "
                        "'2018-03-01' AND usage_date < '2018-04-01'"));
  const json year = metric(folder.path(), {"bill", "--grain", "month", "--window", "ytd", "--start",
                                           "2018-04-01", "--end", "2018-05-01"});
  EXPECT_EQ(year["rows"][0]["value"]["amount"],
            query_value(folder.path(),
                        "SELECT sum(cost) FROM cloud_bill WHERE usage_date >= "
                        "'2018-01-01' AND usage_date < '2018-05-01'"));
}

TEST(Metric, ComesWithTheShippedSourcesAndKeepsTheirDigits) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const TestFolder parent("metric-focus");
  const fs::path folder = parent / "lake-project";
  ASSERT_EQ(bullion(parent.path(), {"init", "cloud_cost", "lake-project", "-q"}).code, 0);
  const Outcome added = bullion(folder, {"source", "add", "focus"});
  ASSERT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("metrics/focus.yml"));
  const Outcome check = bullion(folder, {"check"});
  EXPECT_EQ(check.code, 0) << check.out;
  fs::copy(shared_data() / "cloud_cost/focus_1_0_sample/focus_sample.csv.gz",
           folder / "incoming/focus/focus-2024-10-31.csv.gz");
  expect_run(folder);
  const json cost = metric(folder, {"focus_billed_cost", "--by", "service"});
  EXPECT_EQ(cost["totals"][0]["value"]["amount"], "20.520226728990000000");
  EXPECT_EQ(metric(folder, {"focus_charge_count"})["totals"][0]["value"], "1000");
}

}  // namespace
}  // namespace bullion::end_to_end
