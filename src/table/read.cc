#include "table/read.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/csv_text.h"
#include "base/nearest_name.h"
#include "table/relation_internal.h"
#include "table/scratch_folder_internal.h"
#include "table/stats_internal.h"

namespace bullion::table {
namespace {

using engine::quote_name;
using engine::Value;

constexpr size_t kFlushBytes = size_t{256} << 10;

void append_csv_value(std::string& line, const Value& value) {
  if (is_null(value)) return;
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_csv_text(line, *text);
  } else {
    line += engine::to_text(value);
  }
}

void append_json_value(std::string& line, const Value& value, bool is_json_already) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* flag = std::get_if<bool>(&value);
  const auto* number = std::get_if<double>(&value);
  if (is_null(value)) {
    line += "null";
  } else if (flag != nullptr) {
    line += *flag ? "true" : "false";
  } else if (std::holds_alternative<int64_t>(value) ||
             (number != nullptr && std::isfinite(*number))) {
    line += engine::to_text(value);
  } else if (text != nullptr && is_json_already) {
    line += *text;
  } else {
    append_json_text(line, engine::to_text(value));
  }
}

// Lines of one format from rows, passed on in large parts.
class LineWriter {
 public:
  LineWriter(RowFormat format, std::vector<bool> is_json, const ByteSink& sink)
      : format_(format), is_json_(std::move(is_json)), sink_(sink) {}

  Status begin(const delta::Schema& schema) {
    for (const delta::Column& column : schema) {
      std::string name;
      append_json_text(name, column.name);
      names_.push_back(name + ':');
      if (format_ != RowFormat::Csv) continue;
      if (names_.size() > 1) lines_ += ',';
      append_csv_text(lines_, column.name);
    }
    if (format_ == RowFormat::Csv) lines_ += '\n';
    return ok();
  }

  Status add(const std::vector<Value>& row) {
    if (format_ == RowFormat::Csv) {
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) lines_ += ',';
        append_csv_value(lines_, row[i]);
      }
      // A line of one NULL would be an empty one, which readers skip.
      if (row.size() == 1 && is_null(row[0])) lines_ += "\"\"";
      lines_ += '\n';
    } else {
      for (size_t i = 0; i < row.size(); ++i) {
        lines_ += i == 0 ? '{' : ',';
        lines_ += names_[i];
        append_json_value(lines_, row[i], is_json_[i]);
      }
      lines_ += "}\n";
    }
    return lines_.size() < kFlushBytes ? ok() : flush();
  }

  Status flush() {
    BULLION_TRY(sink_(lines_));
    lines_.clear();
    return ok();
  }

 private:
  RowFormat format_;
  std::vector<bool> is_json_;
  const ByteSink& sink_;
  std::vector<std::string> names_;
  std::string lines_;
};

bool is_nested_type(const engine::BoundColumn& column) {
  if (column.type.has_value()) return column.type->is_nested();
  return column.sql_type.starts_with("STRUCT") || column.sql_type.starts_with("MAP") ||
         column.sql_type.starts_with("UNION") || column.sql_type.ends_with("]");
}

Status write_lines(engine::Engine& engine, const std::string& select, RowFormat format,
                   const ByteSink& sink) {
  BULLION_TRY_ASSIGN(const auto columns, engine.bind(select));
  std::vector<std::string> items;
  std::vector<bool> is_json;
  bool changed = false;
  for (const engine::BoundColumn& column : columns) {
    const std::string name = quote_name(column.name);
    is_json.push_back(is_nested_type(column));
    changed = changed || is_json.back() || column.sql_type == "BLOB";
    if (is_json.back()) {
      items.push_back(fmt::format("CAST(to_json({0}) AS VARCHAR) AS {0}", name));
    } else if (column.sql_type == "BLOB") {
      items.push_back(fmt::format("to_base64({0}) AS {0}", name));
    } else {
      items.push_back(name);
    }
  }
  LineWriter writer(format, std::move(is_json), sink);
  BULLION_TRY(engine.stream(
      changed ? fmt::format("SELECT {} FROM ({}\n)", fmt::join(items, ", "), select) : select,
      [&](const delta::Schema& schema) { return writer.begin(schema); },
      [&](const std::vector<Value>& row) { return writer.add(row); }));
  return writer.flush();
}

Status write_parquet(engine::Engine& engine, const std::string& select, const ByteSink& sink) {
  BULLION_TRY_ASSIGN(const auto scratch, ScratchFolder::make());
  BULLION_TRY(
      engine.execute(fmt::format("COPY ({}\n) TO {} (FORMAT parquet, COMPRESSION zstd)", select,
                                 engine::quote_text(scratch->files().location("rows.parquet")))));
  BULLION_TRY_ASSIGN(const auto reader, scratch->files().open("rows.parquet"));
  std::string buffer(kFlushBytes, '\0');
  while (true) {
    BULLION_TRY_ASSIGN(const size_t count, reader->read(buffer.data(), buffer.size()));
    if (count == 0) return ok();
    BULLION_TRY(sink(std::string_view(buffer).substr(0, count)));
  }
}

}  // namespace

Result<RowFormat> parse_row_format(std::string_view text) {
  if (text == "csv") return RowFormat::Csv;
  if (text == "json") return RowFormat::Json;
  if (text == "parquet") return RowFormat::Parquet;
  return invalid(fmt::format("the format '{}' is unknown: expected csv, json or parquet{}", text,
                             did_you_mean(text, {"csv", "json", "parquet"})));
}

Status write_rows(engine::Engine& engine, const std::string& select, RowFormat format,
                  const ByteSink& sink) {
  return format == RowFormat::Parquet ? write_parquet(engine, select, sink)
                                      : write_lines(engine, select, format, sink);
}

Status read_table(const storage::FileSystem& files, engine::Engine& engine, const delta::Log& log,
                  std::optional<int64_t> version, RowFormat format, const ByteSink& sink) {
  BULLION_TRY_ASSIGN(const delta::Snapshot snapshot, log.snapshot(version));
  const Relation relation = relation_of(snapshot, log.table_path());
  return write_rows(engine, relation_sql(files, relation), format, sink);
}

}  // namespace bullion::table
