// SQLite behind Connection.
#pragma once

#include <memory>
#include <string>

#include "state/connection_internal.h"

namespace bullion::state {

/// Opens or makes the file. Io with the reason; Corrupt when it is no SQLite database.
Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path,
                                                   const OpenOptions& options);

}  // namespace bullion::state
