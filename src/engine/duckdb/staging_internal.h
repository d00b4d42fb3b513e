// Writes the rows of a SELECT as Parquet files under a contract.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/duckdb/session_internal.h"
#include "engine/engine.h"

namespace bullion::engine {

/// See Engine::stage. Files of a failed call are removed. While a table partitioned by text is
/// written, its files are in `<directory>/_staging-<file_prefix>`.
Result<std::vector<StagedFile>> stage_select(Session& session, const std::string& select,
                                             const StageRequest& request);

}  // namespace bullion::engine
