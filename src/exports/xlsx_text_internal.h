// Texts as XLSX wants them: escapes, lengths, names of sheets and of cells (ECMA-376 Part 1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bullion::exports {

/// Characters a cell may hold, counted in UTF-16 units.
inline constexpr size_t kXlsxTextMax = 32'767;

/// UTF-16 units of a UTF-8 text.
size_t utf16_length(std::string_view text);

/// The text with what XML cannot carry (controls, U+FFFE, U+FFFF, and CR, which XML readers turn
/// into LF) as `_xHHHH_`, and with a literal `_xHHHH_` protected (ECMA-376 Part 1, 22.4.2.4,
/// ST_Xstring). Line feeds and tabs stay.
std::string xlsx_escaped(std::string_view text);

/// A valid name of the sheet number `index` (from 0) of a table: at most 31 characters.
std::string sheet_name(const std::string& table, int index);

/// "$C$2:$C$11" for zero-based rows and a zero-based column; with `sheet`, "'name'!" in front.
std::string column_range(const std::string& sheet, size_t column, int64_t first_row,
                         int64_t last_row);

}  // namespace bullion::exports
