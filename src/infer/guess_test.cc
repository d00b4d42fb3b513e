// Each guess on small texts of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "infer/cadence_guess_internal.h"
#include "infer/cell_shape_internal.h"
#include "infer/column_merge_internal.h"
#include "infer/dialect_guess_internal.h"
#include "infer/encoding_guess_internal.h"
#include "infer/file_look_internal.h"
#include "infer/name_match_internal.h"
#include "infer/total_rows_internal.h"
#include "infer/type_guess_internal.h"

namespace bullion::infer {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FileLook look_at(const std::string& text, const std::string& path = "/in/a.csv") {
  FileLook look;
  look.path = path;
  look_at_text({text}, look);
  return look;
}

MergedColumn column_of(const std::string& title, const std::vector<std::string>& values) {
  MergedColumn column;
  column.name = column_name(title);
  column.title = title;
  for (const std::string& value : values) column.stats.add(value, false);
  return column;
}

std::string type_of(const std::string& title, const std::vector<std::string>& values) {
  const std::vector<MergedColumn> columns{column_of(title, values)};
  return guess_type(columns[0], guess_number_style(columns), guess_day_order(columns)).text;
}

std::vector<std::string> date_formats_of(const std::vector<std::string>& values) {
  const std::vector<MergedColumn> columns{column_of("Date", values)};
  return guess_type(columns[0], guess_number_style(columns), guess_day_order(columns)).date_formats;
}

TEST(Encoding, IsUtf8WhenTheBytesAre) {
  EXPECT_EQ(guess_encoding("caf\xC3\xA9").name, "utf-8");
  EXPECT_EQ(guess_encoding("caf\xC3").name, "utf-8") << "cut within a character";
  EXPECT_TRUE(guess_encoding("\xEF\xBB\xBFname").has_mark);
}

TEST(Encoding, IsWindows1252WhereItsLettersStandInWords) {
  const EncodingGuess guess = guess_encoding("caf\xE9 cr\xE8me, 12 \x80, Andr\xE9\x92s");
  EXPECT_EQ(guess.name, "windows-1252");
  EXPECT_FALSE(guess.is_certain);
  EXPECT_EQ(to_utf8("caf\xE9", guess.name), "caf\xC3\xA9");
}

TEST(Encoding, TellsUtf16ByItsNulBytes) {
  std::string wide;
  for (const char c : std::string("date,amount\n2024-01-01,5\n")) (wide += c) += '\0';
  EXPECT_EQ(guess_encoding(wide).name, "utf-16le");
  EXPECT_EQ(to_utf8(wide, "utf-16le"), "date,amount\n2024-01-01,5\n");
  EXPECT_EQ(guess_encoding("\xFF\xFE" + wide).name, "utf-16le");
}

TEST(DialectOf, DecimalCommasAreNoDelimiters) {
  const auto guess = guess_dialect(
      "tag;betrag;text\n1.2.2024;1,50;a, b\n2.2.2024;12,00;c\n3.2.2024;7,25;d, e, f\n");
  EXPECT_EQ(guess.dialect.delimiter, ';');
  EXPECT_EQ(guess.width, 3);
}

TEST(DialectOf, TabsAndBars) {
  EXPECT_EQ(guess_dialect("a\tb\tc\n1\t2,5\t3\n4\t5,5\t6\n").dialect.delimiter, '\t');
  EXPECT_EQ(guess_dialect("a|b|c\n1|x, y|3\n4|z|6\n").dialect.delimiter, '|');
}

TEST(DialectOf, SingleQuotesAroundDelimiters) {
  const auto guess = guess_dialect("a,b,c\n1,'x, y',3\n2,'z, w, v',4\n3,'u',5\n4,'t, t',6\n");
  EXPECT_EQ(guess.dialect.quote, '\'');
  EXPECT_EQ(guess.same_width, 1000);
}

TEST(DialectOf, ApostrophesAreNoQuotes) {
  const auto guess = guess_dialect("a,b\nMen's boots,1\n\"Women's, long\",2\nKids' hat,3\n");
  EXPECT_EQ(guess.dialect.quote, '"');
}

TEST(DialectOf, BackslashesBeforeQuotesEscapeThem) {
  const auto guess =
      guess_dialect("a,b\n\"5\\\" x, wide\",1\n\"plain\",2\n\"6\\\", y\",3\n\"q\",4\n");
  EXPECT_EQ(guess.dialect.escape, '\\');
  EXPECT_EQ(guess.same_width, 1000);
}

TEST(DialectOf, OneColumnIsNotSplitAtBlanks) {
  const auto guess = guess_dialect("name of supplier\nAcme Ltd\nThe Long Name Company\nB\nX Y\n");
  EXPECT_EQ(guess.width, 1);
}

TEST(DialectOf, LinesThatBeginWithAHashAreComments) {
  EXPECT_EQ(guess_dialect("# written by x\na,b\n1,2\n3,4\n").comment, '#');
  EXPECT_EQ(guess_dialect("#N/A,b\n#N/A,2\n#N/A,4\n").comment, '\0');
}

TEST(HeaderOf, IsFoundBelowAPreamble) {
  const FileLook look = look_at(
      "Statement of account\n\nfrom "
      "2024-01-01,,\nDate,Text,Amount\n2024-01-02,a,1.50\n2024-01-03,b,2.50\n2024-01-04,c,3.50\n");
  EXPECT_TRUE(look.header.has_header);
  EXPECT_EQ(look.header_line, 4);
  EXPECT_THAT(look.header.names, ElementsAre("Date", "Text", "Amount"));
  EXPECT_EQ(look.rows, 3);
}

TEST(HeaderOf, IsMissingWhenTheFirstRowIsLikeTheOthers) {
  const FileLook look =
      look_at("2024-01-02,shop,1.50\n2024-01-03,bar,2.50\n2024-01-04,shop,3.50\n");
  EXPECT_FALSE(look.header.has_header);
  EXPECT_EQ(look.rows, 3);
}

TEST(HeaderOf, TwoRowsAreJoined) {
  const FileLook look = look_at(
      "Date,Amount,Amount\nof payment,net,gross\n2024-01-02,1.00,1.50\n2024-01-03,2.00,2.50\n");
  EXPECT_EQ(look.header.rows, 2);
  EXPECT_THAT(look.header.names, ElementsAre("Date of payment", "Amount net", "Amount gross"));
}

TEST(HeaderOf, TextColumnsAreTakenByTheirWords) {
  const FileLook look = look_at("Supplier Name,Category\nAcme,Roads\nBeta,Roads\nAcme,Parks\n");
  EXPECT_TRUE(look.header.has_header);
}

TEST(HeaderOf, YearsAboveAmountsAreNames) {
  const FileLook look = look_at("Agency,2019,2020,2021\nA,5,7,\"1,000\"\nB,6,8,9\nC,1,2,3\n");
  EXPECT_TRUE(look.header.has_header);
  EXPECT_FALSE(look_at("2019,5\n2020,7\n2021,8\n").header.has_header);
}

TEST(HeaderOf, NamesOfOtherFilesDecide) {
  const std::string text =
      "query\ncolumns,,text,amount\n,,Supplier,Line "
      "value\nx,,Acme,1.50\nx,,Beta,2.50\nx,,Acme,3.50\n";
  FileLook look;
  look_at_text({text}, look, {"supplier", "linevalue"});
  EXPECT_EQ(look.header_line, 3);
  EXPECT_EQ(look.header.rows, 1);
}

/// A table of 40 rows, written in one of many ways.
struct Way {
  char delimiter = ',';
  char quote = '"';
  std::string line_end = "\n";
  std::string before;
  std::string after;
  bool header = true;
  bool quote_all = false;
};

std::string table_of(const Way& way) {
  const auto cell = [&](const std::string& text) {
    if (!way.quote_all && text.find(way.delimiter) == std::string::npos) return text;
    return way.quote + text + way.quote;
  };
  std::string out = way.before;
  const auto add = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      out += (i == 0 ? "" : std::string(1, way.delimiter)) + cell(cells[i]);
    out += way.line_end;
  };
  if (way.header) add({"Booking date", "Payee", "Amount", "Purpose"});
  for (int i = 0; i < 40; ++i) {
    const std::string day = std::to_string(10 + i % 18);
    add({"2024-03-" + day, i % 3 == 0 ? "Baker, Son; Ltd" : "Firm " + std::to_string(i),
         std::to_string(i) + ".25", i % 4 == 0 ? "rent | march, april" : "goods"});
  }
  return out + way.after;
}

