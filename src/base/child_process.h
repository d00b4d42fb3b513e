// Programs started as children. Linux.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/clock.h"
#include "base/result.h"

namespace bullion {

/// A running child whose standard output and error arrive at `output`, which the caller closes.
struct PipedChild {
  pid_t process = 0;
  int output = -1;
};

/// Starts a program in a process group of its own, without any open file of this process but a pipe
/// for its output. Io when it cannot be started.
Result<PipedChild> start_piped_child(const std::vector<std::string>& command);
/// Once the child has ended: its exit code, or 128 + the signal. nullopt while it runs.
Result<std::optional<int>> exit_of_child(pid_t process);
/// Sends a signal to the child's process group.
void signal_child(pid_t process, int signal);

/// Runs a program in a process group of its own, its output appended to `log_path`, until it ends.
/// While it runs, `wait` is called with a quarter of a second to spend, in microseconds, and then
/// `keep_going`; false ends the child (SIGTERM, SIGKILL after ten seconds). The exit code, or 128 +
/// the signal.
Result<int> run_child(const std::vector<std::string>& command, const std::string& log_path,
                      const Clock& clock, const std::function<void(int64_t us)>& wait,
                      const std::function<bool()>& keep_going);

/// For the child itself: ends it when its parent, or the thread of it that started it, ends, also
/// by SIGKILL. Io when the parent is gone.
Status end_with_parent(int64_t parent);

}  // namespace bullion
