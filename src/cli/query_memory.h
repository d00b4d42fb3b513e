// What SQL that a person wrote may have of this machine's memory.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/options.h"
#include "cli/session.h"

namespace bullion::cli {

/// The engine's memory for such SQL when --memory-limit says nothing.
inline constexpr const char* kQueryMemory = "1GiB";

/// From here on the operating system gives this process no more private memory than this, whoever
/// asks. Does nothing in a build with a sanitizer, whose own memory would count.
Status limit_private_memory(int64_t bytes);

/// The options with the memory that SQL gets.
GlobalOptions with_query_memory(GlobalOptions global);

/// print_query() within twice the engine's memory, for the rest of the process: the engine does not
/// count all that it takes. `global` is of with_query_memory(). The exit code.
int print_within_memory(Session& session, const GlobalOptions& global, const std::string& sql,
                        const std::string& output);

}  // namespace bullion::cli
