// The shipped sources of cloud_cost on real exports, to the last digit.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

void make_provider_project(const fs::path& folder, const std::string& providers) {
  const Outcome made =
      bullion(folder.parent_path(),
              {"init", "cloud_cost", folder.filename().string(), "--with", providers, "-q"});
  ASSERT_EQ(made.code, 0) << made.err;
}

void expect_run(const fs::path& folder) {
  const Outcome run = bullion(folder, {"run", "-q"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
}

TEST(Providers, RealExportsOfThreeCloudsLoadWhole) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const TestFolder parent("providers");
  const fs::path folder = parent / "lake-project";
  make_provider_project(folder, "focus,aws_cur,azure");
  const fs::path data = shared_data() / "cloud_cost";
  fs::copy(data / "focus_1_0_sample/focus_sample.csv.gz",
           folder / "incoming/focus/focus-2024-10-31.csv.gz");
  fs::copy(data / "aws_cur_sample/sample-anonymous-aws-export-dataset.csv.gz",
           folder / "incoming/aws_cur/cur-20231130.csv.gz");
  fs::copy(data / "azure_ea_sample/sample-anonymous-ea-export-dataset.csv.gz",
           folder / "incoming/azure/ea-2023-09-30.csv.gz");
  expect_run(folder);
  const auto value = [&](const std::string& sql) { return query_value(folder, sql); };
  EXPECT_EQ(value("SELECT sum(billed_cost) FROM focus_charges"), "20.520226728990000000");
  EXPECT_EQ(value("SELECT sum(total_cost) FROM focus_daily_cost"), "20.520226728990000000");
  EXPECT_EQ(value("SELECT count(*) FROM focus_charges"), "1000");
  EXPECT_EQ(value("SELECT sum(billed_cost) FROM aws_cur_charges"), "1.682308697400000000");
  EXPECT_EQ(value("SELECT count(*) FROM aws_cur_charges"), "1281");
  EXPECT_EQ(value("SELECT count(*) || ' ' || sum(billed_cost) || ' ' || min(currency) FROM "
                  "azure_charges"),
            "27 1.261369265057260000 CAD");
  EXPECT_EQ(value("SELECT min(charge_date) FROM azure_charges"), "2023-09-02");
  EXPECT_EQ(bullion(folder, {"quarantine", "list"}).out, "Nothing is in quarantine.\n");

  // The cost basis is declared: the effective cost is another number, and the billed one stays.
  const Outcome effective =
      bullion(folder, {"run", "-q", "--vars", "focus_cost_basis=effective_cost"});
  ASSERT_EQ(effective.code, 0) << effective.out << effective.err;
  EXPECT_EQ(value("SELECT sum(total_cost) || ' ' || sum(billed_cost) FROM focus_daily_cost"),
            "14.976514185860000000 20.520226728990000000");
  // Neither the day nor the sub account is a column of the export; the number still leads to lines,
  // and those of another basis are of that basis.
  const std::vector<std::string> asked = {"trace", "focus_daily_cost", "charge_date=2024-09-23",
                                          "sub_account_id=18938484842",
                                          "service_name=Amazon Elastic Compute Cloud"};
  std::vector<std::string> other = asked;
  other.insert(other.end(), {"--vars", "focus_cost_basis=effective_cost"});
  const Outcome spread = bullion(folder, other);
  EXPECT_THAT(spread.out, AllOf(HasSubstr("sum of EffectiveCost"), Not(HasSubstr("BilledCost = ")),
                                HasSubstr("The sums agree at every level.")));
  std::vector<std::string> billed = asked;
  billed.insert(billed.end(), {"--release", "1"});
  const Outcome trace = bullion(folder, billed);
  EXPECT_THAT(trace.out, AllOf(HasSubstr("1 rows; sum of total_cost = 0.010906341100000000"),
                               HasSubstr("CAST(ChargePeriodStart AS DATE)"),
                               HasSubstr("focus-2024-10-31.csv.gz     542   543")));
}

constexpr const char* kGcpHeader =
    "billing_account_id,invoice.month,service.description,usage_start_time,project.id,cost,"
    "credits.amount,currency,cost_type\n";

TEST(Providers, ANewerExportReplacesWhatItCovers) {
  const TestFolder parent("providers-gcp");
  const fs::path folder = parent / "gcp-project";
  make_provider_project(folder, "gcp");
  write_file(
      folder / "incoming/gcp/bill_2025-01-20.csv",
      std::string(kGcpHeader) +
          "01AB,202501,Compute Engine,2025-01-03 10:00:00 UTC,p1,10.123456,-1.5,USD,regular\n"
          "01AB,202501,Compute Engine,2025-01-03 11:00:00 UTC,p1,5,,USD,regular\n");
  expect_run(folder);
  EXPECT_EQ(query_value(folder,
                        "SELECT sum(billed_cost) || ' ' || sum(effective_cost) FROM "
                        "gcp_charges"),
            "15.123456000000000000 13.623456000000000000");
  write_file(folder / "incoming/gcp/bill_2025-02-10.csv",
             std::string(kGcpHeader) +
                 "01AB,202501,Compute Engine,2025-01-03 10:00:00 UTC,p1,11,-1.5,USD,regular\n"
                 "01AB,202502,Compute Engine,2025-02-01 10:00:00 UTC,p1,2,,USD,regular\n");
  expect_run(folder);
  EXPECT_EQ(query_value(folder,
                        "SELECT string_agg(billing_period_start || ' ' || total_cost, '; ' "
                        "ORDER BY billing_period_start) FROM gcp_daily_cost"),
            "2025-01-01 11.000000000000000000; 2025-02-01 2.000000000000000000");
  EXPECT_EQ(bullion(folder, {"verify", "-q"}).code, 0);
}

TEST(Providers, AreAddedToAProjectOnceAndByTheirNames) {
  const TestFolder folder("providers-add");
  make_project(folder.path());
  EXPECT_EQ(bullion(folder.path(), {"source", "add", "focus"}).code, 0);
  EXPECT_EQ(bullion(folder.path(), {"check"}).code, 0);
  const Outcome again = bullion(folder.path(), {"source", "add", "focus"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("nothing was changed"));
  const Outcome unknown = bullion(folder.path(), {"source", "add", "focsu"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean `focus`"));
}

}  // namespace
}  // namespace bullion::end_to_end
