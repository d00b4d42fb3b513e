// Programs started as children. Linux.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/clock.h"
#include "base/result.h"

namespace bullion {

/// The program of this process as the first word of a command: the file that runs, also when an
/// upgrade has put another one in its place since.
inline constexpr const char* kThisProgram = "/proc/self/exe";

/// A running child whose standard output and error arrive at `output`, which the caller closes.
struct PipedChild {
  pid_t process = 0;
  int output = -1;
};

/// Starts a program in a process group of its own, without any open file of this process but a pipe
/// for its output. Io when it cannot be started.
Result<PipedChild> start_piped_child(const std::vector<std::string>& command);

/// One question to a program of its own: its standard input and, within limits, its output.
struct ChildQuestion {
  std::vector<std::string> command;
  std::string_view input;
  int64_t timeout_us = 0;                        ///< until its output has ended
  size_t output_bytes_max = 0;                   ///< some more may be read
  const std::atomic<bool>* cancelled = nullptr;  ///< ends it soon after it becomes true
};

enum class ChildEnd { Exited, TimedOut, Cancelled, TooLong };

struct ChildAnswer {
  ChildEnd end = ChildEnd::Exited;
  int code = 0;  ///< of its exit, or 128 + the signal
  std::string output;
};

/// Starts it, waits for the end of its output, and leaves nothing of it behind: SIGKILL ends it at
/// a limit, in whatever it is doing. What it writes to standard error is lost. Io when it cannot be
/// started.
Result<ChildAnswer> ask_child(const ChildQuestion& question, const Clock& clock);

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
