// Budgets as a user meets them: plans, bookings, orders and templates that were reckoned by hand.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <xlsxwriter.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kCalendar = "{days: {start: 2000-01-01, end: 2050-01-01}}";

fs::path make_ledger(const TestFolder& parent, const std::string& calendar = kCalendar) {
  must(parent.path(), {"init", "spend", "ledger", "-q"});
  const fs::path folder = parent / "ledger";
  replace_in(folder / "bullion.yml", kCalendar, calendar);
  fs::create_directories(folder / "incoming");
  return folder;
}

struct Invoice {
  std::string posted_on;
  std::string department;
  std::string account;
  std::string amount;
  std::string campaign = {};
  std::string purchase_order = {};
  std::string item = {};
  std::string quantity = {};
};

void deliver_invoices(const fs::path& folder, const std::string& name,
                      const std::vector<Invoice>& invoices) {
  std::string text =
      "line_id,version,document_id,entity,vendor_id,vendor_name,invoice_number,document_type,"
      "reverses_number,invoice_date,received_on,posted_on,department,account,category,campaign_id,"
      "item,quantity,unit_price,amount,currency,purchase_order,contract_id,batch_id,is_withdrawn\n";
  int number = 0;
  for (const Invoice& invoice : invoices) {
    ++number;
    text += fmt::format(
        "{0}-{1},1,D-{0}-{1},DE01,V{1},Vendor {1},{0}{1}{2},invoice,,{2},{2},{2},{3},{4},Other,{5},"
        "{6},{7},,{8},EUR,{9},,,false\n",
        name, number, invoice.posted_on, invoice.department, invoice.account, invoice.campaign,
        invoice.item, invoice.quantity, invoice.amount, invoice.purchase_order);
  }
  write_file(folder / "incoming" / fmt::format("invoices-{}.csv", name), text);
}

/// "version,month,department,account,campaign,amount" or with ",item,quantity" behind it.
void deliver_budget(const fs::path& folder, const std::string& name,
                    const std::vector<std::string>& lines) {
  std::string text =
      "budget_line_id,budget_version,fiscal_month,department,account,campaign_id,amount,item,"
      "quantity,currency\n";
  int number = 0;
  for (const std::string& line : lines) {
    const bool has_item = std::ranges::count(line, ',') == 7;
    text += fmt::format("{}{},{}{},EUR\n", name, ++number, line, has_item ? "" : ",,");
  }
  write_file(folder / "incoming" / fmt::format("budgets-{}.csv", name), text);
}

std::vector<std::string> every_month(const std::string& version, int year, const std::string& line,
                                     const std::string& amount) {
  std::vector<std::string> lines;
  for (int month = 1; month <= 12; ++month) {
    lines.push_back(fmt::format("{},{}-{:02}-01,{},{}", version, year, month, line, amount));
  }
  return lines;
}

void append(std::vector<std::string>& lines, const std::vector<std::string>& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  size_t start = 0;
  for (size_t end = 0; end != std::string::npos; start = end + 1) {
    end = line.find(',', start);
    cells.push_back(line.substr(start, end == std::string::npos ? end : end - start));
  }
  return cells;
}

