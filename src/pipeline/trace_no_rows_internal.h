// What to say when no row fits what was asked for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/trace_tables_internal.h"

namespace bullion::pipeline {

/// Which of the table's conditions, all of them on columns, no row meets, and what would be met:
/// the values of the column, the nearest one or the first and the last, and text columns that hold
/// the value.
Result<std::vector<std::string>> why_no_rows(const TraceScope& scope, const PinnedTable& table);

}  // namespace bullion::pipeline
