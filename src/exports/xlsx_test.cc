#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "exports/export_fixture_internal.h"
#include "exports/xlsx_check_internal.h"
#include "exports/xlsx_text_internal.h"

namespace bullion::exports {
namespace {

using delta::DataType;
using delta::TypeId;
using testing::HasSubstr;
using testing::Not;

/// The bytes of one entry of a ZIP file.
std::string entry_of(const std::string& file, const std::string& name) {
  archive* reader = archive_read_new();
  archive_read_support_format_zip(reader);
  std::string bytes;
  if (archive_read_open_filename(reader, file.c_str(), 65536) == ARCHIVE_OK) {
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
      if (name != archive_entry_pathname(entry)) continue;
      bytes.resize(static_cast<size_t>(archive_entry_size(entry)));
      bytes.resize(static_cast<size_t>(archive_read_data(reader, bytes.data(), bytes.size())));
    }
  }
  archive_read_free(reader);
  return bytes;
}

class Xlsx : public ExportFixture {
 protected:
  Result<Summary> outcome(const Request& asked, const XlsxOptions& options = {},
                          const std::string& name = "t.xlsx") {
    return export_xlsx(*engine_, asked, options, path(name), {});
  }
  std::string sheet(const Request& asked, const XlsxOptions& options = {}, int number = 1) {
    auto summary = outcome(asked, options);
    EXPECT_THAT(summary, IsOk());
    if (summary) summary_ = *summary;
    return entry_of(path("t.xlsx"), fmt::format("xl/worksheets/sheet{}.xml", number));
  }
  /// The XML of one cell, from its content on: "<v>1</v>" or "<is><t>a</t></is>".
  static std::string cell(const std::string& xml, const std::string& name) {
    const size_t start = xml.find(fmt::format("<c r=\"{}\"", name));
    if (start == xml.npos) return "";
    const size_t content = xml.find('>', start) + 1;
    return xml.substr(content, xml.find("</c>", start) - content);
  }

