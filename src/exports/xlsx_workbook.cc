#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "base/time_units.h"
#include "exports/exact_sum_internal.h"
#include "exports/xlsx_text_internal.h"
#include "exports/xlsx_workbook_internal.h"

namespace bullion::exports {
namespace {

using engine::DateValue;
using engine::TimestampValue;
using engine::Value;

// Serial day numbers count from 1899-12-30, but Excel has a 29 February 1900 that never was, so the
// days before March 1900 have no serial on which all programs agree.
constexpr int32_t kSerialOfEpoch = 25'569;
constexpr int32_t kFirstDay = -25'508;   // 1900-03-01
constexpr int32_t kLastDay = 2'932'896;  // 9999-12-31
// Excel shows at most 30 digits after the point.
constexpr int kScaleMax = 30;
constexpr lxw_color_t kMarkColour = 0xFFF2CC;
constexpr lxw_color_t kHeaderColour = 0xE7E6E6;

/// One cell of one value, by its type.
class CellWriter {
 public:
  CellWriter(Workbook& book, lxw_worksheet* sheet, int64_t row, size_t column)
      : book_(book), sheet_(sheet), row_(row), column_(column) {}

  Result<WrittenCell> operator()(std::monostate) { return WrittenCell{.is_empty = true}; }
  Result<WrittenCell> operator()(bool value) {
    BULLION_TRY(xlsx_status(
        worksheet_write_boolean(sheet_, row_of(row_), column_of(column_), value ? 1 : 0, nullptr)));
    return WrittenCell{.width = 6};
  }
  Result<WrittenCell> operator()(int64_t value) { return exact({value, 0}, book_.formats().whole); }
  Result<WrittenCell> operator()(const Decimal& value) {
    return exact(value, book_.number_format(value.scale, false));
  }
  Result<WrittenCell> operator()(double value) {
    if (!std::isfinite(value)) return marked(engine::to_text(value));
    return number(value, nullptr, engine::to_text(value).size());
  }
  Result<WrittenCell> operator()(const std::string& value) {
    const size_t length = utf16_length(value);
    if (length > kXlsxTextMax) {
      return invalid(
          fmt::format("a text of {} characters; an XLSX cell holds {}", length, kXlsxTextMax));
    }
    BULLION_TRY(write_text(sheet_, row_, column_, value, nullptr));
    const size_t line_end = value.find('\n');
    return WrittenCell{.width = line_end == value.npos ? length : line_end,
                       .is_empty = value.empty()};
  }
  Result<WrittenCell> operator()(const DateValue& value) {
    if (value.days < kFirstDay || value.days > kLastDay) return marked(engine::to_text(value));
    return number(value.days + kSerialOfEpoch, book_.formats().date, 10);
  }
  Result<WrittenCell> operator()(const TimestampValue& value) {
    const int64_t micros = ((value.micros % kMicrosPerDay) + kMicrosPerDay) % kMicrosPerDay;
    const int64_t days = (value.micros - micros) / kMicrosPerDay;
    if (days < kFirstDay || days > kLastDay || micros % 1000 != 0) {
      return marked(engine::to_text(value));
    }
    const bool whole_second = micros % 1'000'000 == 0;
    return number(static_cast<double>(days + kSerialOfEpoch) +
                      static_cast<double>(micros / 1000) / 86'400'000.0,
                  whole_second ? book_.formats().second : book_.formats().millisecond,
                  whole_second ? 19 : 23);
  }

 private:
  Result<WrittenCell> exact(const Decimal& value, lxw_format* format) {
    const std::string text = to_string(value);
    if (!fits_fifteen_digits(value)) return marked(text);
    return number(double_of(text), format, text.size() + text.size() / 4);
  }
  Result<WrittenCell> number(double value, lxw_format* format, size_t width) {
    BULLION_TRY(xlsx_status(
        worksheet_write_number(sheet_, row_of(row_), column_of(column_), value, format)));
    return WrittenCell{.width = width};
  }
  Result<WrittenCell> marked(const std::string& text) {
    BULLION_TRY(write_text(sheet_, row_, column_, text, book_.formats().marked));
    return WrittenCell{.marked = true, .width = text.size()};
  }

