#include "detect/rollup.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "detect/detect_fixture_internal.h"

namespace bullion::detect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Groups as the names of their findings, scores and money: what does not depend on the order.
std::vector<std::string> shape(const std::vector<Finding>& findings) {
  const auto groups = roll_up(findings);
  EXPECT_THAT(groups, IsOk());
  std::vector<std::string> out;
  for (const Group& group : *groups) {
    std::string text;
    for (const size_t member : group.findings) {
      text += findings[member].detector + "/" + findings[member].key + " ";
    }
    text += to_string(group.score);
    for (const Money& money : group.at_risk) {
      text += " " + to_string(money.amount) + money.currency;
    }
    out.push_back(text);
  }
  return out;
}

TEST(RollUp, JoinsFindingsOnOneSubjectAndCountsMoneyOfARowOnce) {
  // 1 - (1 - 0.5)(1 - 0.8) = 0.9; row l1 counts with 150.00, l2 with 20.00.
  EXPECT_THAT(shape({finding("dup", "a", "V1", "l1", 10'000, 5000),
                     finding("dup", "b", "V1", "l2", 2000, 8000),
                     finding("weekend", "c", "V1", "l1", 15'000, 0)}),
              ElementsAre("dup/b dup/a weekend/c 0.9000 170.000000EUR"));
}

TEST(RollUp, JoinsFindingsThatFlagOneRowWhateverTheirSubjects) {
  EXPECT_THAT(shape({finding("dup", "a", "V1", "l1", 100), finding("card", "b", "V2", "l1", 100),
                     finding("dup", "c", "V3", "l3", 100)}),
              ElementsAre("card/b dup/a 0.7500 1.000000EUR", "dup/c 0.5000 1.000000EUR"));
}

TEST(RollUp, ComparedRowsNeitherJoinNorCount) {
  Finding first = finding("dup", "a", "V1", "l1", 100);
  Finding second = finding("dup", "b", "V2", "l2", 100);
  compares(first, "l9");
  compares(second, "l9");
  EXPECT_EQ(shape({first, second}).size(), 2U);
}

TEST(RollUp, AFindingThatProvesLittleAloneJoinsACaseAndOpensNone) {
  Finding weak = finding("round", "a", "V1", "l1", 100);
  weak.opens_cases = false;
  EXPECT_FALSE(roll_up(std::vector<Finding>{weak})->at(0).opens_case);
  EXPECT_TRUE(
      roll_up(std::vector<Finding>{weak, finding("dup", "b", "V1", "l2", 100)})->at(0).opens_case);
}

TEST(RollUp, RowsOfDifferentTablesAreDifferentRows) {
  Finding first = finding("dup", "a", "V1", "1", 100);
  Finding second = finding("card", "b", "V2", "1", 100);
  second.evidence_table = "cards";
  EXPECT_EQ(shape({first, second}).size(), 2U);
}

TEST(RollUp, KeepsCurrenciesApart) {
  Finding made = finding("dup", "a", "V1", "l1", 100);
  also_flags(made, "l2", 300, "USD");
  EXPECT_THAT(shape({made}), ElementsAre("dup/a 0.5000 1.000000EUR 3.000000USD"));
}

TEST(RollUp, NamesThatOnlyLookAlikeWhenJoinedStayApart) {
  Finding first = finding("dup", "a", "x", "l1", 100);
  Finding second = finding("dup", "b", "bx", "l2", 100);
  first.subject_type = "ab";
  second.subject_type = "a";
  EXPECT_EQ(shape({first, second}).size(), 2U);
}

TEST(RollUp, PlacementsJoinAndSetAside) {
  const std::vector<Finding> findings = {finding("dup", "a", "V1", "l1", 100),
                                         finding("dup", "b", "V2", "l2", 100),
                                         finding("dup", "c", "V1", "l3", 100)};
  const std::vector<Placement> placements = {{.together = 7}, {.together = 7}, {.set_aside = true}};
  const auto groups = roll_up(findings, placements);
  ASSERT_THAT(groups, IsOk());
  ASSERT_EQ(groups->size(), 1U);
  EXPECT_THAT(groups->front().findings, testing::UnorderedElementsAre(0U, 1U));
  EXPECT_THAT(shape({}), IsEmpty());
}

/// Few subjects and rows, so that much joins.
std::vector<Finding> random_findings(std::mt19937& random, int count) {
  std::vector<Finding> findings;
  for (int i = 0; i < count; ++i) {
    const auto any = [&random](int below) {
      return static_cast<int64_t>(random() % static_cast<unsigned>(below));
    };
    Finding made = finding(fmt::format("d{}", any(4)), fmt::format("k{}", i),
                           fmt::format("V{}", any(40)), fmt::format("l{}", any(60)), any(100'000),
                           any(10'001), any(4) == 0 ? "USD" : "EUR");
    made.weight = share(any(10'001));
    for (int64_t more = any(3); more > 0; --more) {
      also_flags(made, fmt::format("l{}", any(60)), any(100'000));
    }
    findings.push_back(std::move(made));
  }
  return findings;
}

TEST(RollUp, TheOrderOfFindingsNeverMatters) {
  std::mt19937 random(20'251'121);
  for (int round = 0; round < 200; ++round) {
    std::vector<Finding> findings = random_findings(random, 1 + round % 40);
    const auto before = shape(findings);
    std::shuffle(findings.begin(), findings.end(), random);
    ASSERT_EQ(shape(findings), before) << "round " << round;
  }
}

TEST(RollUp, AnotherFindingNeverLowersAScoreOrMoney) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Finding> findings = random_findings(random, 2 + round % 40);
    const auto more = roll_up(findings);
    ASSERT_THAT(more, IsOk());
    std::vector<const Group*> group_of(findings.size());
    for (const Group& group : *more) {
      for (const size_t member : group.findings) group_of[member] = &group;
    }
    findings.pop_back();
    const auto fewer = roll_up(findings);
    ASSERT_THAT(fewer, IsOk());
    for (const Group& group : *fewer) {
      const Group& now = *group_of[group.findings.front()];
      ASSERT_GE(now.score.units, group.score.units) << "round " << round;
      for (const Money& money : group.at_risk) {
        const auto found = std::ranges::find(now.at_risk, money.currency, &Money::currency);
        ASSERT_NE(found, now.at_risk.end());
        ASSERT_GE(found->amount.units, money.amount.units) << "round " << round;
      }
    }
  }
}

TEST(RollUp, TakesAMillionRowsOfEvidence) {
  std::vector<Finding> findings;
  for (int i = 0; i < 500'000; ++i) {
    findings.push_back(finding("dup", fmt::format("k{:06}", i), fmt::format("V{}", i % 50'000),
                               fmt::format("l{}", i), 100));
    compares(findings.back(), "other");
  }
  const auto groups = roll_up(findings);
  ASSERT_THAT(groups, IsOk());
  EXPECT_EQ(groups->size(), 50'000U);
  EXPECT_EQ(to_string(groups->front().at_risk.front().amount), "10.000000");
}

}  // namespace
}  // namespace bullion::detect
