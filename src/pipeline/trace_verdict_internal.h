// What a trace's levels come to, taken together.
#pragma once

#include <vector>

#include "pipeline/trace.h"

namespace bullion::pipeline {

/// `ends_early`: the trace ends above what the rows were made of. `levels` is not empty.
TraceVerdict verdict_of(const std::vector<TraceLevel>& levels, bool ends_early);

}  // namespace bullion::pipeline