// Seven lines in a year from July to June, reckoned by hand: a department as a whole, a campaign,
// revenue, months without a plan, refunds, and variances at and beside the limits of 5,000.00 and
// 10 %. department, account, campaign, month, budget, actual, variance, F or U, percent, material,
// and the last six again for the year to date.
constexpr const char* kFixture = R"(
D100,6100,,2024-07,10000.00,10000.00,0.00,,0.00,,10000.00,10000.00,0.00,,0.00,
D100,6100,,2024-08,10000.00,9500.55,-499.45,F,-4.99,,20000.00,19500.55,-499.45,F,-2.50,
D100,6100,,2024-09,10000.00,15000.00,5000.00,U,50.00,yes,30000.00,34500.55,4500.55,U,15.00,
D100,6100,,2024-10,10000.00,14999.99,4999.99,U,50.00,,40000.00,49500.54,9500.54,U,23.75,yes
D100,6100,,2024-11,10000.00,10999.99,999.99,U,10.00,,50000.00,60500.53,10500.53,U,21.00,yes
D100,6100,,2024-12,10000.00,11000.00,1000.00,U,10.00,,60000.00,71500.53,11500.53,U,19.17,yes
D100,6100,,2025-01,10000.00,0.00,-10000.00,F,-100.00,yes,70000.00,71500.53,1500.53,U,2.14,
D100,6100,,2025-02,10000.00,10000.01,0.01,U,0.00,,80000.00,81500.54,1500.54,U,1.88,
D100,6100,,2025-03,10000.00,-250.00,-10250.00,F,-102.50,yes,90000.00,81250.54,-8749.46,F,-9.72,
D100,6100,,2025-04,10000.00,9999.99,-0.01,F,0.00,,100000.00,91250.53,-8749.47,F,-8.75,
D100,6100,,2025-05,10000.00,20000.00,10000.00,U,100.00,yes,110000.00,111250.53,1250.53,U,1.14,
D100,6100,,2025-06,10000.00,12345.67,2345.67,U,23.46,,120000.00,123596.20,3596.20,U,3.00,
D100,6200,,2024-07,50000.00,55000.00,5000.00,U,10.00,yes,50000.00,55000.00,5000.00,U,10.00,yes
D100,6200,,2024-08,50000.00,45000.00,-5000.00,F,-10.00,yes,100000.00,100000.00,0.00,,0.00,
D100,6200,,2024-09,50000.00,54999.99,4999.99,U,10.00,,150000.00,154999.99,4999.99,U,3.33,
D100,6200,,2024-10,60000.00,66000.00,6000.00,U,10.00,yes,210000.00,220999.99,10999.99,U,5.24,
D100,6200,,2024-11,60000.00,65999.99,5999.99,U,10.00,,270000.00,286999.98,16999.98,U,6.30,
D100,6200,,2024-12,60000.00,54000.00,-6000.00,F,-10.00,yes,330000.00,340999.98,10999.98,U,3.33,
D100,6200,,2025-01,60000.00,60000.00,0.00,,0.00,,390000.00,400999.98,10999.98,U,2.82,
D100,6200,,2025-02,60000.00,61234.56,1234.56,U,2.06,,450000.00,462234.54,12234.54,U,2.72,
D100,6200,,2025-03,60000.00,58765.44,-1234.56,F,-2.06,,510000.00,520999.98,10999.98,U,2.16,
D100,6200,,2025-04,60000.00,60000.01,0.01,U,0.00,,570000.00,580999.99,10999.99,U,1.93,
D100,6200,,2025-05,60000.00,72000.00,12000.00,U,20.00,yes,630000.00,652999.99,22999.99,U,3.65,
D100,6200,,2025-06,60000.00,48000.00,-12000.00,F,-20.00,yes,690000.00,700999.99,10999.99,U,1.59,
D200,6400,,2024-07,1234.56,1234.56,0.00,,0.00,,1234.56,1234.56,0.00,,0.00,
D200,6400,,2024-08,1234.56,1300.00,65.44,U,5.30,,2469.12,2534.56,65.44,U,2.65,
D200,6400,,2024-09,1234.56,1100.01,-134.55,F,-10.90,,3703.68,3634.57,-69.11,F,-1.87,
D200,6400,,2024-10,1234.56,0.00,-1234.56,F,-100.00,,4938.24,3634.57,-1303.67,F,-26.40,
D200,6400,,2024-11,1234.56,6234.56,5000.00,U,405.00,yes,6172.80,9869.13,3696.33,U,59.88,
D200,6400,,2024-12,1234.56,1234.57,0.01,U,0.00,,7407.36,11103.70,3696.34,U,49.90,
D200,6400,,2025-01,7890.12,7890.12,0.00,,0.00,,15297.48,18993.82,3696.34,U,24.16,
D200,6400,,2025-02,7890.12,12890.12,5000.00,U,63.37,yes,23187.60,31883.94,8696.34,U,37.50,yes
D200,6400,,2025-03,7890.12,8000.00,109.88,U,1.39,,31077.72,39883.94,8806.22,U,28.34,yes
D200,6400,,2025-04,7890.12,7000.99,-889.13,F,-11.27,,38967.84,46884.93,7917.09,U,20.32,yes
D200,6400,,2025-05,7890.12,6543.21,-1346.91,F,-17.07,,46857.96,53428.14,6570.18,U,14.02,yes
D200,6400,,2025-06,7890.12,7890.11,-0.01,F,0.00,,54748.08,61318.25,6570.17,U,12.00,yes
D200,,CMP-1,2024-07,20000.00,21999.99,1999.99,U,10.00,,20000.00,21999.99,1999.99,U,10.00,
D200,,CMP-1,2024-08,0.00,0.00,0.00,,,,20000.00,21999.99,1999.99,U,10.00,
D200,,CMP-1,2024-09,0.00,150.25,150.25,U,,,20000.00,22150.24,2150.24,U,10.75,
D200,,CMP-1,2024-10,20000.00,22000.00,2000.00,U,10.00,,40000.00,44150.24,4150.24,U,10.38,
D200,,CMP-1,2024-11,0.00,0.00,0.00,,,,40000.00,44150.24,4150.24,U,10.38,
D200,,CMP-1,2024-12,0.00,0.00,0.00,,,,40000.00,44150.24,4150.24,U,10.38,
D200,,CMP-1,2025-01,20000.00,25000.00,5000.00,U,25.00,yes,60000.00,69150.24,9150.24,U,15.25,yes
D200,,CMP-1,2025-02,0.00,5000.00,5000.00,U,,yes,60000.00,74150.24,14150.24,U,23.58,yes
D200,,CMP-1,2025-03,0.00,0.00,0.00,,,,60000.00,74150.24,14150.24,U,23.58,yes
D200,,CMP-1,2025-04,20000.00,15000.00,-5000.00,F,-25.00,yes,80000.00,89150.24,9150.24,U,11.44,yes
D200,,CMP-1,2025-05,0.00,0.00,0.00,,,,80000.00,89150.24,9150.24,U,11.44,yes
D200,,CMP-1,2025-06,0.00,99.99,99.99,U,,,80000.00,89250.23,9250.23,U,11.56,yes
D300,,,2024-07,33333.33,33333.33,0.00,,0.00,,33333.33,33333.33,0.00,,0.00,
D300,,,2024-08,33333.33,33333.34,0.01,U,0.00,,66666.66,66666.67,0.01,U,0.00,
D300,,,2024-09,33333.33,28333.33,-5000.00,F,-15.00,yes,99999.99,95000.00,-4999.99,F,-5.00,
D300,,,2024-10,33333.33,38333.33,5000.00,U,15.00,yes,133333.32,133333.33,0.01,U,0.00,
D300,,,2024-11,33333.33,38333.32,4999.99,U,15.00,,166666.65,171666.65,5000.00,U,3.00,
D300,,,2024-12,33333.33,30000.00,-3333.33,F,-10.00,,199999.98,201666.65,1666.67,U,0.83,
D300,,,2025-01,33333.33,36666.66,3333.33,U,10.00,,233333.31,238333.31,5000.00,U,2.14,
D300,,,2025-02,33333.33,33333.00,-0.33,F,0.00,,266666.64,271666.31,4999.67,U,1.87,
D300,,,2025-03,33333.33,40000.00,6666.67,U,20.00,yes,299999.97,311666.31,11666.34,U,3.89,
D300,,,2025-04,33333.33,25000.00,-8333.33,F,-25.00,yes,333333.30,336666.31,3333.01,U,1.00,
D300,,,2025-05,33333.33,33333.33,0.00,,0.00,,366666.63,369999.64,3333.01,U,0.91,
D300,,,2025-06,33333.33,34000.00,666.67,U,2.00,,399999.96,403999.64,3999.68,U,1.00,
D300,4100,,2024-07,100000.00,100000.00,0.00,,0.00,,100000.00,100000.00,0.00,,0.00,
D300,4100,,2024-08,100000.00,90000.00,-10000.00,U,-10.00,yes,200000.00,190000.00,-10000.00,U,-5.00,
D300,4100,,2024-09,100000.00,90000.01,-9999.99,U,-10.00,,300000.00,280000.01,-19999.99,U,-6.67,
D300,4100,,2024-10,100000.00,110000.00,10000.00,F,10.00,yes,400000.00,390000.01,-9999.99,U,-2.50,
D300,4100,,2024-11,100000.00,105000.00,5000.00,F,5.00,,500000.00,495000.01,-4999.99,U,-1.00,
D300,4100,,2024-12,100000.00,94999.99,-5000.01,U,-5.00,,600000.00,590000.00,-10000.00,U,-1.67,
D300,4100,,2025-01,120000.00,120000.00,0.00,,0.00,,720000.00,710000.00,-10000.00,U,-1.39,
D300,4100,,2025-02,120000.00,132000.00,12000.00,F,10.00,yes,840000.00,842000.00,2000.00,F,0.24,
D300,4100,,2025-03,120000.00,131999.99,11999.99,F,10.00,,960000.00,973999.99,13999.99,F,1.46,
D300,4100,,2025-04,120000.00,108000.00,-12000.00,U,-10.00,yes,1080000.00,1081999.99,1999.99,F,0.19,
D300,4100,,2025-05,120000.00,119999.99,-0.01,U,0.00,,1200000.00,1201999.98,1999.98,F,0.17,
D300,4100,,2025-06,120000.00,150000.00,30000.00,F,25.00,yes,1320000.00,1351999.98,31999.98,F,2.42,
D400,7200,,2024-07,0.00,0.00,0.00,,,,0.00,0.00,0.00,,,
D400,7200,,2024-08,0.00,125.75,125.75,U,,,0.00,125.75,125.75,U,,
D400,7200,,2024-09,2500.50,2500.50,0.00,,0.00,,2500.50,2626.25,125.75,U,5.03,
D400,7200,,2024-10,2500.50,2600.00,99.50,U,3.98,,5001.00,5226.25,225.25,U,4.50,
D400,7200,,2024-11,2500.50,2250.45,-250.05,F,-10.00,,7501.50,7476.70,-24.80,F,-0.33,
D400,7200,,2024-12,2500.50,2750.55,250.05,U,10.00,,10002.00,10227.25,225.25,U,2.25,
D400,7200,,2025-01,2500.50,7500.50,5000.00,U,199.96,yes,12502.50,17727.75,5225.25,U,41.79,yes
D400,7200,,2025-02,2500.50,7501.00,5000.50,U,199.98,yes,15003.00,25228.75,10225.75,U,68.16,yes
D400,7200,,2025-03,2500.50,0.00,-2500.50,F,-100.00,,17503.50,25228.75,7725.25,U,44.14,yes
D400,7200,,2025-04,2500.50,2500.49,-0.01,F,0.00,,20004.00,27729.24,7725.24,U,38.62,yes
D400,7200,,2025-05,2500.50,2500.51,0.01,U,0.00,,22504.50,30229.75,7725.25,U,34.33,yes
D400,7200,,2025-06,0.00,6000.00,6000.00,U,,yes,22504.50,36229.75,13725.25,U,60.99,yes
)";

