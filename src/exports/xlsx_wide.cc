// The workbook form of a wide sheet.
#include <algorithm>

#include <fmt/format.h>

#include "base/date.h"
#include "exports/exact_sum_internal.h"
#include "exports/wide_sheet.h"
#include "exports/wide_sheet_internal.h"
#include "exports/xlsx_check_internal.h"
#include "exports/xlsx_text_internal.h"
#include "exports/xlsx_workbook_internal.h"

namespace bullion::exports {
namespace {

constexpr const char* kTotal = "Total";
constexpr const char* kLines = "Lines";
constexpr double kKeyWidth = 16;
constexpr double kValueWidth = 14;
// The widest number that a cell keeps to the last digit, without a fraction.
constexpr double kNumberMax = 999'999'999'999'999;

class WideWriter {
 public:
  WideWriter(const WideRequest& request, const WideTable& table, Workbook& book,
             lxw_worksheet* sheet)
      : request_(request), table_(table), book_(book), sheet_(sheet) {}

  Status write() {
    BULLION_TRY(write_head());
    first_line_ = row_;
    for (const WideTable::Line& line : table_.lines) BULLION_TRY(write_line(line));
    // An empty row keeps the totals out of what is sorted, and lines can be inserted above it.
    ++row_;
    std::vector<std::string> currencies;
    for (const WideTable::Line& line : table_.lines) {
      const std::string currency = table_.currency_of(line);
      if (std::ranges::find(currencies, currency) == currencies.end()) {
        currencies.push_back(currency);
      }
    }
    for (const std::string& currency : currencies) BULLION_TRY(write_totals(currency));
    return write_view();
  }

 private:
  size_t keys() const { return table_.keys.size(); }
  size_t total_column() const { return keys() + table_.names.size(); }
  int64_t last_line() const { return first_line_ + static_cast<int64_t>(table_.lines.size()) - 1; }

  Status merged(size_t first, size_t last, const std::string& text, lxw_format* format) {
    const std::string escaped = xlsx_escaped(text);
    if (first == last) return write_text(sheet_, row_, first, text, format);
    return xlsx_status(worksheet_merge_range(sheet_, row_of(row_), column_of(first), row_of(row_),
                                             column_of(last), escaped.c_str(), format));
  }

  Status write_head() {
    const CellFormats& formats = book_.formats();
    BULLION_TRY(merged(0, total_column(), request_.title, formats.section));
    ++row_;
    for (const std::string& note : request_.notes) {
      BULLION_TRY(merged(0, total_column(), note, nullptr));
      ++row_;
    }
    BULLION_TRY(merged(0, keys() - 1, kLines, formats.header));
    BULLION_TRY(merged(keys(), total_column() - 1, table_.name_column, formats.header));
    ++row_;
    for (size_t i = 0; i < keys(); ++i) {
      BULLION_TRY(write_text(sheet_, row_, i, table_.keys[i].name, formats.header));
    }
    for (size_t i = 0; i < table_.names.size(); ++i) {
      BULLION_TRY(write_text(sheet_, row_, keys() + i, table_.names[i], formats.header_right));
    }
    BULLION_TRY(write_text(sheet_, row_, total_column(), kTotal, formats.header_right));
    ++row_;
    return ok();
  }

  Status write_line(const WideTable::Line& line) {
    for (size_t i = 0; i < keys(); ++i) {
      BULLION_TRY(write_value(book_, sheet_, row_, i, line.keys[i]));
    }
    ExactSum sum;
    lxw_format* format = book_.number_format(table_.scale, false);
    for (size_t i = 0; i < line.values.size(); ++i) {
      const auto& value = line.values[i];
      if (!value) {
        BULLION_TRY(xlsx_status(
            worksheet_write_blank(sheet_, row_of(row_), column_of(keys() + i), format)));
        continue;
      }
      sum.add(*value);
      if (!fits_fifteen_digits(*value)) return too_long(to_string(*value));
      BULLION_TRY(write_value(book_, sheet_, row_, keys() + i, *value));
    }
    BULLION_TRY(write_formula(total_column(),
                              "=SUM(" + range_of_line(keys(), total_column() - 1) + ")",
                              sum.text(table_.scale), false));
    ++row_;
    return ok();
  }

  Status write_totals(const std::string& currency) {
    const std::string label = table_.currency ? fmt::format("{} {}", kTotal, currency) : kTotal;
    BULLION_TRY(write_text(sheet_, row_, 0, label, book_.formats().label));
    ExactSum all;
    for (size_t i = 0; i <= table_.names.size(); ++i) {
      const bool is_last = i == table_.names.size();
      ExactSum sum;
      for (const WideTable::Line& line : table_.lines) {
        if (is_last || table_.currency_of(line) != currency || !line.values[i]) continue;
        sum.add(*line.values[i]);
        all.add(*line.values[i]);
      }
      const std::string text = is_last ? all.text(table_.scale) : sum.text(table_.scale);
      BULLION_TRY(write_formula(keys() + i, total_formula(keys() + i, currency), text, true));
    }
    ++row_;
    return ok();
  }

