// Finds the header among the first rows of a table.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "project/project.h"
#include "records/header.h"
#include "records/table_records.h"

namespace bullion::records {

/// A row that outlives its reader's next call.
struct KeptRow {
  int64_t line = 0;
  std::string raw;
  std::vector<std::pair<std::string, CellKind>> cells;
  std::vector<Fault> faults;

  std::vector<std::string> texts() const;
};

struct FoundHeader {
  ColumnMap map;                  ///< with its fault when there is no usable header
  std::vector<HeaderName> names;  ///< by cell
  std::vector<KeptRow> preamble;  ///< rows before the header that are not blank
  std::vector<KeptRow> header;    ///< the rows that make it
  std::deque<KeptRow> rest;       ///< rows behind it that were read already
  int64_t blank = 0;              ///< blank rows before the header
};

/// Reads the first rows and chooses: of the rows that name every column that must have a value, the
/// one that names most columns, the earliest of equals. When none does, the fault is that of the
/// row that names most.
Result<FoundHeader> find_header(TableRows& rows, const project::Source& source);

/// Whether a row is nothing but missing and unquoted blank cells.
bool is_blank_row(const std::vector<Cell>& cells);
bool is_blank_cell(const Cell& cell);

}  // namespace bullion::records
