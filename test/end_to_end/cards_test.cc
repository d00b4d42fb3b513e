// The purchase cards of a city through the spend domain: a month that came as another, and refunds.
// The files are not part of this repository (program.h, shared_data).
#include <filesystem>
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
using testing::HasSubstr;

/// A spend project in pounds, whose expenses are the purchases of one city.
fs::path make_ledger(const TestFolder& parent) {
  must(parent.path(), {"init", "spend", "ledger", "-q"});
  fs::path folder = parent / "ledger";
  replace_in(folder / "bullion.yml", "currency: EUR", "currency: GBP");
  replace_in(folder / "seeds/approval_limits.csv", "EUR", "GBP");
  replace_in(folder / "seeds/entities.csv", "US01,United States,US", "BCC,Birmingham,GB");
  replace_in(folder / "models/silver/schema.yml", "values: [EUR]", "values: [GBP]");
  // The template's expenses have versions; these files are never corrected.
  replace_in(folder / "models/silver/schema.yml",
             "      kind: latest\n      unique_key: [expense_id]\n      version_by: "
             "[expense_version, posted_on]\n      withdrawn: is_withdrawn\n",
             "      kind: append\n");
  replace_in(folder / "models/silver/schema.yml",
             "      grain: [expense_id]\n      conserves: {amount: amount}\n",
             "      grain: [expense_id]\n");
  fs::remove(folder / "sources/raw_expenses.yml");
  fs::copy(source_folder() / "test/end_to_end/projects/birmingham_cards", folder,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  return folder;
}

class Cards : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path files = shared_data() / "spend/birmingham_pcard";
    if (!fs::is_directory(files)) {
      GTEST_SKIP() << "\n*** SKIPPED: no " << files
                   << "; set BULLION_SHARED_DATA to the folder that has spend ***\n";
    }
    folder_ = make_ledger(parent_);
    fs::create_directories(folder_ / "incoming");
    fs::copy(files, folder_ / "incoming/birmingham_pcard");
    must(folder_, {"run", "-q"});
  }

  TestFolder parent_{"cards"};
  fs::path folder_;
};

TEST_F(Cards, MayThatIsMissingAndJuneThatCameTwiceAreOneCase) {
  EXPECT_EQ(csv(folder_,
                "SELECT file_name, row_count, month, same_as FROM landed_files WHERE file_name IN "
                "('2014-05.csv.gz', '2014-06.csv.gz', '2014-07.csv.gz') ORDER BY file_name"),
            "file_name,row_count,month,same_as\n2014-05.csv.gz,4573,2014-06,\n"
            "2014-06.csv.gz,4573,2014-06,2014-05.csv.gz\n2014-07.csv.gz,4015,2014-07,\n");
  must(folder_, {"detect", "-q"});
  const json cases = rows_of(folder_, {"cases", "list"});
  std::vector<json> batches;
  for (const json& one : cases) {
    if (one.at("subject").get<std::string>().starts_with("batch:")) batches.push_back(one);
  }
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].at("detectors"), "duplicate_file");
  const std::string shown =
      must(folder_, {"cases", "show", std::to_string(batches[0].at("case").get<int>())}).out;
  EXPECT_THAT(shown, HasSubstr("File 2014-06.csv.gz holds the same bytes as 2014-05.csv.gz, 4573 "
                               "rows, most of 2014-06; 2014-05 is missing"));

  // Nothing new is nothing to do, and what is published can be made again and followed back.
  EXPECT_THAT(must(folder_, {"plan"}).out, HasSubstr("Nothing to do"));
  must(folder_, {"run", "-q"});
  EXPECT_EQ(query_value(folder_, "SELECT count(*) FROM ops.runs"), "1");
  must(folder_, {"verify"});
  const std::string row =
      query_value(folder_, "SELECT row_id FROM duplicate_file WHERE role = 'flagged'");
  EXPECT_THAT(bullion(folder_, {"trace", "duplicate_file", "row_id=" + row}).out,
              HasSubstr("landed_files (version 0)\n  1 rows"));
  EXPECT_THAT(must(folder_, {"trace", "landed_files", "file_key=" + row}).out,
              HasSubstr("No level has an amount"));
}

TEST_F(Cards, PurchasesThatWereGivenBackAreNoFinding) {
  EXPECT_EQ(csv(folder_,
                "SELECT count(*) AS n, CAST(sum(amount) AS DECIMAL(18,2)) AS amount FROM "
                "refunded_purchases AS r JOIN fact_expense AS e ON e.expense_id = r.expense_id"),
            "n,amount\n1037,127580.52\n");
  EXPECT_EQ(query_value(folder_,
                        "SELECT count(*) FROM findings AS f JOIN refunded_purchases AS r ON "
                        "r.expense_id = f.row_id"),
            "0");
}

}  // namespace
}  // namespace bullion::end_to_end
