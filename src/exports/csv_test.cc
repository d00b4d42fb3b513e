#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

using delta::DataType;
using delta::TypeId;
using testing::HasSubstr;

class Csv : public ExportFixture {
 protected:
  std::string written(const Request& asked, const CsvOptions& options = {}) {
    std::string bytes;
    auto summary = export_csv(*engine_, asked, options,
                              [&bytes](std::string_view part) {
                                bytes += part;
                                return ok();
                              },
                              {});
    EXPECT_THAT(summary, IsOk());
    if (summary) summary_ = *summary;
    return bytes;
  }
  Result<Summary> outcome(const Request& asked, const CsvOptions& options = {}) {
    return export_csv(*engine_, asked, options, [](std::string_view) { return ok(); }, {});
  }

  Summary summary_;
  const delta::Schema text_ = {column("id", type(TypeId::Long)), column("x", type(TypeId::String))};
};

TEST_F(Csv, TellsNullFromTheEmptyTextAndQuotesWhatNeedsIt) {
  const std::string bytes = written(request(
      text_, "(1, NULL), (2, ''), (3, 'a,b'), (4, 'say \"x\"'), (5, E'two\\nlines'), (6, ' pad')",
      6));
  EXPECT_EQ(bytes,
            "id,x\r\n1,\r\n2,\"\"\r\n3,\"a,b\"\r\n4,\"say \"\"x\"\"\"\r\n5,\"two\nlines\"\r\n"
            "6,\" pad\"\r\n");
  EXPECT_EQ(summary_.rows, 6);
}

TEST_F(Csv, DefusesTextsThatASpreadsheetWouldRunAndLeavesNumbersAlone) {
  const delta::Schema schema = {column("n", DataType::decimal(10, 2)),
                                column("x", type(TypeId::String))};
  const Request asked = request(
      schema,
      "(-12.34, '=1+1'), (-12.34, '+1'), (-12.34, '-1'), (-12.34, '@a'), (-12.34, E'\\tx'), "
      "(-12.34, E'\\rx'), (-12.34, '''=1'), (-12.34, '''tis'), (-12.34, 'a=1'), (-12.34, '＝1')",
      10);
  const std::string bytes = written(asked);
  for (const char* line : {"'=1+1\r\n", "'+1\r\n", "'-1\r\n", "'@a\r\n", "'\tx\r\n", "\"'\rx\"\r\n",
                           "''=1\r\n", "-12.34,'tis\r\n", ",a=1\r\n", "'＝1\r\n"}) {
    EXPECT_THAT(bytes, HasSubstr(line));
  }
  EXPECT_EQ(summary_.defused, 8);
  CsvOptions raw;
  raw.raw = true;
  EXPECT_THAT(written(asked, raw), HasSubstr("-12.34,=1+1\r\n"));
  EXPECT_EQ(summary_.defused, 0);
}

TEST_F(Csv, WritesEveryTypeAsTextOfAllItsDigits) {
  const delta::Schema schema = {column("a", DataType::decimal(38, 6)),
                                column("b", type(TypeId::Boolean)), column("c", type(TypeId::Date)),
                                column("d", type(TypeId::Timestamp)),
                                column("e", DataType::decimal(38, 0))};
  const std::string bytes =
      written(request(schema,
                      "('99999999999999999999999999999999.999999', true, '1899-12-31', "
                      "'2025-01-01 10:20:30.123456+00', '-5')",
                      1));
  EXPECT_EQ(bytes,
            "a,b,c,d,e\r\n99999999999999999999999999999999.999999,true,1899-12-31,"
            "2025-01-01T10:20:30.123456Z,-5\r\n");
}

TEST_F(Csv, KeepsSumsOfCurrenciesApart) {
  const delta::Schema schema = {column("currency", type(TypeId::String)),
                                column("amount", DataType::decimal(38, 2))};
  Request asked = request(schema,
                          "('EUR', '0.10'), ('USD', '99999999999999999999999999.99'), "
                          "('EUR', '0.20'), (NULL, '1'), ('USD', '0.01'), ('EUR', NULL)",
                          6);
  asked.total_columns = {"amount"};
  asked.currency_column = "currency";
  asked.columns = {"amount"};
  EXPECT_THAT(written(asked), HasSubstr("amount\r\n"));
  ASSERT_EQ(summary_.totals.size(), 3U);
  EXPECT_EQ(summary_.totals[0].currency, std::nullopt);
  EXPECT_EQ(summary_.totals[0].sum, "1.00");
  EXPECT_EQ(summary_.totals[1].sum, "0.30");
  EXPECT_EQ(summary_.totals[1].rows, 3);
  EXPECT_EQ(summary_.totals[2].sum, "100000000000000000000000000.00");
}

TEST_F(Csv, TakesAnotherDelimiterAndAByteOrderMark) {
  CsvOptions options;
  options.delimiter = ';';
  options.byte_order_mark = true;
  EXPECT_EQ(written(request(text_, "(1, 'a;b')", 1), options), "\xEF\xBB\xBFid;x\r\n1;\"a;b\"\r\n");
  options.delimiter = '.';
  EXPECT_THAT(outcome(request(text_, "(1, 'a')", 1), options), HasMessage("--delimiter '.'"));
}

TEST_F(Csv, NamesTheNearestColumnAndTheEnginesComplaint) {
  Request asked = request(text_, "(1, 'a')", 1);
  asked.columns = {"idd"};
  EXPECT_THAT(outcome(asked), HasMessage("did you mean `id`"));
  asked.columns = {"id", "id"};
  EXPECT_THAT(outcome(asked), HasMessage("named twice"));
  asked.columns = {};
  asked.where = "nope > 1";
  EXPECT_THAT(outcome(asked), HasMessage("--where nope > 1"));
  asked.where = "1 = 1) OR (";
  EXPECT_THAT(outcome(asked), IsErrorOf(ErrorKind::Invalid));
  asked.where = "";
  asked.total_columns = {"x"};
  EXPECT_THAT(outcome(asked), HasMessage("only decimals and whole numbers"));
}

TEST_F(Csv, RefusesATableOfOtherRowsThanItsReleaseSays) {
  EXPECT_THAT(outcome(request(text_, "(1, 'a')", 2)), IsErrorOf(ErrorKind::Corrupt));
}

TEST_F(Csv, FiltersAndSortsWithNullsFirst) {
  Request asked = request(text_, "(3, 'c'), (NULL, 'n'), (1, 'a'), (2, 'b')", 4);
  asked.order_by = {"id"};
  asked.where = "x <> 'b' -- not that one";
  EXPECT_EQ(written(asked), "id,x\r\n,n\r\n1,a\r\n3,c\r\n");
}

}  // namespace
}  // namespace bullion::exports
