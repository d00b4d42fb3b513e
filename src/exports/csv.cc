#include <fmt/format.h>

#include "base/csv_text.h"
#include "exports/csv_internal.h"
#include "exports/export.h"
#include "exports/selection_internal.h"
#include "exports/totals_internal.h"

namespace bullion::exports {
namespace {

using engine::Value;

constexpr size_t kFlushBytes = size_t{256} << 10;

Status check_delimiter(char delimiter) {
  constexpr std::string_view kAllowed = ",;|\t:^~!#$%&*?/\\_";
  if (kAllowed.find(delimiter) != std::string_view::npos) return ok();
  return invalid(fmt::format(
      "--delimiter '{}': expected tab or one of , ; | : ^ ~ ! # $ % & * ? / \\ _", delimiter));
}

class CsvWriter {
 public:
  CsvWriter(const CsvOptions& options, const ByteSink& sink) : options_(options), sink_(sink) {
    if (options.byte_order_mark) lines_ = "\xEF\xBB\xBF";
  }

  Status header(const delta::Schema& schema) {
    for (size_t i = 0; i < schema.size(); ++i) {
      if (i > 0) lines_ += options_.delimiter;
      text(schema[i].name);
    }
    return end_line();
  }

  Status row(const std::vector<Value>& values, size_t columns) {
    for (size_t i = 0; i < columns; ++i) {
      if (i > 0) lines_ += options_.delimiter;
      if (is_null(values[i])) continue;
      if (const auto* value = std::get_if<std::string>(&values[i])) {
        text(*value);
      } else {
        field(engine::to_text(values[i]));
      }
    }
    // A line of one NULL would be an empty one, which readers skip.
    if (columns == 1 && is_null(values[0])) lines_ += "\"\"";
    return end_line();
  }

  Status flush() {
    BULLION_TRY(sink_(lines_));
    lines_.clear();
    return ok();
  }

  int64_t defused() const { return defused_; }

 private:
  void text(const std::string& value) {
    if (options_.raw || !starts_like_formula(value)) {
      field(value);
      return;
    }
    ++defused_;
    field("'" + value);
  }

  void field(std::string_view value) { append_csv_text(lines_, value, options_.delimiter); }

  Status end_line() {
    lines_ += "\r\n";
    return lines_.size() < kFlushBytes ? ok() : flush();
  }

  const CsvOptions& options_;
  const ByteSink& sink_;
  std::string lines_;
  int64_t defused_ = 0;
};

}  // namespace

bool starts_like_formula(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  if (text.empty()) return false;
  if (std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos) return true;
  return text.starts_with("\uFF1D") || text.starts_with("\uFF0B") || text.starts_with("\uFF0D") ||
         text.starts_with("\uFF20");
}

Result<Summary> export_csv(engine::Engine& engine, const Request& request,
                           const CsvOptions& options, const ByteSink& sink,
                           const Progress& progress) {
  BULLION_TRY(check_delimiter(options.delimiter));
  BULLION_TRY_ASSIGN(const Selection selection, select_rows(engine, request));
  Totals totals(selection);
  CsvWriter writer(options, sink);
  Summary summary;
  BULLION_TRY(engine.stream(
      selection.select_for_cells,
      [&](const delta::Schema&) { return writer.header(selection.schema); },
      [&](const std::vector<Value>& row) {
        totals.add(row);
        ++summary.rows;
        if (progress && summary.rows % kProgressRows == 0) progress(summary.rows);
        return writer.row(row, selection.schema.size());
      }));
  BULLION_TRY(check_row_count(request, summary.rows));
  BULLION_TRY(writer.flush());
  totals.fill(summary);
  summary.defused = writer.defused();
  return summary;
}

}  // namespace bullion::exports