std::vector<std::vector<std::string>> fixture() {
  std::vector<std::vector<std::string>> rows;
  const std::string text = kFixture;
  for (size_t at = 1; at < text.size();) {
    const size_t end = text.find('\n', at);
    rows.push_back(split(text.substr(at, end - at)));
    at = end + 1;
  }
  return rows;
}

/// Bookings of the fixture: on the first and the last days of months, as invoices, claims and
/// postings, on accounts and campaigns that only the right line of the budget takes.
void deliver_fixture(const fs::path& folder) {
  std::vector<std::string> budget;
  std::vector<Invoice> invoices;
  std::string claims =
      "expense_id,version,entity,channel,employee_id,card_id,department,account,category,merchant,"
      "spent_on,submitted_on,posted_on,amount,currency,campaign_id,batch_id,is_withdrawn\n";
  std::string postings =
      "posting_id,version,posted_on,department,account,campaign_id,item,quantity,amount,currency,"
      "is_withdrawn\n";
  const std::map<std::string, std::string> last_days = {
      {"2024-07", "31"}, {"2024-08", "31"}, {"2024-09", "30"}, {"2024-10", "31"},
      {"2024-11", "30"}, {"2024-12", "31"}, {"2025-01", "31"}, {"2025-02", "28"},
      {"2025-03", "31"}, {"2025-04", "30"}, {"2025-05", "31"}, {"2025-06", "30"}};
  int number = 0;
  for (const auto& row : fixture()) {
    ++number;
    budget.push_back(
        fmt::format("adopted,{}-01,{},{},{},{}", row[3], row[0], row[1], row[2], row[4]));
    if (row[5] == "0.00") continue;
    const std::string day = row[3] + "-" + (number % 2 == 0 ? "01" : last_days.at(row[3]));
    if (row[1] == "4100") {
      postings +=
          fmt::format("P{},1,{},{},{},,,,{},EUR,false\n", number, day, row[0], row[1], row[5]);
    } else if (row[1] == "7200") {
      claims +=
          fmt::format("X{0},1,DE01,claim,E1,,{1},{2},Travel,Rail,{3},{3},{3},{4},EUR,,,false\n",
                      number, row[0], row[1], day, row[5]);
    } else {
      // The account of the line, of the campaign, or another one of the department.
      const std::string account = row[2].empty() ? (row[1].empty() ? "6300" : row[1]) : "6400";
      invoices.push_back({day, row[0], account, row[5], row[2]});
    }
  }
  deliver_budget(folder, "b", budget);
  deliver_invoices(folder, "i", invoices);
  write_file(folder / "incoming/expenses.csv", claims);
  write_file(folder / "incoming/postings.csv", postings);
}

