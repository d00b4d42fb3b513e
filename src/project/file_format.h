// How the files of a source are written: bytes to records, records to cells, cells to values.
// docs/sources.md says each key for its users.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace bullion::project {

/// What to do with a record that has more or fewer fields than the header.
enum class FieldCount {
  Exact,     ///< any difference rejects the record; empty fields behind the last column are no
             ///< difference
  PadShort,  ///< as Exact, but missing fields at the end of a record are missing values
  Ignore,    ///< as PadShort, and fields behind the last column go to `_extra`
};

/// A record that is no fact: kept out of the table, counted as excluded, its line remembered.
/// It matches when every condition that is given holds.
struct ExcludeRule {
  std::string reason;  ///< control_total | footer | header | note: what the record is
  std::string column;  ///< contract column whose cell is compared; "" with `only`
  std::string like;  ///< pattern of the cell: '*' any run, '?' one character; case does not matter
  /// Contract columns: all other cells of the record are empty, and these are not.
  std::vector<std::string> only;
};

/// Columns that are values: each record becomes one row per such column.
struct Unpivot {
  std::vector<std::string>
      columns;               ///< patterns of header names, in the order of preference; empty: none
  std::string name_column;   ///< contract column that takes the header's name
  std::string value_column;  ///< contract column that takes the cell
  bool keep_empty = false;   ///< rows of empty cells too
  /// Patterns of header names among or behind `columns` whose numbers are no values: totals.
  std::vector<std::string> beside;
};

/// The source whose rows say which days a snapshot's file covers, and its columns.
struct SnapshotManifest {
  std::string source;
  std::string file_column;   ///< STRING: the file's name, or the end of its path
  std::string start_column;  ///< DATE: the first day covered
  std::string end_column;    ///< DATE: the last day covered
};

/// When a source's file says everything about a stretch of days (docs/sources.md, "Snapshots").
struct Snapshot {
  /// Manifest: the days that a source named `manifest.source` lists for the file.
  enum class Covers { None, DaysPresent, Range, Manifest };
  Covers covers = Covers::None;
  std::string day_column;     ///< DATE column of the contract
  std::string as_of;          ///< "file_name" or a contract column
  std::string as_of_pattern;  ///< file_name: regular expression with one group, ECMAScript
  std::string as_of_type;     ///< integer | date | timestamp
  SnapshotManifest manifest;  ///< of Covers::Manifest
};

/// How often a file is expected. Events name the periods that no file is of, or several.
struct Cadence {
  std::string every;       ///< day | month | quarter | year; "" when nothing is expected
  std::string day_column;  ///< DATE or TIMESTAMP column; a file is of the period most rows are in
};

struct FileFormat {
  std::string kind = "csv";  ///< csv | csv_or_jsonl | json | jsonl | xlsx | parquet
  /// Names that iconv knows, tried in this order; the first that fits the whole file wins. A byte
  /// order mark goes over them.
  std::vector<std::string> encodings = {"utf-8"};
  char delimiter = ',';
  char quote = '"';     ///< '\0': none
  char escape = '\0';   ///< before a quote inside quotes; '\0': the quote is doubled
  char comment = '\0';  ///< first character of lines to skip; '\0': none
  bool trim = false;    ///< blanks around unquoted cells of text columns are no content
  bool header = true;
  int header_rows = 1;    ///< records that make the header together: names are joined by a blank
  int header_within = 1;  ///< the header is the best among the first that many records
  int skip_rows = 0;      ///< lines before anything is looked at
  std::string sheet;      ///< xlsx: pattern of the sheet's name; "" the first with data
  std::string json_path;  ///< json: where the array is, names separated by '.'; "" the top
  /// Archives: patterns of the members to read; empty: all that are not hidden.
  std::vector<std::string> members;
  FieldCount field_count = FieldCount::Exact;
  std::vector<ExcludeRule> exclude;
  Unpivot unpivot;
};

/// How values are written. A column may say it otherwise than its source.
struct ValueFormat {
  std::vector<std::string> null_words = {""};  ///< unquoted texts that mean NULL
  char decimal_mark = '.';
  char thousands_mark = '\0';  ///< '\0': none; between groups of three digits
  bool parentheses_negative = false;
  bool trailing_minus = false;
  std::vector<std::string> currency_signs;  ///< texts before or behind a number that say no more
  /// strftime's %d %m %Y %y %b %B %e %j %H %I %M %S %f %p %z %Z, tried in this order; empty: ISO
  /// 8601.
  std::vector<std::string> date_formats;
  std::string time_zone;       ///< IANA; of instants without an offset; "" is UTC
  std::string dst = "reject";  ///< local times that come twice or never: reject | earlier | later
  /// Parquet: a binary floating point value is the shortest decimal that reads back as it, a whole
  /// number without a point; false: such a column cannot feed a DECIMAL one.
  bool shortest_floats = false;
};

/// What a source says of one column's cells.
struct CellFormat {
  std::vector<std::string> source_names;  ///< header names besides the column's own
  ValueFormat values;
};

}  // namespace bullion::project
