// CSV text into records with exact record and line numbers (docs/decisions/0003-csv-reader.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/byte_source.h"
#include "records/csv_index.h"
#include "records/table_records.h"
#include "records/text_record.h"

namespace bullion::records {

/// The characters of a CSV file, all ASCII.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';     ///< '\0': none
  char escape = '\0';   ///< inside quotes, before a quote or itself; '\0': none
  char comment = '\0';  ///< first character of lines that are skipped; '\0': none
  int skip_lines = 0;   ///< lines before the first record, whatever they hold
};
CsvDialect csv_dialect(const project::FileFormat& format);

/// Reads RFC 4180 with these rules where the RFC is silent or real files differ:
/// - Lines end with LF or CRLF. When the first line ends with CR alone, CR ends lines as well.
///   The last line needs no end. Empty lines are no records.
/// - A quote inside an unquoted field is a letter. Text behind a closing quote is a fault.
/// - With an escape character, a quote behind an odd number of them is a letter, and each pair of
///   them is one; before other characters it stands for itself. Doubled quotes count as well.
/// - A line is a comment when its first byte outside of quotes is the comment character.
/// - A record that is faulty in its quotes, still open at the end of the file, or longer than
///   kRecordBytesMax is rejected with its first line only; reading goes on at the line after.
///   So a stray quote loses one line, and every line belongs to exactly one record.
/// - NUL bytes, invalid UTF-8 and more than kColumnsMax fields are faults of their record alone.
/// The result does not depend on how the source cuts its reads. Not thread-safe.
class CsvReader final : public TableRows {
 public:
  /// Reads `block_bytes` at a time, more while a record is longer than that.
  CsvReader(std::unique_ptr<ByteSource> source, CsvDialect dialect,
            size_t block_bytes = size_t{256} << 10);

  /// False at the end. Errors are the source's.
  Result<bool> next(TableRow& record) override;

 private:
  enum class Scan { Field, Record, Blank, NeedsMore, BadQuote, OpenQuote, TooLong };

  Status prepare();
  Status refill();
  void check_block();
  Scan scan_record(TableRow& record);
  Scan take_quoted_field(TableRow& record, size_t field_start);
  Scan end_line(size_t at);
  Scan end_of_input(TableRow& record, size_t field_start);
  void push_field(TableRow& record, std::string_view text, CellKind kind);
  std::string_view without_doubled_quotes(std::string_view text);
  std::string_view without_escapes(std::string_view text);
  bool is_escaped(size_t at, size_t field_start) const;
  void finish_record(TableRow& record);
  Fault encoding_fault(std::string_view raw) const;
  Status reject_first_line(TableRow& record, Fault fault);
  bool find_first_line_end(size_t& at);
  Status skip_long_line();
  Result<bool> skip_line();

  const char* data() const { return buffer_.data(); }
  bool is_line_end(size_t at) const {
    return data()[at] == '\n' || (specials_.carriage_return_ends && data()[at] == '\r');
  }

  std::unique_ptr<ByteSource> source_;
  CsvDialect dialect_;
  int quote_;    // as in dialect_, or no character at all
  int comment_;  // likewise
  CsvSpecials specials_;
  std::string buffer_;  // bytes [0, size_) are valid
  size_t size_ = 0;
  int64_t moved_ = 0;  // bytes of the source before the buffer
  size_t start_ = 0;   // first byte of the next record
  size_t cursor_ = 0;  // first position of index_ at or behind start_
  CsvIndex index_;
  size_t block_bytes_;
  bool at_end_ = false;  // the source has nothing more
  bool prepared_ = false;
  bool has_nul_ = false;  // somewhere in the buffer
  size_t clean_end_ = 0;  // bytes [start_, clean_end_) hold neither NUL nor invalid UTF-8
  int64_t line_ = 1;      // of start_

  // State of the record being scanned.
  size_t scan_ = 0;          // position in index_
  size_t record_end_ = 0;    // behind the last byte of the record, without its line end
  size_t next_start_ = 0;    // behind the line end
  int64_t inner_lines_ = 0;  // line ends inside quotes
  size_t columns_ = 0;
  std::string unquoted_;   // texts whose doubled quotes were resolved
  std::string long_line_;  // first bytes of a line that is too long
};

}  // namespace bullion::records
