// ratio and allocate: exactness at the edges of 38 digits, signs, nulls, remainders.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "engine/duckdb/money_internal.h"

namespace bullion::engine {
namespace {

class Money : public testing::Test {
 protected:
  Money() {
    auto engine = duckdb_engine({});
    EXPECT_THAT(engine, IsOk());
    engine_ = std::move(engine).value();
  }

  std::string answer(const std::string& expression) {
    const auto rows = engine_->query("SELECT " + expression);
    if (!rows) return rows.error().message();
    return is_null(rows->rows[0][0]) ? "NULL" : to_text(rows->rows[0][0]);
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(Money, RatioRoundsHalvesAwayFromZero) {
  EXPECT_EQ(answer("ratio_2(1.00, 3)"), "0.33");
  EXPECT_EQ(answer("ratio_2(2.00, 3)"), "0.67");
  EXPECT_EQ(answer("ratio_2(-2.00, 3)"), "-0.67");
  EXPECT_EQ(answer("ratio_0(5, 2)"), "3");
  EXPECT_EQ(answer("ratio_0(-5, 2)"), "-3");
  EXPECT_EQ(answer("ratio_0(5, -2)"), "-3");
  EXPECT_EQ(answer("ratio_1(0.25, 1)"), "0.3");
  EXPECT_EQ(answer("ratio_1(0.249999999999999999999999999999999999, 1)"), "0.2");
  EXPECT_EQ(answer("ratio_6(10, 3.00)"), "3.333333");
}

TEST_F(Money, RatioHasTheTypeItsNameSays) {
  const auto bound = engine_->bind("SELECT ratio_4(1, 3) AS a, ratio(1, 3, 4) AS b");
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->at(0).sql_type, "DECIMAL(38,4)");
  EXPECT_EQ(bound->at(1).sql_type, "DECIMAL(38,18)");
  EXPECT_EQ(answer("ratio(1, 3, 4)"), "0.333300000000000000");
}

TEST_F(Money, RatioOfNullOrByZeroIsNull) {
  EXPECT_EQ(answer("ratio_2(1.00, 0)"), "NULL");
  EXPECT_EQ(answer("ratio_2(NULL, 2)"), "NULL");
  EXPECT_EQ(answer("ratio_2(1.00, NULL)"), "NULL");
  EXPECT_EQ(answer("ratio(1.00, 2, NULL)"), "NULL");
}

TEST_F(Money, RatioIsExactWith38Digits) {
  const std::string most = "99999999999999999999999999999999999999";
  EXPECT_EQ(answer(fmt::format("ratio_0({}::DECIMAL(38,0), 1)", most)), most);
  EXPECT_EQ(answer(fmt::format("ratio_0({0}::DECIMAL(38,0), {0}::DECIMAL(38,0))", most)), "1");
  EXPECT_EQ(answer(fmt::format("ratio_18(1, {}::DECIMAL(38,0))", most)), "0.000000000000000000");
  EXPECT_EQ(answer("ratio_18(0.00000000000000000000000000000000000001::DECIMAL(38,38), "
                   "0.00000000000000000000000000000000000003::DECIMAL(38,38))"),
            "0.333333333333333333");
  // 10^38 units and a denominator of 38 digits: the numerator is scaled past 256 bits.
  EXPECT_EQ(
      answer(fmt::format(
          "ratio_18({}::DECIMAL(38,0), 77777777777777777777777777777777777777::DECIMAL(38,0))",
          most)),
      "1.285714285714285714");
}

TEST_F(Money, RatioThatDoesNotFitIsAnError) {
  EXPECT_THAT(answer("ratio_18(99999999999999999999999999999999999999::DECIMAL(38,0), 1)"),
              testing::HasSubstr("does not fit DECIMAL(38,18)"));
  EXPECT_THAT(answer("ratio_0(99999999999999999999999999999999999999::DECIMAL(38,0), 0.1)"),
              testing::HasSubstr("does not fit DECIMAL(38,0)"));
  EXPECT_THAT(answer("ratio(1, 3, 19)"), testing::HasSubstr("the scale must be 0 to 18"));
}

TEST_F(Money, RefusesFloatingPoint) {
  EXPECT_THAT(answer("ratio_2(1.0::DOUBLE, 3)"), testing::HasSubstr("ratio: argument 1 is DOUBLE"));
  EXPECT_THAT(answer("allocate_2(1.00, 1.0::FLOAT, 0, 2)"),
              testing::HasSubstr("argument 2 is FLOAT"));
  EXPECT_THAT(answer("ratio_2('1.00', 3)"), testing::HasSubstr("argument 1 is VARCHAR"));
}

TEST_F(Money, AllocateSpreadsTheRemainder) {
  const auto rows = engine_->query(
      "SELECT allocate_2(100.00, w, b, 3) FROM (VALUES (1, 0), (1, 1), (1, 2)) t(w, b) ORDER BY b");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(to_text(rows->rows[0][0]), "33.33");
  EXPECT_EQ(to_text(rows->rows[1][0]), "33.34");
  EXPECT_EQ(to_text(rows->rows[2][0]), "33.33");
}

TEST_F(Money, AllocateKnowsNullZeroAndTooFineAmounts) {
  EXPECT_EQ(answer("allocate_2(NULL, 1, 0, 2)"), "NULL");
  EXPECT_EQ(answer("allocate_2(1.00, 1, NULL, 2)"), "NULL");
  EXPECT_EQ(answer("allocate_2(1.00, 1, 0, 0)"), "NULL");
  EXPECT_EQ(answer("allocate(1.00, 1, 0, 3, 2)"), "0.330000000000000000");
  EXPECT_EQ(answer("allocate_2(1.000, 1, 0, 1)"), "1.00");
  EXPECT_THAT(answer("allocate_2(1.005, 1, 0, 1)"),
              testing::HasSubstr("1.005 has more digits than the scale 2"));
}

TEST_F(Money, PartsSumToTheAmountForAnyWeights) {
  std::mt19937_64 random(20250101);
  for (int round = 0; round < 2000; ++round) {
    const int scale = static_cast<int>(random() % 5);
    const bool huge = round % 2 == 0;
    const auto number = [&random](bool wide) {
      const auto low = static_cast<int64_t>(random() >> 24) - (int64_t{1} << 39);
      return wide ? static_cast<Int128>(low) * power_of_ten(24) + 7 : static_cast<Int128>(low);
    };
    const Decimal amount{number(huge), scale};
    std::vector<Decimal> weights;
    Decimal total{0, huge ? 9 : 2};
    for (int i = 0; i < 7; ++i) {
      // Credits are negative weights; the first weight keeps the total away from zero.
      weights.push_back({number(huge), total.scale});
      if (i == 0) weights.back().units = power_of_ten(huge ? 36 : 12) * 5;
      total.units += weights.back().units;
    }
    Decimal before{0, total.scale};
    Int128 sum = 0;
    for (const Decimal& weight : weights) {
      const auto part = share_units({amount, weight, before, total}, scale);
      ASSERT_TRUE(part.has_value());
      sum += *part;
      before.units += weight.units;
    }
    ASSERT_EQ(int128_to_string(sum), int128_to_string(amount.units)) << "round " << round;
  }
}

TEST_F(Money, WideAndNarrowArithmeticAgree) {
  // The same share, once in units that fit 128 bits and once with zeros appended so that it does
  // not.
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const auto small = [&random] {
      return static_cast<Int128>(static_cast<int64_t>(random() >> 34)) - 536870912;
    };
    const Share narrow{{small(), 2}, {small(), 2}, {small(), 2}, {small() | 1, 2}};
    const auto grown = [](const Decimal& value) {
      return Decimal{value.units * power_of_ten(24), value.scale + 24};
    };
    const Share wide{grown(narrow.amount), grown(narrow.weight), grown(narrow.before),
                     grown(narrow.total)};
    EXPECT_EQ(share_units(narrow, 2), share_units(wide, 2));
    EXPECT_EQ(ratio_units(narrow.amount, narrow.total, 6), ratio_units(wide.amount, wide.total, 6));
  }
}

}  // namespace
}  // namespace bullion::engine
