#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "exports/export.h"
#include "exports/selection_internal.h"
#include "exports/totals_internal.h"
#include "exports/xlsx_check_internal.h"
#include "exports/xlsx_provenance_internal.h"
#include "exports/xlsx_text_internal.h"
#include "exports/xlsx_workbook_internal.h"

namespace bullion::exports {
namespace {

using delta::TypeId;
using engine::Value;

constexpr size_t kColumnsMax = 16'384;
constexpr int64_t kRowsPerSheetMax = 1'000'000;
constexpr size_t kSheetsMax = 100;
constexpr int64_t kRowsThatSetWidths = 1'000;
constexpr size_t kWidthMin = 8;
constexpr size_t kWidthMax = 60;
constexpr int64_t kCellsOfLargeFile = 5'000'000;
// Notes are drawings; a sheet of very many columns does without.
constexpr size_t kNotesMax = 500;

bool is_number_type(const delta::DataType& type) {
  switch (type.id) {
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
    case TypeId::Float:
    case TypeId::Double:
    case TypeId::Decimal:
      return true;
    default:
      return false;
  }
}

std::string note_of(const delta::Column& column, const Provenance& provenance) {
  std::string note = delta::to_string(column.type);
  const auto described = provenance.column_descriptions.find(column.name);
  if (described != provenance.column_descriptions.end() && !described->second.empty()) {
    note += "\n" + described->second;
  }
  if (column.type.id == TypeId::Long ||
      (column.type.id == TypeId::Decimal && column.type.precision > 15)) {
    note += "\nCells on yellow are text: they have more than the 15 digits a cell keeps.";
  } else if (column.type.id == TypeId::Date) {
    note += "\nCells on yellow are text: days before 1900-03-01.";
  } else if (column.type.id == TypeId::Timestamp) {
    note += "\nUTC. Cells on yellow are text: a cell keeps milliseconds, from 1900-03-01 on.";
  } else if (column.type.id == TypeId::Double || column.type.id == TypeId::Float) {
    note += "\nAn approximate number; a cell keeps about 15 digits.";
  }
  return note;
}

/// Rows into sheets, then totals below the last row.
class SheetWriter {
 public:
  SheetWriter(const Request& request, const Selection& selection, const XlsxOptions& options,
              Workbook& book)
      : request_(request),
        selection_(selection),
        rows_per_sheet_(std::clamp<int64_t>(options.rows_per_sheet, 1, kRowsPerSheetMax)),
        book_(book),
        marked_by_column_(selection.schema.size(), 0) {}

  Status begin_sheet() {
    if (sheets_.size() == kSheetsMax) {
      return invalid(fmt::format(
          "more than {} rows do not fit an XLSX file; --parquet or --csv take them, --where fewer",
          rows_per_sheet_ * static_cast<int64_t>(kSheetsMax)));
    }
    if (!sheets_.empty()) BULLION_TRY(end_sheet());
    names_.push_back(sheet_name(request_.table, static_cast<int>(sheets_.size())));
    BULLION_TRY_ASSIGN(lxw_worksheet * sheet, book_.add_sheet(names_.back()));
    sheets_.push_back(sheet);
    rows_of_sheets_.push_back(0);
    filled_rows_.push_back(0);
    return write_header();
  }

  Status add(const std::vector<Value>& row) {
    if (rows_of_sheets_.back() == rows_per_sheet_) BULLION_TRY(begin_sheet());
    const int64_t at = ++rows_of_sheets_.back();
    ++rows_;
    bool is_empty = true;
    for (size_t i = 0; i < selection_.schema.size(); ++i) {
      auto written = write_value(book_, sheets_.back(), at, i, row[i]);
      if (!written) {
        return written.error().within(
            fmt::format("row {}, column {}", rows_, selection_.schema[i].name));
      }
      is_empty = is_empty && written->is_empty;
      if (written->marked) ++marked_by_column_[i];
      if (at <= kRowsThatSetWidths) widths_[i] = std::max(widths_[i], written->width);
    }
    if (!is_empty) ++filled_rows_.back();
    return ok();
  }

