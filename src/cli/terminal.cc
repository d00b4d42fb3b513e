#include "cli/terminal.h"

#include <cerrno>
#include <cstdlib>

#include <unistd.h>

namespace bullion::cli {
namespace {

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      // Nobody reads any more (`bullion show | head`): there is nothing left to do.
      if (errno == EPIPE) std::_Exit(0);
      return;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

void put(std::string_view text) { write_all(STDOUT_FILENO, text); }

void say(std::string_view line) {
  std::string text(line);
  text.push_back('\n');
  put(text);
}

void complain(std::string_view line) {
  std::string text(line);
  text.push_back('\n');
  write_all(STDERR_FILENO, text);
}

bool output_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool errors_are_terminal() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace bullion::cli
