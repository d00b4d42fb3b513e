#include "base/decimal.h"
#include "exports/exact_sum_internal.h"
#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

Decimal decimal(const char* text) { return *decimal_of(text); }

TEST(ExactSum, KeepsDigitsBeyondThirtyEight) {
  ExactSum sum;
  for (int i = 0; i < 1000; ++i) sum.add(decimal("99999999999999999999999999999999999999"));
  EXPECT_EQ(sum.text(0), "99999999999999999999999999999999999999000");
  EXPECT_EQ(sum.text(2), "999999999999999999999999999999999999990.00");
}

TEST(ExactSum, CrossesZeroWithoutLosingTheSmallPart) {
  ExactSum sum;
  sum.add(decimal("100000000000000000000.00"));
  sum.add(decimal("-0.01"));
  EXPECT_EQ(sum.text(2), "99999999999999999999.99");
  sum.add(decimal("-100000000000000000000.00"));
  EXPECT_EQ(sum.text(2), "-0.01");
  sum.add(decimal("0.01"));
  EXPECT_EQ(sum.text(2), "0.00");
}

TEST(ExactSum, AddsAsEngineDoesOnRandomValues) {
  ExactSum sum;
  Int128 expected = 0;
  uint64_t state = 20250101;
  for (int i = 0; i < 10'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const Int128 units = static_cast<Int128>(static_cast<int64_t>(state)) * 1'000'000'007;
    sum.add({units, 3});
    expected += units;
    ASSERT_EQ(sum.text(3), to_string(Decimal{expected, 3}));
  }
}

TEST(FifteenDigits, CountsOnlyDigitsThatMatter) {
  EXPECT_TRUE(fits_fifteen_digits(decimal("999999999999.999")));
  EXPECT_FALSE(fits_fifteen_digits(decimal("9999999999999.999")));
  EXPECT_TRUE(fits_fifteen_digits(decimal("0.0000000000000000000000123456789012345")));
  EXPECT_TRUE(fits_fifteen_digits(decimal("-1234567890123450000.00")));
  EXPECT_FALSE(fits_fifteen_digits(decimal("-1234567890123456")));
  EXPECT_TRUE(fits_fifteen_digits(decimal("0")));
  for (const char* text : {"999999999999.999", "-1234567890123456", "0.0000", "1000000000000000.00",
                           "12345678901234567890", "-0.1234567890123456", "100.00000000000001"}) {
    EXPECT_EQ(fits_fifteen_digits(std::string_view(text)), fits_fifteen_digits(decimal(text)))
        << text;
  }
}

}  // namespace
}  // namespace bullion::exports
