// Events to a file or over HTTP.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "openlineage/config.h"

namespace bullion::openlineage {

/// Appends each event as a line to the file, and posts each to the URL, in order. A failure is for
/// a warning: no run depends on it. The URL is tried for five seconds; after one failure the other
/// events are not posted, and the error says how many those are.
Status send(const Config& config, const Variables& variables,
            const std::vector<std::string>& events);

}  // namespace bullion::openlineage