  Status end_rows(Totals& totals) {
    BULLION_TRY(write_filter());
    // An empty row keeps the totals out of what a reader sorts and filters.
    int64_t at = rows_of_sheets_.back() + 2;
    for (const auto& [currency, group] : totals.groups()) {
      BULLION_TRY(write_total(at++, currency, group, totals));
    }
    return write_view();
  }

  int64_t rows() const { return rows_; }
  const std::vector<int64_t>& rows_of_sheets() const { return rows_of_sheets_; }
  /// Rows of each sheet with a cell that is not empty; the others have no XML.
  const std::vector<int64_t>& filled_rows() const { return filled_rows_; }
  const std::vector<int64_t>& marked_by_column() const { return marked_by_column_; }

 private:
  Status write_header() {
    widths_.clear();
    for (size_t i = 0; i < selection_.schema.size(); ++i) {
      const delta::Column& column = selection_.schema[i];
      lxw_format* format =
          is_number_type(column.type) ? book_.formats().header_right : book_.formats().header;
      BULLION_TRY(write_text(sheets_.back(), 0, i, column.name, format));
      // The button of the filter takes room too.
      widths_.push_back(std::max(kWidthMin, utf16_length(column.name) + 3));
      if (i < kNotesMax) {
        BULLION_TRY(xlsx_status(
            worksheet_write_comment(sheets_.back(), 0, static_cast<lxw_col_t>(i),
                                    xlsx_escaped(note_of(column, request_.provenance)).c_str())));
      }
    }
    return ok();
  }

  Status end_sheet() {
    BULLION_TRY(write_filter());
    return write_view();
  }

  Status write_filter() {
    return xlsx_status(worksheet_autofilter(sheets_.back(), 0, 0,
                                            static_cast<lxw_row_t>(rows_of_sheets_.back()),
                                            static_cast<lxw_col_t>(selection_.schema.size() - 1)));
  }