std::string text_of(const json& value) { return value.is_null() ? "" : value.get<std::string>(); }

TEST(Budget, EveryVarianceOfTheFixtureIsAsReckonedByHand) {
  const TestFolder parent("budget-fixture");
  const fs::path folder =
      make_ledger(parent, "{year_start_month: 7, days: {start: 2020-01-01, end: 2030-01-01}}");
  deliver_fixture(folder);
  must(folder, {"run", "-q"});
  const auto rows = fixture();
  ASSERT_EQ(rows.size(), 84U);
  for (int month = 0; month < 12; ++month) {
    const std::string name = rows[static_cast<size_t>(month)][3];
    std::map<std::string, std::string> shown;
    for (const json& row :
         rows_of(folder, {"variance", "--param", "month=" + name, "--param", "by=line"})) {
      std::string line = name;
      for (const char* column :
           {"budget", "actual", "variance", "fu", "percent", "material", "budget_ytd", "actual_ytd",
            "variance_ytd", "fu_ytd", "percent_ytd", "material_ytd"}) {
        line += "," + text_of(row[column]);
      }
      EXPECT_EQ(row["period"], fmt::format("FY2025-{:02}", month + 1));
      shown[fmt::format("{},{},{}", text_of(row["department"]), text_of(row["account"]),
                        text_of(row["campaign_id"]))] = line;
    }
    EXPECT_EQ(shown.size(), 7U);
    for (const auto& row : rows) {
      if (row[3] != name) continue;
      const std::string key = fmt::format("{},{},{}", row[0], row[1], row[2]);
      EXPECT_EQ(key + "," + shown[key], fmt::format("{}", fmt::join(row, ",")));
    }
  }
}

TEST(Budget, TheOutlookHasForecastRunRateAndPace) {
  const TestFolder parent("budget-outlook");
  const fs::path folder =
      make_ledger(parent, "{year_start_month: 7, days: {start: 2020-01-01, end: 2030-01-01}}");
  deliver_fixture(folder);
  must(folder, {"run", "-q"});
  std::map<std::string, json> lines;
  for (const json& row : rows_of(folder, {"queries", "budget_outlook", "--param", "month=2024-09",
                                          "--param", "by=line"})) {
    lines[text_of(row["department"]) + text_of(row["account"])] = row;
  }
  // 92 of 365 days are over: 34,500.55 of 120,000.00 is a run rate of 34,500.55 * 365 / 92.
  const json& supplies = lines.at("D1006100");
  EXPECT_EQ(supplies["budget_year"], "120000.00");
  EXPECT_EQ(supplies["actual_ytd"], "34500.55");
  EXPECT_EQ(supplies["available"], "85499.45");
  EXPECT_EQ(supplies["forecast_year"], "124500.55");
  EXPECT_EQ(supplies["variance_year"], "4500.55");
  EXPECT_EQ(supplies["fu_year"], "U");
  EXPECT_EQ(supplies["run_rate_year"], "136877.18");
  EXPECT_EQ(supplies["spent_percent"], "28.75");
  EXPECT_EQ(supplies["elapsed_percent"], "25.21");
  EXPECT_EQ(supplies["pace"], "114.06");
  // Revenue: 280,000.01 to date and 300,000.00 + 720,000.00 to come, of 1,320,000.00.
  const json& revenue = lines.at("D3004100");
  EXPECT_EQ(revenue["forecast_year"], "1300000.01");
  EXPECT_EQ(revenue["variance_year"], "-19999.99");
  EXPECT_EQ(revenue["fu_year"], "U");
}

TEST(Budget, TheVersionDecidedLastIsInForceAndOthersCanBeAskedFor) {
  const TestFolder parent("budget-versions");
  const fs::path folder = make_ledger(parent);
  write_file(folder / "seeds/budget_decisions.csv",
             "fiscal_year,budget_version,in_force_from\n2024,adjusted,2024-04-15\n");
  std::vector<std::string> lines = every_month("proposed", 2024, "D100,6100,", "100.00");
  append(lines, every_month("adopted", 2024, "D100,6100,", "90.00"));
  append(lines, every_month("adjusted", 2024, "D100,6100,", "120.00"));
  append(lines, every_month("forecast", 2024, "D100,6100,", "110.00"));
  deliver_budget(folder, "b", lines);
  deliver_invoices(
      folder, "i",
      {{"2024-03-05", "D100", "6100", "95.00"}, {"2024-04-05", "D100", "6100", "80.00"}});
  must(folder, {"run", "-q"});
  const auto asked = [&](const std::string& query, const std::string& month,
                         const std::string& version) {
    return rows_of(folder,
                   {"queries", query, "--param", "month=" + month, "--param", "version=" + version})
        .at(0);
  };
  const json march = asked("variance", "2024-03", "in_force");
  EXPECT_EQ(march["budget_version"], "adopted");
  EXPECT_EQ(march["variance"], "5.00");
  EXPECT_EQ(march["fu"], "U");
  // The decision fell within April, so April and the year to date are measured by it.
  const json april = asked("variance", "2024-04-01", "in_force");
  EXPECT_EQ(april["budget_version"], "adjusted");
  EXPECT_EQ(april["variance"], "-40.00");
  EXPECT_EQ(april["budget_ytd"], "480.00");
  EXPECT_EQ(asked("variance", "2024-03", "proposed")["variance"], "-5.00");
  EXPECT_EQ(asked("variance", "latest", "in_force")["period"], "FY2024-04");
  // 175.00 to date, and 8 months as the forecast sees them.
  EXPECT_EQ(asked("budget_outlook", "2024-04", "in_force")["forecast_year"], "1055.00");
  std::vector<std::string> steps;
  for (const json& row : rows_of(folder, {"queries", "budget_versions"})) {
    steps.push_back(fmt::format("{} {} {} {}", text_of(row["budget_version"]),
                                text_of(row["budget"]), text_of(row["change"]),
                                text_of(row["change_percent"])));
  }
  EXPECT_THAT(steps,
              ElementsAre("proposed 1200.00  ", "adopted 1080.00 -120.00 -10.00",
                          "adjusted 1440.00 360.00 33.33", "forecast 1320.00 -120.00 -8.33"));
}

