#include "cli/child_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX names it so

namespace bullion::cli {
namespace {

constexpr int64_t kLookUs = 250'000;
constexpr int64_t kPatienceUs = 10'000'000;

sigset_t watched_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGCHLD);
  return set;
}

Result<pid_t> spawn(const std::vector<std::string>& command, const std::string& log_path) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0644);
  ::posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  // A Ctrl-C of the terminal is for the scheduler, which lets the job come to its end.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int fault =
      ::posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (fault != 0) {
    return io_error(fmt::format("{}: cannot be started: {}", command[0], std::strerror(fault)));
  }
  return child;
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
  if (signal == SIGINT || signal == SIGTERM) ++count_;
}

Result<int> run_child(const std::vector<std::string>& command, const std::string& log_path,
                      const Clock& clock, StopSignals& signals,
                      const std::function<bool()>& keep_going) {
  BULLION_TRY_ASSIGN(const pid_t child, spawn(command, log_path));
  int64_t asked_us = 0;
  bool killed = false;
  for (;;) {
    int state = 0;
    const pid_t done = ::waitpid(child, &state, WNOHANG);
    if (done == child) {
      return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    }
    if (done < 0 && errno != EINTR) {
      return io_error(fmt::format("cannot wait for process {}: {}", child, std::strerror(errno)));
    }
    const int64_t now = clock.monotonic_us();
    if (asked_us == 0 && !keep_going()) {
      asked_us = now;
      ::kill(-child, SIGTERM);
    }
    if (asked_us != 0 && !killed && now - asked_us > kPatienceUs) {
      killed = true;
      ::kill(-child, SIGKILL);
    }
    signals.wait_us(kLookUs);
  }
}

Status end_with_parent(int64_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have ended before the line above.
  if (::getppid() == parent) return ok();
  return io_error("the scheduler that started this job is gone");
}

}  // namespace bullion::cli
