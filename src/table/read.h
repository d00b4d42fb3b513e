// Any Delta table, at any version, as CSV, JSON lines or Parquet.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "table/table.h"

namespace bullion::table {

enum class RowFormat {
  Csv,      ///< RFC 4180 with a header; NULL is nothing, the empty text is ""
  Json,     ///< an object per line; decimals are strings with all digits, NULL is null
  Parquet,  ///< one file, zstd
};

/// "csv", "json" or "parquet"; Invalid names them.
Result<RowFormat> parse_row_format(std::string_view text);

/// Takes the next bytes of the output.
using ByteSink = std::function<Status(std::string_view)>;

/// Writes the rows of a SELECT to `sink`, in the SELECT's order. Nested values are JSON and binary
/// ones base64, in CSV and in JSON lines.
Status write_rows(engine::Engine& engine, const std::string& select, RowFormat format,
                  const ByteSink& sink);

/// Writes the rows of a table at `version` (latest when empty) to `sink`, in no order that could be
/// relied on. NotFound when there is no such table or version;
/// Invalid when the table needs a feature that we cannot read.
Status read_table(const storage::FileSystem& files, engine::Engine& engine, const delta::Log& log,
                  std::optional<int64_t> version, RowFormat format, const ByteSink& sink);

}  // namespace bullion::table