TEST(TablesWithFaults, AreFoundHoweverTheyAreWritten) {
  int ways = 0;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    for (const char quote : {'"', '\''}) {
      for (const char* line_end : {"\n", "\r\n", "\r"}) {
        for (const char* before : {"", "Statement\n\nof account 17\n"}) {
          for (const bool quote_all : {false, true}) {
            const bool mixes_ends = std::string(line_end) == "\r" && *before != '\0';
            if (mixes_ends) continue;
            const Way way{delimiter, quote, line_end, before, "", true, quote_all};
            const FileLook look = look_at(table_of(way));
            SCOPED_TRACE(table_of(way).substr(0, 120));
            EXPECT_EQ(look.dialect.dialect.delimiter, delimiter);
            const bool is_used = table_of(way).find(quote) != std::string::npos;
            EXPECT_EQ(look.dialect.dialect.quote, is_used ? quote : '"');
            EXPECT_THAT(look.header.names,
                        ElementsAre("Booking date", "Payee", "Amount", "Purpose"));
            EXPECT_EQ(look.rows, 40);
            ++ways;
          }
        }
      }
    }
  }
  EXPECT_EQ(ways, 80);
}

TEST(TablesWithFaults, OneBrokenRowChangesNothing) {
  const std::string whole = table_of({});
  std::vector<size_t> commas;
  for (size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == ',') commas.push_back(i);
  }
  for (size_t c = 5; c < commas.size(); c += 7) {
    for (const std::string& instead :
         {std::string(), std::string(",,"), std::string(",\""), std::string(";")}) {
      std::string text = whole;
      text.replace(commas[c], 1, instead);
      const FileLook look = look_at(text);
      SCOPED_TRACE(std::to_string(c) + instead);
      EXPECT_EQ(look.dialect.dialect, (Dialect{',', '"', '\0'}));
      EXPECT_THAT(look.header.names, ElementsAre("Booking date", "Payee", "Amount", "Purpose"));
      EXPECT_GE(look.rows + look.faulty_rows, 39);
    }
  }
}

