// Cases as a file for others.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "detect/case.h"
#include "engine/engine.h"
#include "exports/export.h"

namespace bullion::detect {

/// A request, and what has to live as long as it is read.
struct CaseExport {
  exports::Request request;
  std::shared_ptr<void> rows;  ///< of the engine; they go away with the last owner
};

/// One row for each case and currency, in the order given. `provenance` is what the file tells of
/// its release. `engine` is borrowed, until the rows are gone. Thread-safe.
Result<CaseExport> case_export(engine::Engine& engine, const std::vector<Case>& cases,
                               exports::Provenance provenance);

}  // namespace bullion::detect
