// Signals that ask a verb to end, counted instead of ending the process.
#pragma once

#include <cstdint>

namespace bullion::cli {

/// Takes SIGINT, SIGTERM, SIGHUP and SIGCHLD for as long as it lives. One at a time, made before
/// any thread, so that they all leave these signals alone.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Waits at the most this long for a signal or for the end of a child.
  void wait_us(int64_t microseconds);
  /// All that asked to stop so far, hang-ups included.
  int count() const { return stops_ + hangups_; }
  int stops() const { return stops_; }      ///< SIGINT and SIGTERM
  int hangups() const { return hangups_; }  ///< SIGHUP

 private:
  int stops_ = 0;
  int hangups_ = 0;
};

}  // namespace bullion::cli