std::string orders(const std::vector<std::string>& lines) {
  std::string text =
      "commitment_id,version,purchase_order,ordered_on,closed_on,vendor_id,department,account,"
      "campaign_id,amount,currency,is_withdrawn\n";
  for (const std::string& line : lines) text += line + ",EUR,false\n";
  return text;
}

TEST(Budget, OrdersBindMoneyUntilTheyAreInvoicedOrClosedAndNeverLessThanNothing) {
  const TestFolder parent("budget-orders");
  const fs::path folder = make_ledger(parent);
  deliver_budget(folder, "b", every_month("adopted", 2024, "D600,6200,", "250.00"));
  write_file(folder / "incoming/commitments-1.csv",
             orders({"C1,1,PO-1,2024-02-10,2024-06-15,V1,D600,6200,,1000.00",
                     "C2,1,PO-2,2024-05-20,,V1,D600,6200,,900.00",
                     "C3,1,PO-3,2024-07-01,,V1,D600,6200,,50.00",
                     "C4,1,PO-3,2024-07-01,,V1,D700,6510,,300.00"}));
  deliver_invoices(folder, "i",
                   {{"2024-03-05", "D600", "6200", "400.00", "", "PO-1"},
                    {"2024-04-02", "D600", "6200", "700.00", "", "PO-1"},
                    {"2024-05-06", "D600", "6200", "-300.00", "", "PO-1"},
                    // Billed before it was ordered, and booked where the order has no line.
                    {"2024-05-10", "D600", "6200", "100.00", "", "PO-2"},
                    {"2024-07-05", "D100", "6100", "20.00", "", "PO-3"}});
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder,
                "SELECT purchase_order, department, ordered, relieved, open_amount FROM "
                "fact_commitment ORDER BY ALL"),
            "purchase_order,department,ordered,relieved,open_amount\n"
            "PO-1,D600,1000.00,800.00,0.00\nPO-2,D600,900.00,100.00,800.00\n"
            "PO-3,D600,50.00,20.00,30.00\nPO-3,D700,300.00,0.00,300.00\n");
  std::vector<std::string> open;
  for (const char* month : {"2024-02", "2024-03", "2024-04", "2024-05", "2024-06", "2024-07"}) {
    for (const json& row :
         rows_of(folder, {"queries", "budget_outlook", "--param", std::string("month=") + month})) {
      if (row["department"] == "D600") open.push_back(text_of(row["committed"]));
    }
  }
  EXPECT_THAT(open, ElementsAre("1000.00", "600.00", "0.00", "1000.00", "800.00", "830.00"));
}

TEST(Budget, AShareOfTheBudgetIsToldOnceAlsoWhenAnOrderReachesIt) {
  const TestFolder parent("budget-crossing");
  const fs::path folder = make_ledger(parent);
  deliver_budget(folder, "b", every_month("adopted", 2024, "D600,6200,", "250.00"));
  deliver_invoices(folder, "i", {{"2024-03-05", "D600", "6200", "1730.00"}});
  const auto keys = [&] {
    must(folder, {"run", "-q"});
    must(folder, {"detect"});
    return csv(folder, "SELECT finding_key, amount_at_risk FROM budget_crossing ORDER BY ALL");
  };
  const auto cases = [&] {
    return rows_of(folder, {"cases", "list", "--all", "--detector", "budget_crossing"});
  };
  // 57.7 %, then 2,430.00 of 3,000.00 with an order.
  EXPECT_EQ(keys(), "finding_key,amount_at_risk\n");
  write_file(folder / "incoming/commitments-1.csv",
             orders({"C1,1,PO-1,2024-08-01,,V1,D600,6200,,700.00"}));
  const std::string first = "finding_key,amount_at_risk\ncrossing|D600|6200||EUR|2024|";
  EXPECT_EQ(keys(), first + "80,0.000000\n");
  ASSERT_EQ(cases().size(), 1U);
  const std::string id = cases().at(0)["case"].dump();
  must(folder, {"cases", "dismiss", id, "--reason", "planned"});
  // Further orders below the next share tell nothing new.
  write_file(folder / "incoming/commitments-2.csv",
             orders({"C2,1,PO-2,2024-08-02,,V1,D600,6200,,100.00"}));
  EXPECT_EQ(keys(), first + "80,0.000000\n");
  ASSERT_EQ(cases().size(), 1U);
  EXPECT_EQ(cases().at(0)["state"], "dismissed");
  // 3,430.00 crosses two shares at once, one of which has the money, and stays crossed when the
  // order is closed later.
  write_file(folder / "incoming/commitments-3.csv",
             orders({"C3,1,PO-3,2024-09-02,,V1,D600,6200,,900.00"}));
  const std::string three =
      "finding_key,amount_at_risk\ncrossing|D600|6200||EUR|2024|100,0.000000\n"
      "crossing|D600|6200||EUR|2024|110,430.000000\ncrossing|D600|6200||EUR|2024|80,0.000000\n";
  EXPECT_EQ(keys(), three);
  write_file(folder / "incoming/commitments-4.csv",
             orders({"C3,2,PO-3,2024-09-02,2024-11-01,V1,D600,6200,,900.00"}));
  EXPECT_EQ(keys(), three);
  EXPECT_EQ(cases().size(), 1U);
}

