// A trace as text: one block per level, then the source records.
#pragma once

#include <string>

#include "pipeline/trace.h"

namespace bullion::cli {

std::string trace_text(const pipeline::TraceOutcome& outcome);

}  // namespace bullion::cli
