// ratio and allocate as SQL functions (docs/sql.md).
#pragma once

#include "base/result.h"
#include "engine/duckdb/handles_internal.h"

namespace bullion::engine {

/// Registers ratio_0 .. ratio_18, allocate_0 .. allocate_18, ratio and allocate for the whole
/// database.
Status register_money_functions(duckdb_connection connection);

}  // namespace bullion::engine
