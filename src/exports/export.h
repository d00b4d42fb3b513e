// A table at a release as a file for others: CSV, XLSX or Parquet, every digit kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/engine.h"

namespace bullion::exports {

/// Where the rows come from, as the file tells its reader. Holds no time of the export itself, so
/// that one release always gives the same bytes.
struct Provenance {
  std::string project;
  std::string lake;  ///< where the lake is, as a path or URL
  std::string user;  ///< who exports
  std::string program_version;
  int64_t release = 0;
  int64_t released_at_us = 0;  ///< microseconds since 1970-01-01 UTC
  std::string release_summary;
  std::string table_path;  ///< relative to the lake
  int64_t table_version = 0;
  int64_t table_rows = 0;  ///< of the whole table at the release
  std::string row_hash;  ///< of the whole table: "rows:hex16:hex16" (docs/formats/delta-tables.md)
  std::string description;
  std::string owner;
  std::map<std::string, std::string> column_descriptions;
};

/// What to export. Columns are names of `schema`.
struct Request {
  std::string table;
  std::string relation_sql;  ///< a SELECT that gives exactly `schema`
  delta::Schema schema;
  Provenance provenance;
  std::vector<std::string> columns;   ///< in the wanted order; empty: all
  std::string where;                  ///< an SQL condition; "": every row
  std::vector<std::string> order_by;  ///< "-name" descends; unique together; empty: all columns
  std::vector<std::string> total_columns;  ///< exact numbers whose sum has a meaning
  std::string currency_column;             ///< sums are kept apart by it; "": one currency
};

/// The exact sum of one column, over the rows of one currency when the table has a currency column.
struct Total {
  std::string column;
  std::optional<std::string> currency;  ///< nullopt: NULL, or a table of one currency
  std::string sum;  ///< with all digits of the column's scale; may exceed 38 digits
  int64_t rows = 0;
};

/// What was written.
struct Summary {
  int64_t rows = 0;
  std::vector<Total> totals;     ///< CSV and XLSX
  bool has_currencies = false;   ///< totals are per currency
  bool totals_left_out = false;  ///< more currencies than kCurrenciesMax
  int64_t defused = 0;           ///< CSV: texts that got an apostrophe
  int64_t marked = 0;  ///< XLSX: values written as marked text, because a cell cannot hold them
  int sheets = 0;      ///< XLSX: sheets of rows
};

/// More groups than this get no totals.
inline constexpr size_t kCurrenciesMax = 1000;

/// Told the number of rows written so far, now and then.
using Progress = std::function<void(int64_t rows)>;
/// Takes the next bytes of the output.
using ByteSink = std::function<Status(std::string_view)>;

// All functions: Invalid when a column does not exist (with the nearest name), when a total column
// is no exact number, or when the condition does not bind (with the engine's message); Corrupt when
// a whole table has other rows than its release says. Memory is bounded, whatever the row count.

struct CsvOptions {
  char delimiter = ',';
  bool byte_order_mark = false;  ///< UTF-8 with a BOM, which old spreadsheets ask for
  bool raw = false;  ///< texts as they are; else those a spreadsheet would run are defused
};
/// RFC 4180: a header, CRLF line ends, UTF-8. NULL is nothing, the empty text is "". A text that
/// starts with = + - @ tab CR or LF gets an apostrophe in front (docs/guides/export.md).
/// Invalid for a delimiter that could be part of a number or of the quoting.
Result<Summary> export_csv(engine::Engine& engine, const Request& request,
                           const CsvOptions& options, const ByteSink& sink,
                           const Progress& progress);

struct XlsxOptions {
  int64_t rows_per_sheet = 1'000'000;  ///< further rows go to further sheets; at most 1,000,000
};
/// Writes to `path`, which may exist. Typed cells; a value that a cell cannot hold exactly (more
/// than 15 significant digits, a date before 1900-03-01, a part of a millisecond) is marked text. A
/// totals row per currency, and a sheet "Provenance". Invalid for more than 16,384 columns, 100
/// sheets, or a text over 32,767 characters.
Result<Summary> export_xlsx(engine::Engine& engine, const Request& request,
                            const XlsxOptions& options, const std::string& path,
                            const Progress& progress);

/// Writes one Parquet file to `path`, which may exist; zstd, the table's own types, and the
/// provenance as key-value metadata `bullion.*`.
Result<Summary> export_parquet(engine::Engine& engine, const Request& request,
                               const std::string& path);

}  // namespace bullion::exports
