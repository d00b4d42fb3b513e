// Query results as people and programs read them.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace bullion::cli {

enum class OutputFormat { Table, Csv, Json, Markdown };
Result<OutputFormat> parse_output_format(const std::string& name);

/// One row of a CSV file (RFC 4180), with its line end.
std::string csv_line(const std::vector<std::string>& cells);
/// A JSON string literal.
std::string json_text(std::string_view text);
/// A JSON array of strings.
std::string json_list(const std::vector<std::string>& texts);

/// A whole small result. Decimals are JSON strings, so that no reader rounds them.
std::string format_rows(const engine::Rows& rows, OutputFormat format);

/// Runs a SELECT and prints its rows; CSV and JSON stream, tables are held to find their widths.
/// Returns the number of rows.
Result<int64_t> print_query(engine::Engine& engine, const std::string& sql, OutputFormat format);

}  // namespace bullion::cli
