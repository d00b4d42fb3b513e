// What `bullion queries` and `bullion variance` do; see verbs.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

struct QueriesOptions {
  std::string name;                     ///< "": list the queries
  std::vector<std::string> parameters;  ///< "name=value"
  std::optional<int64_t> release;
  std::string output = "table";
};

/// Runs a saved query of the project, or lists them all.
int run_saved_query(const GlobalOptions& global, const QueriesOptions& options);

}  // namespace bullion::cli
