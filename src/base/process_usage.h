// What this process has used: processor time, memory, bytes moved. Linux.
#pragma once

#include <cstdint>

namespace bullion {

/// Counters since the process began.
struct ProcessUsage {
  int64_t cpu_us = 0;          ///< user and system time of all threads
  int64_t peak_bytes = 0;      ///< largest resident memory so far
  int64_t resident_bytes = 0;  ///< resident memory now
  int64_t read_bytes = 0;      ///< given by read calls, from the page cache too
  int64_t written_bytes = 0;   ///< taken by write calls
};

/// What cannot be found out (no /proc) is 0.
ProcessUsage process_usage();

}  // namespace bullion
