// Budgets of two governments through the spend domain, to the dollar. The files are not part of
// this repository (program.h, shared_data).
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/shared_data.h"
#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A spend project in dollars, whose budget lines come from the sources of `overlay`.
fs::path make_ledger(const TestFolder& parent, const std::string& overlay, int year_start_month) {
  must(parent.path(), {"init", "spend", "ledger", "-q"});
  const fs::path folder = parent / "ledger";
  replace_in(folder / "bullion.yml", "currency: EUR", "currency: USD");
  replace_in(folder / "bullion.yml", "{days: {",
             fmt::format("{{year_start_month: {}, days: {{", year_start_month));
  replace_in(folder / "models/silver/schema.yml", "values: [EUR]", "values: [USD]");
  replace_in(folder / "models/silver/schema.yml",
             "      kind: append\n      grain: [budget_version, budget_line_id]\n      conserves: "
             "{amount: amount}\n",
             "      kind: full\n      grain: [budget_version, budget_line_id]\n");
  fs::copy(source_folder() / "test/end_to_end/projects/public_budgets" / overlay, folder,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::create_directories(folder / "incoming");
  return folder;
}

void deliver(const fs::path& files, const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(files)) {
    fs::copy(entry.path(), folder / "incoming" / entry.path().filename());
  }
}

/// Fiscal year 2016-17: proposed, adopted and adjusted, in dollars.
constexpr const char* kOaklandStages =
    "All Revenue 1180808251 1182137681 1237091825\n"
    "Capital Improvement Projects Expense 31673077 32150843 37811638\n"
    "City Administrator Expense 19587152 17801806 18666061\n"
    "City Attorney Expense 14489362 15055588 16341608\n"
    "City Auditor Expense 1826542 1826542 1915510\n"
    "City Clerk Expense 1993599 3462575 4642795\n"
    "City Council Expense 4196263 4491097 4806964\n"
    "Economic & Workforce Development Expense 17287485 17291413 18147003\n"
    "Finance Department Expense 35172047 35604483 38377188\n"
    "Fire Expense 139494304 139494304 138110449\n"
    "Housing & Community Development Expense 19197742 18770502 17765090\n"
    "Human Resources Expense 6570365 6570365 7093065\n"
    "Human Services Expense 68797678 70108819 73868437\n"
    "Information Technology Expense 22400093 22960093 31568948\n"
    "Mayor Expense 2865779 2865779 3033708\n"
    "Non-Departmental Expense 309082317 305203325 305424078\n"
    "Oakland Parks & Recreation Expense 26120900 26120901 27369899\n"
    "Oakland Public Library Expense 29677494 30177494 31715126\n"
    "Oakland Public Works Expense 161454990 161487326 170638932\n"
    "Planning & Building Expense 26971545 26996545 29931578\n"
    "Police Expense 241949517 242535092 260951168\n"
    "Public Ethics Commission Expense 0 870223 917989\n"
    "Race & Equity Expense 0 312566 331097\n";

std::string skip_text(const fs::path& files) {
  return fmt::format(
      "\n*** SKIPPED: no {}; set BULLION_SHARED_DATA to the folder that has budget "
      "***\n",
      files.string());
}

TEST(PublicBudget, OaklandGoesFromProposedToAdoptedToAdjustedToTheDollar) {
  const fs::path files = shared_data() / "budget/oakland_city";
  if (!fs::is_directory(files)) GTEST_SKIP() << skip_text(files);
  const TestFolder parent("oakland");
  const fs::path folder = make_ledger(parent, "oakland", 7);
  deliver(files, folder);
  must(folder, {"run", "-q"});
  EXPECT_EQ(query_value(folder, "SELECT sum(rows_quarantined) FROM ops.runs"), "0");
  // Every line of every file, equal ones too: 1,272 of the 8,909 lines adopted for 2014-15 repeat
  // others.
  EXPECT_EQ(
      csv(folder,
          "SELECT budget_version, year(fiscal_month) AS y, count(*) AS n, CAST(sum(amount) AS "
          "BIGINT) AS amount FROM fact_budget WHERE year(fiscal_month) IN (2014, 2016) GROUP BY "
          "ALL "
          "ORDER BY ALL"),
      "budget_version,y,n,amount\n"
      "adjusted,2014,9120,2297382660\nadjusted,2016,11231,2476520156\n"
      "adopted,2014,8909,2180360894\nadopted,2016,242,2364295362\n"
      "proposed,2016,10290,2361616502\n");
  std::map<std::string, std::map<std::string, std::string>> stages;
  const json steps =
      rows_of(folder, {"queries", "budget_versions", "--param", "year=2017", "--param", "by=line"});
  for (const json& row : steps) {
    const std::string budget = row["budget"].get<std::string>();
    stages[fmt::format("{} {}", row["department"].get<std::string>(),
                       row["account"].get<std::string>())]
          [row["budget_version"].get<std::string>()] = budget.substr(0, budget.find('.'));
  }
  std::string shown;
  for (auto& [line, budgets] : stages) {
    shown += fmt::format("{} {} {} {}\n", line, budgets["proposed"], budgets["adopted"],
                         budgets["adjusted"]);
  }
  EXPECT_EQ(shown, kOaklandStages);
  // The adjusted budget is in force where there is one, else the adopted one; a proposal never is.
  EXPECT_EQ(csv(folder,
                "SELECT fiscal_year, budget_version FROM budget_in_force WHERE is_current ORDER BY "
                "fiscal_year"),
            "fiscal_year,budget_version\n2014,adopted\n2015,adjusted\n2016,adopted\n"
            "2017,adjusted\n2020,adopted\n2021,adopted\n");
}

