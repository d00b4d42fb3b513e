#include "schedule/due.h"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/time_units.h"

namespace bullion::schedule {
namespace {

constexpr std::array<JobStatus, 5> kStatuses{
    JobStatus::Good, JobStatus::Blocked, JobStatus::Refused, JobStatus::Failed, JobStatus::Stopped};

int64_t floor_seconds(int64_t microseconds) {
  const int64_t seconds = microseconds / kMicrosPerSecond;
  return microseconds % kMicrosPerSecond < 0 ? seconds - 1 : seconds;
}

bool is_broken_off(const Attempt& attempt) {
  return attempt.ended && (attempt.abandoned || attempt.status == JobStatus::Stopped);
}

/// The missed times that the policy lets run: which one, and how many are left out.
std::optional<Attempt> choose(const Job& job, const std::vector<int64_t>& times,
                              int64_t on_time_from_us) {
  Attempt out;
  if (times.empty()) return std::nullopt;
  if (job.catchup == Catchup::All) {
    out.scheduled = times.front();
    return out;
  }
  if (job.catchup == Catchup::None && times.back() < floor_seconds(on_time_from_us)) {
    return std::nullopt;
  }
  out.scheduled = times.back();
  out.missed = static_cast<int64_t>(times.size()) - 1;
  return out;
}

void wake_at(int64_t time_us, Plan& plan) {
  plan.wake_us = plan.wake_us == 0 ? time_us : std::min(plan.wake_us, time_us);
}

}  // namespace

std::string to_string(JobStatus status) {
  switch (status) {
    case JobStatus::Good:
      return "good";
    case JobStatus::Blocked:
      return "blocked";
    case JobStatus::Refused:
      return "refused";
    case JobStatus::Failed:
      return "failed";
    case JobStatus::Stopped:
      return "stopped";
  }
  return "";
}

Attempt attempt_of(const Claim& claim) {
  Attempt out;
  out.claim = claim.number;
  out.scheduled = claim.what.value("scheduled", int64_t{0});
  out.attempt = claim.what.value("attempt", int64_t{1});
  out.broken_off = claim.what.value("broken_off", int64_t{0});
  out.missed = claim.what.value("missed", int64_t{0});
  out.made_at_us = claim.made_at_us;
  out.ended_at_us = claim.ended_at_us;
  out.ended = claim.ended;
  out.abandoned = claim.abandoned;
  if (!claim.ended) return out;
  const std::string status = claim.outcome.value("status", "failed");
  const auto known = std::find_if(kStatuses.begin(), kStatuses.end(), [&](JobStatus candidate) {
    return to_string(candidate) == status;
  });
  out.status = known == kStatuses.end() ? JobStatus::Failed : *known;
  out.message = claim.outcome.value("message", "");
  out.run_id = claim.outcome.value("run_id", "");
  out.release = claim.outcome.value("release", int64_t{0});
  return out;
}

nlohmann::json what_of(const Attempt& attempt) {
  return {{"scheduled", attempt.scheduled},
          {"attempt", attempt.attempt},
          {"broken_off", attempt.broken_off},
          {"missed", attempt.missed}};
}

bool may_repeat(const Job& job, const Attempt& attempt) {
  if (!attempt.ended) return false;
  if (is_broken_off(attempt)) return attempt.broken_off + 1 < kBrokenOffMax;
  // Broken-off attempts are nobody's failure, so they do not use up the retries.
  return attempt.status == JobStatus::Failed &&
         attempt.attempt - attempt.broken_off <= job.retries.retries_max;
}

bool is_good(const Attempt& attempt) {
  return attempt.ended && !attempt.abandoned && attempt.status == JobStatus::Good;
}

bool is_final_fault(const Job& job, const Attempt& attempt) {
  return attempt.ended && !is_good(attempt) && !may_repeat(job, attempt);
}

Plan plan_job(const Job& job, const std::optional<Attempt>& last, int64_t first_seen_us,
              int64_t on_time_from_us, int64_t now_us) {
  Plan plan;
  if (last && !last->ended) {
    plan.running = true;
    plan.wake_us = now_us + kHeartbeatUs;
    return plan;
  }
  const int64_t now = floor_seconds(now_us);
  const int64_t since = last ? last->scheduled : floor_seconds(first_seen_us);
  // A time that passed while the same job still ran was missed as well.
  if (last) on_time_from_us = std::max(on_time_from_us, last->ended_at_us);
  const bool repeat = last && may_repeat(job, *last);
  if (!repeat || job.catchup != Catchup::All) {
    plan.due = choose(job, job.times.between(since, now, kMissedMax), on_time_from_us);
    if (const auto next = job.times.next(now)) wake_at(*next * kMicrosPerSecond, plan);
  }
  if (!plan.due && repeat) {
    const bool broken_off = is_broken_off(*last);
    const int64_t failures = last->attempt - last->broken_off;
    const int64_t at =
        last->ended_at_us + (broken_off ? 0 : job.retries.wait_us(std::max<int64_t>(failures, 1)));
    wake_at(at, plan);
    if (now_us >= at) {
      plan.due = Attempt{};
      plan.due->scheduled = last->scheduled;
      plan.due->attempt = last->attempt + 1;
      plan.due->broken_off = last->broken_off + (broken_off ? 1 : 0);
    }
  }
  if (plan.wake_us == 0) plan.wake_us = std::numeric_limits<int64_t>::max();
  if (plan.due) plan.due->claim = last ? last->claim : 0;
  return plan;
}

}  // namespace bullion::schedule
