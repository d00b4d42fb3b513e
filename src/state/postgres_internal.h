// PostgreSQL behind Connection.
#pragma once

#include <memory>
#include <string>

#include "state/connection_internal.h"

namespace bullion::state {

/// Io with what to do when the server does not take us.
Result<std::unique_ptr<Connection>> connect_postgres(const std::string& url,
                                                     const std::string& place,
                                                     const OpenOptions& options);

/// Invalid, without the URL itself, when it cannot be read.
Status check_server_url(const std::string& url);

/// "postgresql://user@host:port/database": what of a URL may be shown.
std::string shown_server(const std::string& url);

}  // namespace bullion::state
