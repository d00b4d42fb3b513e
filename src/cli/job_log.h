// What a job's process says, in files that do not grow without end.
#pragma once

#include <cstdint>
#include <string>

namespace bullion::cli {

inline constexpr int kJobLogsKept = 10;
inline constexpr int64_t kJobLogBytesMax = int64_t{16} << 20;

/// Before a run: FOLDER/log.txt becomes log.1.txt, that log.2.txt, and so on; only the newest
/// kJobLogsKept stay. Returns the path of log.txt, which is then not there. What the disk refuses
/// is left as it is, for a log must not stop a job.
std::string rotate_job_log(const std::string& folder);

/// During a run: a log.txt of more than `bytes_max` is copied to log.1.txt and emptied, so that a
/// process that appends to it goes on; what it writes in between may be lost.
void limit_job_log(const std::string& folder, int64_t bytes_max = kJobLogBytesMax);

}  // namespace bullion::cli