TEST(Budget, WhatAYearLeftIsCarriedForwardWhereThatIsDeclared) {
  const TestFolder parent("budget-carry");
  const fs::path folder = make_ledger(parent);
  write_file(folder / "seeds/carry_forward.csv",
             "department,account,max_percent\nD100,6100,20\nD200,*,100\nD400,*,100\n");
  std::vector<std::string> lines;
  for (const int year : {2024, 2025, 2026}) {
    for (const char* line : {"D100,6100,", "D200,,", "D300,6300,", "D400,7200,"}) {
      append(lines, every_month("adopted", year, line, "100.00"));
    }
  }
  deliver_budget(folder, "b", lines);
  deliver_invoices(folder, "i",
                   {{"2024-03-05", "D100", "6100", "900.00"},
                    {"2024-12-31", "D200", "6900", "1190.00"},
                    {"2024-05-05", "D300", "6300", "200.00"},
                    {"2024-06-06", "D400", "7200", "1200.01"},
                    {"2025-01-02", "D100", "6100", "10.00"}});
  must(folder, {"run", "-q"});
  const std::string sql =
      "SELECT fiscal_year, department, sum(carried) AS carried FROM budget_position "
      "GROUP BY ALL HAVING sum(carried) <> 0 ORDER BY ALL";
  // 300.00 were left of 1,200.00, of which 20 % may be kept; 10.00; nothing declared; overspent.
  EXPECT_EQ(csv(folder, sql),
            "fiscal_year,department,carried\n2025,D100,240.00\n2025,D200,10.00\n");
  const json row = rows_of(folder, {"queries", "budget_outlook", "--param", "month=2025-01"}).at(0);
  EXPECT_EQ(row["budget_year"], "1440.00");
  EXPECT_EQ(row["available"], "1430.00");
}

TEST(Budget, PriceVolumeAndMixAddUpToTheDifferenceToTheCent) {
  const TestFolder parent("budget-bridge");
  const fs::path folder = make_ledger(parent);
  deliver_budget(
      folder, "b",
      {"adopted,2024-03-01,D500,6700,,1000.00,A,100", "adopted,2024-03-01,D500,6700,,1000.00,B,50",
       "adopted,2024-03-01,D500,6900,,100.00,C,3", "adopted,2024-04-01,D500,6900,,55.55,D,4"});
  deliver_invoices(folder, "i",
                   {{"2024-03-05", "D500", "6700", "1320.00", "", "", "A", "120"},
                    {"2024-03-06", "D500", "6700", "570.00", "", "", "B", "30"},
                    {"2024-03-07", "D500", "6900", "170.01", "", "", "C", "6"},
                    {"2024-03-08", "D500", "6900", "30.00", "", "", "E", "2"}});
  must(folder, {"run", "-q"});
  std::vector<std::string> bridge;
  for (const json& row : rows_of(folder, {"queries", "price_volume_mix", "--param",
                                          "from=2024-01-01", "--param", "to=2025-01-01"})) {
    bridge.push_back(fmt::format("{}: {} = {} + {} + {}", text_of(row["item"]),
                                 text_of(row["difference"]), text_of(row["price"]),
                                 text_of(row["volume"]), text_of(row["mix"])));
  }
  // A and B: as many in all. C, D and E: 8 instead of 7, at 33.33 and 13.89 apiece; D was not
  // bought, and E was not planned.
  EXPECT_THAT(
      bridge,
      ElementsAre("A: 320.00 = 120.00 + 0.00 + 200.00", "B: -430.00 = -30.00 + 0.00 + -400.00",
                  "C: 70.01 = -29.99 + 14.29 + 85.71", "D: -55.55 = 0.00 + 7.94 + -63.49",
                  "E: 30.00 = 0.00 + 0.00 + 30.00"));
}

TEST(Budget, MonthsOfFourAndFiveWeeksAreThoseOfTheCalendar) {
  const TestFolder parent("budget-weeks");
  const fs::path folder = make_ledger(
      parent,
      "{pattern: 4-4-5, year_starts: [2024-02-04, 2025-02-02], days: {start: 2024-02-04, end: "
      "2025-02-02}}");
  deliver_budget(folder, "b",
                 {"adopted,2024-03-03,D100,6100,,500.00", "adopted,2024-04-01,D100,6100,,600.00"});
  deliver_invoices(
      folder, "i",
      {{"2024-03-30", "D100", "6100", "450.00"}, {"2024-03-31", "D100", "6100", "601.00"}});
  must(folder, {"run", "-q"});
  const json second = rows_of(folder, {"variance", "--param", "month=2024-03-30"}).at(0);
  EXPECT_EQ(second["period"], "FY2025-02");
  EXPECT_EQ(second["variance"], "-50.00");
  // 56 of 364 days, 450.00 of 1,100.00.
  EXPECT_EQ(second["pace"], "265.91");
  const json third = rows_of(folder, {"variance", "--param", "month=2024-03-31"}).at(0);
  EXPECT_EQ(third["period"], "FY2025-03");
  EXPECT_EQ(third["variance"], "1.00");
  EXPECT_EQ(third["variance_ytd"], "-49.00");
}

constexpr const char* kPlanned =
    "SELECT department, account, fiscal_month, amount FROM fact_budget WHERE budget_version = "
    "'proposed' ORDER BY ALL";

