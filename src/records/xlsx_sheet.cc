#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "records/display_text.h"
#include "records/xlsx_sheet_internal.h"
#include "records/xlsx_values_internal.h"

namespace bullion::records {
namespace {

// The last row of an Excel sheet.
constexpr int64_t kRowsMax = 1'048'576;

/// One cell of the row that is being read; its text is in the row's bytes or a shared string.
struct SheetCell {
  size_t column = 0;
  size_t start = 0;
  size_t size = 0;
  std::string_view shared;
};

std::string column_name(size_t column) {
  std::string name;
  for (size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
    name.insert(name.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return name;
}

class SheetHandler final : public XmlHandler {
 public:
  explicit SheetHandler(const XlsxPackage& package) : package_(package) {}

  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "c") {
      begin_cell(attributes);
    } else if (name == "v") {
      takes_text_ = true;
    } else if (name == "row") {
      begin_row(attributes);
    } else if (name == "f") {
      has_formula_ = true;
    } else if (name == "is") {
      in_inline_ = true;
    } else if (name == "t") {
      takes_text_ = in_inline_ && !in_phonetic_;
    } else if (name == "rPh") {
      in_phonetic_ = true;
    }
  }
  void on_end(std::string_view name) override {
    if (name == "c") {
      end_cell();
    } else if (name == "v" || name == "t") {
      takes_text_ = false;
    } else if (name == "row") {
      pause();
    } else if (name == "is") {
      in_inline_ = false;
    } else if (name == "rPh") {
      in_phonetic_ = false;
    }
  }
  void on_text(std::string_view text) override {
    if (!takes_text_) return;
    if (bytes_.size() + text.size() > kRecordBytesMax) {
      is_too_long_ = true;
    } else {
      bytes_ += text;
    }
  }

  /// The row that ended last.
  int64_t line() const { return line_; }
  size_t width() const { return width_; }
  const std::vector<Fault>& faults() const { return faults_; }
  const std::vector<SheetCell>& cells() const { return cells_; }
  std::string_view text_of(const SheetCell& cell) const {
    if (cell.shared.data() != nullptr) return cell.shared;
    return std::string_view(bytes_).substr(cell.start, cell.size);
  }

 private:
  void begin_row(const XmlAttributes& attributes) {
    const std::string_view number = attributes.get("r");
    int64_t given = 0;
    std::from_chars(number.data(), number.data() + number.size(), given);
    if (!number.empty() && given <= line_) {
      refuse(fmt::format("row {} comes behind row {}", display_text(number, 20), line_));
    }
    line_ = number.empty() ? line_ + 1 : given;
    if (line_ > kRowsMax) refuse(fmt::format("it has more than {} rows", kRowsMax));
    cells_.clear();
    bytes_.clear();
    faults_.clear();
    next_column_ = 0;
    width_ = 0;
    bytes_total_ = 0;
    is_too_long_ = false;
  }

  void begin_cell(const XmlAttributes& attributes) {
    const std::string_view reference = attributes.get("r");
    const auto column = column_of_reference(reference);
    cell_ = SheetCell{};
    cell_.column = column.value_or(next_column_);
    // A cell that comes a second time or too early is a damaged file, not a value.
    if (cell_.column < next_column_) {
      refuse(fmt::format("cell {} of row {} is out of order", display_text(reference, 20), line_));
    }
    next_column_ = cell_.column + 1;
    cell_.start = bytes_.size();
    type_ = attributes.get("t");
    const std::string_view style = attributes.get("s");
    style_ = 0;
    std::from_chars(style.data(), style.data() + style.size(), style_);
    has_formula_ = takes_text_ = in_inline_ = in_phonetic_ = false;
  }

  void end_cell() {
    const std::string_view stored = std::string_view(bytes_).substr(cell_.start);
    if (stored.empty() && has_formula_ && type_ != "str") {
      add_fault("formula-without-value",
                fmt::format("cell {}{} holds a formula without a stored value; open the workbook "
                            "in a spreadsheet program, save it and deliver it again",
                            column_name(cell_.column), line_));
    }
    const bool is_text = type_ == "inlineStr" || type_ == "str";
    if (stored.empty() && !is_text) return;
    if (type_ == "s") {
      take_shared(stored);
    } else if (type_ == "b") {
      replace_text(stored == "0" || stored == "false" ? "FALSE" : "TRUE");
    } else if (type_ == "d") {
      replace_text(std::string(iso_date_text(stored)));
    } else if (is_text) {
      decode_escapes(bytes_, cell_.start);
    } else if (type_ != "e") {
      replace_text(date_text(stored, package_.style(style_), package_.counts_from_1904()));
    }
    if (cell_.column >= kColumnsMax) {
      width_ = std::max(width_, cell_.column + 1);
      bytes_.resize(cell_.start);
      add_fault("record-too-long", fmt::format("the row has a value in column {}; at most {} "
                                               "columns are read",
                                               column_name(cell_.column), kColumnsMax));
      return;
    }
    cell_.size = bytes_.size() - cell_.start;
    bytes_total_ += cell_.shared.size() + cell_.size;
    is_too_long_ = is_too_long_ || bytes_total_ > kRecordBytesMax;
    if (is_too_long_) {
      add_fault("record-too-long",
                fmt::format("the row is longer than {} MiB", kRecordBytesMax >> 20));
    }
    width_ = std::max(width_, cell_.column + 1);
    cells_.push_back(cell_);
  }

  void take_shared(std::string_view stored) {
    size_t index = SIZE_MAX;
    std::from_chars(stored.data(), stored.data() + stored.size(), index);
    if (index >= package_.strings().count()) {
      refuse(fmt::format("a cell of row {} names text {}, and there are {}", line_,
                         display_text(stored, 20), package_.strings().count()));
      return;
    }
    bytes_.resize(cell_.start);
    cell_.shared = package_.strings().get(index);
  }

  void replace_text(const std::string& text) {
    bytes_.resize(cell_.start);
    bytes_ += text;
  }

  /// One fault of a kind is enough; a row of many would repeat itself.
  void add_fault(std::string_view code, std::string reason) {
    const bool is_known = std::any_of(faults_.begin(), faults_.end(),
                                      [&](const Fault& fault) { return fault.code == code; });
    if (!is_known) faults_.push_back({code, std::move(reason)});
  }

  const XlsxPackage& package_;
  int64_t line_ = 0;
  size_t next_column_ = 0;
  size_t width_ = 0;
  size_t bytes_total_ = 0;
  bool is_too_long_ = false;
  std::string bytes_;
  std::vector<SheetCell> cells_;
  std::vector<Fault> faults_;

  SheetCell cell_;
  std::string type_;
  size_t style_ = 0;
  bool has_formula_ = false;
  bool takes_text_ = false;
  bool in_inline_ = false;
  bool in_phonetic_ = false;
};

class SheetRows final : public TableRows {
 public:
  SheetRows(const XlsxPackage& package, const SheetInfo& sheet, const SheetOptions& options,
            std::unique_ptr<ArchiveStream> stream)
      : options_(options),
        name_(sheet.name),
        width_(options.cells_min),
        handler_(package),
        parser_(std::move(stream), sheet.part, kSheetPartMax, handler_) {}

