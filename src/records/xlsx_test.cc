#include <fstream>

#include <gmock/gmock.h>
#include <xlsxwriter.h>

#include "base/result_matchers.h"
#include "records/open_records.h"
#include "records/packed_archive.h"
#include "records/xlsx_records_internal.h"
#include "records/xlsx_values_internal.h"
#include "storage/temporary_folder.h"

namespace bullion::records {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The parts of a minimal workbook with one sheet `rows` (XML), and whatever `parts` replaces.
std::string workbook(const std::string& rows, const MemberBytes& parts = {}) {
  const std::string rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  MemberBytes all{
      {"[Content_Types].xml", "<Types/>"},
      {"_rels/.rels", "<Relationships><Relationship Id='a' Type='" + rels +
                          "officeDocument' Target='xl/workbook.xml'/></Relationships>"},
      {"xl/workbook.xml",
       "<workbook><sheets><sheet name='S' sheetId='1' r:id='r1' "
       "xmlns:r='u'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id='r1' Type='" + rels +
           "worksheet' Target='worksheets/s.xml'/><Relationship Id='r2' Type='" + rels +
           "sharedStrings' Target='/xl/strings.xml'/><Relationship Id='r3' Type='" + rels +
           "styles' Target='styles.xml'/></Relationships>"},
      {"xl/strings.xml",
       "<sst><si><t>id</t></si><si><r><t>co</t></r><r><t xml:space='preserve'>st</t></r>"
       "<rPh sb='0'><t>no</t></rPh></si><si><t>a_x000A_b_x_</t></si></sst>"},
      {"xl/styles.xml",
       "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='[$-409]d\\-mmm'/><numFmt "
       "numFmtId='171' formatCode='[h]:mm'/></numFmts><cellStyleXfs><xf numFmtId='14'/>"
       "</cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/>"
       "<xf numFmtId='20'/><xf numFmtId='171'/></cellXfs></styleSheet>"},
      {"xl/worksheets/s.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}};
  for (const auto& [name, bytes] : parts) {
    for (auto& part : all) {
      if (part.first == name) part.second = bytes;
    }
  }
  return packed(all);
}

class Xlsx : public testing::Test {
 protected:
  Xlsx() {
    source_.contract.name = "s";
    source_.format.kind = "xlsx";
    for (const char* name : {"id", "cost", "day", "note"}) add_column(name, true);
  }
  void add_column(const std::string& name, bool nullable) {
    source_.contract.columns.push_back({name, {delta::TypeId::String, 0, 0, {}}, nullable, "{}"});
  }

  /// "line: id|cost|day|note" of each record, faults in brackets, missing cells as '-'.
  std::vector<std::string> read(const std::string& bytes) {
    auto opened = open_xlsx_records(memory_random_bytes(bytes), source_);
    EXPECT_THAT(opened, IsOk());
    if (!opened) return {};
    if (opened->fault) return {opened->fault->code + ": " + opened->fault->reason};
    std::vector<std::string> all;
    reader_ = std::move(opened->reader);
    TextRecord record;
    for (;;) {
      const auto more = reader_->next(record);
      if (!more) all.push_back(more.error().message());
      if (!more || !*more) return all;
      all.push_back(std::to_string(record.line) + ": " + cells_of(record));
      raws_.emplace_back(reader_->raw_text(record));
    }
  }
  std::string cells_of(const TextRecord& record) {
    std::string text;
    for (const Fault& fault : record.faults) text += "[" + std::string(fault.code) + "]";
    for (const int at : reader_->cell_of_column()) {
      const auto cell = static_cast<size_t>(at);
      const bool is_there =
          at >= 0 && cell < record.cells.size() && record.cells[cell].kind != CellKind::Missing;
      text += is_there ? std::string(record.cells[cell].text) + "|" : "-|";
    }
    return text + record.extra;
  }
  std::string why(const std::string& bytes) {
    const auto all = read(bytes);
    return all.empty() ? "readable" : all.front();
  }

  project::Source source_;
  std::unique_ptr<RecordReader> reader_;
  std::vector<std::string> raws_;
};

const char* const kHeader =
    "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>"
    "<c r='C1' t='inlineStr'><is><t>day</t></is></c><c r='D1' "
    "t='str'><f>X</f><v>note</v></c></row>";

TEST_F(Xlsx, ReadsTextsNumbersBooleansErrorsAndGaps) {
  EXPECT_THAT(
      read(workbook(std::string(kHeader) +
                    "<row r='3'><c r='A3' t='s'><v>2</v></c><c r='B3'><v>1234.5600000000001</v></c>"
                    "<c r='D3' t='b'><v>1</v></c></row>"
                    "<row><c><v>7</v></c><c t='e'><v>#N/A</v></c><c r='D4' "
                    "t='inlineStr'><is><r><t>ri</t></r><r><t>ch</t></r></is></c></row>"
                    "<row r='9'><c r='B9' s='1'/></row>")),
      ElementsAre("3: a\nb_x_|1234.56|-|TRUE|", "4: 7|#N/A|-|rich|"));
  EXPECT_EQ(reader_->excluded().blank, 1);
  EXPECT_THAT(raws_, ElementsAre("a\nb_x_\t1234.56\t\tTRUE", "7\t#N/A\t\trich"));
}

TEST_F(Xlsx, ReadsDatesByTheirStyleAndEpoch) {
  const std::string rows = std::string(kHeader) +
                           "<row r='2'><c r='A2' s='1'><v>45322</v></c><c r='B2' s='2'>"
                           "<v>45322.520833333336</v></c><c r='C2' s='3'><v>0.5</v></c>"
                           "<c r='D2' s='4'><v>1.25</v></c></row>"
                           "<row r='3'><c r='C3' t='d'><v>2024-01-31T00:00:00</v></c></row>";
  EXPECT_THAT(
      read(workbook(rows)),
      ElementsAre("2: 2024-01-31|2024-01-31T12:30:00|12:00:00|30:00:00|", "3: -|-|2024-01-31|-|"));
  EXPECT_THAT(read(workbook(rows, {{"xl/workbook.xml",
                                    "<x:workbook xmlns:x='y'><x:workbookPr date1904='1'/><x:sheets>"
                                    "<x:sheet name='S' sheetId='1' r:id='r1'/></x:sheets>"
                                    "</x:workbook>"}})),
              testing::Contains(HasSubstr("2: 2028-02-01|")));
}

TEST_F(Xlsx, RejectsARowWhoseFormulaHasNoStoredValue) {
  EXPECT_THAT(read(workbook(std::string(kHeader) +
                            "<row r='2'><c r='A2'><v>1</v></c><c r='B2'><f>SUM(A1)</f><v/></c>"
                            "<c r='C2' t='str'><f>T(1)</f><v></v></c></row>")),
              ElementsAre("2: [formula-without-value]1|-||-|"));
}

TEST_F(Xlsx, KeepsNotesBesideTheTableAndNamesTheCellsOfNumbersThatAreNotRead) {
  EXPECT_THAT(
      read(workbook(std::string(kHeader) +
                    "<row r='2'><c r='A2'><v>1</v></c><c r='V2' t='str'><v>ask</v></c></row>"
                    "<row r='3'><c r='A3'><v>2</v></c></row>")),
      ElementsAre("2: 1|-|-|-|{\"column_22\":\"ask\"}", "3: 2|-|-|-|"));
  source_.contract.columns.pop_back();
  source_.contract.columns.pop_back();
  source_.format.unpivot = {.columns = {"day", "note"},
                            .name_column = "id",
                            .value_column = "cost",
                            .keep_empty = false,
                            .beside = {}};
  auto opened = open_xlsx_records(
      memory_random_bytes(workbook(
          std::string(kHeader) + "<row r='2'><c r='C2'><v>1</v></c><c r='E2'><v>9</v></c></row>")),
      source_);
  ASSERT_THAT(opened, IsOk());
  ASSERT_NE(opened->reader, nullptr);
  TextRecord record;
  ASSERT_THAT(opened->reader->next(record), IsOk());
  EXPECT_EQ(opened->reader->place_of(record, 1), "column `day`, cell C2");
  ASSERT_THAT(opened->reader->next(record), IsOk());
  ASSERT_EQ(record.faults.size(), 1U);
  EXPECT_THAT(record.faults[0].reason,
              HasSubstr("cell E2: the number `9` stands in a column without a name"));
}

TEST_F(Xlsx, RefusesARowOfAMillionColumnsAlone) {
  EXPECT_THAT(read(workbook(std::string(kHeader) +
                            "<row r='2'><c r='A2'><v>1</v></c><c r='BDWGN2'><v>1</v></c></row>"
                            "<row r='3'><c r='A3'><v>2</v></c></row>")),
              ElementsAre(HasSubstr("2: [record-too-long]"), "3: 2|-|-|-|"));
  EXPECT_THAT(why(workbook("<row r='1'><c r='A1'><v>1</v></c><c r='BDWGN1'><v>1</v></c></row>")),
              HasSubstr("bad-header: sheet `S`: line 1"));
}

TEST_F(Xlsx, RefusesDamagedPartsAndDocumentTypes) {
  EXPECT_THAT(why(workbook(std::string(kHeader) + "<row r='2'>")),
              HasSubstr("part xl/worksheets/s.xml of the workbook cannot be read"));
  EXPECT_THAT(why(workbook("", {{"xl/worksheets/s.xml",
                                 "<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>"}})),
              HasSubstr("it declares a document type"));
  const auto all = read(workbook(std::string(kHeader) + "<row r='2'><c t='s'><v>99</v></c></row>"));
  EXPECT_THAT(all.back(), HasSubstr("names text 99, and there are 3"));
  EXPECT_THAT(why(packed({{"xl/a.xml", "x"}})), HasSubstr("is no Excel workbook"));
  EXPECT_THAT(why("id,cost\n"), HasSubstr("bad-workbook: the file is no Excel workbook"));
  EXPECT_THAT(why("PK\3\4 nothing"), HasSubstr("bad-workbook"));
}

TEST_F(Xlsx, RefusesOldAndEncryptedWorkbooksByName) {
  const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(2000, '\0');
  EXPECT_THAT(why(ole + "W\0o\0"), HasSubstr("old-workbook: the file is an old Excel workbook"));
  std::string name;
  for (const char c : std::string("EncryptedPackage")) name += std::string(1, c) + '\0';
  EXPECT_THAT(why(ole + name), HasSubstr("encrypted-workbook: the workbook is encrypted"));
}

/// Workbooks of a real writer.
class WrittenXlsx : public Xlsx {
 protected:
  WrittenXlsx() : path_(folder_.path() + "/w.xlsx"), book_(workbook_new(path_.c_str())) {}
  lxw_worksheet* sheet(const char* name) { return workbook_add_worksheet(book_, name); }
  std::string written() {
    EXPECT_EQ(workbook_close(book_), LXW_NO_ERROR);
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void put(lxw_worksheet* sheet, lxw_row_t row, const std::vector<std::string>& texts) {
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty()) continue;
      worksheet_write_string(sheet, row, static_cast<lxw_col_t>(i), texts[i].c_str(), nullptr);
    }
  }

  storage::TemporaryFolder folder_;
  std::string path_;
  lxw_workbook* book_;
};

TEST_F(WrittenXlsx, GivesTheNumbersAndDatesThatWereWritten) {
  lxw_worksheet* first = sheet("Data");
  put(first, 0, {"id", "cost", "day", "note"});
  lxw_format* date = workbook_add_format(book_);
  format_set_num_format(date, "dd/mm/yyyy");
  lxw_datetime day{.year = 2024, .month = 2, .day = 29, .hour = 0, .min = 0, .sec = 0};
  worksheet_write_number(first, 1, 0, 1234567890123456.0, nullptr);
  worksheet_write_number(first, 1, 1, 0.1 + 0.2, nullptr);
  worksheet_write_datetime(first, 1, 2, &day, date);
  worksheet_write_boolean(first, 1, 3, 0, nullptr);
  worksheet_write_number(first, 2, 1, -99999.99, nullptr);
  day.hour = 23;
  day.sec = 59.5;
  worksheet_write_datetime(first, 2, 2, &day, date);
  worksheet_write_formula_num(first, 2, 3, "=1+1", nullptr, 2);
  EXPECT_THAT(read(written()), ElementsAre("2: 1234567890123456|0.3|2024-02-29|FALSE|",
                                           "3: -|-99999.99|2024-02-29T23:00:59.500|2|"));
}

TEST_F(WrittenXlsx, ReadsTheFirstVisibleSheetThatHoldsAnything) {
  put(sheet("Empty"), 0, {});
  lxw_worksheet* hidden = sheet("Hidden");
  worksheet_hide(hidden);
  put(hidden, 0, {"id", "note"});
  put(hidden, 1, {"h", "1"});
  lxw_worksheet* shown = sheet("Shown");
  put(shown, 0, {"id", "note"});
  put(shown, 1, {"s", "2"});
  const std::string bytes = written();
  EXPECT_THAT(read(bytes), ElementsAre("2: s|-|-|2|"));
  source_.format.sheet = "hidden";
  EXPECT_THAT(read(bytes), ElementsAre("2: h|-|-|1|"));
  source_.format.sheet = "H*";
  EXPECT_THAT(why(bytes), HasSubstr("no-sheet: no sheet that holds anything matches `sheet: H*`; "
                                    "its sheets: Empty, Hidden (hidden), Shown"));
}

TEST_F(WrittenXlsx, ReadsAllSheetsThatMatchEachByItsOwnHeader) {
  lxw_worksheet* january = sheet("Data Jan");
  put(january, 0, {"id", "note", "only here"});
  put(january, 1, {"1", "jan", "x"});
  put(sheet("Cover"), 0, {"nothing"});
  lxw_worksheet* february = sheet("Data Feb");
  put(february, 2, {"note", "cost", "id"});
  put(february, 3, {"feb", "5", "2"});
  source_.format.sheet = "Data*";
  source_.format.header_within = 5;
  EXPECT_THAT(read(written()), ElementsAre("2: 1|-|-|jan|{\"only here\":\"x\"}", "4: 2|5|-|feb|"));
  EXPECT_THAT(reader_->unknown_columns(), ElementsAre("only here"));
  EXPECT_THAT(reader_->missing_columns(), ElementsAre("day"));
  EXPECT_THAT(raws_, ElementsAre("Data Jan!1\tjan\tx", "Data Feb!feb\t5\t2"));
}

TEST_F(WrittenXlsx, FindsHeadersOfSeveralRowsBehindAPreambleAndKeepsTotalsOut) {
  lxw_worksheet* data = sheet("Data");
  put(data, 0, {"Report of everything"});
  worksheet_merge_range(data, 2, 1, 2, 2, "total", nullptr);
  put(data, 2, {"id"});
  put(data, 3, {"", "cost", "day", "note"});
  put(data, 4, {"1", "2.50", "2024-01-01"});
  put(data, 5, {"Total", "2.50"});
  source_.format.header_rows = 2;
  source_.format.header_within = 5;
  source_.format.exclude = {
      {.reason = "control_total", .column = "id", .like = "total*", .only = {}}};
  EXPECT_THAT(read(written()), ElementsAre("5: 1|2.50|2024-01-01|-|"));
  EXPECT_EQ(reader_->excluded().records.size(), 2U);
}

TEST(XlsxNumbers, HaveFifteenSignificantDigitsUnlessTheyAreWhole) {
  EXPECT_EQ(plain_number("0.1"), "0.1");
  EXPECT_EQ(plain_number("1234.5600000000001"), "1234.56");
  EXPECT_EQ(plain_number("0.30000000000000004"), "0.3");
  EXPECT_EQ(plain_number("999999999999999.9"), "1000000000000000");
  EXPECT_EQ(plain_number("-2.5000000000000001E-3"), "-0.0025");
  EXPECT_EQ(plain_number("12345678901234567"), "12345678901234567");
  EXPECT_EQ(plain_number("1.5E+3"), "1500");
  EXPECT_EQ(plain_number("5.0"), "5");
  EXPECT_EQ(plain_number("-0"), "0");
  EXPECT_EQ(plain_number("1E300"), "1E+300");
  EXPECT_EQ(plain_number("1E-300"), "1E-300");
  EXPECT_EQ(plain_number("n/a"), "n/a");
  EXPECT_EQ(plain_number("1E99999"), "1E99999");
}

TEST(XlsxNumbers, AreDatesOfEitherEpoch) {
  const auto text = [](std::string_view stored) {
    return date_text(stored, NumberStyle::Date, false);
  };
  EXPECT_EQ(text("1"), "1900-01-01");
  EXPECT_EQ(text("59"), "1900-02-28");
  EXPECT_EQ(text("60"), "1900-02-29");
  EXPECT_EQ(text("61"), "1900-03-01");
  EXPECT_EQ(text("2958465"), "9999-12-31");
  EXPECT_EQ(text("2958466"), "2958466");
  EXPECT_EQ(text("-1"), "-1");
  EXPECT_EQ(text("0.25"), "06:00:00");
  EXPECT_EQ(text("45322.999999999"), "2024-02-01");
  EXPECT_EQ(date_text("0", NumberStyle::Date, true), "1904-01-01");
  EXPECT_EQ(date_text("1.0208333333333333", NumberStyle::Elapsed, false), "24:30:00");
}

TEST(XlsxNumbers, AreDatesByTheirFormat) {
  EXPECT_EQ(style_of_code("General"), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("#,##0.00;[Red]-#,##0.00"), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("0.00E+00"), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("\"days\" 0"), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("0\\d"), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("[$-F800]dddd, mmmm dd"), NumberStyle::Date);
  EXPECT_EQ(style_of_code("mmm-yy"), NumberStyle::Date);
  EXPECT_EQ(style_of_code("h:mm AM/PM"), NumberStyle::TimeOfDay);
  EXPECT_EQ(style_of_code("[hh]:mm"), NumberStyle::Elapsed);
  EXPECT_EQ(style_of_code("\""), NumberStyle::Plain);
  EXPECT_EQ(style_of_code("["), NumberStyle::Plain);
}

}  // namespace
}  // namespace bullion::records
