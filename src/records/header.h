// The header line of a file against the contract: which field feeds which column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/project.h"
#include "records/text_record.h"

namespace bullion::records {

/// Where each contract column is found, and what is left over.
struct ColumnMap {
  std::vector<int> cell_of_column;           ///< by contract column; -1 when absent
  std::vector<int> unknown_cells;            ///< cells outside the contract, ascending
  std::vector<std::string> unknown_columns;  ///< their names, parallel
  std::vector<std::string> missing_columns;  ///< nullable contract columns that are absent
  size_t cells = 0;                          ///< fields every record must have
  std::optional<FileFault> fault;            ///< the whole file is unreadable
};

/// Names match exactly, else trimmed and without regard to case. A name that comes twice, an empty
/// name, and a missing column that must have a value are faults; `line` and `raw` go into them.
ColumnMap map_columns(const std::vector<std::string>& names, const project::Contract& contract,
                      int64_t line, std::string_view raw);

/// Contract order, for files without a header and for formats that name each value.
ColumnMap positional_columns(const project::Contract& contract);

/// The name as it is compared: without blanks around it, ASCII letters in lower case.
std::string folded_name(std::string_view name);

}  // namespace bullion::records
