// The process that answers one SELECT for `bullion serve`; see server/sql_processes.h.
#pragma once

#include <cstdint>

namespace bullion::cli {

/// Reads a SqlOrder from standard input and answers it on standard output. `parent` is the server's
/// process id, with which it ends.
int answer_sql(int64_t parent);

}  // namespace bullion::cli
