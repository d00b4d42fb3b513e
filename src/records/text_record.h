// One record of a file as text cells, before types: what every format's reader hands on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bullion::records {

/// The longest record that is parsed; a longer one is rejected alone.
inline constexpr size_t kRecordBytesMax = size_t{8} << 20;
/// The largest number of columns a record may have.
inline constexpr size_t kColumnsMax = 4096;

enum class CellKind : uint8_t {
  Missing,  ///< no value: JSON null, an absent key, a Parquet NULL
  Bare,     ///< text without quotes; may be one of the null words
  Quoted,   ///< quoted text, never NULL in a STRING column
  Nested,   ///< a JSON object or array as its text
};

/// One value as text. The view lives until the reader's next call.
struct Cell {
  std::string_view text;
  CellKind kind = CellKind::Missing;
};

/// One reason: a stable code and a sentence for the person who can fix it.
struct Fault {
  std::string_view code;  ///< a literal
  std::string reason;
};

/// One data record. Reused between calls; views live until the reader's next call.
struct TextRecord {
  int64_t line = 0;         ///< 1-based first line; 0 when the format has none
  std::string_view raw;     ///< the record's text without its line end; may be cut at kRawBytesMax
  std::vector<Cell> cells;  ///< in the file's order, see RecordReader::cell_of_column
  std::string extra;        ///< JSON object of unknown columns; "" when none
  std::vector<Fault> faults;  ///< why the record as a whole is rejected
  bool has_cells = false;     ///< cells can be typed although there are faults
  /// Their number is wrong, so they are not typed; those that are there stand at their places.
  bool has_cell_places = false;
};

/// Why a whole file cannot be read, with the line that shows it.
struct FileFault {
  std::string code;
  std::string reason;
  int64_t line = 0;  ///< 0 when no line is to blame
  std::string raw;   ///< text of that line
};

/// A record that is no fact, by a rule of its source (project::ExcludeRule) or because it is blank.
struct ExcludedRecord {
  int64_t line = 0;    ///< 1-based first line, or the row of a sheet
  std::string reason;  ///< control_total | footer | header | note
  std::string raw;     ///< its text, at most kExcludedRawMax bytes
  std::string amount;  ///< control_total: the cell of the contract's amount column; else ""
};
inline constexpr size_t kExcludedRawMax = 1024;

/// What a reader kept out of the records.
struct ExcludedRecords {
  int64_t blank = 0;                    ///< records of nothing but empty cells
  std::vector<ExcludedRecord> records;  ///< the others, in the file's order
  int64_t count() const { return blank + static_cast<int64_t>(records.size()); }
};

/// Reads the records of one file front to back. Not thread-safe.
class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  virtual ~RecordReader() = default;

  /// False at the end. Corrupt: the rest of the file cannot be read (a truncated gzip stream), so
  /// the file as a whole is unreadable. Other errors are the disk's or ours.
  virtual Result<bool> next(TextRecord& record) = 0;

  /// For each contract column the index of its cell; -1 when the file has no such column.
  const std::vector<int>& cell_of_column() const { return cell_of_column_; }

  /// The text of the record that next() gave last, as it is kept with a rejected record.
  virtual std::string_view raw_text(const TextRecord& record) { return record.raw; }

  /// Where the value of a contract column stood in the record that next() gave last, for messages:
  /// "column `2025-01-01`, cell K12"; "" when its line says enough.
  virtual std::string place_of(const TextRecord& /*record*/, size_t /*column*/) const { return ""; }

  /// The file's own columns in their order, as the header writes them; empty when it has none.
  const std::vector<std::string>& column_names() const { return column_names_; }

  /// Columns outside the contract, in the file's order, and nullable contract columns that the
  /// file does not have. Complete once next() has answered false.
  virtual std::vector<std::string> unknown_columns() const { return {}; }
  virtual std::vector<std::string> missing_columns() const { return {}; }

  /// What was kept out so far.
  const ExcludedRecords& excluded() const { return excluded_; }

 protected:
  std::vector<int> cell_of_column_;
  std::vector<std::string> column_names_;
  ExcludedRecords excluded_;
};

/// A reader, or why the whole file is unreadable.
struct OpenedRecords {
  std::unique_ptr<RecordReader> reader;
  std::optional<FileFault> fault;
};

/// That a whole file is unreadable, whatever its line.
inline OpenedRecords faulty(std::string code, std::string reason) {
  return {nullptr, FileFault{std::move(code), std::move(reason), 0, ""}};
}

}  // namespace bullion::records