TEST(TablesWithFaults, WithoutAHeaderHaveNone) {
  Way way;
  way.header = false;
  const FileLook look = look_at(table_of(way));
  EXPECT_FALSE(look.header.has_header);
  EXPECT_EQ(look.rows, 40);
}

TEST(TypeOf, AmountsAreWideEnoughDecimals) {
  EXPECT_EQ(type_of("Amount", {"1.50", "-12.345", "1000000000000000.00"}), "decimal(22,3)");
  EXPECT_EQ(type_of("Net amount", {"5", "7"}), "decimal(18,2)");
}

TEST(TypeOf, IdentitiesWithLeadingZerosStayText) {
  EXPECT_EQ(type_of("Branch", {"007", "012", "110"}), "string");
  EXPECT_EQ(type_of("Invoice number", {"1", "2", "3"}), "string");
  EXPECT_EQ(type_of("Pieces", {"1", "2", "30"}), "int");
  EXPECT_EQ(type_of("Pieces", {"1", "20000000000"}), "bigint");
}

TEST(TypeOf, OneTextAmongNumbersMakesAColumnText) {
  EXPECT_EQ(type_of("Reference value", {"1", "2", "n1", "4"}), "string");
}

TEST(TypeOf, YesAndNoAreBooleans) {
  EXPECT_EQ(type_of("Card", {"Yes", "No", "No"}), "boolean");
  EXPECT_EQ(type_of("Kind", {"R", "C", "R"}), "string");
}

TEST(NumbersOf, ThousandsAndCommasAreToldByProof) {
  const std::vector<MergedColumn> columns{column_of("Betrag", {"1.234,50", "12,00", "1.000"})};
  const NumberStyle style = guess_number_style(columns);
  EXPECT_EQ(style.decimal_mark, ',');
  EXPECT_EQ(style.thousands_mark, '.');
  EXPECT_EQ(style.check, "");
}

TEST(NumbersOf, WithoutProofTheMarkIsToBeChecked) {
  const std::vector<MergedColumn> columns{column_of("Amount", {"1,234", "2,500", "12"})};
  EXPECT_THAT(guess_number_style(columns).check, HasSubstr("decimal mark"));
}

