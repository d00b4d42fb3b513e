// Values of cells as an Excel workbook stores them, and as the text that is read from them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "records/xlsx_package_internal.h"

namespace bullion::records {

/// Decodes `_xHHHH_` (ECMA-376 part 1, 22.9.2.19) in text[start...], in place.
void decode_escapes(std::string& text, size_t start);

/// What a number format means: by its code (ECMA-376 part 1, 18.8.31), or by the number of one that
/// every workbook has (18.8.30).
NumberStyle style_of_code(std::string_view code);
NumberStyle style_of_builtin(int id);

/// The number as a program for people shows it: workbooks store binary floating point, and Excel
/// shows 15 significant digits of it, so 1234.5600000000001 is read as 1234.56. Whole numbers keep
/// all digits. Zeros at the end of a fraction go. Text that is no number is given back.
std::string plain_number(std::string_view stored);

/// A date, time of day or elapsed time, stored as days since the epoch, to the millisecond:
/// YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS[.fff] when there is a time, HH:MM:SS[.fff] alone, H:MM:SS of
/// elapsed hours. Day 60 of the 1900 epoch is 1900-02-29, which never was: the column's type will
/// refuse it. What is no such date is given as plain_number().
std::string date_text(std::string_view stored, NumberStyle style, bool counts_from_1904);

/// A date stored as text (cells of type "d"): without the time when that is midnight.
std::string_view iso_date_text(std::string_view stored);

/// 0-based column of a reference such as "AB12"; nullopt when there is none. At most 10^6 or so: it
/// is for the caller to refuse a column.
std::optional<size_t> column_of_reference(std::string_view reference);

}  // namespace bullion::records
