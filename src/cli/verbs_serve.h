// What `bullion serve` and `bullion demo` do; see verbs.h.
#pragma once

#include <cstdint>
#include <string>

#include "cli/options.h"

namespace bullion::cli {

struct ServeOptions {
  std::string host = "127.0.0.1";
  int port = 8501;
  std::string certificate;
  std::string key;
  std::string token_file;
  bool no_auth = false;
  bool no_schedule = false;
  int64_t demo_events = 20'000;  ///< demo only
};

/// Serves until SIGINT or SIGTERM; a second one does not wait for anything.
int serve(const GlobalOptions& global, const ServeOptions& options);
/// init, generate, run and serve in one. A folder that holds a project already is only served.
int demo(const GlobalOptions& global, const std::string& folder, const ServeOptions& options);

}  // namespace bullion::cli
