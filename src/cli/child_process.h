// A child process of a verb that waits for signals at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace bullion::cli {

/// Takes SIGINT and SIGTERM for as long as it lives: they are counted instead of ending the
/// process. One at a time, made before any thread.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Waits at the most this long for a signal or for the end of a child.
  void wait_us(int64_t microseconds);
  int count() const { return count_; }

 private:
  int count_ = 0;
};

/// Runs a program in a process group of its own, its output appended to `log_path`, until it ends.
/// While it runs, `keep_going` is called about every quarter of a second; false ends the child
/// (SIGTERM, SIGKILL after ten seconds). The exit code, or 128 + the signal.
Result<int> run_child(const std::vector<std::string>& command, const std::string& log_path,
                      const Clock& clock, StopSignals& signals,
                      const std::function<bool()>& keep_going);

/// For the child itself: ends it when its parent ends, also by SIGKILL. Io when the parent is gone.
Status end_with_parent(int64_t parent);

}  // namespace bullion::cli
