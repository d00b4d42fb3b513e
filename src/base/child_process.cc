#include "base/child_process.h"

#include <array>
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

namespace bullion {
namespace {

constexpr int64_t kLookUs = 250'000;
constexpr int64_t kPatienceUs = 10'000'000;

/// What a child gets as its files, and how it starts.
class Start {
 public:
  Start() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    // A Ctrl-C of the terminal is for this process, which lets the child come to its end.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }

  void write_to(const std::string& log_path) {
    ::posix_spawn_file_actions_addopen(&files_, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0644);
  }
  void write_to(int descriptor) { ::posix_spawn_file_actions_adddup2(&files_, descriptor, 1); }

  Result<pid_t> run(const std::vector<std::string>& command) {
    ::posix_spawn_file_actions_adddup2(&files_, 1, 2);
    // Sockets that a child inherits would stay open after this process has ended.
    ::posix_spawn_file_actions_addclosefrom_np(&files_, 3);
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int fault =
        ::posix_spawn(&child, arguments[0], &files_, &attributes_, arguments.data(), environ);
    if (fault != 0) {
      return io_error(fmt::format("{}: cannot be started: {}", command[0], std::strerror(fault)));
    }
    return child;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<PipedChild> start_piped_child(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return io_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  Start start;
  start.write_to(ends[1]);
  const auto child = start.run(command);
  ::close(ends[1]);
  if (!child) {
    ::close(ends[0]);
    return child.error();
  }
  return PipedChild{*child, ends[0]};
}

Result<std::optional<int>> exit_of_child(pid_t process) {
  int state = 0;
  const pid_t done = ::waitpid(process, &state, WNOHANG);
  if (done == process) {
    return std::optional<int>(WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state));
  }
  if (done < 0 && errno != EINTR) {
    return io_error(fmt::format("cannot wait for process {}: {}", process, std::strerror(errno)));
  }
  return std::optional<int>();
}

void signal_child(pid_t process, int signal) { ::kill(-process, signal); }

Result<int> run_child(const std::vector<std::string>& command, const std::string& log_path,
                      const Clock& clock, const std::function<void(int64_t us)>& wait,
                      const std::function<bool()>& keep_going) {
  Start start;
  start.write_to(log_path);
  BULLION_TRY_ASSIGN(const pid_t child, start.run(command));
  int64_t asked_us = 0;
  bool killed = false;
  for (;;) {
    BULLION_TRY_ASSIGN(const std::optional<int> code, exit_of_child(child));
    if (code) return *code;
    const int64_t now = clock.monotonic_us();
    if (asked_us == 0 && !keep_going()) {
      asked_us = now;
      signal_child(child, SIGTERM);
    }
    if (asked_us != 0 && !killed && now - asked_us > kPatienceUs) {
      killed = true;
      signal_child(child, SIGKILL);
    }
    wait(kLookUs);
  }
}

Status end_with_parent(int64_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have ended before the line above.
  if (::getppid() == parent) return ok();
  return io_error("the process that started this one is gone");
}

}  // namespace bullion
