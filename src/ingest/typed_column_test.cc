#include <random>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/date.h"
#include "ingest/batch_hash_internal.h"
#include "ingest/ingest.h"
#include "ingest/typed_column_internal.h"
#include "records/display_text.h"

namespace bullion::ingest {
namespace {

using delta::DataType;
using delta::TypeId;
using engine::ColumnBatch;
using std::string_literals::operator""s;
using testing::HasSubstr;

project::Source source_of(const DataType& type, bool nullable = true) {
  project::Source source;
  source.contract.columns.push_back({"c", type, nullable, "{}"});
  return source;
}

DataType plain(TypeId id) { return {id, 0, 0, {}}; }

struct Outcome {
  ValueFault fault = ValueFault::None;
  ColumnBatch batch;
  records::Fault described;
};

Outcome parse(const project::Source& source, std::string_view text,
              records::CellKind kind = records::CellKind::Bare, bool allow_non_finite = false) {
  const TypedColumn column(source, 0, allow_non_finite);
  Outcome outcome;
  outcome.batch.type = source.contract.columns[0].type;
  outcome.fault = column.append({text, kind}, outcome.batch);
  if (outcome.fault != ValueFault::None) {
    outcome.described = column.describe(outcome.fault, {text, kind});
  }
  EXPECT_EQ(outcome.batch.nulls.size(), 1U);
  return outcome;
}

ValueFault fault_of(const DataType& type, std::string_view text) {
  return parse(source_of(type), text).fault;
}

TEST(TypedColumn, NamesWhatIsWrongWithAnAmount) {
  const auto source = source_of(DataType::decimal(18, 2));
  EXPECT_EQ(
      parse(source, "0.129").described.reason,
      "c: `0.129` has digits that DECIMAL(18,2) cannot hold; expected at most 2 after the point");
  EXPECT_EQ(parse(source, "0.129").described.code, "lost-digits");
  EXPECT_EQ(parse(source, std::string(40, '9')).described.code, "too-many-digits");
  EXPECT_EQ(parse(source, "12,50").described.code, "bad-decimal");
  EXPECT_EQ(parse(source, "NaN").described.code, "bad-decimal");
  EXPECT_EQ(parse(source, " 12.50\t").batch.fixed64.at(0), 1250);
  EXPECT_EQ(parse(source, "1.5e1").batch.fixed64.at(0), 1500);
}

TEST(TypedColumn, ReadsAmountsLikeTheExactParser) {
  std::mt19937 random(3);
  constexpr std::string_view kLetters = "0001234599..-+e";
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const size_t length = 1 + random() % 22;
    for (size_t i = 0; i < length; ++i) text += kLetters[random() % (i == 0 ? 14 : 12)];
    const int precision = 1 + static_cast<int>(random() % 38);
    const int scale = static_cast<int>(random() % static_cast<unsigned>(precision + 1));
    const auto expected = parse_decimal(text, precision, scale);
    const auto outcome = parse(source_of(DataType::decimal(precision, scale)), text);
    ASSERT_EQ(outcome.fault == ValueFault::None, !expected.fault.has_value()) << text;
    if (expected.fault) continue;
    const Int128 units =
        precision <= 18 ? outcome.batch.fixed64.at(0) : outcome.batch.fixed128.at(0);
    ASSERT_EQ(int128_to_string(units), int128_to_string(expected.units)) << text;
  }
}

TEST(TypedColumn, KnowsTheCalendar) {
  const auto type = plain(TypeId::Date);
  EXPECT_EQ(fault_of(type, "2025-02-30"), ValueFault::BadDate);
  EXPECT_EQ(fault_of(type, "2025-2-03"), ValueFault::BadDate);
  EXPECT_EQ(fault_of(type, "03/02/2025"), ValueFault::BadDate);
  EXPECT_EQ(fault_of(type, "2025-01-01T00:00:00"), ValueFault::BadDate);
  for (int32_t day = -719'162; day < 2'932'896; day += 13) {
    const std::string text = format_date(day);
    ASSERT_EQ(parse(source_of(type), text).batch.fixed32.at(0), day) << text;
  }
}

TEST(TypedColumn, ReadsInstantsAndRefusesNanoseconds) {
  const auto type = plain(TypeId::Timestamp);
  EXPECT_EQ(parse(source_of(type), "1970-01-01T00:00:01.5Z").batch.fixed64.at(0), 1'500'000);
  EXPECT_EQ(fault_of(type, "1970-01-01T00:00:00.1234567"), ValueFault::BadTimestamp);
}

TEST(TypedColumn, KeepsIntegersInTheirRange) {
  EXPECT_EQ(parse(source_of(plain(TypeId::Short)), "-32768").batch.fixed32.at(0), -32768);
  EXPECT_EQ(fault_of(plain(TypeId::Short), "32768"), ValueFault::OutOfRange);
  EXPECT_EQ(fault_of(plain(TypeId::Byte), "-129"), ValueFault::OutOfRange);
  EXPECT_EQ(fault_of(plain(TypeId::Long), "9223372036854775808"), ValueFault::OutOfRange);
  EXPECT_EQ(parse(source_of(plain(TypeId::Long)), "+9223372036854775807").batch.fixed64.at(0),
            std::numeric_limits<int64_t>::max());
  for (const char* text : {"1.0", "1e3", "+-1", "0x10", "1 2", "-"}) {
    EXPECT_EQ(fault_of(plain(TypeId::Integer), text), ValueFault::BadInteger) << text;
  }
}

TEST(TypedColumn, ReadsBooleansWithoutRegardToCase) {
  for (const char* text : {"true", "T", "1", "Yes"}) {
    EXPECT_EQ(parse(source_of(plain(TypeId::Boolean)), text).batch.fixed32.at(0), 1) << text;
  }
  for (const char* text : {"FALSE", "f", "0", "no"}) {
    EXPECT_EQ(parse(source_of(plain(TypeId::Boolean)), text).batch.fixed32.at(0), 0) << text;
  }
  EXPECT_EQ(fault_of(plain(TypeId::Boolean), "2"), ValueFault::BadBoolean);
}

TEST(TypedColumn, TakesInfinityOnlyWhereTheFormatHasIt) {
  const auto source = source_of(plain(TypeId::Double));
  EXPECT_EQ(parse(source, "1.5e3").batch.doubles.at(0), 1500.0);
  EXPECT_EQ(parse(source, "nan").fault, ValueFault::BadNumber);
  EXPECT_EQ(parse(source, "inf", records::CellKind::Bare, true).fault, ValueFault::None);
  EXPECT_EQ(parse(source, "1e999").fault, ValueFault::OutOfRange);
}

TEST(TypedColumn, TellsNullFromEmptyText) {
  auto text = source_of(plain(TypeId::String));
  text.values.null_words = {"", "NA"};
  EXPECT_EQ(parse(text, "").batch.nulls.at(0), 1);
  EXPECT_EQ(parse(text, "NA").batch.nulls.at(0), 1);
  EXPECT_EQ(parse(text, "", records::CellKind::Quoted).batch.nulls.at(0), 0);
  EXPECT_EQ(parse(text, "NA", records::CellKind::Quoted).batch.bytes, "NA");
  auto amount = source_of(DataType::decimal(10, 2));
  EXPECT_EQ(parse(amount, "", records::CellKind::Quoted).batch.nulls.at(0), 1);
  amount.values.null_words = {};
  EXPECT_EQ(parse(amount, "").fault, ValueFault::BadDecimal);
}

TEST(TypedColumn, RefusesAMissingValueWhereTheContractWantsOne) {
  const auto outcome = parse(source_of(plain(TypeId::Date), false), "", records::CellKind::Missing);
  EXPECT_EQ(outcome.described.code, "missing-value");
  EXPECT_THAT(outcome.described.reason, HasSubstr("not_null"));
}

TEST(TypedColumn, ComparesAcceptedValuesByValue) {
  auto amount = source_of(DataType::decimal(10, 2));
  amount.contract.accepted_values["c"] = {"1.5", "2"};
  EXPECT_EQ(parse(amount, "1.50").fault, ValueFault::None);
  EXPECT_EQ(parse(amount, "3").fault, ValueFault::NotAccepted);
  EXPECT_EQ(parse(amount, "").fault, ValueFault::None);
  auto currency = source_of(plain(TypeId::String));
  currency.contract.accepted_values["c"] = {"USD", "EUR"};
  EXPECT_EQ(parse(currency, "USD").fault, ValueFault::None);
  EXPECT_EQ(parse(currency, "usd").described.reason,
            "c: `usd` is not an accepted value; expected one of: USD, EUR");
}

TEST(TypedColumn, RefusesATextThatDoesNotHaveTheForm) {
  auto account = source_of(plain(TypeId::String));
  account.contract.patterns["c"] = "A[0-9]{4,}";
  EXPECT_EQ(parse(account, "A0001").fault, ValueFault::None);
  EXPECT_EQ(parse(account, "").fault, ValueFault::None);
  EXPECT_EQ(parse(account, "A001").described.code, "not-matching");
  EXPECT_EQ(parse(account, "A001").described.reason,
            "c: `A001` does not have the form `A[0-9]{4,}`");
}

TEST(TypedColumn, RefusesAValueOutOfRange) {
  auto amount = source_of(DataType::decimal(10, 2));
  amount.contract.ranges["c"] = {.above = "0", .at_most = "800"};
  EXPECT_EQ(parse(amount, "0.01").fault, ValueFault::None);
  EXPECT_EQ(parse(amount, "800.00").fault, ValueFault::None);
  EXPECT_EQ(parse(amount, "").fault, ValueFault::None);
  EXPECT_EQ(parse(amount, "0.00").fault, ValueFault::NotInRange);
  EXPECT_EQ(parse(amount, "800.01").described.reason,
            "c: `800.01` is out of range; expected above 0 and at most 800");
  auto wide = source_of(DataType::decimal(38, 2));
  wide.contract.ranges["c"] = {.at_least = "-5"};
  EXPECT_EQ(parse(wide, "-5").fault, ValueFault::None);
  EXPECT_EQ(parse(wide, "-5.01").fault, ValueFault::NotInRange);
  auto day = source_of(plain(TypeId::Date));
  day.contract.ranges["c"] = {.at_least = "2024-01-01", .below = "2025-01-01"};
  EXPECT_EQ(parse(day, "2024-12-31").fault, ValueFault::None);
  EXPECT_EQ(parse(day, "2025-01-01").fault, ValueFault::NotInRange);
  auto weight = source_of(plain(TypeId::Double));
  weight.contract.ranges["c"] = {.below = "1.5"};
  EXPECT_EQ(parse(weight, "1.25").fault, ValueFault::None);
  EXPECT_EQ(parse(weight, "1.5").fault, ValueFault::NotInRange);
}

TEST(ReadableAmount, TakesMoreDigitsThanTheContractHolds) {
  project::Source source = source_of(DataType::decimal(18, 2));
  source.contract.amount_column = "c";
  EXPECT_EQ(read_amount(source, "12.5"), (Decimal{1250, 2}));
  EXPECT_EQ(read_amount(source, "0.129"), (Decimal{129, 3}));
  EXPECT_EQ(read_amount(source, "abc"), std::nullopt);
  EXPECT_EQ(read_amount(source, std::string(40, '9')), std::nullopt);
  source.values.parentheses_negative = true;
  source.values.thousands_mark = ',';
  EXPECT_EQ(read_amount(source, "(1,000.125)"), (Decimal{-1000125, 3}));
  source.contract.amount_column = "";
  EXPECT_EQ(read_amount(source, "12.5"), std::nullopt);
}

TEST(TypedColumn, ReadsAmountsAsItsSourceWritesThem) {
  project::Source source = source_of(DataType::decimal(18, 2));
  source.values.decimal_mark = ',';
  source.values.thousands_mark = '.';
  source.values.currency_signs = {"EUR", "\u20AC"};
  EXPECT_EQ(parse(source, " 1.234,50 \u20AC ").batch.fixed64.at(0), 123450);
  EXPECT_EQ(parse(source, "1234,5").batch.fixed64.at(0), 123450);
  EXPECT_EQ(parse(source, "1.5e1").fault, ValueFault::BadDecimal);
  EXPECT_EQ(parse(source, "0,129").fault, ValueFault::LostDigits);
  EXPECT_EQ(parse(source, "1234.50").described.reason,
            "c: `1234.50` is not a number; expected DECIMAL(18,2) such as -EUR1.234,50");
  source.contract.accepted_values["c"] = {"1234.50"};
  EXPECT_EQ(parse(source, "1.234,50").fault, ValueFault::None);
  EXPECT_EQ(parse(source, "1.234,51").fault, ValueFault::NotAccepted);
}

TEST(TypedColumn, LetsAColumnSayItOtherwiseThanItsSource) {
  project::Source source = source_of(plain(TypeId::Date));
  source.values.date_formats = {"%m/%d/%Y"};
  source.cells["c"].values.date_formats = {"%d-%b-%Y", "%d/%m/%Y"};
  EXPECT_EQ(parse(source, "16-Jan-2013").batch.fixed32.at(0), parse_date("2013-01-16"));
  EXPECT_EQ(parse(source, "03/02/2013").batch.fixed32.at(0), parse_date("2013-02-03"));
  EXPECT_EQ(parse(source, "2013-01-16").described.reason,
            "c: `2013-01-16` is not a date of the calendar; expected %d-%b-%Y or %d/%m/%Y");
}

TEST(TypedColumn, RefusesLocalTimesThatComeTwiceOrNeverUnlessToldOtherwise) {
  project::Source source = source_of(plain(TypeId::Timestamp));
  source.values.time_zone = "Europe/London";
  EXPECT_EQ(parse(source, "2024-10-27 01:30:00").described.code, "time-comes-twice");
  EXPECT_EQ(parse(source, "2024-03-31 01:30:00").described.code, "time-never-comes");
  EXPECT_EQ(parse(source, "2024-10-27T01:30:00+01:00").batch.fixed64.at(0),
            parse_timestamp("2024-10-27T00:30:00Z"));
  EXPECT_EQ(parse(source, "2024-07-01 12:00:00").batch.fixed64.at(0),
            parse_timestamp("2024-07-01T11:00:00Z"));
  source.values.dst = "earlier";
  EXPECT_EQ(parse(source, "2024-10-27 01:30:00").batch.fixed64.at(0),
            parse_timestamp("2024-10-27T00:30:00Z"));
  source.values.dst = "later";
  EXPECT_EQ(parse(source, "2024-10-27 01:30:00").batch.fixed64.at(0),
            parse_timestamp("2024-10-27T01:30:00Z"));
  source.values.time_zone = "Mars/Base";
  EXPECT_EQ(parse(source, "2024-07-01 12:00:00").described.code, "unknown-time-zone");
}

TEST(TypedColumn, TrimsTextsOnlyWhenToldAndNeverQuotedOnes) {
  project::Source source = source_of(plain(TypeId::String));
  EXPECT_EQ(parse(source, " a ").batch.bytes, " a ");
  source.format.trim = true;
  source.values.null_words = {"", "N/A"};
  EXPECT_EQ(parse(source, " a ").batch.bytes, "a");
  EXPECT_EQ(parse(source, " N/A ").batch.nulls.at(0), 1);
  EXPECT_EQ(parse(source, "  ").batch.nulls.at(0), 1);
  EXPECT_EQ(parse(source, " a ", records::CellKind::Quoted).batch.bytes, " a ");
}

TEST(DisplayText, ShowsAnyBytesAsBoundedUtf8) {
  EXPECT_EQ(records::display_text("a\xFF\xC3\xA9", 100), "a\xEF\xBF\xBD\xC3\xA9");
  EXPECT_EQ(records::display_text("a\0b"s, 100), "a\xE2\x90\x80"s + "b");
  EXPECT_EQ(records::display_text("\xED\xA0\x80", 100), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(records::display_text("abcdef", 6), "abcdef");
  EXPECT_EQ(records::display_text("abcdefg", 6), "abc\xE2\x80\xA6");
  EXPECT_EQ(records::quoted_for_message("a\r\nb"), "`a\\r\\nb`");
}

/// Random rows over every type, 70 columns wide, so that null masks have three words.
engine::RowBatch random_batch(std::mt19937& random, delta::Schema& schema) {
  const std::vector<DataType> types = {
      plain(TypeId::String),    plain(TypeId::Boolean), plain(TypeId::Byte),
      plain(TypeId::Short),     plain(TypeId::Integer), plain(TypeId::Long),
      plain(TypeId::Float),     plain(TypeId::Double),  DataType::decimal(18, 2),
      DataType::decimal(38, 4), plain(TypeId::Date),    plain(TypeId::Timestamp)};
  engine::RowBatch batch;
  batch.rows = 40;
  for (size_t c = 0; c < 70; ++c) {
    const std::string prefix = c % 11 == 3 ? "_" : "c";
    schema.push_back({prefix + std::to_string(c), types[c % types.size()], true, "{}"});
    ColumnBatch column;
    column.type = schema.back().type;
    for (size_t row = 0; row < batch.rows; ++row) {
      const auto value = static_cast<int64_t>(random()) - (int64_t{1} << 31);
      column.nulls.push_back(random() % 4 == 0 ? 1 : 0);
      column.fixed32.push_back(static_cast<int32_t>(value));
      column.fixed64.push_back(value * (row % 2 == 0 ? 1 : 1'000'003));
      column.fixed128.push_back(static_cast<Int128>(value) * value * (row % 3 == 0 ? -value : 1));
      column.doubles.push_back(row == 0 ? -0.0 : static_cast<double>(value) / 8);
      column.append_text(std::string(random() % 40, 'x'));
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

void hash_cell(RowHasher& hasher, const ColumnBatch& column, size_t row) {
  if (column.nulls[row] != 0) return hasher.add_null();
  switch (column.type.id) {
    case TypeId::String: {
      const uint32_t begin = row == 0 ? 0 : column.ends[row - 1];
      return hasher.add_string(
          std::string_view(column.bytes).substr(begin, column.ends[row] - begin));
    }
    case TypeId::Float:
      return hasher.add_float(static_cast<float>(column.doubles[row]));
    case TypeId::Double:
      return hasher.add_double(column.doubles[row]);
    case TypeId::Long:
    case TypeId::Timestamp:
      return hasher.add_int64(column.fixed64[row]);
    case TypeId::Decimal:
      if (column.type.precision <= 18) return hasher.add_int64(column.fixed64[row]);
      return hasher.add_wide_decimal(column.fixed128[row]);
    default:
      return hasher.add_int32(column.fixed32[row]);
  }
}

TEST(BatchHasher, AgreesWithTheRowHasherOnEveryType) {
  std::mt19937 random(5);
  delta::Schema schema;
  const engine::RowBatch batch = random_batch(random, schema);
  RowHashSum expected;
  for (size_t row = 0; row < batch.rows; ++row) {
    RowHasher a(kRowHashSeed);
    RowHasher b(kRowHashSalt);
    for (size_t c = 0; c < schema.size(); ++c) {
      if (!is_hashed_column(schema[c].name)) continue;
      hash_cell(a, batch.columns[c], row);
      hash_cell(b, batch.columns[c], row);
    }
    expected += {1, a.finish(), b.finish()};
  }
  BatchHasher hasher(schema);
  hasher.add(batch);
  EXPECT_EQ(to_string(hasher.sum()), to_string(expected));
}

TEST(BatchHasher, LeavesOutWhatIsNoBusinessContent) {
  EXPECT_FALSE(is_hashed_column("_batch_id"));
  EXPECT_FALSE(is_hashed_column("published_at"));
  EXPECT_FALSE(is_hashed_column("first_published_at"));
  EXPECT_TRUE(is_hashed_column("cost"));
}

}  // namespace
}  // namespace bullion::ingest
