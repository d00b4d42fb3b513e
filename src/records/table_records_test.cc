// Rows of cells against a contract, without any file format.
#include "records/table_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "records/header.h"
#include "records/name_pattern.h"

namespace bullion::records {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Rows given as texts; a cell that begins with '"' is quoted.
class GivenRows final : public TableRows {
 public:
  explicit GivenRows(std::vector<std::vector<std::string>> rows) : rows_(std::move(rows)) {
    for (const auto& row : rows_) {
      std::string& raw = raws_.emplace_back();
      for (const std::string& cell : row) raw += (raw.empty() ? "" : ",") + cell;
    }
  }

  Result<bool> next(TableRow& row) override {
    if (at_ == rows_.size()) return false;
    row.line = static_cast<int64_t>(at_) + 1;
    row.raw = raws_[at_];
    row.cells.clear();
    row.faults.clear();
    for (const std::string& cell : rows_[at_]) {
      const std::string_view text = cell;
      row.cells.push_back(text.starts_with('"') ? Cell{text.substr(1), CellKind::Quoted}
                                                : Cell{text, CellKind::Bare});
    }
    if (rows_[at_] == std::vector<std::string>{"!"}) {
      row.cells.clear();
      row.faults.push_back({"bad-quote", "a quote"});
    }
    ++at_;
    return true;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::string> raws_;
  size_t at_ = 0;
};

class TableRecordsTest : public testing::Test {
 protected:
  TableRecordsTest() {
    add_column("id", false);
    add_column("supplier", true);
    add_column("amount", true);
    source_.contract.amount_column = "amount";
  }

  void add_column(const std::string& name, bool nullable) {
    source_.contract.columns.push_back({name, {delta::TypeId::String, 0, 0, {}}, nullable, "{}"});
  }

  /// "line: a|b|c {extra} !fault" by record, cells in the contract's order, "-" for none.
  std::vector<std::string> read(std::vector<std::vector<std::string>> rows) {
    auto opened = open_table_records(std::make_unique<GivenRows>(std::move(rows)), source_);
    EXPECT_THAT(opened, IsOk());
    if (!opened) return {};
    if (opened->fault) return {opened->fault->code + ": " + opened->fault->reason};
    std::vector<std::string> all;
    TextRecord record;
    for (;;) {
      const auto more = opened->reader->next(record);
      EXPECT_THAT(more, IsOk());
      if (!more || !*more) break;
      std::string text = std::to_string(record.line) + ": ";
      if (record.has_cells || record.has_cell_places) {
        for (const int& cell : opened->reader->cell_of_column()) {
          const auto at = static_cast<size_t>(cell);
          const bool is_there =
              at < record.cells.size() && record.cells[at].kind != CellKind::Missing;
          text += (&cell == &opened->reader->cell_of_column().front() ? "" : "|") +
                  (is_there ? std::string(record.cells[at].text) : "-");
        }
      }
      if (!record.extra.empty()) text += ' ' + record.extra;
      for (const Fault& fault : record.faults) {
        text += " !" + std::string(fault.code);
        faults_.push_back(fault.reason);
      }
      all.push_back(text);
    }
    excluded_ = opened->reader->excluded();
    unknown_ = opened->reader->unknown_columns();
    missing_ = opened->reader->missing_columns();
    return all;
  }

  /// "line reason amount" of what was kept out.
  std::vector<std::string> kept_out() const {
    std::vector<std::string> all;
    for (const ExcludedRecord& record : excluded_.records) {
      all.push_back(std::to_string(record.line) + ' ' + record.reason +
                    (record.amount.empty() ? "" : ' ' + record.amount));
    }
    return all;
  }