  Result<bool> next(TableRow& row) override {
    do {
      BULLION_TRY_ASSIGN(const bool more, parser_.run());
      if (!more) return false;
    } while (handler_.line() <= options_.skip_rows);
    row.line = handler_.line();
    row.raw = {};
    row.faults = handler_.faults();
    width_ = std::max(width_, std::min(handler_.width(), kColumnsMax));
    row.cells.assign(width_, Cell{});
    for (const SheetCell& cell : handler_.cells()) {
      row.cells[cell.column] = {handler_.text_of(cell), CellKind::Bare};
    }
    if (handler_.width() > kColumnsMax) row.cells.clear();
    return true;
  }

  /// The cells, separated by tabs.
  std::string_view raw_text(const TableRow&) override {
    raw_ = options_.names_sheet ? display_text(name_, 100) + "!" : "";
    size_t column = 0;
    for (const SheetCell& cell : handler_.cells()) {
      raw_.append(cell.column - column, '\t');
      column = cell.column;
      raw_ += handler_.text_of(cell).substr(0, kRawBytesMax);
      if (raw_.size() > kRawBytesMax) break;
    }
    return raw_;
  }

  std::string cell_name(int64_t line, size_t cell) const override {
    const std::string sheet = options_.names_sheet ? display_text(name_, 100) + "!" : "";
    return fmt::format("{}{}{}", sheet, column_name(cell), line);
  }
  bool has_notes_beside() const override { return true; }

 private:
  SheetOptions options_;
  std::string name_;
  size_t width_;
  SheetHandler handler_;
  XmlParser parser_;
  std::string raw_;
};

}  // namespace

Result<std::unique_ptr<TableRows>> open_sheet(const XlsxPackage& package, const SheetInfo& sheet,
                                              const SheetOptions& options) {
  BULLION_TRY_ASSIGN(auto stream, package.open_part(sheet.part));
  if (stream == nullptr) {
    return corrupt(fmt::format("the workbook's part {} of sheet {} is missing", sheet.part,
                               quoted_for_message(sheet.name)));
  }
  return std::unique_ptr<TableRows>(
      std::make_unique<SheetRows>(package, sheet, options, std::move(stream)));
}

}  // namespace bullion::records
