// Cases as a file for others.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "detect/case.h"
#include "engine/engine.h"
#include "exports/export.h"

namespace bullion::detect {

/// One row for each case and currency, in the order given. Makes a table in the engine that the
/// request reads; the provenance has to be filled in by the caller, except for the rows.
Result<exports::Request> case_export(engine::Engine& engine, const std::vector<Case>& cases);

}  // namespace bullion::detect