TEST(NumbersOf, ParenthesesSignsAndTrailingMinus) {
  const std::vector<MergedColumn> columns{column_of("Amount", {"(1,000.00)",
                                                               "\xC2\xA3"
                                                               "5.00",
                                                               "7.00-", "$3"})};
  const NumberStyle style = guess_number_style(columns);
  EXPECT_TRUE(style.parentheses);
  EXPECT_TRUE(style.trailing_minus);
  EXPECT_THAT(style.signs, ElementsAre("$", "\xC2\xA3"));
  EXPECT_EQ(type_of("Amount", {"(1,000.00)", "7.00-"}), "decimal(18,2)");
}

TEST(DatesOf, ADayAboveTwelveDecidesTheOrder) {
  EXPECT_THAT(date_formats_of({"01/02/2024", "13/02/2024"}), ElementsAre("%d/%m/%Y"));
  EXPECT_THAT(date_formats_of({"01/02/2024", "02/13/2024"}), ElementsAre("%m/%d/%Y"));
  EXPECT_THAT(date_formats_of({"2024-02-28"}), IsEmpty());
  EXPECT_THAT(date_formats_of({"28-Feb-24", "1-Mar-24", "2-Mar-2024"}),
              ElementsAre("%d-%b-%y", "%d-%b-%Y"));
  EXPECT_THAT(date_formats_of({"20240228", "20240301"}), ElementsAre("%Y%m%d"));
  EXPECT_THAT(date_formats_of({"Feb 28, 2024"}), ElementsAre("%b %d, %Y"));
  EXPECT_THAT(date_formats_of({"28.02.2024 10:30"}), ElementsAre("%d.%m.%Y %H:%M"));
  EXPECT_THAT(date_formats_of({"2018-02-25 12:34:56 +0000"}), ElementsAre("%Y-%m-%d %H:%M:%S %z"));
}

TEST(DatesOf, WithoutProofTheOrderIsToBeChecked) {
  const std::vector<MergedColumn> columns{column_of("Date", {"01/02/2024", "03/04/2024"})};
  const ColumnType type = guess_type(columns[0], {}, guess_day_order(columns));
  EXPECT_EQ(type.text, "date");
  EXPECT_THAT(type.checks, Contains(HasSubstr("day or the month")));
}

TEST(DatesOf, AnotherColumnMayDecideTheOrder) {
  const std::vector<MergedColumn> columns{column_of("Date", {"01/02/2024"}),
                                          column_of("Due date", {"02/28/2024"})};
  EXPECT_THAT(guess_type(columns[0], {}, guess_day_order(columns)).date_formats,
              ElementsAre("%m/%d/%Y"));
}

TEST(Names, ColumnsAreNamedByTheirWords) {
  EXPECT_EQ(column_name("  NetAmount "), "net_amount");
  EXPECT_EQ(column_name("Invoice Line Value (net of VAT)"), "invoice_line_value_net_of_vat");
  EXPECT_EQ(column_name("2024"), "c_2024");
  EXPECT_EQ(column_name("Gesch\xC3\xA4"
                        "ftsjahr"),
            "geschaeftsjahr");
  EXPECT_EQ(column_name("---"), "");
}

TEST(Names, MisspellingsAreAlikeAndOtherWordsAreNot) {
  EXPECT_GE(name_likeness("Directorate", "Directotate"), 800);
  EXPECT_GE(name_likeness("Service divison label", "ServiceDivisionLabel"), 800);
  EXPECT_LT(name_likeness("Gross", "Net"), 200);
  EXPECT_EQ(name_likeness("client_id", "trans_id"), 0);
  EXPECT_GE(name_likeness("Vendor Name", "Supplier Name"), 600);
  EXPECT_EQ(better_spelling("Directotate", "Directorate"), "Directorate");
  EXPECT_TRUE(names_period("Jan-24"));
  EXPECT_TRUE(names_period("2024"));
  EXPECT_FALSE(names_period("Amount 2"));
}

TEST(ColumnsOf, AreOneAcrossFilesByNameAndByContent) {
  std::string before = "Supplier Name,Net amount,Date paid\n";
  std::string after = "Payee,Amount,Payment Date\n";
  for (int i = 0; i < 30; ++i) {
    before += "firm " + std::to_string(i) + ",1." + std::to_string(10 + i) + ",2024-01-10\n";
    after += "firm " + std::to_string(i + 5) + ",2." + std::to_string(10 + i) + ",2024-02-10\n";
  }
  const std::vector<FileLook> looks{look_at(before), look_at(after, "/in/b.csv")};
  const auto families = merge_columns(looks);
  ASSERT_EQ(families.size(), 1U);
  ASSERT_EQ(families[0].columns.size(), 3U);
  EXPECT_THAT(families[0].columns[0].spellings, testing::SizeIs(2));
  EXPECT_EQ(families[0].columns[1].spellings.count("Amount"), 1U);
}

