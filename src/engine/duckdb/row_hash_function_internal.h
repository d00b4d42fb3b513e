// row_hash(seed, c1, .., cn): the row hash of base/row_hash.h as a vectorised SQL function.
#pragma once

#include "base/result.h"
#include "engine/duckdb/handles_internal.h"

namespace bullion::engine {

/// Registers row_hash for the whole database of `connection`.
Status register_row_hash(duckdb_connection connection);

}  // namespace bullion::engine