  Status write_view() {
    lxw_worksheet* sheet = sheets_.back();
    worksheet_freeze_panes(sheet, 1, 0);
    for (size_t i = 0; i < widths_.size(); ++i) {
      const auto column = static_cast<lxw_col_t>(i);
      BULLION_TRY(xlsx_status(
          worksheet_set_column(sheet, column, column,
                               static_cast<double>(std::min(widths_[i] + 1, kWidthMax)), nullptr)));
    }
    // Digits that are text here are so on purpose.
    return xlsx_status(
        worksheet_ignore_errors(sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"));
  }

  Status write_total(int64_t at, const std::optional<std::string>& currency,
                     const Totals::Group& group, Totals& totals) {
    BULLION_TRY(write_labels(at, currency));
    for (size_t i = 0; i < selection_.totals.size(); ++i) {
      const size_t column = selection_.totals[i];
      const std::string sum = totals.text(group, i);
      widths_[column] = std::max(widths_[column], sum.size() + sum.size() / 4);
      if (group.has_long_value[i] || !fits_fifteen_digits(sum)) {
        BULLION_TRY(write_text(sheets_.back(), at, column, sum, book_.formats().marked_total));
        continue;
      }
      lxw_format* format = book_.number_format(selection_.schema[column].type.scale, true);
      const std::string formula = sum_formula(column, currency, totals);
      const auto row = static_cast<lxw_row_t>(at);
      const auto cell = static_cast<lxw_col_t>(column);
      BULLION_TRY(xlsx_status(
          formula.empty()
              ? worksheet_write_number(sheets_.back(), row, cell, double_of(sum), format)
              : worksheet_write_formula_num(sheets_.back(), row, cell, formula.c_str(), format,
                                            double_of(sum))));
    }
    return ok();
  }

  Status write_labels(int64_t at, const std::optional<std::string>& currency) {
    std::set<size_t> taken(selection_.totals.begin(), selection_.totals.end());
    if (selection_.currency && selection_.currency_is_shown) {
      taken.insert(*selection_.currency);
      if (currency) {
        BULLION_TRY(
            write_text(sheets_.back(), at, *selection_.currency, *currency, book_.formats().label));
      }
    }
    size_t column = 0;
    while (taken.contains(column)) ++column;
    if (column >= selection_.schema.size()) return ok();
    const bool says_currency = selection_.currency && (!selection_.currency_is_shown || !currency);
    const std::string label =
        says_currency ? fmt::format("Total {}", currency.value_or("(no currency)")) : "Total";
    return write_text(sheets_.back(), at, column, label, book_.formats().label);
  }

  /// "" when no live formula would give this sum.
  std::string sum_formula(size_t column, const std::optional<std::string>& currency,
                          Totals& totals) const {
    if (rows_ == 0) return "";
    if (!selection_.currency) {
      std::string formula = "=SUM(";
      for (size_t i = 0; i < sheets_.size(); ++i) {
        formula += (i == 0 ? "" : ",") + range(i, column);
      }
      return formula + ")";
    }
    // SUMIFS ignores case and knows wildcards, so it serves plain codes only.
    const auto is_code = [](const std::optional<std::string>& text) {
      return text && !text->empty() && text->size() <= 20 && text->front() >= 'A' &&
             std::all_of(text->begin(), text->end(),
                         [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
    };
    const auto& groups = totals.groups();
    const bool all_codes = std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
      return !group.first || is_code(group.first);
    });
    if (!selection_.currency_is_shown || !currency || !all_codes) return "";
    std::string formula = "=";
    for (size_t i = 0; i < sheets_.size(); ++i) {
      formula += fmt::format("{}SUMIFS({},{},\"{}\")", i == 0 ? "" : "+", range(i, column),
                             range(i, *selection_.currency), *currency);
    }
    return formula;
  }

  std::string range(size_t sheet, size_t column) const {
    return column_range(sheets_.size() == 1 ? "" : names_[sheet], column, 1,
                        rows_of_sheets_[sheet]);
  }

  const Request& request_;
  const Selection& selection_;
  int64_t rows_per_sheet_;
  Workbook& book_;
  std::vector<lxw_worksheet*> sheets_;
  std::vector<std::string> names_;
  std::vector<int64_t> rows_of_sheets_;
  std::vector<int64_t> filled_rows_;
  std::vector<int64_t> marked_by_column_;
  std::vector<size_t> widths_;
  int64_t rows_ = 0;
};

}  // namespace

Result<Summary> export_xlsx(engine::Engine& engine, const Request& request,
                            const XlsxOptions& options, const std::string& path,
                            const Progress& progress) {
  const size_t columns = request.columns.empty() ? request.schema.size() : request.columns.size();
  if (columns > kColumnsMax) {
    return invalid(
        fmt::format("{} columns; an XLSX sheet holds {}. Choose some with --columns, or "
                    "export --csv or --parquet",
                    columns, kColumnsMax));
  }
  BULLION_TRY_ASSIGN(const Selection selection, select_rows(engine, request));
  const bool large =
      request.provenance.table_rows > kCellsOfLargeFile / static_cast<int64_t>(columns);
  BULLION_TRY_ASSIGN(const auto book, Workbook::create(path, request, large));
  SheetWriter writer(request, selection, options, *book);
  Totals totals(selection);
  const auto on_row = [&](const std::vector<Value>& row) -> Status {
    totals.add(row);
    BULLION_TRY(writer.add(row));
    if (progress && writer.rows() % kProgressRows == 0) progress(writer.rows());
    return ok();
  };
  BULLION_TRY(engine.stream(
      selection.select_for_cells, [&](const delta::Schema&) { return writer.begin_sheet(); },
      on_row));
  BULLION_TRY(check_row_count(request, writer.rows()));
  BULLION_TRY(writer.end_rows(totals));
  Summary summary;
  summary.rows = writer.rows();
  summary.sheets = static_cast<int>(writer.rows_of_sheets().size());
  for (const int64_t marked : writer.marked_by_column()) summary.marked += marked;
  totals.fill(summary);
  BULLION_TRY(write_provenance(*book, request, selection, summary, writer.marked_by_column()));
  BULLION_TRY(book->close());
  BULLION_TRY(check_xlsx(path, writer.filled_rows()));
  return summary;
}

}  // namespace bullion::exports