TEST(ColumnsOf, FilesOfAnotherKindAreAnotherFamily) {
  const std::vector<FileLook> looks{
      look_at("Supplier,Amount\na,1.5\nb,2.5\nc,3.5\n"),
      look_at("station,temperature,wind\nx,5,7\ny,6,8\n", "/in/b.csv")};
  EXPECT_EQ(merge_columns(looks).size(), 2U);
}

TEST(TotalsOf, AreLabelsOrLoneAmountsAtTheEnd) {
  const std::vector<FileLook> looks{
      look_at("Supplier,Category,Date,Amount\na,x,2024-01-01,1.5\nb,x,2024-01-01,2.5\nc,x,2024-01-"
              "01,1.0\nGrand Total,,,5.0\n"),
      look_at("Supplier,Category,Date,Amount\na,x,2024-02-01,1.5\nb,x,2024-02-01,2.5\nc,x,2024-02-"
              "01,1.0\n,,,5.0\nCopyright 2024,,,\n",
              "/in/b.csv")};
  const auto families = merge_columns(looks);
  ASSERT_EQ(families.size(), 1U);
  std::vector<std::string> checks;
  const auto rules = guess_excludes(looks, families[0], "amount", checks);
  ASSERT_EQ(rules.size(), 3U);
  std::vector<std::string> said;
  for (const ExcludeGuess& guess : rules) said.push_back(guess.rule.reason + " " + guess.rule.like);
  EXPECT_THAT(said, testing::UnorderedElementsAre("control_total Grand Total", "control_total ",
                                                  "footer Copyright ????"));
  EXPECT_EQ(looks[0].rows, 3);
}

TEST(Shapes, NumbersAndTextsAreToldApart) {
  EXPECT_EQ(shape_of("34405..40").kind, CellShape::Kind::Text);
  EXPECT_EQ(shape_of("1.5e-6").kind, CellShape::Kind::Number);
  EXPECT_EQ(shape_of("#N/A").kind, CellShape::Kind::NullWord);
  EXPECT_EQ(shape_of("1900-01-00").kind, CellShape::Kind::Text);
  EXPECT_EQ(shape_of("1,23,456").kind, CellShape::Kind::Text);
  EXPECT_EQ(shape_of("10:30").kind, CellShape::Kind::Time);
}

TEST(CadenceGuess, IsWhatTheDatesInTheNamesSay) {
  const auto every = [](std::vector<std::string> names) { return guess_cadence(names).every; };
  EXPECT_EQ(every({"spend-2024-01.csv", "spend-2024-02.csv", "spend-2024-03.csv"}), "month");
  EXPECT_EQ(every({"spend_202311.csv.gz", "spend_202312.csv.gz", "spend_202401.csv.gz"}), "month");
  EXPECT_EQ(every({"b-2024-01-31.csv", "b-2024-02-29.csv", "b-2024-03-31.csv"}), "month");
  EXPECT_EQ(every({"b_20240130.csv", "b_20240131.csv", "b_20240201.csv"}), "day");
  EXPECT_EQ(every({"y2022.csv", "y2023.csv", "y2024.csv"}), "year");
  EXPECT_EQ(every({"b-2024-01.csv", "b-2024-02.csv"}), "") << "two are no habit";
  EXPECT_EQ(every({"b-2020-01.csv", "b-2022-06.csv", "b-2024-03.csv"}), "");
  EXPECT_EQ(every({"b-2024-01.csv", "b-2024-02.csv", "readme.csv"}), "");
  EXPECT_EQ(every({"b-2024-01.csv", "b-2024-02.csv", "b-2024.csv"}), "");
  EXPECT_EQ(guess_cadence({"a2024-01", "a2024-02", "a2024-03", "a2024-05", "a2024-06"}).evidence,
            "5 of 6 months between 2024-01 and 2024-06 have a file");
}

}  // namespace
}  // namespace bullion::infer
