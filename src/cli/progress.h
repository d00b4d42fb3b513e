// Live progress on long work: one moving line on a terminal, a plain line now and then elsewhere.
#pragma once

#include "pipeline/environment.h"

namespace bullion::cli {

pipeline::Report progress_report(bool quiet);
/// Wipes the moving line before other words are printed.
void clear_progress();

}  // namespace bullion::cli
