#include "cli/job_log.h"

#include <filesystem>

#include <fmt/format.h>

namespace bullion::cli {
namespace {

namespace fs = std::filesystem;

fs::path log_path(const std::string& folder, int number) {
  return fs::path(folder) / (number == 0 ? "log.txt" : fmt::format("log.{}.txt", number));
}

/// Makes room for a new log.1.txt.
void shift(const std::string& folder) {
  std::error_code ignored;
  fs::remove(log_path(folder, kJobLogsKept - 1), ignored);
  for (int number = kJobLogsKept - 2; number >= 1; --number) {
    fs::rename(log_path(folder, number), log_path(folder, number + 1), ignored);
  }
}

}  // namespace

std::string rotate_job_log(const std::string& folder) {
  const fs::path log = log_path(folder, 0);
  std::error_code fault;
  const auto bytes = fs::file_size(log, fault);
  if (!fault && bytes > 0) {
    shift(folder);
    fs::rename(log, log_path(folder, 1), fault);
  }
  return log.string();
}

void limit_job_log(const std::string& folder, int64_t bytes_max) {
  const fs::path log = log_path(folder, 0);
  std::error_code fault;
  const auto bytes = fs::file_size(log, fault);
  if (fault || static_cast<int64_t>(bytes) <= bytes_max) return;
  shift(folder);
  fs::copy_file(log, log_path(folder, 1), fs::copy_options::overwrite_existing, fault);
  fs::resize_file(log, 0, fault);
}

}  // namespace bullion::cli
