// Which scheduled time of a job runs next, from its newest claim and the time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schedule/claims.h"
#include "schedule/config.h"

namespace bullion::schedule {

enum class JobStatus {
  Good,     ///< published, or nothing was new
  Blocked,  ///< a gate blocked publishing; not repeated
  Refused,  ///< the project is wrong; not repeated
  Failed,   ///< repeated as `retries` says
  Stopped,  ///< ended on request of who stops the scheduler; runs again
};
std::string to_string(JobStatus status);

/// What a claim of a job says: `what` and `outcome` of claims.h, typed.
struct Attempt {
  int64_t claim = 0;
  int64_t scheduled = 0;   ///< seconds since the epoch
  int64_t attempt = 1;     ///< of this scheduled time
  int64_t broken_off = 0;  ///< attempts before this one whose process was gone or stopped
  int64_t missed = 0;      ///< scheduled times that were left out before this one
  int64_t made_at_us = 0;
  int64_t ended_at_us = 0;
  bool ended = false;
  bool abandoned = false;
  JobStatus status = JobStatus::Good;  ///< when ended and not abandoned
  std::string message;
  std::string run_id;
  int64_t release = 0;  ///< 0: none
};
Attempt attempt_of(const Claim& claim);
nlohmann::json what_of(const Attempt& attempt);

/// Whether a broken-off or failed attempt is to be made again.
bool may_repeat(const Job& job, const Attempt& attempt);
/// Whether an ended attempt is the last of its scheduled time and went wrong.
bool is_final_fault(const Job& job, const Attempt& attempt);
bool is_good(const Attempt& attempt);

struct Plan {
  std::optional<Attempt> due;  ///< to claim now; `claim` is the one it follows
  bool running = false;        ///< the newest claim is open
  int64_t wake_us = 0;         ///< when to look again, when nothing is due
};

/// `first_seen_us`: when a scheduler first saw the job; earlier times never ran and never will.
/// `on_time_from_us`: for catch-up none, times before it are missed (the scheduler was not there).
Plan plan_job(const Job& job, const std::optional<Attempt>& last, int64_t first_seen_us,
              int64_t on_time_from_us, int64_t now_us);

/// Attempts of one scheduled time that may be broken off before it counts as failed.
inline constexpr int64_t kBrokenOffMax = 3;
/// Missed times considered at once; older ones are dropped.
inline constexpr size_t kMissedMax = 10'000;

}  // namespace bullion::schedule