  Workbook& book_;
  lxw_worksheet* sheet_;
  int64_t row_;
  size_t column_;
};

}  // namespace

Status xlsx_status(lxw_error error) {
  if (error == LXW_NO_ERROR) return ok();
  return io_error(fmt::format("cannot write the XLSX file: {}", lxw_strerror(error)));
}

double double_of(std::string_view decimal_text) {
  double value = 0;
  std::from_chars(decimal_text.data(), decimal_text.data() + decimal_text.size(), value);
  return value;
}

Result<std::unique_ptr<Workbook>> Workbook::create(const std::string& path, const Request& request,
                                                   bool large) {
  const Provenance& provenance = request.provenance;
  std::error_code fault;
  std::string scratch = std::filesystem::temp_directory_path(fault).string();
  if (fault) return io_error("there is no folder for temporary files: " + fault.message());
  lxw_workbook_options options = {};
  options.constant_memory = LXW_TRUE;
  options.use_zip64 = large ? LXW_TRUE : LXW_FALSE;
  options.tmpdir = scratch.data();
  lxw_workbook* book = workbook_new_opt(path.c_str(), &options);
  if (book == nullptr) return io_error("cannot start the XLSX file " + path);
  auto workbook = std::make_unique<Workbook>(Passkey{}, book, path);
  std::string title =
      xlsx_escaped(fmt::format("{} at release {}", request.table, provenance.release));
  std::string author = xlsx_escaped("Bullion " + provenance.program_version);
  lxw_doc_properties properties = {};
  properties.title = title.data();
  properties.author = author.data();
  // The release's time, not the clock's: the same release gives the same bytes.
  properties.created = static_cast<time_t>(provenance.released_at_us / 1'000'000);
  BULLION_TRY(xlsx_status(workbook_set_properties(book, &properties)));
  workbook->make_formats();
  return workbook;
}

Workbook::~Workbook() {
  if (book_ != nullptr) lxw_workbook_free(book_);
}

lxw_format* Workbook::add_format() { return workbook_add_format(book_); }

void Workbook::make_formats() {
  const auto filled = [this](lxw_color_t colour) {
    lxw_format* format = add_format();
    format_set_bg_color(format, colour);
    return format;
  };
  for (lxw_format** header : {&formats_.header, &formats_.header_right}) {
    *header = filled(kHeaderColour);
    format_set_bold(*header);
    format_set_bottom(*header, LXW_BORDER_THIN);
  }
  format_set_align(formats_.header_right, LXW_ALIGN_RIGHT);
  const auto with_number_format = [this](const char* text) {
    lxw_format* format = add_format();
    format_set_num_format(format, text);
    return format;
  };
  formats_.whole = with_number_format("0");
  formats_.date = with_number_format("yyyy-mm-dd");
  formats_.second = with_number_format("yyyy-mm-dd hh:mm:ss");
  formats_.millisecond = with_number_format("yyyy-mm-dd hh:mm:ss.000");
  for (lxw_format** marked : {&formats_.marked, &formats_.marked_total}) {
    *marked = filled(kMarkColour);
    format_set_num_format(*marked, "@");
    format_set_align(*marked, LXW_ALIGN_RIGHT);
  }
  formats_.label = add_format();
  formats_.section = add_format();
  for (lxw_format* bold : {formats_.label, formats_.section, formats_.marked_total}) {
    format_set_bold(bold);
  }
  format_set_top(formats_.marked_total, LXW_BORDER_THIN);
  format_set_font_size(formats_.section, 13);
}

lxw_format* Workbook::number_format(int scale, bool total) {
  lxw_format*& format = number_formats_[{scale, total}];
  if (format != nullptr) return format;
  format = add_format();
  std::string text = "#,##0";
  if (scale > 0) text += "." + std::string(static_cast<size_t>(std::min(scale, kScaleMax)), '0');
  format_set_num_format(format, text.c_str());
  if (total) {
    format_set_bold(format);
    format_set_top(format, LXW_BORDER_THIN);
  }
  return format;
}

Result<lxw_worksheet*> Workbook::add_sheet(const std::string& name) {
  lxw_worksheet* sheet = workbook_add_worksheet(book_, name.c_str());
  if (sheet == nullptr) return internal_error("XLSX does not take the sheet name " + name);
  return sheet;
}

Status Workbook::close() {
  lxw_workbook* book = book_;
  book_ = nullptr;  // The library frees it, also when it fails.
  errno = 0;
  const lxw_error error = workbook_close(book);
  if (error == LXW_NO_ERROR) return ok();
  const std::string system =
      errno == 0 ? "" : fmt::format(" ({})", std::generic_category().message(errno));
  return io_error(fmt::format("cannot write {}: {}{}", path_, lxw_strerror(error), system));
}

Result<WrittenCell> write_value(Workbook& book, lxw_worksheet* sheet, int64_t row, size_t column,
                                const Value& value) {
  return std::visit(CellWriter(book, sheet, row, column), value);
}

Status write_text(lxw_worksheet* sheet, int64_t row, size_t column, std::string_view text,
                  lxw_format* format) {
  return xlsx_status(worksheet_write_string(sheet, row_of(row), column_of(column),
                                            xlsx_escaped(text).c_str(), format));
}

}  // namespace bullion::exports
