// One XLSX file in the making: libxlsxwriter in constant-memory mode, with errors as values.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <xlsxwriter.h>

#include "base/result.h"
#include "engine/value.h"
#include "exports/export.h"

namespace bullion::exports {

inline lxw_row_t row_of(int64_t row) { return static_cast<lxw_row_t>(row); }
inline lxw_col_t column_of(size_t column) { return static_cast<lxw_col_t>(column); }

/// The ways a cell looks. Owned by the workbook.
struct CellFormats {
  lxw_format* header = nullptr;
  lxw_format* header_right = nullptr;
  lxw_format* whole = nullptr;
  lxw_format* date = nullptr;
  lxw_format* second = nullptr;
  lxw_format* millisecond = nullptr;
  lxw_format* marked = nullptr;  ///< text instead of a number: right-aligned, on colour
  lxw_format* marked_total = nullptr;
  lxw_format* label = nullptr;  ///< of totals and of the provenance's keys
  lxw_format* section = nullptr;
};

class Workbook {
 public:
  /// Opens nothing yet; the file is written by close(). `large`: beyond 4 GiB, which needs a ZIP
  /// form that not every program reads.
  static Result<std::unique_ptr<Workbook>> create(const std::string& path, const Request& request,
                                                  bool large);
  Workbook(const Workbook&) = delete;
  Workbook& operator=(const Workbook&) = delete;
  ~Workbook();

  Result<lxw_worksheet*> add_sheet(const std::string& name);
  const CellFormats& formats() const { return formats_; }
  /// Format of numbers with `scale` digits after the point; `total` for the totals row.
  lxw_format* number_format(int scale, bool total);
  /// Writes the file. Io with the library's reason.
  Status close();

 private:
  struct Passkey {};

 public:
  Workbook(Passkey, lxw_workbook* book, std::string path) : book_(book), path_(std::move(path)) {}

 private:
  void make_formats();
  lxw_format* add_format();

  lxw_workbook* book_;
  std::string path_;
  CellFormats formats_;
  std::map<std::pair<int, bool>, lxw_format*> number_formats_;
};

/// What became of a value. `text` is what a reader sees, for the width of its column.
struct WrittenCell {
  bool marked = false;
  size_t width = 0;
  bool is_empty = false;  ///< nothing was written: NULL, and the empty text
};

/// Writes one value as a typed cell; NULL writes nothing. Invalid for a text that is too long.
Result<WrittenCell> write_value(Workbook& book, lxw_worksheet* sheet, int64_t row, size_t column,
                                const engine::Value& value);
/// A text that is never a formula, escaped.
Status write_text(lxw_worksheet* sheet, int64_t row, size_t column, std::string_view text,
                  lxw_format* format);
/// Status of one call into the library.
Status xlsx_status(lxw_error error);
/// The nearest double of an exact decimal text.
double double_of(std::string_view decimal_text);

}  // namespace bullion::exports