  project::Source source_;
  ExcludedRecords excluded_;
  std::vector<std::string> faults_;  // the reasons of all records
  std::vector<std::string> unknown_;
  std::vector<std::string> missing_;
};

TEST_F(TableRecordsTest, FindsColumnsByTheirOtherNames) {
  source_.cells["supplier"].source_names = {"Vendor Name", "Supplier Company"};
  EXPECT_THAT(read({{" ID ", "vendor  name", "Amount"}, {"1", "a", "2"}}), ElementsAre("2: 1|a|2"));
}

TEST_F(TableRecordsTest, PrefersAColumnsOwnNameAndThenTheFirstOther) {
  source_.cells["id"].source_names = {"supplier", "key"};
  source_.cells["amount"].source_names = {"gross", "net"};
  EXPECT_THAT(read({{"net", "gross", "supplier", "key"}, {"1", "2", "s", "k"}}),
              ElementsAre("2: k|s|2 {\"net\":\"1\"}"));
  EXPECT_THAT(unknown_, ElementsAre("net"));
}

TEST_F(TableRecordsTest, RefusesHeadersThatNameNothingOrTooMuch) {
  EXPECT_THAT(read({{"a", "b"}}), ElementsAre(HasSubstr("column `id` is missing")));
  EXPECT_THAT(read({{"id", "b", "B"}}), ElementsAre(HasSubstr("duplicate-header: ")));
  EXPECT_THAT(read({}), ElementsAre(HasSubstr("empty-file: ")));
  source_.contract.columns[0].nullable = true;
  EXPECT_THAT(read({{"a;b"}, {"1;2"}}), ElementsAre(HasSubstr("none of the columns")));
}

TEST_F(TableRecordsTest, KeepsWhatStandsInColumnsWithoutAName) {
  EXPECT_THAT(read({{"", "id", "amount", "", ""},
                    {"", "1", "2", "", ""},
                    {"x", "3", "4"},
                    {"", "5", "6", "", "y"},
                    {"", "7"}}),
              ElementsAre("2: 1|-|2", "3: 3|-|4 {\"column_1\":\"x\"}",
                          "4: 5|-|6 {\"column_5\":\"y\"}", "5: 7|-|- !field-count"));
  EXPECT_THAT(unknown_, ElementsAre("column_1", "column_5"));
  EXPECT_THAT(missing_, ElementsAre("supplier"));
}

TEST_F(TableRecordsTest, CountsFieldsAsDeclared) {
  const std::vector<std::vector<std::string>> rows{{"id", "supplier", "amount"},
                                                   {"1", "a"},
                                                   {"2", "a", "3", "", " "},
                                                   {"3", "a", "3", "", "more"},
                                                   {"4", "a", "3", "\""}};
  EXPECT_THAT(read(rows), ElementsAre("2: 1|a|- !field-count", "3: 2|a|3", "4: 3|a|3 !field-count",
                                      "5: 4|a|3 !field-count"));
  source_.format.field_count = project::FieldCount::PadShort;
  EXPECT_THAT(read(rows), ElementsAre("2: 1|a|-", "3: 2|a|3", "4: 3|a|3 !field-count",
                                      "5: 4|a|3 !field-count"));
  source_.format.field_count = project::FieldCount::Ignore;
  EXPECT_THAT(read(rows), ElementsAre("2: 1|a|-", "3: 2|a|3",
                                      "4: 3|a|3 {\"column_4\":\"\",\"column_5\":\"more\"}",
                                      "5: 4|a|3 {\"column_4\":\"\"}"));
}

TEST_F(TableRecordsTest, KeepsBlankRowsAndRepeatedHeadersOut) {
  EXPECT_THAT(read({{"id", "supplier", "amount"},
                    {"1", "a", "2"},
                    {"", " ", ""},
                    {""},
                    {"id", "supplier", "amount"},
                    {"\"", "", ""},
                    {"!"}}),
              ElementsAre("2: 1|a|2", "6: ||", "7:  !bad-quote"));
  EXPECT_EQ(excluded_.blank, 2);
  EXPECT_THAT(kept_out(), ElementsAre("5 header"));
  EXPECT_EQ(excluded_.count(), 3);
}

TEST_F(TableRecordsTest, ExcludesByRulesAndKeepsControlTotals) {
  source_.format.exclude = {
      {.reason = "control_total", .column = "supplier", .like = "grand total*", .only = {}},
      {.reason = "control_total", .column = "", .like = "", .only = {"amount"}},
      {.reason = "footer", .column = "id", .like = "\u00A9 20??", .only = {}}};
  EXPECT_THAT(read({{"id", "supplier", "amount", "other"},
                    {"1", "a", "2", ""},
                    {"", "Grand Total (all)", " 1,000.00 ", ""},
                    {"", "", "12"},
                    {"", "", "12", "x"},
                    {"\u00A9 2024"},
                    {"\u00A9 2024 b", "a", "1", ""}}),
              ElementsAre("2: 1|a|2 {\"other\":\"\"}", "5: ||12 {\"other\":\"x\"}",
                          "7: \u00A9 2024 b|a|1 {\"other\":\"\"}"));
  EXPECT_THAT(kept_out(),
              ElementsAre("3 control_total 1,000.00", "4 control_total 12", "6 footer"));
}

TEST_F(TableRecordsTest, LeavesRulesAloneWhoseColumnTheFileDoesNotHave) {
  source_.format.exclude = {{.reason = "note", .column = "supplier", .like = "*", .only = {}}};
  EXPECT_THAT(read({{"id"}, {"1"}}), ElementsAre("2: 1|-|-"));
}

TEST_F(TableRecordsTest, FindsTheBestHeaderAmongTheFirstRows) {
  source_.format.header_within = 6;
  EXPECT_THAT(read({{"Report of the id"},
                    {"!"},
                    {"", ""},
                    {"id", "x"},
                    {"id", "amount", ""},
                    {"amount", "id", "supplier"},
                    {"id", "supplier", "amount"},
                    {"1", "2", "a"}}),
              ElementsAre("7: supplier|amount|id", "8: 2|a|1"));
  EXPECT_THAT(kept_out(), ElementsAre("1 note", "2 note", "4 note", "5 note"));
  EXPECT_EQ(excluded_.blank, 1);
}

TEST_F(TableRecordsTest, SaysWhichRowWasNearestWhenThereIsNoHeader) {
  source_.format.header_within = 3;
  EXPECT_THAT(read({{"a"}, {"supplier", "amount"}, {"b"}}),
              ElementsAre(AllOf(HasSubstr("none of the first 3 records is a header"),
                                HasSubstr("line 2: column `id` is missing"))));
}

TEST_F(TableRecordsTest, JoinsHeaderRowsAndSpreadsMergedNames) {
  add_column("vat", true);
  source_.cells["amount"].source_names = {"Amount Gross"};
  source_.format.header_rows = 2;
  EXPECT_THAT(
      read({{"ID", "Amount", "", "Supplier"}, {"", "Gross", "VAT", ""}, {"1", "2", "3", "s"}}),
      ElementsAre("3: 1|s|2|3"));
  // "Amount" stands above two fields, so alone it names neither.
  source_.cells.clear();
  EXPECT_THAT(
      read({{"ID", "Amount", "", "Supplier"}, {"", "Gross", "VAT", ""}, {"1", "2", "3", "s"}}),
      ElementsAre("3: 1|s|-|3 {\"Amount Gross\":\"2\"}"));
}

TEST_F(TableRecordsTest, MakesARowOfEachValueColumn) {
  add_column("year", true);
  source_.format.unpivot = {.columns = {"19*", "20*", "TQ"},
                            .name_column = "year",
                            .value_column = "amount",
                            .keep_empty = false,
                            .beside = {}};
  const std::vector<std::vector<std::string>> rows{{"id", "1976", "TQ", "2020 ", "agency"},
                                                   {"a", "1", "2", "", "x"},
                                                   {"b", "", "", "", "x"},
                                                   {"c", "5"}};
  EXPECT_THAT(read(rows),
              ElementsAre("2: a|-|1|1976 {\"agency\":\"x\"}", "2: a|-|2|TQ {\"agency\":\"x\"}",
                          "4: c|-|5|1976 !field-count"));
  EXPECT_THAT(kept_out(), ElementsAre("3 note"));
  EXPECT_THAT(missing_, ElementsAre("supplier"));
  source_.format.unpivot.keep_empty = true;
  EXPECT_EQ(read(rows).size(), 9U);
  EXPECT_THAT(read({{"id", "agency"}}), ElementsAre(HasSubstr("`unpivot.columns` (19*, 20*, TQ)")));
}

TEST_F(TableRecordsTest, SetsNumbersAsideThatStandUnderAnotherNameAmongTheValueColumns) {
  add_column("month", true);
  source_.format.unpivot = {.columns = {"20*"},
                            .name_column = "month",
                            .value_column = "amount",
                            .keep_empty = false,
                            .beside = {"*total*"}};
  EXPECT_THAT(read({{"id", "supplier", "2025-07", "Aug 25", "2025-09", "Total", "note"},
                    {"a", "s", "1", "1,500.50", "3", "1504.50", "01.09.2025"},
                    {"b", "s", "", "(2)", "", "2", "see 7"},
                    {"c", "s", "4", "none", "", "4", ""}}),
              ElementsAre(HasSubstr("2: a|s|1|2025-07 {"), HasSubstr("2: a|s|3|2025-09 {"),
                          AllOf(HasSubstr("2: a|s|1,500.50|Aug 25 {"), HasSubstr("!unread-number")),
                          AllOf(HasSubstr("3: b|s|(2)|Aug 25 {"), HasSubstr("!unread-number")),
                          HasSubstr("4: c|s|4|2025-07 {")));
  // The first and the last month, and months whose names are gone; codes before them are none.
  EXPECT_THAT(read({{"id", "code", "supplier", "Jul 25", "2025-08", "", "2025-10", ""},
                    {"a", "7", "s", "1", "2", "3", "4", "5"}}),
              ElementsAre(HasSubstr("a|s|2|2025-08"), HasSubstr("a|s|4|2025-10"),
                          AllOf(HasSubstr("a|s|1|Jul 25"), HasSubstr("!unread-number")),
                          AllOf(HasSubstr("a|s|3|"), HasSubstr("!unread-number")),
                          AllOf(HasSubstr("a|s|5|"), HasSubstr("!unread-number"))));
  EXPECT_THAT(faults_, testing::Contains(AllOf(
                           HasSubstr("field 4: the number `1` stands in a column named `Jul 25`"),
                           HasSubstr("expected a name such as `2025-08`"))));
}

TEST_F(TableRecordsTest, ReadsByPositionWithoutAHeader) {
  source_.format.header = false;
  EXPECT_THAT(read({{"1", "a", "2"}, {"1", "a"}, {"", "", ""}}),
              ElementsAre("1: 1|a|2", "2: 1|a|- !field-count"));
}

TEST(NamePattern, FitsWholeTextsWithoutRegardToCase) {
  EXPECT_TRUE(matches_pattern("Grand*", "grand total"));
  EXPECT_TRUE(matches_pattern("*Total", "Grand TOTAL"));
  EXPECT_TRUE(matches_pattern("a?c", "a\u00E9c"));
  EXPECT_TRUE(matches_pattern("*a*b*", "xaxbx"));
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_FALSE(matches_pattern("", "x"));
  EXPECT_FALSE(matches_pattern("a*b", "a"));
  EXPECT_FALSE(matches_pattern("?", ""));
  EXPECT_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
  EXPECT_TRUE(matches_pattern("*.csv", "a.csv", LetterCase::Exact));
  EXPECT_FALSE(matches_pattern("*.csv", "a.CSV", LetterCase::Exact));
  EXPECT_FALSE(matches_pattern("*.csv", "a.csv.gz", LetterCase::Exact));
}

}  // namespace
}  // namespace bullion::records