/// Estimate, actual, variance, F or U, percent.
std::map<std::string, std::string> some_agencies() {
  return {
      {"Department of Agriculture", "147536000000.00 139115000000.00 -8421000000.00 F -5.71"},
      {"Department of Defense--Military Programs",
       "567702000000.00 562499000000.00 -5203000000.00 F -0.92"},
      {"Department of Education", "103288000000.00 90029000000.00 -13259000000.00 F -12.84"},
      {"Department of Health and Human Services",
       "1012950000000.00 1027507000000.00 14557000000.00 U 1.44"},
      {"Department of the Treasury", "506375000000.00 485623000000.00 -20752000000.00 F -4.10"},
      {"Social Security Administration", "953781000000.00 944122000000.00 -9659000000.00 F -1.01"},
      // More came in than was expected.
      {"Postal Service", "-458000000.00 -1610000000.00 -1152000000.00 F -251.53"},
      // Less came in.
      {"Undistributed Offsetting Receipts",
       "-286729000000.00 -257594000000.00 29135000000.00 U 10.16"},
      // In one edition alone.
      {"Surface Transportation Board", "0.00 30000000.00 30000000.00 U "},
      {"Allowances", "1875000000.00 0.00 -1875000000.00 F -100.00"},
  };
}

TEST(PublicBudget, TheEstimateOf2015MeetsTheActualOfTheNextEditionByAgency) {
  const fs::path files = shared_data() / "budget/us_federal_omb";
  if (!fs::is_directory(files)) GTEST_SKIP() << skip_text(files);
  const TestFolder parent("omb");
  const fs::path folder = make_ledger(parent, "omb", 10);
  replace_in(folder / "models/silver/budget.yml",
             "      kind: latest\n      unique_key: [posting_id]\n      version_by: "
             "[posting_version]\n      withdrawn: is_withdrawn\n      grain: [posting_id]\n      "
             "conserves: {amount: amount}\n",
             "      kind: full\n      grain: [posting_id]\n");
  for (const char* name : {"fy2016_outlays.csv.gz", "fy2017_outlays.csv.gz"}) {
    fs::copy(files / name, folder / "incoming" / name);
  }
  must(folder, {"run", "-q"});
  EXPECT_EQ(query_value(folder, "SELECT sum(rows_quarantined) FROM ops.runs"), "0");
  // Wide to long: 59 years and one quarter of 4,999 accounts, 60 and one of 5,086.
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM omb_2016"), "299940");
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM omb_2017"), "310246");
  const json rows = rows_of(folder, {"variance", "--param", "month=2014-10"});
  std::map<std::string, std::string> agencies;
  int changed = 0;
  for (const json& row : rows) {
    const auto text = [&row](const char* column) {
      return row[column].is_null() ? "" : row[column].get<std::string>();
    };
    agencies[text("department")] = fmt::format("{} {} {} {} {}", text("budget"), text("actual"),
                                               text("variance"), text("fu"), text("percent"));
    if (text("budget") == text("actual")) continue;
    ++changed;
    fmt::print("{:<76} {:>18} {:>18} {:>16} {}\n", text("department"), text("budget"),
               text("actual"), text("variance"), text("fu"));
  }
  EXPECT_EQ(agencies.size(), 234U);
  EXPECT_EQ(changed, 107);
  const std::string total =
      csv(folder,
          "SELECT sum(budget) AS estimate, sum(actual) AS actual FROM budget_position WHERE "
          "is_in_force AND fiscal_year = 2015");
  fmt::print("Fiscal year 2015, {}", total);
  EXPECT_EQ(total, "estimate,actual\n3758577000000.00,3688292000000.00\n");
  for (const auto& [agency, line] : some_agencies()) EXPECT_EQ(agencies[agency], line) << agency;
}

}  // namespace
}  // namespace bullion::end_to_end
