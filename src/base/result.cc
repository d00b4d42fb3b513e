#include "base/result.h"

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace bullion {

void assertion_failed(const char* condition, const char* file, int line) {
  const std::string text =
      fmt::format("bullion: internal error: {}:{}: {}\n", file, line, condition);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  std::abort();
}

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Invalid:
      return "invalid";
    case ErrorKind::NotFound:
      return "not found";
    case ErrorKind::Conflict:
      return "conflict";
    case ErrorKind::Io:
      return "io";
    case ErrorKind::Corrupt:
      return "corrupt";
    case ErrorKind::Interrupted:
      return "interrupted";
    case ErrorKind::Internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace bullion
