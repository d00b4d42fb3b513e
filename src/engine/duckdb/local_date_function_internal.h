// local_date(time, zone): the calendar day of an instant in a time zone, as an SQL function.
#pragma once

#include "base/result.h"
#include "engine/duckdb/handles_internal.h"

namespace bullion::engine {

/// Registers local_date for the whole database of `connection`.
Status register_local_date(duckdb_connection connection);

}  // namespace bullion::engine
