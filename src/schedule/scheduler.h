// The scheduler: claims what is due, has it run, and tells about incidents. It runs nothing itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "schedule/alerts.h"
#include "schedule/config.h"
#include "schedule/due.h"
#include "storage/file_system.h"

namespace bullion::schedule {

struct JobOutcome {
  JobStatus status = JobStatus::Good;
  std::string message;
  std::string run_id;
  int64_t release = 0;  ///< 0: none
};

/// Called by a running job at least every few seconds; false asks it to end at once.
using KeepAlive = std::function<bool()>;
using RunJob = std::function<JobOutcome(const Job& job, const KeepAlive& keep_alive)>;

/// What the scheduler needs from outside. Everything named here must outlive it.
struct Surroundings {
  storage::FileSystem& lake;
  const Clock& clock;
  Owner self;
  RunJob run_job;
  /// When the newest file of a source landed (microseconds); nullopt when none ever did.
  std::function<Result<std::optional<int64_t>>(const std::string& source)> last_arrival;
  Send send;
  /// Returns at this time, or earlier when somebody wants the scheduler's attention.
  std::function<void(int64_t until_us)> wait;
  std::function<bool()> stopping;
  std::function<void(const std::string& line)> log;
};

struct JobState {
  std::optional<Attempt> last;  ///< the newest claim
  int64_t first_seen_us = 0;    ///< 0: no scheduler has seen the job yet
  int64_t incident = 0;         ///< number of the open incident, 0 when none
};

/// Reads the state of a job; writes nothing.
Result<JobState> read_job_state(storage::FileSystem& lake, const Clock& clock, const Owner& self,
                                const Job& job);
/// The newest attempts of a job, oldest first.
Result<std::vector<Attempt>> read_attempts(storage::FileSystem& lake, const Clock& clock,
                                           const Owner& self, const Job& job, size_t count_max);

/// One scheduler of one lake; others may run at the same time. Not thread-safe.
class Scheduler {
 public:
  Scheduler(const Schedule& schedule, Surroundings surroundings);

  /// Runs what is due until told to stop, or until `until_us`.
  Status run(std::optional<int64_t> until_us);
  /// Runs what is due now, tells what is to tell, and ends.
  Status run_once();

 private:
  Claims claims_of(const Job& job) const;
  Status look_after();
  Status check_job(const Job& job);
  Status check_expected();
  Status deliver();
  Status raise(const Job& job, const Attempt& attempt);
  /// Claims and runs the earliest due time of any job; false when nothing is due.
  Result<bool> run_next();
  Status run_claimed(const Job& job, Attempt attempt, const Claim& claim);
  bool keep_alive(const Job& job, const Claim& claim, bool& timed_out);
  Result<int64_t> first_seen_us(const std::string& path);

  const Schedule& schedule_;
  Surroundings around_;
  Alerts alerts_;
  int64_t started_us_ = 0;
  int64_t wake_us_ = 0;  ///< when something is next due
  int64_t beat_us_ = 0;
};

}  // namespace bullion::schedule
