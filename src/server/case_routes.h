// GET /cases, /cases/{id}, /cases/patterns; POST /cases/{id}/actions, /cases/patterns/{id}/revoke.
#pragma once

#include "server/case_desk.h"
#include "server/router.h"

namespace bullion::server {

/// Borrows the desk.
void add_case_routes(Router& router, CaseDesk& desk);

}  // namespace bullion::server
