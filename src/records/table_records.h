// Rows of cells against a source's contract: what CSV files and the sheets of workbooks share.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "project/project.h"
#include "records/text_record.h"

namespace bullion::records {

/// A row as its format splits it. Views live until the next call.
struct TableRow {
  int64_t line = 0;           ///< 1-based first line, or the row of the sheet
  std::string_view raw;       ///< without its line end; may be cut at kRawBytesMax
  std::vector<Cell> cells;    ///< Bare, Quoted or Missing; empty when the row could not be split
  std::vector<Fault> faults;  ///< of the row as a whole
};

/// Rows front to back, behind `skip_rows`. Not thread-safe.
class TableRows {
 public:
  TableRows() = default;
  TableRows(const TableRows&) = delete;
  TableRows& operator=(const TableRows&) = delete;
  virtual ~TableRows() = default;

  /// False at the end. Errors as RecordReader::next().
  virtual Result<bool> next(TableRow& row) = 0;

  /// The text of the row that next() gave last; for formats where making it for each row is dear.
  virtual std::string_view raw_text(const TableRow& row) { return row.raw; }

  /// The cell as a person finds it, "K12"; "" when the format has no names for cells.
  virtual std::string cell_name(int64_t /*line*/, size_t /*cell*/) const { return ""; }
  /// Whether cells behind the header's last are notes, and not a sign of a row split wrongly.
  virtual bool has_notes_beside() const { return false; }
};

/// Finds the header (`header`, `header_rows`, `header_within`), maps it to the contract, and obeys
/// what project::FileFormat says of records: `exclude`, `field_count`, `unpivot`.
/// - Rows before the header are excluded as `note`. A row equal to a header row is excluded as
///   `header`. A row of nothing but missing and unquoted blank cells is counted as blank. None of
///   these is a record or has a number.
/// - A row with another number of fields has the fault "field-count", unless what is too many is
///   empty, `field_count` allows it or the rows have notes beside them; its cells stay at their
///   places (TextRecord::has_cell_places).
/// - Cells without a header name that are not empty go to `_extra` as unnamed_column().
/// - Unpivoted, a row becomes one record for each of its value cells that is not empty; a row
///   without any is excluded as `note`. A number in a watched cell (ColumnMap) becomes a record of
///   its own with the fault "unread-number", so that it counts as rejected.
/// `source` is borrowed and must outlive the reader.
Result<OpenedRecords> open_table_records(std::unique_ptr<TableRows> rows,
                                         const project::Source& source);

}  // namespace bullion::records
