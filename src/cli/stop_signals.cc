#include "cli/stop_signals.h"

#include <algorithm>
#include <csignal>
#include <ctime>

namespace bullion::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopSignals::~StopSignals() {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::wait_us(int64_t microseconds) {
  const sigset_t set = watched_signals();
  const int64_t some = std::max<int64_t>(microseconds, 0);
  const timespec limit{.tv_sec = some / 1'000'000, .tv_nsec = some % 1'000'000 * 1'000};
  const int signal = ::sigtimedwait(&set, nullptr, &limit);
  if (signal == SIGHUP) ++hangups_;
  if (signal == SIGINT || signal == SIGTERM) ++stops_;
}

}  // namespace bullion::cli