  Summary summary_;
  const delta::Schema money_ = {column("id", type(TypeId::Long)),
                                column("currency", type(TypeId::String)),
                                column("amount", DataType::decimal(38, 2))};
};

TEST_F(Xlsx, WritesTypedCells) {
  const delta::Schema schema = {
      column("a", DataType::decimal(10, 2)), column("b", type(TypeId::Boolean)),
      column("c", type(TypeId::Date)),       column("d", type(TypeId::Timestamp)),
      column("e", type(TypeId::String)),     column("f", DataType::decimal(20, 0)),
      column("g", type(TypeId::Double))};
  const std::string xml = sheet(request(
      schema, "('-12.34', true, '2025-01-01', '2025-01-01 12:00:00+00', 'x', '-5', 1.5)", 1));
  EXPECT_EQ(cell(xml, "A2"), "<v>-12.34</v>");
  EXPECT_EQ(cell(xml, "B2"), "<v>1</v>");
  EXPECT_EQ(cell(xml, "C2"), "<v>45658</v>");
  EXPECT_EQ(cell(xml, "D2"), "<v>45658.5</v>");
  EXPECT_EQ(cell(xml, "E2"), "<is><t>x</t></is>");
  EXPECT_EQ(cell(xml, "F2"), "<v>-5</v>");
  EXPECT_EQ(cell(xml, "G2"), "<v>1.5</v>");
  EXPECT_EQ(summary_.marked, 0);
  EXPECT_THAT(xml, HasSubstr("<autoFilter ref=\"A1:G2\"/>"));
  EXPECT_THAT(xml, HasSubstr("state=\"frozen\""));
  EXPECT_THAT(entry_of(path("t.xlsx"), "xl/styles.xml"), HasSubstr("formatCode=\"#,##0.00\""));
}

TEST_F(Xlsx, MarksWhatANumberCellWouldLose) {
  const delta::Schema schema = {column("a", DataType::decimal(38, 6)),
                                column("b", type(TypeId::Long)), column("c", type(TypeId::Date)),
                                column("d", type(TypeId::Timestamp)),
                                column("e", type(TypeId::Double))};
  const std::string xml =
      sheet(request(schema,
                    "('99999999999999999999999999999999.999999', -9223372036854775807, "
                    "'1900-02-28', '2025-01-01 12:00:00.000001+00', 'nan')",
                    1));
  EXPECT_EQ(cell(xml, "A2"), "<is><t>99999999999999999999999999999999.999999</t></is>");
  EXPECT_EQ(cell(xml, "B2"), "<is><t>-9223372036854775807</t></is>");
  EXPECT_EQ(cell(xml, "C2"), "<is><t>1900-02-28</t></is>");
  EXPECT_EQ(cell(xml, "D2"), "<is><t>2025-01-01T12:00:00.000001Z</t></is>");
  EXPECT_EQ(cell(xml, "E2"), "<is><t>nan</t></is>");
  EXPECT_EQ(summary_.marked, 5);
}

TEST_F(Xlsx, WritesFormulaTextsAsTextsThatKeepTheirValue) {
  const std::string xml = sheet(request(
      {column("id", type(TypeId::Long)), column("x", type(TypeId::String))},
      "(1, '=HYPERLINK(\"http://x\")'), (2, '+1'), (3, '@a'), (4, E'\\rb'), (5, '_x0041_'), "
      "(6, E'a\\x01'), (7, E'two\\nlines'), (8, NULL)",
      8));
  EXPECT_EQ(cell(xml, "B2"), "<is><t>=HYPERLINK(\"http://x\")</t></is>");
  EXPECT_EQ(cell(xml, "B3"), "<is><t>+1</t></is>");
  EXPECT_EQ(cell(xml, "B4"), "<is><t>@a</t></is>");
  EXPECT_EQ(cell(xml, "B5"), "<is><t>_x000D_b</t></is>");
  EXPECT_EQ(cell(xml, "B6"), "<is><t>_x005F_x0041_</t></is>");
  EXPECT_EQ(cell(xml, "B7"), "<is><t>a_x0001_</t></is>");
  EXPECT_EQ(cell(xml, "B8"), "<is><t>two\nlines</t></is>");
  EXPECT_EQ(cell(xml, "B9"), "");
  EXPECT_THAT(xml, Not(HasSubstr("<f>")));
  EXPECT_THAT(entry_of(path("t.xlsx"), "xl/styles.xml"), Not(HasSubstr("quotePrefix=\"1\"")));
}

TEST_F(Xlsx, TotalsAreALiveFormulaWithTheExactValue) {
  Request asked = request(money_, "(1, 'EUR', '0.10'), (2, 'EUR', '0.20'), (3, 'EUR', NULL)", 3);
  asked.total_columns = {"amount"};
  const std::string xml = sheet(asked);
  EXPECT_EQ(cell(xml, "C6"), "<f>SUM($C$2:$C$4)</f><v>0.3</v>");
  EXPECT_EQ(cell(xml, "A6"), "<is><t>Total</t></is>");
  EXPECT_THAT(xml, HasSubstr("<autoFilter ref=\"A1:C4\"/>"));
}

TEST_F(Xlsx, TotalsOfCurrenciesAreKeptApartAndExactAsMarkedText) {
  Request asked = request(money_,
                          "(1, 'EUR', '0.10'), (2, 'USD', '99999999999999999999.99'), "
                          "(3, 'EUR', '0.20'), (4, 'USD', '0.01'), (5, 'GBP', '999999999999999'), "
                          "(6, 'GBP', '0.5'), (7, NULL, '2')",
                          7);
  asked.total_columns = {"amount"};
  asked.currency_column = "currency";
  const std::string xml = sheet(asked);
  EXPECT_EQ(cell(xml, "A10"), "<is><t>Total (no currency)</t></is>");
  EXPECT_EQ(cell(xml, "C10"), "<v>2</v>");
  EXPECT_EQ(cell(xml, "B11"), "<is><t>EUR</t></is>");
  EXPECT_EQ(cell(xml, "C11"), "<f>SUMIFS($C$2:$C$8,$B$2:$B$8,\"EUR\")</f><v>0.3</v>");
  EXPECT_EQ(cell(xml, "C12"), "<is><t>999999999999999.50</t></is>");
  EXPECT_EQ(cell(xml, "C13"), "<is><t>100000000000000000000.00</t></is>");
}

TEST_F(Xlsx, CodesThatAFormulaCannotTellApartGetNoFormula) {
  Request asked = request(money_, "(1, 'EUR', '1'), (2, 'eur', '2')", 2);
  asked.total_columns = {"amount"};
  asked.currency_column = "currency";
  EXPECT_THAT(sheet(asked), Not(HasSubstr("<f>")));
}

TEST_F(Xlsx, GoesOnInFurtherSheets) {
  Request asked = request(money_, "(1, 'EUR', '1'), (2, 'EUR', '2'), (3, 'EUR', '3')", 3);
  asked.total_columns = {"amount"};
  const std::string second = sheet(asked, {2}, 2);
  EXPECT_EQ(summary_.sheets, 2);
  EXPECT_EQ(cell(second, "A1"), "<is><t>id</t></is>");
  EXPECT_EQ(cell(second, "C2"), "<v>3</v>");
  EXPECT_EQ(cell(second, "C4"), "<f>SUM('t'!$C$2:$C$3,'t (2)'!$C$2:$C$2)</f><v>6</v>");
  EXPECT_THAT(entry_of(path("t.xlsx"), "xl/workbook.xml"), HasSubstr("name=\"t (2)\""));
}

TEST_F(Xlsx, RefusesWhatASheetCannotHold) {
  const delta::Schema schema = {column("x", type(TypeId::String))};
  EXPECT_THAT(outcome(request(schema, "(repeat('a', 32767))", 1)), IsOk());
  EXPECT_THAT(outcome(request(schema, "('a'), (repeat('é', 32768))", 2)),
              HasMessage("row 2, column x: a text of 32768 characters"));
  delta::Schema wide;
  std::string values;
  for (int i = 0; i <= 16'384; ++i)
    wide.push_back(column(fmt::format("c{}", i), type(TypeId::Long)));
  Request asked = request(schema, "('a')", 1);
  asked.schema = wide;
  asked.relation_sql = "SELECT ";
  for (const delta::Column& each : wide) {
    asked.relation_sql += (each.name == "c0" ? "1::BIGINT AS " : ", 1::BIGINT AS ") + each.name;
  }
  asked.order_by = {"c0"};
  EXPECT_THAT(outcome(asked), HasMessage("16385 columns"));
}

TEST_F(Xlsx, HasEqualBytesForEqualRows) {
  Request asked = request(money_, "(2, 'EUR', '1'), (1, 'USD', '2.50')", 2);
  asked.total_columns = {"amount"};
  asked.currency_column = "currency";
  ASSERT_THAT(outcome(asked, {}, "a.xlsx"), IsOk());
  ASSERT_THAT(outcome(asked, {}, "b.xlsx"), IsOk());
  EXPECT_EQ(file_bytes(path("a.xlsx")), file_bytes(path("b.xlsx")));
}

TEST_F(Xlsx, TellsWhereItsNumbersComeFrom) {
  Request asked = request(money_, "(1, 'EUR', '1'), (2, 'EUR', '2')", 2);
  asked.total_columns = {"amount"};
  asked.where = "id < 2";
  asked.provenance.lake = "/lake";
  asked.provenance.column_descriptions["amount"] = "=What it cost";
  const std::string xml = sheet(asked, {}, 2);
  for (const char* text : {"id &lt; 2", "1:a:b", "/lake", "=What it cost", "decimal(38,2)",
                           "2025-01-01T00:00:00.000000Z"}) {
    EXPECT_THAT(xml, HasSubstr(fmt::format("<t>{}</t>", text)));
  }
  EXPECT_THAT(xml,
              HasSubstr("<t>Sum of amount</t></is></c><c r=\"B20\" t=\"inlineStr\"><is><t>1.00"));
}

TEST_F(Xlsx, AnEmptyTableHasAHeaderAndATotalOfZero) {
  Request asked = request(money_, "(1, 'EUR', '1')", 0);
  asked.relation_sql += " WHERE false";
  asked.total_columns = {"amount"};
  const std::string xml = sheet(asked);
  EXPECT_EQ(cell(xml, "A1"), "<is><t>id</t></is>");
  EXPECT_EQ(cell(xml, "C3"), "<v>0</v>");
}

TEST_F(Xlsx, RowsWithoutAnyValueAreCountedToo) {
  const delta::Schema schema = {column("x", type(TypeId::String))};
  const auto summary = outcome(request(schema, "(NULL), (''), ('a')", 3));
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->rows, 3);
}

TEST_F(Xlsx, NoticesASheetThatLostRows) {
  ASSERT_THAT(outcome(request(money_, "(1, 'EUR', '1')", 1)), IsOk());
  EXPECT_THAT(check_xlsx(path("t.xlsx"), {1}), IsOk());
  EXPECT_THAT(check_xlsx(path("t.xlsx"), {2}), HasMessage("did not take all rows of sheet 1"));
  EXPECT_THAT(check_xlsx(path("t.xlsx"), {1, 0, 0, 0}), HasMessage("sheets"));
}

TEST(SheetNames, AreValidWhateverTheTableIsCalled) {
  EXPECT_EQ(sheet_name("history", 0), "history_");
  EXPECT_EQ(sheet_name("provenance", 0), "provenance_");
  EXPECT_EQ(sheet_name(std::string(40, 'a'), 1), std::string(27, 'a') + " (2)");
  EXPECT_EQ(sheet_name("a/b", 0), "a_b");
}

}  // namespace
}  // namespace bullion::exports
