// How this program starts itself.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

/// The program's path and the global options that choose project, lake, user, memory and threads; a
/// verb follows.
std::vector<std::string> own_command(const GlobalOptions& global);

}  // namespace bullion::cli