TEST(Budget, ATemplateFilledInIsTheBudgetToTheCent) {
  const TestFolder parent("budget-template");
  const fs::path folder = make_ledger(parent);
  std::vector<std::string> lines = every_month("adopted", 2024, "D100,6100,", "1234.56");
  append(lines, every_month("adopted", 2024, "D200,,", "0.10"));
  deliver_budget(folder, "b", lines);
  must(folder, {"run", "-q"});
  EXPECT_THAT(must(folder, {"budget", "template", "--xlsx"}).out, HasSubstr("14815.92"));
  EXPECT_EQ(bullion(folder, {"budget", "template", "--xlsx"}).code, 2);
  must(folder, {"budget", "template", "--csv"});
  must(folder, {"budget", "template", "--xlsx", "--file", "again.xlsx"});
  EXPECT_EQ(read_file(folder / "again.xlsx"), read_file(folder / "budget_template.xlsx"));
  // As it came out, it comes in: 24 cells.
  fs::copy(folder / "budget_template.xlsx", folder / "incoming/budget_template_2025.xlsx");
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder,
                "SELECT budget_version, year(fiscal_month) AS year, count(*) AS n, sum(amount) AS "
                "amount FROM fact_budget GROUP BY ALL ORDER BY ALL"),
            "budget_version,year,n,amount\nadopted,2024,24,14815.92\nproposed,2025,24,14815.92\n");
  // The next one has the next revision; filled in as CSV with a title of one's own it is the
  // budget of another year.
  must(folder, {"budget", "template", "--csv", "--year", "2026", "--from", "proposed", "--force"});
  std::string text = read_file(folder / "budget_template.csv");
  EXPECT_THAT(text, HasSubstr("proposed,1,D100,6100,\"\",\"\",EUR,1234.56,"));
  text.replace(text.find("1234.56"), 7, "\"2,000.01\"");
  EXPECT_EQ(bullion(folder, {"budget", "template"}).code, 2);
  write_file(folder / "incoming/budget_template_2026.csv",
             "Our budget,,,\r\n" + text + "Total,,,,,,EUR,1,2,3\r\n");
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder,
                "SELECT count(*) AS n, sum(amount) AS amount FROM fact_budget WHERE "
                "year(fiscal_month) = 2026"),
            "n,amount\n24,15581.37\n");
}

TEST(Budget, ALineThatStandsTwiceInATemplateBlocksUntilItsFileIsWithdrawn) {
  const TestFolder parent("budget-twice");
  const fs::path folder = make_ledger(parent);
  const std::string head =
      "budget_version,revision,department,account,campaign_id,line,currency,2024-07-01,2024-08-01\n"
      "adopted,1,D100,6100,,,EUR,700.00,600.00\n";
  const fs::path file = folder / "incoming/budget_template.csv";
  write_file(file, head + "adopted,1,D100,6100,,,EUR,1000.00,2000.00\n");
  const Outcome blocked = bullion(folder, {"run", "-q"});
  EXPECT_EQ(blocked.code, 3) << blocked.err;
  EXPECT_THAT(blocked.out + blocked.err, HasSubstr("stands twice in a file"));
  must(folder, {"withdraw", "raw_budget_tables-1", "--reason", "a line twice", "-q"});
  write_file(file, head + "adopted,1,D100,6100,,second,EUR,1000.00,2000.00\n");
  must(folder, {"run", "-q"});
  EXPECT_THAT(must(folder, {"query", "SELECT sum(amount) FROM fact_budget"}).out,
              HasSubstr("4300.00"));
  write_file(folder / "incoming/budget_template_b.csv",
             "budget_version,revision,department,account,campaign_id,line,currency,2024-07-01\n"
             "adopted,1,D100,6100,,,EUR,800.00\n");
  const Outcome again = bullion(folder, {"run", "-q"});
  EXPECT_EQ(again.code, 3) << again.err;
  EXPECT_THAT(again.out + again.err, HasSubstr("came again with another amount"));
}

