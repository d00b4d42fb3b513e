#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "exports/xlsx_provenance_internal.h"
#include "exports/xlsx_text_internal.h"

namespace bullion::exports {
namespace {

using Line = std::pair<std::string, std::string>;

std::string columns_text(const Request& request, const Selection& selection) {
  const std::vector<std::string> names = delta::column_names(selection.schema);
  return request.columns.empty() ? fmt::format("all {}", names.size())
                                 : fmt::format("{}", fmt::join(names, ", "));
}

std::vector<Line> lines_of(const Request& request, const Selection& selection,
                           const Summary& summary) {
  const Provenance& from = request.provenance;
  std::vector<Line> lines = {
      {"Table", request.table},
      {"Description", from.description},
      {"Owner", from.owner},
      {"Release", std::to_string(from.release)},
      {"Released at", format_timestamp(from.released_at_us)},
      {"What the release did", from.release_summary},
      {"Project", from.project},
      {"Lake", from.lake},
      {"Delta table", fmt::format("{}, version {}", from.table_path, from.table_version)},
      {"Rows of the table", std::to_string(from.table_rows)},
      {"Row hash of the table", from.row_hash},
      {"Exported by", from.user},
      {"Program", "Bullion " + from.program_version},
      {"Filter", request.where.empty() ? "none: every row of the table" : request.where},
      {"Columns", columns_text(request, selection)},
      {"Order of rows", fmt::format("{}", fmt::join(selection.ordered_by, ", "))},
      {"Rows in this file", std::to_string(summary.rows)},
      {"Sheets of rows", std::to_string(summary.sheets)},
      {"Cells that are text on yellow",
       fmt::format("{}: more digits, or another day, than a number cell keeps", summary.marked)},
  };
  for (const Total& total : summary.totals) {
    std::string key = "Sum of " + total.column;
    if (summary.has_currencies) key += ", " + total.currency.value_or("no currency");
    lines.emplace_back(std::move(key), total.sum);
  }
  if (summary.totals_left_out) {
    lines.emplace_back("Sums", fmt::format("left out: {} has more than {} values",
                                           request.currency_column, kCurrenciesMax));
  }
  return lines;
}

// What people wrote may be longer than a cell; it is told, not data, so it may be shortened.
std::string shortened(const std::string& text) {
  if (utf16_length(text) <= kXlsxTextMax) return text;
  std::string start = text.substr(0, kXlsxTextMax / 4);
  while (!start.empty() && (static_cast<unsigned char>(start.back()) & 0xC0) == 0x80) {
    start.pop_back();
  }
  if (!start.empty() && static_cast<unsigned char>(start.back()) >= 0xC0) start.pop_back();
  return fmt::format("{}... ({} characters)", start, utf16_length(text));
}

}  // namespace

Status write_provenance(Workbook& book, const Request& request, const Selection& selection,
                        const Summary& summary, const std::vector<int64_t>& marked_by_column) {
  BULLION_TRY_ASSIGN(lxw_worksheet * sheet, book.add_sheet("Provenance"));
  BULLION_TRY(xlsx_status(worksheet_set_column(sheet, 0, 0, 32, nullptr)));
  BULLION_TRY(xlsx_status(worksheet_set_column(sheet, 1, 1, 60, nullptr)));
  BULLION_TRY(xlsx_status(worksheet_set_column(sheet, 2, 3, 16, nullptr)));
  int64_t row = 0;
  for (const auto& [key, value] : lines_of(request, selection, summary)) {
    BULLION_TRY(write_text(sheet, row, 0, key, book.formats().label));
    BULLION_TRY(write_text(sheet, row, 1, shortened(value), nullptr));
    ++row;
  }
  ++row;
  const char* const headers[] = {"Column", "Description", "Type", "NULL allowed", "Text on yellow"};
  for (size_t i = 0; i < std::size(headers); ++i) {
    BULLION_TRY(write_text(sheet, row, i, headers[i], book.formats().header));
  }
  ++row;
  for (size_t i = 0; i < selection.schema.size(); ++i) {
    const delta::Column& column = selection.schema[i];
    const auto described = request.provenance.column_descriptions.find(column.name);
    const std::string description =
        described == request.provenance.column_descriptions.end() ? "" : described->second;
    BULLION_TRY(write_text(sheet, row, 0, column.name, book.formats().label));
    BULLION_TRY(write_text(sheet, row, 1, shortened(description), nullptr));
    BULLION_TRY(write_text(sheet, row, 2, delta::to_string(column.type), nullptr));
    BULLION_TRY(write_text(sheet, row, 3, column.nullable ? "yes" : "no", nullptr));
    BULLION_TRY(write_text(sheet, row, 4, std::to_string(marked_by_column[i]), nullptr));
    ++row;
  }
  return xlsx_status(
      worksheet_ignore_errors(sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"));
}

}  // namespace bullion::exports
