// The rows of one sheet of an Excel workbook.
#pragma once

#include <memory>

#include "records/table_records.h"
#include "records/xlsx_package_internal.h"

namespace bullion::records {

/// What a sheet's rows need to know of their source.
struct SheetOptions {
  int64_t skip_rows = 0;     ///< rows of the sheet's top that are not looked at
  size_t cells_min = 0;      ///< every row has at least that many cells
  bool names_sheet = false;  ///< raw texts begin with the sheet's name
};

/// Streams the sheet: a row's cells are texts (docs/containers.md), a cell that is not there is
/// Missing; every row has as many cells as the widest before it, for sheets leave empty cells out.
/// `line` is the row's number in the sheet. Faults of a row: a cell behind kColumnsMax, a formula
/// without a stored value, too many bytes. `package` is borrowed and must outlive the rows.
Result<std::unique_ptr<TableRows>> open_sheet(const XlsxPackage& package, const SheetInfo& sheet,
                                              const SheetOptions& options);

}  // namespace bullion::records