TEST(Budget, AnUnknownVersionIsAnErrorThatNamesThoseThatAre) {
  const TestFolder parent("budget-versions");
  const fs::path folder = make_ledger(parent);
  deliver_budget(folder, "b", every_month("adopted", 2024, "D100,6100,", "10.00"));
  must(folder, {"run", "-q"});
  for (const char* query : {"variance", "budget_outlook"}) {
    const auto wrong = bullion(folder, {"queries", query, "--param", "version=adoptd"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("is `adoptd` (did you mean `adopted`?); expected in_force, "
                                     "adopted, as in budget_plans.budget_version"));
    must(folder, {"queries", query, "--param", "version=adopted"});
  }
  EXPECT_THAT(bullion(folder, {"budget", "template", "--csv", "--version", "propsed"}).err,
              HasSubstr("did you mean `proposed`?"));
  EXPECT_THAT(bullion(folder, {"budget", "template", "--csv", "--from", "adjusted"}).err,
              HasSubstr("expected in_force, empty, adopted"));
}

TEST(Budget, ATemplateBeforeAnyBudgetIsInTheCurrencyOfTheProject) {
  const TestFolder parent("budget-currency");
  const fs::path folder = make_ledger(parent);
  replace_in(folder / "bullion.yml", "currency: EUR", "currency: USD");
  deliver_invoices(folder, "i", {{"2025-01-15", "D100", "6100", "10.00"}});
  must(folder, {"run", "-q"});
  must(folder, {"budget", "template", "--csv", "--year", "2026"});
  EXPECT_THAT(read_file(folder / "budget_template.csv"),
              HasSubstr("proposed,1,D100,\"\",\"\",\"\",USD,"));
  must(folder,
       {"budget", "template", "--csv", "--year", "2026", "--param", "currency=CHF", "--force"});
  EXPECT_THAT(read_file(folder / "budget_template.csv"), HasSubstr(",CHF,"));
}

/// A workbook as people make one of a template: titles of their own, merged cells in the header,
/// months as dates, notes beside it, a line of totals, empty cells.
void write_workbook(const fs::path& path, int revision) {
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(book, "FY25");
  lxw_format* month = workbook_add_format(book);
  format_set_num_format(month, "mmm yy");
  worksheet_merge_range(sheet, 0, 0, 0, 10, "ACME, budget of 2025", nullptr);
  worksheet_write_string(sheet, 1, 0, "Operations has seen it", nullptr);
  worksheet_merge_range(sheet, 3, 0, 3, 6, "What", nullptr);
  worksheet_merge_range(sheet, 3, 7, 3, 9, "First quarter", nullptr);
  const std::array<const char*, 7> names = {"Budget_Version", "revision", "department", "account",
                                            "campaign_id",    "line",     "currency"};
  for (size_t i = 0; i < names.size(); ++i) {
    worksheet_write_string(sheet, 4, static_cast<lxw_col_t>(i), names[i], nullptr);
  }
  for (int i = 0; i < 3; ++i) {
    lxw_datetime day = {2025, i + 1, 1, 0, 0, 0.0};
    worksheet_write_datetime(sheet, 4, static_cast<lxw_col_t>(7 + i), &day, month);
  }
  worksheet_write_string(sheet, 4, 10, "Total", nullptr);
  for (lxw_row_t row : {5U, 6U}) {
    worksheet_write_string(sheet, row, 0, "proposed", nullptr);
    worksheet_write_number(sheet, row, 1, revision, nullptr);
    worksheet_write_string(sheet, row, 2, row == 5 ? "D100" : "D200", nullptr);
    worksheet_write_string(sheet, row, 3, "6100", nullptr);
    worksheet_write_string(sheet, row, 6, "EUR", nullptr);
    worksheet_write_number(sheet, row, 7, row == 5 ? 1234.56 * revision : 0.1 + 0.2, nullptr);
    if (row == 5) worksheet_write_number(sheet, row, 8, -20.05, nullptr);
    worksheet_write_number(sheet, row, 9, 1000000, nullptr);
    worksheet_write_formula_num(sheet, row, 10, "=SUM(H6:J6)", nullptr, 5);
  }
  worksheet_write_string(sheet, 8, 0, "Total", nullptr);
  worksheet_write_formula_num(sheet, 8, 7, "=SUM(H6:H7)", nullptr, 1234.86);
  workbook_close(book);
}

TEST(Budget, AWorkbookAsPeopleMakeItIsReadAndReplacedByItsNextRevision) {
  const TestFolder parent("budget-workbook");
  const fs::path folder = make_ledger(parent);
  write_workbook(folder / "incoming/budget_template_a.xlsx", 1);
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder, kPlanned),
            "department,account,fiscal_month,amount\nD100,6100,2025-01-01,1234.56\n"
            "D100,6100,2025-02-01,-20.05\nD100,6100,2025-03-01,1000000.00\n"
            "D200,6100,2025-01-01,0.30\nD200,6100,2025-03-01,1000000.00\n");
  EXPECT_EQ(query_value(folder, "SELECT sum(rows_quarantined) FROM ops.runs"), "0");
  write_workbook(folder / "incoming/budget_template_b.xlsx", 2);
  must(folder, {"run", "-q"});
  EXPECT_EQ(query_value(folder, "SELECT sum(amount) FROM fact_budget"), "2002449.37");
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM fact_budget"), "5");
}

TEST(Budget, AMonthWrittenInAnotherWayIsReadOrSetAsideWithItsMoney) {
  const TestFolder parent("budget-months");
  const fs::path folder = make_ledger(parent);
  write_file(folder / "incoming/budget_template_a.csv",
             "budget_version,revision,department,account,campaign_id,line,currency,2025-07,Aug 25,"
             "Sep 2025,01.10.2025,Total\n"
             "proposed,1,D100,6100,,,EUR,1000.00,\"1,500.50\",50.00,7,2557.50\n");
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder, kPlanned),
            "department,account,fiscal_month,amount\nD100,6100,2025-07-01,1000.00\n"
            "D100,6100,2025-09-01,50.00\nD100,6100,2025-10-01,7.00\n");
  EXPECT_THAT(must(folder, {"quarantine", "list", "--output", "csv"}).out,
              HasSubstr("stands in a column named `Aug 25` that is not read"));
}

TEST(Budget, AWorkbookKeepsNotesBesideItAndRefusesTruthValuesByTheirCell) {
  const TestFolder parent("budget-cells");
  const fs::path folder = make_ledger(parent);
  const fs::path path = folder / "incoming/budget_template_a.xlsx";
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(book, "FY25");
  const std::array<const char*, 10> header = {
      "budget_version", "revision", "department", "account", "campaign_id",
      "line",           "currency", "2025-01-01", "Feb 25",  "2025-03-01"};
  const std::array<const char*, 7> line = {"proposed", "1", "D100", "6100", "", "", "EUR"};
  for (size_t i = 0; i < header.size(); ++i) {
    const auto at = static_cast<lxw_col_t>(i);
    worksheet_write_string(sheet, 0, at, header[i], nullptr);
    if (i < line.size()) worksheet_write_string(sheet, 1, at, line[i], nullptr);
  }
  worksheet_write_number(sheet, 1, 7, 12.5, nullptr);
  worksheet_write_number(sheet, 1, 8, 99, nullptr);
  worksheet_write_boolean(sheet, 1, 9, 1, nullptr);
  worksheet_write_string(sheet, 1, 21, "ask Operations", nullptr);
  workbook_close(book);
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder, kPlanned),
            "department,account,fiscal_month,amount\nD100,6100,2025-01-01,12.50\n");
  const std::string told = must(folder, {"quarantine", "list", "--output", "csv"}).out;
  EXPECT_THAT(told, HasSubstr("cell I2: the number `99`"));
  EXPECT_THAT(told, HasSubstr("cell J2): `TRUE` is not a number"));
}

}  // namespace
}  // namespace bullion::end_to_end
