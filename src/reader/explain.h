// Why a number is what it is: where rows come from, and what changed between releases, within the
// limits of one request.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "pipeline/diff.h"
#include "pipeline/trace.h"
#include "reader/reader.h"

namespace bullion::reader {

/// pipeline::trace() on an engine of its own, so that several go on at once.
Result<pipeline::TraceOutcome> trace_rows(const Reader& reader, const release::Record& record,
                                          const std::string& table,
                                          const std::map<std::string, std::string>& filter,
                                          int64_t limit, const std::vector<std::string>& through,
                                          const engine::QueryLimits& limits);

/// pipeline::diff_releases(); `before` 0 is the empty lake.
Result<pipeline::DiffOutcome> diff_of(const Reader& reader, int64_t before, int64_t after,
                                      const engine::QueryLimits& limits);

/// The number of the published release before `number`; 0 when it is the first.
Result<int64_t> release_before(const Reader& reader, int64_t number);

}  // namespace bullion::reader
