// Starting, watching and stopping runs. GET /runs and /runs/{id} read the lake and are elsewhere.
#pragma once

#include <string>

#include "server/router.h"
#include "server/run_queue.h"

namespace bullion::server {

/// POST /runs, GET /runs/{id}/events, POST /runs/{id}/cancel. The queue is borrowed.
void add_run_routes(Router& router, RunQueue& runs);

/// The `Run` object of the API for a run of this server.
std::string run_json(const ServedRun& run);

}  // namespace bullion::server
