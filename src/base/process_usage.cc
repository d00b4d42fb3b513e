#include "base/process_usage.h"

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/resource.h>

namespace bullion {
namespace {

/// The number behind "name:" in a /proc file; 0 when there is none.
int64_t number_in(const char* path, std::string_view name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(name)) continue;
    const size_t digits = line.find_first_of("0123456789", name.size());
    if (digits == std::string::npos) return 0;
    int64_t number = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), number);
    return number;
  }
  return 0;
}

int64_t micros_of(const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; }

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  rusage counters{};
  if (getrusage(RUSAGE_SELF, &counters) == 0) {
    usage.cpu_us = micros_of(counters.ru_utime) + micros_of(counters.ru_stime);
  }
  usage.peak_bytes = number_in("/proc/self/status", "VmHWM:") * 1024;
  usage.resident_bytes = number_in("/proc/self/status", "VmRSS:") * 1024;
  usage.read_bytes = number_in("/proc/self/io", "rchar:");
  usage.written_bytes = number_in("/proc/self/io", "wchar:");
  return usage;
}

}  // namespace bullion
