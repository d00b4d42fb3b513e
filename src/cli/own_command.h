// How this program starts itself.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

/// This program and the global options that choose project, lake, user, memory and threads; a verb
/// follows. It is the program that runs, also after an upgrade in place: both sides of what passes
/// between the processes are of one version until the long-running one is restarted.
std::vector<std::string> own_command(const GlobalOptions& global);

}  // namespace bullion::cli
