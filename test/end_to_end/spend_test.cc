// The spend domain as a user meets it: samples that can be added up by hand, planted anomalies
// against their labels, cases that people decide.
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

fs::path make_ledger(const TestFolder& parent, const std::string& name) {
  must(parent.path(), {"init", "spend", name, "-q"});
  fs::create_directories(parent / name / "incoming");
  return parent / name;
}

void deliver(const fs::path& folder, const std::string& batch) {
  deliver_sample(folder, batch);
  must(folder, {"run", "-q"});
}

TEST(Spend, SamplesGiveWhatCanBeAddedUpByHand) {
  const TestFolder parent("spend-samples");
  const fs::path folder = make_ledger(parent, "ledger");
  must(folder, {"check"});
  must(folder, {"test"});
  deliver(folder, "batch1");
  EXPECT_EQ(csv(folder, "SELECT count(*) AS n, sum(amount) AS amount FROM fact_expense"),
            "n,amount\n35,7367.20\n");
  const char* findings =
      "SELECT detector, sum(amount_at_risk) AS amount FROM findings GROUP BY ALL ORDER BY ALL";
  EXPECT_EQ(csv(folder, findings),
            "detector,amount\nduplicate_invoice,1200.500000\nown_history_outlier,1186.000000\n"
            "split_purchase,1210.000000\nweekend_or_holiday,35.000000\n");
  EXPECT_EQ(csv(folder, "SELECT row_id FROM duplicate_invoice WHERE role = 'flagged'"),
            "row_id\nL2\n");
  EXPECT_EQ(csv(folder, "SELECT vendor_key FROM fact_invoice_line WHERE line_id = 'L9'"),
            "vendor_key\n-1\n");
  EXPECT_THAT(must(folder, {"detect"}).out, HasSubstr("cases"));
  // A late master row repairs the fact, a correction replaces the line, and both are explained.
  deliver(folder, "batch2");
  EXPECT_EQ(csv(folder, "SELECT sum(amount) AS amount FROM fact_expense"), "amount\n7322.20\n");
  EXPECT_EQ(csv(folder,
                "SELECT count(*) AS n FROM fact_invoice_line AS f JOIN dim_vendor AS v ON "
                "f.vendor_key = v.vendor_key WHERE f.line_id = 'L9' AND v.vendor_id = 'V4'"),
            "n\n1\n");
  EXPECT_THAT(csv(folder, findings), HasSubstr("vendor_is_employee,405.000000"));
  must(folder, {"detect"});
  must(folder, {"verify"});
}

TEST(Spend, FewCasesComeOfManyTransactions) {
  const TestFolder parent("spend-small");
  const fs::path folder = make_ledger(parent, "ledger");
  must(folder, {"generate", "spend", "--to", "incoming", "-q"});
  must(folder, {"run", "-q"});
  // The five rules of old flag more than anybody can look at.
  const std::string literal = must(folder, {"queries", "literal_summary", "--output", "csv"}).out;
  EXPECT_THAT(literal, HasSubstr("1500"));
  EXPECT_THAT(literal, HasSubstr("84"));
  must(folder, {"detect"});
  const json cases = rows_of(folder, {"cases", "list"});
  EXPECT_GE(cases.size(), 20U);
  EXPECT_LE(cases.size(), 45U);
  EXPECT_THAT(must(folder, {"variance"}).out, HasSubstr("D400"));
  // A month of the budget leads to what was booked in it, line by line of the files.
  const std::string trace =
      must(folder, {"trace", "budget_actual", "department=D400", "period=FY2024-08"}).out;
  EXPECT_THAT(trace, HasSubstr("fact_expense"));
  EXPECT_THAT(trace, HasSubstr("invoices-2024-08.csv"));
  EXPECT_THAT(trace, Not(HasSubstr("invoices-2024-03.csv")));
  EXPECT_THAT(trace, HasSubstr("The sums agree at every level."));
}

fs::path generated_ledger(const TestFolder& parent, int seed) {
  const fs::path folder = make_ledger(parent, fmt::format("seed-{}", seed));
  must(folder, {"generate", "spend", "--events", "100000", "--seed", std::to_string(seed), "--to",
                "incoming", "-q"});
  must(folder, {"run", "-q"});
  return folder;
}

/// Counts of labels and findings, pooled over seeds.
struct Pooled {
  int labels = 0;
  int hits = 0;
  int found = 0;
  int correct = 0;
  double scores = 0;  ///< their sum
};
/// By "detector NAME", "kind NAME", "score FROM".
using PooledByName = std::map<std::string, Pooled>;

void add_backtest(const fs::path& folder, PooledByName& pooled) {
  const json rows = rows_of(folder, {"detect", "--backtest", "incoming-labels.csv"});
  const auto count = [](const json& cell) { return cell.is_null() ? 0 : cell.get<int>(); };
  for (const json& row : rows) {
    Pooled& sum = pooled[row["what"].get<std::string>() + " " + row["name"].get<std::string>()];
    sum.labels += count(row["labels"]);
    sum.hits += count(row["hits"]);
    sum.found += count(row["found"]);
    sum.correct += count(row["true"]);
    if (row["mean_score"].is_null()) continue;
    sum.scores += std::stod(row["mean_score"].get<std::string>()) * count(row["found"]);
  }
}

// The seeds are none that the detectors or scores were made by.
TEST(Spend, PlantedAnomaliesAreFoundAndScoresTellHowOftenTheyAreTrue) {
  const TestFolder parent("spend-seeds");
  const fs::path first = generated_ledger(parent, 21);
  must(first, {"detect", "--backtest", "incoming-labels.csv", "--calibrate"});
  const std::string calibration = read_file(first / "detectors/calibration.json");
  PooledByName pooled;
  for (const int seed : {101, 102}) {
    const fs::path folder = generated_ledger(parent, seed);
    write_file(folder / "detectors/calibration.json", calibration);
    add_backtest(folder, pooled);
    EXPECT_EQ(csv(folder,
                  "SELECT count(*) AS n FROM duplicate_invoice AS d JOIN fact_invoice_line AS l ON "
                  "d.row_id = l.line_id WHERE d.role = 'flagged' AND l.contract_id IS NOT NULL AND "
                  "l.category = 'Rent'"),
              "n\n0\n");
  }
  int detectors = 0;
  int cases = 0;
  double gaps = 0;
  for (const auto& [name, sum] : pooled) {
    if (name.starts_with("score")) {
      cases += sum.found;
      gaps += std::abs(sum.scores - sum.correct);
    } else if (name == "detector budget_crossing") {
      continue;  // A fact of arithmetic, which nobody plants.
    } else if (name.starts_with("detector")) {
      ++detectors;
      const bool duplicates = name == "detector duplicate_invoice";
      EXPECT_GT(sum.labels, 0) << name;
      EXPECT_GE(sum.hits * 100, sum.labels * (duplicates ? 95 : 90)) << name;
      EXPECT_GE(sum.correct * 100, sum.found * (duplicates ? 80 : 70)) << name;
    } else if (name.starts_with("kind")) {
      EXPECT_GE(sum.hits * 100, sum.labels * 90) << name;
    }
  }
  EXPECT_EQ(detectors, 14);
  EXPECT_GT(cases, 1000);
  EXPECT_LE(gaps, 0.05 * cases);
}

}  // namespace
}  // namespace bullion::end_to_end
