// A trace as text: one block per level, then the source records.
#pragma once

#include <string>

#include "pipeline/trace.h"

namespace bullion::cli {

/// The table that was asked for has an amount, so that sums can be compared.
bool has_amount(const pipeline::TraceOutcome& outcome);
/// There are rows, and their sums agree, or the asked table has none and no level differs: nothing
/// speaks against the number.
bool is_sound(const pipeline::TraceOutcome& outcome);

std::string trace_text(const pipeline::TraceOutcome& outcome);

}  // namespace bullion::cli
