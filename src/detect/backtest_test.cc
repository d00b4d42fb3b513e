#include "detect/backtest.h"

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "detect/detect_fixture_internal.h"

namespace bullion::detect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Label label(const std::string& detector, const std::string& row, int64_t amount_cents,
            const std::string& kind = "") {
  return {.detector = detector,
          .kind = kind,
          .row_id = row,
          .amount = cents(amount_cents),
          .currency = "EUR"};
}

const std::vector<Finding> kFound = {
    finding("dup", "a", "V1", "l1", 1000), finding("dup", "b", "V2", "l2", 2000),
    finding("dup", "c", "V3", "l3", 3000), finding("weekend", "w", "V4", "l4", 400)};

TEST(Backtest, CountsHitsPrecisionRecallAndMoney) {
  const auto result = backtest(
      kFound, std::vector<Label>{label("dup", "l1", 1000, "typo"), label("dup", "l2", 2000, "typo"),
                                 label("dup", "l9", 900, "variant"), label("dup", "l4", 400)});
  ASSERT_THAT(result, IsOk());
  const Measure& dup = result->detectors.at("dup");
  EXPECT_EQ(dup.labels, 4);
  EXPECT_EQ(dup.hits, 2);  // l4 is flagged by another detector alone.
  EXPECT_EQ(to_string(*dup.recall()), "0.5000");
  EXPECT_EQ(to_string(*dup.precision()), "0.6667");
  EXPECT_THAT(dup.money_found, ElementsAre(Money{"EUR", cents(3000)}));
  EXPECT_THAT(dup.money_missed, ElementsAre(Money{"EUR", cents(1300)}));
  EXPECT_EQ(to_string(*result->detectors.at("weekend").precision()), "0.0000");
  EXPECT_FALSE(result->detectors.at("weekend").recall().has_value());
  EXPECT_EQ(to_string(*result->kinds.at("typo").recall()), "1.0000");
  EXPECT_EQ(to_string(*result->kinds.at("variant").recall()), "0.0000");
  EXPECT_EQ(result->cases.found, 4);
  EXPECT_EQ(result->cases.true_found, 3);
  EXPECT_EQ(result->cases.hits, 3);
}

TEST(Backtest, RowsOfOneLabelCountOnceAndTheirMoneyByRow) {
  std::vector<Label> labels = {label("dup", "l1", 1000), label("dup", "l9", 500),
                               label("dup", "l8", 700), label("dup", "l2", 2000)};
  labels[0].label_id = labels[1].label_id = "A";
  labels[2].label_id = "B";
  const auto result = backtest(kFound, labels);
  ASSERT_THAT(result, IsOk());
  const Measure& dup = result->detectors.at("dup");
  EXPECT_EQ(dup.labels, 3);  // A with two rows, B, and l2 on its own.
  EXPECT_EQ(dup.hits, 2);
  EXPECT_THAT(dup.money_found, ElementsAre(Money{"EUR", cents(3000)}));
  EXPECT_THAT(dup.money_missed, ElementsAre(Money{"EUR", cents(1200)}));
  EXPECT_EQ(result->cases.labels, 3);
}

TEST(Backtest, SaysHowFarScoresAreFromWhatIsTrue) {
  // Four cases of score 0.5; one is true.
  const auto result = backtest(kFound, std::vector<Label>{label("dup", "l1", 1000)});
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->scores.bins.size(), 1U);
  EXPECT_EQ(to_string(*result->scores.error), "0.2500");
  EXPECT_EQ(verdicts(kFound, std::vector<Label>{label("", "l4", 1)}).at(3).is_true, true);
}

TEST(Backtest, LabelsWithoutADetectorMayBeFoundByAny) {
  const auto result = backtest(kFound, std::vector<Label>{label("", "l4", 400, "holiday")});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(to_string(*result->detectors.at("weekend").precision()), "1.0000");
  EXPECT_EQ(to_string(*result->kinds.at("holiday").recall()), "1.0000");
}

TEST(Backtest, ABaselineGuardsAgainstWorseDetectors) {
  const std::vector<Label> labels = {label("dup", "l1", 1000), label("dup", "l2", 2000)};
  const auto before = backtest(kFound, labels);
  ASSERT_THAT(before, IsOk());
  const std::string baseline = baseline_json(*before, "abc");
  EXPECT_THAT(*worse_than(*before, baseline, "abc"), IsEmpty());
  const auto after = backtest(std::vector<Finding>{kFound[0], kFound[3]}, labels);
  EXPECT_THAT(*worse_than(*after, baseline, "abc"),
              ElementsAre("detector dup: recall is 0.5000, it was 1.0000",
                          "cases: recall is 0.5000, it was 1.0000"));
  const auto gone = backtest(std::vector<Finding>{kFound[3]}, labels);
  EXPECT_THAT(*worse_than(*gone, baseline, "abc"),
              testing::Contains("detector dup: precision is gone, it was 0.6667"));
  EXPECT_THAT(worse_than(*before, baseline, "other"), HasMessage("of other labels"));
  EXPECT_THAT(worse_than(*before, "{}", "abc"), HasMessage("cannot be read"));
}

}  // namespace
}  // namespace bullion::detect
