// What COPY ... (RETURN_STATS) answers, as StagedFiles.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/duckdb/session_internal.h"
#include "engine/engine.h"

namespace bullion::engine {

/// Reads all rows of the COPY's result. Paths stay as DuckDB wrote them (absolute).
Result<std::vector<StagedFile>> read_copy_result(Session& session, QueryResult& result,
                                                 const StageRequest& request);

}  // namespace bullion::engine
