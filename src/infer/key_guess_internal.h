// Keys, versions and overlaps, proven on the rows of a trial.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "infer/source_draft_internal.h"

namespace bullion::infer {

/// Sets `draft.grain` when one column, or a pair of columns with an identity among them, is unique
/// and never empty over all rows of `staged`; else says in hints and notes what comes near: the
/// column of versions that makes a key unique, `identity: occurrence`, and days that several files
/// have, as snapshots do.
Status guess_keys(engine::Engine& engine, const std::vector<std::string>& staged,
                  SourceDraft& draft);

}  // namespace bullion::infer
