// The header of a file against the contract: which field feeds which column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/project.h"
#include "records/text_record.h"

namespace bullion::records {

/// The name of one field of a file's header.
struct HeaderName {
  std::string text;                ///< as it stands; of several header rows, joined by a blank
  std::vector<std::string> parts;  ///< of several header rows: each row's own text
};

/// Where each contract column is found, and what is left over.
struct ColumnMap {
  std::vector<int> cell_of_column;           ///< by contract column; -1 when absent
  std::vector<int> unknown_cells;            ///< named cells outside the contract, ascending
  std::vector<std::string> unknown_columns;  ///< their names, parallel
  std::vector<int> unnamed_cells;            ///< cells without a name, ascending
  std::vector<int> unpivot_cells;            ///< cells that become rows (Source::format.unpivot)
  std::vector<int> watched_cells;            ///< no columns, but no place for numbers; ascending
  bool ends_wide = false;                    ///< the last name is that of an unpivot cell
  std::vector<std::string> missing_columns;  ///< nullable contract columns that are absent
  size_t cells_min = 0;                      ///< fields every record must have
  size_t cells = 0;                          ///< fields of the header; those behind are too many
  size_t found = 0;                          ///< contract columns that have a cell
  bool is_complete = false;                  ///< every column that must have a value is found
  std::optional<FileFault> fault;            ///< the whole file is unreadable
};

/// A column is looked for by its own name, then by its `source_names` in their order; each exactly,
/// else as folded_name(). Of several header rows a part that only one field has counts as well.
/// A name that comes twice, a missing column that must have a value, and a header in which no
/// column is found are faults; `line` and `raw` go into them. Fields without a name are allowed:
/// their cells are no columns. The columns that `unpivot` fills are not looked for.
/// Watched are fields that may be wide columns under another name: what is neither a column nor
/// `unpivot.beside` and stands among the wide columns, behind them, or directly before the first.
ColumnMap map_columns(const std::vector<HeaderName>& names, const project::Source& source,
                      int64_t line, std::string_view raw);
ColumnMap map_columns(const std::vector<std::string>& names, const project::Source& source,
                      int64_t line, std::string_view raw);

/// Contract order, for files without a header and for formats that name each value.
ColumnMap positional_columns(const project::Contract& contract);

/// The contract column that a single key of a file feeds, by the rules of map_columns(); -1 when
/// none. For formats that name each value.
int column_of_key(const project::Source& source, std::string_view key);

/// Whether map_columns() makes rows of a field of this name (Source::format.unpivot).
bool is_unpivot_name(const project::Source& source, std::string_view name);

/// Joins header rows field by field: names are joined by a blank, and an empty upper cell above a
/// name takes the name to its left, as merged headers mean it. One row is left as it is.
std::vector<HeaderName> join_header_rows(const std::vector<std::vector<std::string>>& rows);

/// The name as it is compared: without blanks around it, inner blanks as one, ASCII letters in
/// lower case, and without a byte order mark that was read as text.
std::string folded_name(std::string_view name);

/// `text` without the byte order marks it begins with: a UTF-8 mark, and what becomes of one that
/// is decoded as Latin-1 or Windows-1252 and encoded again, once or twice.
std::string_view without_byte_order_marks(std::string_view text);

/// The name that a field without one has in `_extra`: "column_3" for the third field.
std::string unnamed_column(size_t cell);

}  // namespace bullion::records
