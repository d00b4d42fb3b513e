#include "detect/calibration.h"

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "detect/detect_fixture_internal.h"
#include "detect/rollup.h"

namespace bullion::detect {
namespace {

void add(std::vector<Verdict>& verdicts, const std::string& detector, int64_t strength, int count,
         int true_count) {
  for (int i = 0; i < count; ++i) {
    verdicts.push_back(
        {.detector = detector, .strength = share(strength), .is_true = i < true_count});
  }
}

std::string likelihood(const Calibration& calibration, int64_t strength) {
  return to_string(calibration.likelihood("dup", share(9000), share(strength)));
}

TEST(Calibration, TellsTheShareThatWasTrueByStrength) {
  std::vector<Verdict> verdicts;
  add(verdicts, "dup", 4000, 19, 4);   // (4 + 1/2) / 20
  add(verdicts, "dup", 8000, 49, 44);  // (44 + 1/2) / 50
  const Calibration calibration = fit(verdicts);
  EXPECT_EQ(likelihood(calibration, 1000), "0.2250");
  EXPECT_EQ(likelihood(calibration, 4000), "0.2250");
  EXPECT_EQ(likelihood(calibration, 6000), "0.5575");
  EXPECT_EQ(likelihood(calibration, 8000), "0.8900");
  EXPECT_EQ(likelihood(calibration, 10'000), "0.8900");
  // Of a detector that nobody has judged, weight and strength count.
  EXPECT_EQ(to_string(calibration.likelihood("other", share(5000), share(3333))), "0.1666");
}

TEST(Calibration, NeverFallsWhenTheStrengthRises) {
  std::vector<Verdict> verdicts;
  add(verdicts, "dup", 3000, 40, 20);
  add(verdicts, "dup", 5000, 40, 36);
  add(verdicts, "dup", 7000, 40, 12);
  add(verdicts, "dup", 9000, 40, 38);
  add(verdicts, "dup", 9500, 3, 0);  // Too few to say anything of their own.
  const Calibration calibration = fit(verdicts);
  Decimal last = share(0);
  for (int64_t strength = 0; strength <= 10'000; strength += 50) {
    const Decimal now = calibration.likelihood("dup", share(10'000), share(strength));
    EXPECT_GE(now.units, last.units) << strength;
    last = now;
  }
  const auto& points = calibration.detectors.at("dup");
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[1].findings, 80);  // 0.9 and 0.3 of 40 each are judged together.
  EXPECT_EQ(points[1].true_findings, 48);
  EXPECT_EQ(to_string(points[1].strength), "0.6000");
  EXPECT_EQ(points[2].findings, 43);
}

TEST(Calibration, FewFindingsAreNeverCertainty) {
  std::vector<Verdict> verdicts;
  add(verdicts, "dup", 9000, 4, 4);
  EXPECT_EQ(likelihood(fit(verdicts), 9000), "0.9000");
  EXPECT_TRUE(fit({}).detectors.empty());
}

TEST(Calibration, IsAFileThatReadsBackTheSame) {
  std::vector<Verdict> verdicts;
  add(verdicts, "dup", 4000, 19, 4);
  add(verdicts, "dup", 8000, 49, 44);
  const std::string text = calibration_json(fit(verdicts), "labels x.csv");
  const auto read = parse_calibration(text);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(calibration_json(*read, "labels x.csv"), text);
  EXPECT_THAT(parse_calibration("{}"), HasMessage("--calibrate"));
  EXPECT_THAT(
      parse_calibration(R"({"version":1,"detectors":{"dup":[{"strength":"0.5","likelihood":"0.9"},
                           {"strength":"0.6","likelihood":"0.8"}]}})"),
      HasMessage("detector `dup`: strength 0.6000 comes with likelihood 0.8000"));
  EXPECT_THAT(parse_calibration(
                  R"({"version":1,"detectors":{"dup":[{"strength":"5","likelihood":"0.9"}]}})"),
              HasMessage("`strength` is \"5\""));
}

TEST(Calibration, ScoresOfCasesFollowIt) {
  std::vector<Verdict> verdicts;
  add(verdicts, "dup", 5000, 49, 44);
  std::vector<Finding> findings = {finding("dup", "a", "V1", "l1", 100),
                                   finding("other", "b", "V1", "l2", 100, 2000)};
  set_likelihoods(fit(verdicts), findings);
  const auto groups = roll_up(findings);
  ASSERT_THAT(groups, IsOk());
  EXPECT_EQ(to_string(groups->at(0).score), "0.9120");  // 1 - (1 - 0.89)(1 - 0.2)
  set_likelihoods({}, findings);
  EXPECT_EQ(to_string(roll_up(findings)->at(0).score), "0.6000");
}

TEST(Reliability, ComparesScoresWithWhatIsTrueInTenBins) {
  std::vector<std::pair<Decimal, bool>> scores;
  for (int i = 0; i < 10; ++i) scores.emplace_back(share(9500), i < 8);
  for (int i = 0; i < 30; ++i) scores.emplace_back(share(2000), i < 6);
  scores.emplace_back(share(10'000), true);
  const Reliability result = reliability(scores);
  ASSERT_EQ(result.bins.size(), 2U);
  EXPECT_EQ(to_string(result.bins[0].from), "0.2000");
  EXPECT_EQ(to_string(result.bins[0].true_share), "0.2000");
  EXPECT_EQ(result.bins[1].cases, 11);
  EXPECT_EQ(to_string(result.bins[1].mean_score), "0.9545");
  // |0 * 30| + |9.5 + 1 - 9| of 41.
  EXPECT_EQ(to_string(*result.error), "0.0366");
  EXPECT_FALSE(reliability({}).error.has_value());
}

}  // namespace
}  // namespace bullion::detect
