// The last sheet of an XLSX export: where its numbers come from.
#pragma once

#include <vector>

#include "exports/selection_internal.h"
#include "exports/xlsx_workbook_internal.h"

namespace bullion::exports {

/// Adds the sheet "Provenance". `marked_by_column` goes with the selection's schema.
Status write_provenance(Workbook& book, const Request& request, const Selection& selection,
                        const Summary& summary, const std::vector<int64_t>& marked_by_column);

}  // namespace bullion::exports
