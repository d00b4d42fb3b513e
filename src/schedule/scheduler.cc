#include "schedule/scheduler.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/date.h"
#include "base/time_units.h"

namespace bullion::schedule {
namespace {

/// Other schedulers, jumps of the clock and deliveries are looked at this often.
constexpr int64_t kLookUs = 30 * kMicrosPerSecond;
/// A scheduler that starts within this time of a scheduled time was there in time.
constexpr int64_t kOnTimeUs = 60 * kMicrosPerSecond;
constexpr size_t kClaimsKept = 500;

std::string job_folder(const Job& job) { return "schedule/jobs/" + job.name; }
std::string claims_folder(const Job& job) { return job_folder(job) + "/claims"; }
std::string first_seen_path(const Job& job) { return job_folder(job) + "/first_seen.json"; }

/// 0 when the file is absent.
Result<int64_t> read_first_seen(const storage::FileSystem& lake, const std::string& path) {
  const auto bytes = lake.read(path);
  if (!bytes && bytes.error().kind() == ErrorKind::NotFound) return int64_t{0};
  if (!bytes) return bytes.error();
  const auto json = nlohmann::json::parse(*bytes, nullptr, false);
  if (json.is_object() && json.contains("at_us")) return json.value("at_us", int64_t{0});
  return corrupt(lake.location(path) + ": not what a scheduler writes; remove it to begin anew");
}

std::string utc(int64_t seconds) {
  return format_timestamp(seconds * kMicrosPerSecond).substr(0, 19) + "Z";
}

nlohmann::json outcome_json(const JobOutcome& outcome) {
  return {{"status", to_string(outcome.status)},
          {"message", outcome.message},
          {"run_id", outcome.run_id},
          {"release", outcome.release}};
}

}  // namespace

Result<std::vector<Attempt>> read_attempts(storage::FileSystem& lake, const Clock& clock,
                                           const Owner& self, const Job& job, size_t count_max) {
  const Claims claims(lake, claims_folder(job), clock, self);
  BULLION_TRY_ASSIGN(const auto newest, claims.newest(count_max));
  std::vector<Attempt> out;
  for (const Claim& claim : newest) out.push_back(attempt_of(claim));
  return out;
}

Result<JobState> read_job_state(storage::FileSystem& lake, const Clock& clock, const Owner& self,
                                const Job& job) {
  JobState state;
  BULLION_TRY_ASSIGN(const auto newest, read_attempts(lake, clock, self, job, 1));
  if (!newest.empty()) state.last = newest[0];
  BULLION_TRY_ASSIGN(state.first_seen_us, read_first_seen(lake, first_seen_path(job)));
  BULLION_TRY_ASSIGN(
      state.incident,
      Alerts(lake, clock, self).open_incident({.kind = Subject::Kind::Job, .name = job.name}));
  return state;
}

Scheduler::Scheduler(const Schedule& schedule, Surroundings surroundings)
    : schedule_(schedule),
      around_(std::move(surroundings)),
      alerts_(around_.lake, around_.clock, around_.self),
      started_us_(around_.clock.now_us()) {}

Claims Scheduler::claims_of(const Job& job) const {
  return {around_.lake, claims_folder(job), around_.clock, around_.self};
}

Result<int64_t> Scheduler::first_seen_us(const std::string& path) {
  BULLION_TRY_ASSIGN(const int64_t known, read_first_seen(around_.lake, path));
  if (known != 0) return known;
  const nlohmann::json json = {{"at_us", started_us_}};
  const Status created = around_.lake.create(path, json.dump() + "\n");
  if (!created && created.error().kind() != ErrorKind::Conflict) return created.error();
  return read_first_seen(around_.lake, path);
}

Status Scheduler::raise(const Job& job, const Attempt& attempt) {
  Notice notice{.event = attempt.status == JobStatus::Blocked && !attempt.abandoned
                             ? Event::Blocked
                             : Event::Failure,
                .subject = {.kind = Subject::Kind::Job, .name = job.name},
                .project = schedule_.project,
                .at_us = around_.clock.now_us(),
                .scheduled = attempt.scheduled,
                .message = attempt.message,
                .run_id = attempt.run_id};
  BULLION_TRY_ASSIGN(const bool is_new, alerts_.raise(notice));
  if (is_new) around_.log(headline(notice));
  return ok();
}

/// Brings the incident of a job in line with its newest claim. Done before every claim, by whoever
/// claims, so no outcome is passed over even when its own scheduler died.
Status Scheduler::check_job(const Job& job) {
  const Claims claims = claims_of(job);
  BULLION_TRY_ASSIGN(const auto taken, claims.take_over());
  if (taken) {
    around_.log(fmt::format("job {}: {}; its claim is taken over", job.name,
                            taken->outcome.value("message", "")));
  }
  BULLION_TRY_ASSIGN(const auto newest, claims.newest(1));
  if (newest.empty()) return ok();
  const Attempt last = attempt_of(newest[0]);
  if (is_final_fault(job, last)) return raise(job, last);
  if (!is_good(last)) return ok();
  Notice notice{.event = Event::Recovered,
                .subject = {.kind = Subject::Kind::Job, .name = job.name},
                .project = schedule_.project,
                .at_us = around_.clock.now_us(),
                .scheduled = last.scheduled,
                .message = "the job is good again",
                .run_id = last.run_id,
                .release = last.release};
  BULLION_TRY_ASSIGN(const bool closed, alerts_.recover(notice));
  if (closed) around_.log(headline(notice));
  return ok();
}

/// Late data: no file landed between the expected time before the newest one and now.
Status Scheduler::check_expected() {
  const int64_t now = around_.clock.now_us() / kMicrosPerSecond;
  for (const Expectation& expected : schedule_.expected) {
    BULLION_TRY_ASSIGN(
        const int64_t seen,
        first_seen_us(fmt::format("schedule/expected/{}/first_seen.json", expected.source)));
    const auto times = expected.times.between(now - int64_t{3660} * 86'400, now, 2);
    if (times.size() < 2 || times[1] <= seen / kMicrosPerSecond) continue;
    BULLION_TRY_ASSIGN(const auto arrived, around_.last_arrival(expected.source));
    const bool late = !arrived || *arrived <= times[0] * kMicrosPerSecond;
    Notice notice{.event = late ? Event::Late : Event::Recovered,
                  .subject = {.kind = Subject::Kind::Source, .name = expected.source},
                  .project = schedule_.project,
                  .at_us = around_.clock.now_us(),
                  .scheduled = times[1]};
    notice.message =
        late
            ? fmt::format("no new file since {}; expected by {}",
                          arrived ? utc(*arrived / kMicrosPerSecond) : std::string("the beginning"),
                          expected.times.zone.format(times[1]))
            : fmt::format("a new file landed at {}", utc(*arrived / kMicrosPerSecond));
    BULLION_TRY_ASSIGN(const bool is_new, late ? alerts_.raise(notice) : alerts_.recover(notice));
    if (is_new) around_.log(headline(notice));
  }
  return ok();
}

Status Scheduler::deliver() {
  BULLION_TRY_ASSIGN(const auto tried, alerts_.deliver(schedule_.channels, around_.send));
  for (const Delivery& delivery : tried) {
    if (delivery.state == "sent") {
      around_.log(fmt::format("alert sent to {}: {}", delivery.channel, headline(delivery.notice)));
    } else {
      around_.log(fmt::format("alert not sent, tried again later: {}", delivery.message));
    }
  }
  return ok();
}

Status Scheduler::look_after() {
  for (const Job& job : schedule_.jobs) BULLION_TRY(check_job(job));
  BULLION_TRY(check_expected());
  return deliver();
}

Result<bool> Scheduler::run_next() {
  const Job* chosen = nullptr;
  std::optional<Attempt> last;
  Plan plan;
  wake_us_ = std::numeric_limits<int64_t>::max();
  for (const Job& job : schedule_.jobs) {
    BULLION_TRY(check_job(job));
    BULLION_TRY_ASSIGN(const int64_t seen, first_seen_us(first_seen_path(job)));
    BULLION_TRY_ASSIGN(const JobState state,
                       read_job_state(around_.lake, around_.clock, around_.self, job));
    Plan candidate =
        plan_job(job, state.last, seen, started_us_ - kOnTimeUs, around_.clock.now_us());
    if (!candidate.due) {
      wake_us_ = std::min(wake_us_, candidate.wake_us);
    } else if (chosen == nullptr || candidate.due->scheduled < plan.due->scheduled) {
      chosen = &job;
      last = state.last;
      plan = std::move(candidate);
    }
  }
  if (chosen == nullptr) return false;
  const bool passed_over = last && last->ended && last->status == JobStatus::Failed &&
                           !last->abandoned && last->scheduled != plan.due->scheduled &&
                           may_repeat(*chosen, *last);
  if (passed_over) BULLION_TRY(raise(*chosen, *last));
  const Claims claims = claims_of(*chosen);
  BULLION_TRY_ASSIGN(const auto claim, claims.claim(plan.due->claim, what_of(*plan.due)));
  if (claim) {
    BULLION_TRY(run_claimed(*chosen, *plan.due, *claim));
    BULLION_TRY(claims.prune(kClaimsKept));
  }
  return true;
}

bool Scheduler::keep_alive(const Job& job, const Claim& claim, bool& timed_out) {
  const int64_t now = around_.clock.now_us();
  if (now - beat_us_ >= kHeartbeatUs) {
    beat_us_ = now;
    const Status beaten = claims_of(job).beat(claim.number);
    if (!beaten) around_.log("heartbeat: " + beaten.error().message());
    // Alerts of others do not wait for a long job.
    Status told = check_expected();
    if (told) told = deliver();
    if (!told) around_.log(told.error().message());
  }
  timed_out = timed_out || (job.timeout_us > 0 && now - claim.made_at_us > job.timeout_us);
  return !timed_out;
}

Status Scheduler::run_claimed(const Job& job, Attempt attempt, const Claim& claim) {
  around_.log(fmt::format(
      "job {}: running for {}{}{}", job.name, job.times.zone.format(attempt.scheduled),
      attempt.attempt > 1 ? fmt::format(", attempt {}", attempt.attempt) : "",
      attempt.missed > 0 ? fmt::format(", {} missed times left out", attempt.missed) : ""));
  bool timed_out = false;
  beat_us_ = around_.clock.now_us();
  JobOutcome outcome = around_.run_job(job, [&] { return keep_alive(job, claim, timed_out); });
  if (timed_out && outcome.status != JobStatus::Good) {
    outcome.status = JobStatus::Failed;
    outcome.message = "ended after its timeout of " + format_duration(job.timeout_us);
  }
  BULLION_TRY_ASSIGN(const bool recorded, claims_of(job).end(claim.number, outcome_json(outcome)));
  around_.log(fmt::format("job {}: {}{}{}", job.name, to_string(outcome.status),
                          outcome.message.empty() ? "" : ": ", outcome.message));
  if (!recorded) {
    around_.log(fmt::format("job {}: another scheduler had taken this claim over", job.name));
  }
  return check_job(job);
}

Status Scheduler::run_once() {
  BULLION_TRY(look_after());
  while (!around_.stopping()) {
    BULLION_TRY_ASSIGN(const bool ran, run_next());
    if (!ran) break;
  }
  return look_after();
}

Status Scheduler::run(std::optional<int64_t> until_us) {
  while (!around_.stopping()) {
    BULLION_TRY(look_after());
    BULLION_TRY_ASSIGN(const bool ran, run_next());
    if (ran) continue;
    const int64_t now = around_.clock.now_us();
    if (until_us && now >= *until_us) break;
    const int64_t wake = std::min({wake_us_, now + kLookUs, until_us.value_or(now + kLookUs)});
    around_.wait(std::max(wake, now + kMicrosPerSecond / 10));
  }
  // What ended last is told before leaving.
  return deliver();
}

}  // namespace bullion::schedule
