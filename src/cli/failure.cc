#include "cli/failure.h"

#include <fmt/format.h>

#include "cli/progress.h"
#include "cli/terminal.h"

namespace bullion::cli {

int fail(const Error& error) {
  clear_progress();
  complain(
      fmt::format("bullion: {}{}",
                  error.kind() == ErrorKind::Internal ? "internal error (please report it): " : "",
                  error.message()));
  return kUsage;
}

}  // namespace bullion::cli
