// The embedded engine.
#pragma once

#include <memory>

#include "engine/engine.h"

namespace bullion::engine {

/// An in-memory DuckDB with our vocabulary registered (docs/sql.md lists it):
///   row_hash(seed UBIGINT, c1, .., cn) -> BIGINT   the row hash of base/row_hash.h (any flat
///   types) ratio(n DECIMAL, d DECIMAL, scale INTEGER) -> DECIMAL(38, scale)  exact, half away from
///   zero,
///       NULL when d = 0 or an argument is NULL; error when the result does not fit
///   allocate(amount DECIMAL, weight DECIMAL, weights_before DECIMAL, weights_total DECIMAL, scale)
///       -> the part of `amount` for this row such that the parts sum to `amount` exactly
/// Time zone is UTC; default memory limit is the smaller of 2 GiB and half of the machine.
Result<std::unique_ptr<Engine>> duckdb_engine(const EngineOptions& options);

}  // namespace bullion::engine
