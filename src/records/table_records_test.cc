// Rows of cells against a contract, without any file format.
#include "records/table_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "records/header.h"
#include "records/name_pattern.h"

namespace bullion::records {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
        for (const int cell : opened->reader->cell_of_column()) {
          const auto at = static_cast<size_t>(cell);
          const bool is_there =
              at < record.cells.size() && record.cells[at].kind != CellKind::Missing;
          text += (text.ends_with(": ") ? "" : "|") +
                  (is_there ? std::string(record.cells[at].text) : "-");
        }
      }
      if (!record.extra.empty()) text += ' ' + record.extra;
      for (const Fault& fault : record.faults) text += " !" + std::string(fault.code);
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
  std::vector<std::string> unknown_;
  std::vector<std::string> missing_;
};

TEST_F(TableRecordsTest, FindsColumnsByTheirOtherNames) {
  source_.cells["supplier"].source_names = {"Vendor Name", "Supplier Company"};
  EXPECT_THAT(read({{" ID ", "vendor  name", "Amount"}, {"1", "a", "2"}}), ElementsAre("2: 1|a|2"));
}

}  // namespace
}  // namespace bullion::records
