#include "base/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX names it so

namespace bullion {
namespace {

constexpr int64_t kLookUs = 250'000;
constexpr int64_t kPatienceUs = 10'000'000;
constexpr int kAnswerLookMs = 20;

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
  void read_from(int descriptor) { ::posix_spawn_file_actions_adddup2(&files_, descriptor, 0); }
  void complain_to_nobody() {
    ::posix_spawn_file_actions_addopen(&files_, 2, "/dev/null", O_WRONLY, 0);
    complains_ = false;
  }

  Result<pid_t> run(const std::vector<std::string>& command) {
    if (complains_) ::posix_spawn_file_actions_adddup2(&files_, 1, 2);
    // Sockets that a child inherits would stay open after this process has ended.
    ::posix_spawn_file_actions_addclosefrom_np(&files_, 3);
    std::vector<std::string> words = command;
    // In a list of processes the child stands by the name this one was started by.
    if (command[0] == kThisProgram) words[0] = program_invocation_name;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int fault =
        ::posix_spawn(&child, command[0].c_str(), &files_, &attributes_, arguments.data(), environ);
    if (fault != 0) {
      return io_error(fmt::format("{}: cannot be started: {}", command[0], std::strerror(fault)));
    }
    return child;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
  bool complains_ = true;
};

/// A file descriptor that ends with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

/// Holds `text` for whoever reads the descriptor: a pipe would have to be fed meanwhile.
Status fill(const Descriptor& file, std::string_view text) {
  while (file.get() >= 0 && !text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.remove_prefix(static_cast<size_t>(count));
  }
  if (file.get() >= 0 && text.empty() && ::lseek(file.get(), 0, SEEK_SET) == 0) return ok();
  return io_error(fmt::format("cannot hold the input of a process: {}", std::strerror(errno)));
}

/// Reads what is there; false at the end of the file.
bool take_output(const Descriptor& output, std::string& text) {
  std::array<char, 65536> piece{};
  pollfd state{.fd = output.get(), .events = POLLIN, .revents = 0};
  const int ready = ::poll(&state, 1, kAnswerLookMs);
  if (ready <= 0) return true;
  const ssize_t count = ::read(output.get(), piece.data(), piece.size());
  if (count < 0) return errno == EINTR;
  text.append(piece.data(), static_cast<size_t>(count));
  return count > 0;
}

/// Leaves its exit code to be asked for.
bool has_exited(pid_t child) {
  siginfo_t found{};
  const int done = ::waitid(P_PID, static_cast<id_t>(child), &found, WEXITED | WNOHANG | WNOWAIT);
  return done == 0 ? found.si_pid == child : errno != EINTR;
}

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

Result<ChildAnswer> ask_child(const ChildQuestion& question, const Clock& clock) {
  const Descriptor input(::memfd_create("question", MFD_CLOEXEC));
  BULLION_TRY(fill(input, question.input));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return io_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  const Descriptor output(ends[0]);
  Descriptor theirs(ends[1]);
  Start start;
  start.read_from(input.get());
  start.write_to(theirs.get());
  start.complain_to_nobody();
  const int64_t begun_us = clock.monotonic_us();
  BULLION_TRY_ASSIGN(const pid_t child, start.run(question.command));
  theirs.close();
  ChildAnswer answer;
  bool is_open = true;
  // Who has closed the output has nothing more to say, and has a moment to leave.
  while (answer.end == ChildEnd::Exited && (is_open || !has_exited(child))) {
    is_open = is_open && take_output(output, answer.output);
    if (!is_open) ::poll(nullptr, 0, 1);
    if (question.cancelled != nullptr && question.cancelled->load()) {
      answer.end = ChildEnd::Cancelled;
    } else if (clock.monotonic_us() - begun_us > question.timeout_us) {
      answer.end = ChildEnd::TimedOut;
    } else if (answer.output.size() > question.output_bytes_max) {
      answer.end = ChildEnd::TooLong;
    }
  }
  // Its group too: nothing that it started goes on.
  signal_child(child, SIGKILL);
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  answer.code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  return answer;
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
