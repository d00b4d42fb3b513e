// The embedded engine.
#pragma once

#include <memory>

#include "engine/engine.h"

namespace bullion::engine {

/// An in-memory DuckDB with our vocabulary registered (docs/sql.md describes it):
///   row_hash(seed UBIGINT, c1, .., cn) -> BIGINT   the row hash of base/row_hash.h (any flat
///   types) ratio_<s>(n, d) -> DECIMAL(38, s)              exact, half away from zero, s from 0 to
///   18;
///       NULL when d = 0 or an argument is NULL; error when the result does not fit
///   allocate_<s>(amount, weight, weights_before, weights_total) -> DECIMAL(38, s)
///       the part of `amount` for this row such that the parts sum to `amount` exactly
///   ratio(n, d, s), allocate(.., s) -> DECIMAL(38, 18)  the same values with the scale as argument
///   month_key(date) -> VARCHAR                      "2025-01"
///   local_date(timestamptz, zone) -> DATE           the calendar day of an instant in a time zone
/// Time zone is UTC; default memory limit is the smaller of 2 GiB and half of the machine, and one
/// below 64 MiB is Invalid. Work that does not fit goes to a folder of its own below
/// EngineOptions::temp_folder, removed with the engine. Extensions are never fetched.
/// Out of memory, a full disk and an Engine::interrupt are Io errors; a call that passed its own
/// limits is Interrupted.
Result<std::unique_ptr<Engine>> duckdb_engine(const EngineOptions& options);

}  // namespace bullion::engine
