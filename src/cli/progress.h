// Live progress on long work: one moving line on a terminal, a plain line now and then elsewhere.
#pragma once

#include "pipeline/environment.h"

namespace bullion::cli {

pipeline::Report progress_report(bool quiet);
/// One JSON object with phase, item, done and total per line of standard error, at most four a
/// second and one for each new phase.
pipeline::Report json_progress_report();
/// Wipes the moving line before other words are printed.
void clear_progress();

}  // namespace bullion::cli