  /// Up to the empty row below the lines, so that a line inserted at the end counts.
  std::string total_formula(size_t column, const std::string& currency) const {
    const std::string cells = relative(column_range("", column, first_line_, last_line() + 1));
    if (!table_.currency) return "=SUM(" + cells + ")";
    return fmt::format("=SUMIFS({},{},\"{}\")", cells,
                       column_range("", *table_.currency, first_line_, last_line() + 1), currency);
  }

  /// Relative, as all references here, so that a copied line adds up itself.
  std::string range_of_line(size_t first, size_t last) const {
    const auto cell = [this](size_t column) {
      const std::string range = relative(column_range("", column, row_, row_));
      return range.substr(0, range.find(':'));
    };
    return cell(first) + ":" + cell(last);
  }

  static std::string relative(std::string range) {
    std::erase(range, '$');
    return range;
  }

  Status write_formula(size_t column, const std::string& formula, const std::string& result,
                       bool total) {
    if (!fits_fifteen_digits(result)) return too_long(result);
    return xlsx_status(
        worksheet_write_formula_num(sheet_, row_of(row_), column_of(column), formula.c_str(),
                                    book_.number_format(table_.scale, total), double_of(result)));
  }

  static Status too_long(const std::string& number) {
    return invalid(fmt::format(
        "{} has more digits than the 15 a cell keeps; take the CSV form, which keeps all", number));
  }

  Status write_view() {
    worksheet_freeze_panes(sheet_, row_of(first_line_), column_of(keys()));
    BULLION_TRY(
        xlsx_status(worksheet_set_column(sheet_, 0, column_of(keys() - 1), kKeyWidth, nullptr)));
    BULLION_TRY(xlsx_status(worksheet_set_column(sheet_, column_of(keys()),
                                                 column_of(total_column()), kValueWidth, nullptr)));
    lxw_data_validation rule = {};
    rule.validate = LXW_VALIDATION_TYPE_DECIMAL;
    rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
    rule.minimum_number = -kNumberMax;
    rule.maximum_number = kNumberMax;
    std::string title = "A number";
    std::string message = "This cell takes an amount, such as 1200.50.";
    rule.error_title = title.data();
    rule.error_message = message.data();
    return xlsx_status(worksheet_data_validation_range(sheet_, row_of(first_line_),
                                                       column_of(keys()), row_of(last_line()),
                                                       column_of(total_column() - 1), &rule));
  }

  const WideRequest& request_;
  const WideTable& table_;
  Workbook& book_;
  lxw_worksheet* sheet_;
  int64_t row_ = 0;
  int64_t first_line_ = 0;
};

Status write_facts(Workbook& book, const WideRequest& request, const WideSummary& summary) {
  const Provenance& from = request.provenance;
  std::vector<std::pair<std::string, std::string>> facts = {
      {"Sheet", request.title},
      {"Release", std::to_string(from.release)},
      {"Released at", format_timestamp(from.released_at_us)},
      {"What the release did", from.release_summary},
      {"Project", from.project},
      {"Lake", from.lake},
      {"Made by", from.user},
      {"Program", "Bullion " + from.program_version},
  };
  facts.insert(facts.end(), request.facts.begin(), request.facts.end());
  facts.emplace_back("Lines", std::to_string(summary.lines));
  facts.emplace_back("Columns", std::to_string(summary.columns));
  for (const Total& total : summary.totals) {
    facts.emplace_back(
        fmt::format("Sum of {}{}", total.column, total.currency ? ", " + *total.currency : ""),
        total.sum);
  }
  BULLION_TRY_ASSIGN(lxw_worksheet * sheet, book.add_sheet("Provenance"));
  BULLION_TRY(xlsx_status(worksheet_set_column(sheet, 0, 0, 32, nullptr)));
  BULLION_TRY(xlsx_status(worksheet_set_column(sheet, 1, 1, 60, nullptr)));
  int64_t row = 0;
  for (const auto& [key, text] : facts) {
    BULLION_TRY(write_text(sheet, row, 0, key, book.formats().label));
    BULLION_TRY(write_text(sheet, row, 1, text.substr(0, kXlsxTextMax / 4), nullptr));
    ++row;
  }
  return ok();
}

}  // namespace

Result<WideSummary> export_wide_xlsx(engine::Engine& engine, const WideRequest& request,
                                     const std::string& path) {
  BULLION_TRY_ASSIGN(const WideTable table, wide_table(engine, request));
  const WideSummary summary = summary_of(table);
  Request named;
  named.table = request.title;
  named.provenance = request.provenance;
  BULLION_TRY_ASSIGN(const auto book, Workbook::create(path, named, false));
  BULLION_TRY_ASSIGN(lxw_worksheet * sheet, book->add_sheet(sheet_name(request.sheet, 0)));
  BULLION_TRY(WideWriter(request, table, *book, sheet).write());
  BULLION_TRY(write_facts(*book, request, summary));
  BULLION_TRY(book->close());
  BULLION_TRY(check_xlsx(path, {summary.lines}));
  return summary;
}

}  // namespace bullion::exports
