// Whether the parts of a running server work, by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/router.h"
#include "server/scrubber.h"

namespace bullion::server {

struct HealthPart {
  std::string name;  ///< "storage", "engine", ...
  bool passes = true;
  std::string detail;  ///< what was seen, or what is wrong and what to do
};

/// Looks at one part; may block for a moment. Called from many threads.
using HealthCheck = std::function<HealthPart()>;
/// A check from a name and a function that answers a detail or an error.
HealthCheck health_check(std::string name, std::function<Result<std::string>()> look);

/// GET /health/live, /health/ready (the `ready` checks) and /health/deep (all of both): 200 when
/// every part passes, else 503. Paths of this machine are scrubbed from details.
void add_health_routes(Router& router, std::vector<HealthCheck> ready,
                       std::vector<HealthCheck> further, Scrubber scrubber);

}  // namespace bullion::server
