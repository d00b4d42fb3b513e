// Signing in and out.
#pragma once

#include "server/router.h"
#include "server/sessions.h"

namespace bullion::server {

struct SessionRoutesOptions {
  std::string user;      ///< who a session acts as
  bool has_tls = false;  ///< the cookie is then for TLS only
};

/// POST /session {"token": "..."}: spends the one-time token, sets the cookie, and answers what
/// GET /project answers. DELETE /session ends the session. Both are borrowed.
void add_session_routes(Router& router, Sessions& sessions, const SessionRoutesOptions& options);

}  // namespace bullion::server
