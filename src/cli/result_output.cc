#include "cli/result_output.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/terminal.h"

namespace bullion::cli {
namespace {

using engine::Value;

constexpr size_t kFlushBytes = 1 << 16;

bool is_number(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<Decimal>(value) ||
         std::holds_alternative<double>(value);
}

std::string json_value(const Value& value) {
  if (engine::is_null(value)) return "null";
  if (std::holds_alternative<bool>(value)) return std::get<bool>(value) ? "true" : "false";
  if (std::holds_alternative<int64_t>(value)) return engine::to_text(value);
  return json_text(engine::to_text(value));
}

std::string json_object(const delta::Schema& schema, const std::vector<Value>& row) {
  std::vector<std::string> members;
  for (size_t i = 0; i < row.size(); ++i) {
    members.push_back(json_text(schema[i].name) + ": " + json_value(row[i]));
  }
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

std::vector<std::string> cells_of(const std::vector<Value>& row) {
  std::vector<std::string> cells;
  for (const Value& value : row) cells.push_back(engine::to_text(value));
  return cells;
}

/// Characters a terminal shows: UTF-8 continuation bytes do not count.
size_t shown_width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(const std::string& text, size_t width, bool right) {
  const size_t shown = shown_width(text);
  const std::string blank(width > shown ? width - shown : 0, ' ');
  return right ? blank + text : text + blank;
}

/// Line breaks and tabs inside a cell would tear the table apart.
std::string one_line(std::string text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else {
      result.push_back(c);
    }
  }
  return result;
}

std::string aligned_table(const engine::Rows& rows, bool markdown) {
  const std::vector<std::string> names = delta::column_names(rows.schema);
  std::vector<size_t> widths;
  std::vector<bool> right(names.size(), !rows.rows.empty());
  for (const std::string& name : names) widths.push_back(std::max<size_t>(3, shown_width(name)));
  std::vector<std::vector<std::string>> lines;
  for (const auto& row : rows.rows) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string cell = one_line(engine::to_text(row[i]));
      if (markdown) {
        for (size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) {
          cell.insert(at, "\\");
        }
      }
      widths[i] = std::max(widths[i], shown_width(cell));
      if (!is_number(row[i]) && !engine::is_null(row[i])) right[i] = false;
      cells.push_back(std::move(cell));
    }
    lines.push_back(std::move(cells));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < cells.size(); ++i)
      parts.push_back(padded(cells[i], widths[i], right[i]));
    std::string text = markdown ? fmt::format("| {} |", fmt::join(parts, " | "))
                                : fmt::format("{}", fmt::join(parts, "  "));
    while (!markdown && text.ends_with(' ')) text.pop_back();
    return text + "\n";
  };
  std::vector<std::string> rules;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string rule(widths[i], '-');
    if (markdown && right[i]) rule.back() = ':';
    rules.push_back(rule);
  }
  std::string text = line(names) + line(rules);
  for (const auto& cells : lines) text += line(cells);
  return text;
}

}  // namespace

Result<OutputFormat> parse_output_format(const std::string& name) {
  if (name == "table") return OutputFormat::Table;
  if (name == "csv") return OutputFormat::Csv;
  if (name == "json") return OutputFormat::Json;
  if (name == "md") return OutputFormat::Markdown;
  return invalid(fmt::format("--output {}: expected table, csv, json or md", name));
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line.push_back(',');
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += cells[i];
      continue;
    }
    line.push_back('"');
    for (const char c : cells[i]) {
      if (c == '"') line.push_back('"');
      line.push_back(c);
    }
    line.push_back('"');
  }
  line.push_back('\n');
  return line;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(json_text(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\r':
        json += "\\r";
        break;
      case '\t':
        json += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          json += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          json.push_back(c);
        }
    }
  }
  return json + "\"";
}

std::string format_rows(const engine::Rows& rows, OutputFormat format) {
  std::string text;
  switch (format) {
    case OutputFormat::Table:
      return aligned_table(rows, false);
    case OutputFormat::Markdown:
      return aligned_table(rows, true);
    case OutputFormat::Csv:
      text = csv_line(delta::column_names(rows.schema));
      for (const auto& row : rows.rows) text += csv_line(cells_of(row));
      return text;
    case OutputFormat::Json:
      text = "[";
      for (size_t i = 0; i < rows.rows.size(); ++i) {
        text += (i == 0 ? "\n  " : ",\n  ") + json_object(rows.schema, rows.rows[i]);
      }
      return text + (rows.rows.empty() ? "]\n" : "\n]\n");
  }
  return text;
}

Result<int64_t> print_query(engine::Engine& engine, const std::string& sql, OutputFormat format) {
  if (format == OutputFormat::Table || format == OutputFormat::Markdown) {
    BULLION_TRY_ASSIGN(const engine::Rows rows, engine.query(sql));
    put(format_rows(rows, format));
    return static_cast<int64_t>(rows.rows.size());
  }
  delta::Schema schema;
  std::string buffer;
  int64_t count = 0;
  const auto on_schema = [&](const delta::Schema& columns) -> Status {
    schema = columns;
    buffer = format == OutputFormat::Csv ? csv_line(delta::column_names(columns)) : "[";
    return ok();
  };
  const auto on_row = [&](const std::vector<Value>& row) -> Status {
    if (format == OutputFormat::Csv) {
      buffer += csv_line(cells_of(row));
    } else {
      buffer += (count == 0 ? "\n  " : ",\n  ") + json_object(schema, row);
    }
    ++count;
    if (buffer.size() >= kFlushBytes) {
      put(buffer);
      buffer.clear();
    }
    return ok();
  };
  BULLION_TRY(engine.stream(sql, on_schema, on_row));
  if (format == OutputFormat::Json) buffer += count == 0 ? "]\n" : "\n]\n";
  put(buffer);
  return count;
}

}  // namespace bullion::cli
