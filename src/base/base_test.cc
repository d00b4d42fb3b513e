#include <gtest/gtest.h>
#include <xxhash.h>

#include "base/csv_text.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/nearest_name.h"
#include "base/row_hash.h"
#include "base/sha256.h"
#include "base/utf8.h"

namespace bullion {
namespace {

TEST(Decimal, ParsesExactlyAtTheScale) {
  EXPECT_TRUE(parse_decimal("12.34", 18, 2).units == 1234);
  EXPECT_TRUE(parse_decimal("-0.5", 18, 2).units == -50);
  EXPECT_TRUE(parse_decimal("+7", 18, 2).units == 700);
  EXPECT_TRUE(parse_decimal("1.5e3", 18, 2).units == 150000);
  EXPECT_TRUE(parse_decimal("1200e-2", 18, 2).units == 1200);
  EXPECT_TRUE(parse_decimal("100", 18, 2).units == 10000);
  EXPECT_TRUE(parse_decimal("0.1000", 18, 2).units == 10);
  EXPECT_TRUE(parse_decimal(".5", 18, 2).units == 50);
}

TEST(Decimal, RefusesWhatTheColumnCannotHold) {
  EXPECT_EQ(parse_decimal("0.129", 18, 2).fault, DecimalFault::LosesDigits);
  EXPECT_EQ(parse_decimal("1e-3", 18, 2).fault, DecimalFault::LosesDigits);
  EXPECT_EQ(parse_decimal("100.00", 4, 2).fault, DecimalFault::TooManyDigits);
  EXPECT_EQ(parse_decimal(std::string(40, '9'), 38, 2).fault, DecimalFault::TooManyDigits);
  EXPECT_EQ(parse_decimal("1e9999", 38, 2).fault, DecimalFault::TooManyDigits);
  for (const char* text : {"", "-", ".", "1,000", "1 0", "NaN", "1e", "0x1", "1.2.3", "12a"}) {
    EXPECT_EQ(parse_decimal(text, 18, 2).fault, DecimalFault::NotANumber) << text;
  }
}

TEST(Decimal, PrintsAllDigitsOfTheScale) {
  EXPECT_EQ(to_string(Decimal{-5, 2}), "-0.05");
  EXPECT_EQ(to_string(Decimal{1500, 2}), "15.00");
  EXPECT_EQ(to_string(Decimal{-power_of_ten(38) + 1, 10}),
            "-9999999999999999999999999999.9999999999");
}

TEST(Decimal, ReadsBackWhatItPrints) {
  for (const char* text :
       {"0", "0.00", "-0.05", "15.000000", "99999999999999999999999999999999999999"}) {
    const auto value = decimal_of(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(to_string(*value), text);
  }
  for (const char* text : {"", "x", "1e3", "1.2.3", "999999999999999999999999999999999999999"}) {
    EXPECT_EQ(decimal_of(text), std::nullopt) << text;
  }
}

TEST(Decimal, AddsAcrossScalesOrSaysItDoesNotFit) {
  EXPECT_EQ(to_string(*sum_of({150, 2}, {-1, 3})), "1.499");
  EXPECT_TRUE(same_value({150, 2}, {15, 1}));
  EXPECT_FALSE(same_value({150, 2}, {151, 2}));
  EXPECT_EQ(sum_of({power_of_ten(38) - 1, 0}, {1, 0}), std::nullopt);
  EXPECT_EQ(sum_of({power_of_ten(37), 0}, {1, 10}), std::nullopt);
}

TEST(Date, RefusesDaysThatDoNotExist) {
  EXPECT_EQ(parse_date("1970-01-02"), 1);
  EXPECT_EQ(parse_date("2025-02-30"), std::nullopt);
  EXPECT_EQ(parse_date("2025-2-03"), std::nullopt);
  EXPECT_EQ(parse_date("2024-99-99"), std::nullopt);
  EXPECT_EQ(format_date(*parse_date("2024-02-29")), "2024-02-29");
}

TEST(Date, FindsTheFirstDayOfItsUnit) {
  const auto first = [](DateUnit unit, const char* day) {
    return format_date(first_day(unit, *parse_date(day)));
  };
  EXPECT_EQ(first(DateUnit::Week, "2024-12-29"), "2024-12-23");
  EXPECT_EQ(first(DateUnit::Week, "2024-12-30"), "2024-12-30");
  EXPECT_EQ(first(DateUnit::Week, "1969-12-31"), "1969-12-29");
  EXPECT_EQ(first(DateUnit::Month, "2024-02-29"), "2024-02-01");
  EXPECT_EQ(first(DateUnit::Quarter, "2024-12-31"), "2024-10-01");
  EXPECT_EQ(first(DateUnit::Quarter, "2024-03-31"), "2024-01-01");
  EXPECT_EQ(first(DateUnit::Year, "2024-12-31"), "2024-01-01");
}

TEST(Date, ReadsTimestampsWithZones) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(parse_timestamp("1970-01-01 02:00:00.5+02:00"), 500'000);
  EXPECT_EQ(parse_timestamp("1970-01-01T24:00:00Z"), std::nullopt);
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.1234567Z"), std::nullopt);
  EXPECT_EQ(format_timestamp(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Sha256, MatchesThePublishedVector) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RowHash, TellsWhichColumnIsNull) {
  RowHasher left(kRowHashSeed);
  left.add_null();
  left.add_string("a");
  RowHasher right(kRowHashSeed);
  right.add_string("a");
  right.add_null();
  EXPECT_NE(left.finish(), right.finish());
}

TEST(RowHash, SaltIsTheHashOfItsLiteral) {
  EXPECT_EQ(XXH64(&kRowHashSaltLiteral, sizeof(kRowHashSaltLiteral), kRowHashSeed), kRowHashSalt);
}

TEST(RowHash, SumsRoundTripAsText) {
  RowHashSum parsed;
  const RowHashSum sum{3, 0xFFFFFFFFFFFFFFFF, 7};
  ASSERT_TRUE(parse_row_hash_sum(to_string(sum), parsed));
  EXPECT_EQ(parsed, sum);
  EXPECT_FALSE(parse_row_hash_sum("3:ff", parsed));
}

TEST(CsvText, QuotesOnlyWhatAReaderCouldTakeForSomethingElse) {
  std::string line;
  for (const char* text :
       {"plain", "a;b", "a,b", "", " led", "trailed ", "\"", "two\nlines", "\r"}) {
    append_csv_text(line, text);
    line += '|';
  }
  EXPECT_EQ(line, "plain|a;b|\"a,b\"|\"\"|\" led\"|\"trailed \"|\"\"\"\"|\"two\nlines\"|\"\r\"|");
  line.clear();
  append_csv_text(line, "a;b,c", ';');
  EXPECT_EQ(line, "\"a;b,c\"");
}

TEST(Utf8, IsNeitherOverlongNorASurrogateNorCut) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
  EXPECT_EQ(valid_utf8_prefix("\xC3\xA9x\xFFy"), 3U);
  EXPECT_EQ(utf8_character_length(""), 0U);
}

TEST(NearestName, FindsTheTypo) {
  EXPECT_EQ(nearest_name("scedule", {"schedule", "source"}), "schedule");
  EXPECT_EQ(nearest_name("zzz", {"schedule"}), "");
}

}  // namespace
}  // namespace bullion
