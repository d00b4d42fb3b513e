#include <gmock/gmock.h>

#include "base/date.h"
#include "table/stats_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;
using testing::HasSubstr;
using testing::Not;

const std::string kEmoji = "\xF0\x9F\x98\x80";
const std::string kLargest = "\xF4\x8F\xBF\xBF";

std::string times(size_t count, const std::string& text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

// The stats JSON of a file of 10 rows with one column of that type.
std::string stats_of(const delta::DataType& type, engine::Value min, engine::Value max,
                     bool has_nan = false, int64_t nulls = 0) {
  engine::StagedFile file;
  file.rows = 10;
  file.stats["c"] = {std::move(min), std::move(max), nulls, has_nan};
  return stats_json({{"c", type, true, "{}"}}, {}, file);
}

std::string stats_of(TypeId id, engine::Value min, engine::Value max, bool has_nan = false,
                     int64_t nulls = 0) {
  return stats_of(delta::DataType{id, 0, 0, {}}, std::move(min), std::move(max), has_nan, nulls);
}

TEST(TextBounds, KeepTextsOfUpTo32Units) {
  for (const std::string& text : {std::string(), std::string("abc"), times(32, "x"),
                                  times(16, kEmoji), times(32, "\xC3\xA9")}) {
    EXPECT_EQ(lower_text_bound(text), text);
    EXPECT_EQ(upper_text_bound(text), text);
  }
}

TEST(TextBounds, CutLongerTexts) {
  EXPECT_EQ(lower_text_bound(times(33, "x")), times(32, "x"));
  EXPECT_EQ(upper_text_bound(times(33, "x")), times(32, "x") + kLargest);
}

TEST(TextBounds, NeverSplitACharacterOfTwoUnits) {
  const std::string text = times(31, "x") + kEmoji;
  EXPECT_EQ(lower_text_bound(text), times(31, "x"));
  EXPECT_EQ(upper_text_bound(text), times(31, "x") + kLargest);
}

TEST(TextBounds, ExtendThePrefixPastTheLargestCharacter) {
  EXPECT_EQ(upper_text_bound(times(32, "x") + kLargest + "y"),
            times(32, "x") + kLargest + kLargest);
  EXPECT_EQ(upper_text_bound(times(32, "x") + kLargest), times(32, "x") + kLargest);
  EXPECT_EQ(upper_text_bound(times(32, kLargest)), times(32, kLargest));
  EXPECT_EQ(upper_text_bound(times(33, kLargest)), std::nullopt);
}

TEST(TextBounds, AreAbsentForBytesThatAreNotUtf8) {
  for (const char* text : {"\xFF", "a\xC3", "\x80", "\xE2\x82"}) {
    EXPECT_EQ(lower_text_bound(text), std::nullopt);
    EXPECT_EQ(upper_text_bound(text), std::nullopt);
  }
}

TEST(StatsJson, HasTheShapeThatSparkWrites) {
  EXPECT_EQ(stats_of(TypeId::Long, int64_t{-5}, int64_t{7}, false, 2),
            R"({"numRecords":10,"minValues":{"c":-5},"maxValues":{"c":7},"nullCount":{"c":2},)"
            R"("tightBounds":true})");
}

TEST(StatsJson, KeepsAllDigitsOfDecimals) {
  const ParsedDecimal wide = parse_decimal("1234567890123456789012345678.0123456789", 38, 10);
  const Decimal value{wide.units, 10};
  EXPECT_THAT(stats_of(delta::DataType::decimal(38, 10), value, value),
              HasSubstr(R"("minValues":{"c":1234567890123456789012345678.0123456789})"));
}

TEST(StatsJson, RoundsInstantsOutward) {
  const auto micros = [](const char* text) {
    return engine::TimestampValue{*parse_timestamp(text)};
  };
  EXPECT_THAT(stats_of(TypeId::Timestamp, micros("2021-11-18T02:30:00.123456Z"),
                       micros("2021-11-18T02:30:00.123456Z")),
              HasSubstr(R"("minValues":{"c":"2021-11-18T02:30:00.123Z"},)"
                        R"("maxValues":{"c":"2021-11-18T02:30:00.124Z"})"));
  EXPECT_THAT(stats_of(TypeId::Timestamp, micros("1960-01-01T00:00:00.000001Z"),
                       micros("1960-01-01T00:00:00.000001Z")),
              HasSubstr(R"("minValues":{"c":"1960-01-01T00:00:00.000Z"},)"
                        R"("maxValues":{"c":"1960-01-01T00:00:00.001Z"})"));
}

TEST(StatsJson, LeavesOutInstantsAndDatesBeyondFourDigitYears) {
  EXPECT_THAT(stats_of(TypeId::Timestamp, engine::TimestampValue{0},
                       engine::TimestampValue{*parse_timestamp("9999-12-31T23:59:59.999999Z")}),
              HasSubstr(R"("maxValues":{})"));
  EXPECT_THAT(stats_of(TypeId::Date, engine::DateValue{-800'000}, engine::DateValue{2'932'896}),
              HasSubstr(R"("minValues":{},"maxValues":{"c":"9999-12-31"})"));
}

TEST(StatsJson, LeavesOutTheUpperBoundOfAColumnWithNaN) {
  EXPECT_THAT(stats_of(TypeId::Double, 1.5, 2.5, true),
              HasSubstr(R"("minValues":{"c":1.5},"maxValues":{})"));
  EXPECT_THAT(stats_of(TypeId::Double, 1.0, INFINITY),
              HasSubstr(R"("minValues":{"c":1.0},"maxValues":{})"));
}

TEST(StatsJson, GivesZeroBothSigns) {
  EXPECT_THAT(stats_of(TypeId::Double, 0.0, -0.0),
              HasSubstr(R"("minValues":{"c":-0.0},"maxValues":{"c":0.0})"));
}

TEST(StatsJson, HasNoBoundsForAColumnOfNulls) {
  EXPECT_THAT(stats_of(TypeId::Long, std::monostate{}, std::monostate{}, false, 10),
              HasSubstr(R"("minValues":{},"maxValues":{},"nullCount":{"c":10})"));
}

TEST(StatsJson, CountsNullsButHasNoBoundsOfTypesWithoutOrder) {
  EXPECT_THAT(stats_of(TypeId::Boolean, false, true, false, 3),
              HasSubstr(R"("minValues":{},"maxValues":{},"nullCount":{"c":3})"));
}

TEST(StatsJson, CoversTheFirst32ColumnsThatAreNoPartitionColumns) {
  delta::Schema schema;
  engine::StagedFile file;
  file.rows = 1;
  for (int i = 0; i < 40; ++i) {
    schema.push_back({"c" + std::to_string(i), {TypeId::Long, 0, 0, {}}, true, "{}"});
    file.stats[schema.back().name] = {int64_t{1}, int64_t{1}, 0, false};
  }
  const std::string stats = stats_json(schema, {"c3"}, file);
  EXPECT_THAT(stats, HasSubstr(R"("c32":1)"));
  EXPECT_THAT(stats, Not(HasSubstr(R"("c33":1)")));
  EXPECT_THAT(stats, Not(HasSubstr(R"("c3":1)")));
}

TEST(StatsJson, EscapesNamesAndTexts) {
  engine::StagedFile file;
  file.rows = 1;
  const std::string text("a\"b\\c\n\0", 7);
  file.stats["x\"y"] = {text, text, 0, false};
  EXPECT_THAT(stats_json({{"x\"y", {TypeId::String, 0, 0, {}}, true, "{}"}}, {}, file),
              HasSubstr(R"("minValues":{"x\"y":"a\"b\\c\n\u0000"})"));
}

}  // namespace
}  // namespace bullion::table
