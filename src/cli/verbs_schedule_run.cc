// schedule run, and the process it starts for each job.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/child_process.h"
#include "base/date.h"
#include "cli/failure.h"
#include "cli/job_log.h"
#include "cli/last_line.h"
#include "cli/open_schedule.h"
#include "cli/own_command.h"
#include "cli/progress.h"
#include "cli/scheduler_loop.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "cli/verbs_schedule.h"
#include "ingest/ingest.h"
#include "pipeline/run.h"
#include "schedule/delivery.h"
#include "schedule/scheduler.h"

namespace bullion::cli {
namespace {

using schedule::JobOutcome;
using schedule::JobStatus;

std::optional<std::string> variable_if_set(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// The program itself, then `schedule work JOB`.
std::vector<std::string> work_command(const GlobalOptions& global, const schedule::Job& job,
                                      const std::string& report) {
  std::vector<std::string> command = own_command(global);
  command.insert(command.end(), {"-q", "schedule", "work", job.name, "--report", report, "--parent",
                                 fmt::format("{}", ::getpid())});
  return command;
}

JobOutcome outcome_of(const std::string& text, int code) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  JobOutcome outcome;
  if (!json.is_object()) {
    outcome.status = JobStatus::Failed;
    outcome.message = code > 128
                          ? fmt::format("the job's process was ended by signal {}", code - 128)
                          : fmt::format("the job's process left with {} and no report", code);
    return outcome;
  }
  const std::string status = json.value("status", "");
  outcome.status = status == "good"      ? JobStatus::Good
                   : status == "blocked" ? JobStatus::Blocked
                   : status == "refused" ? JobStatus::Refused
                                         : JobStatus::Failed;
  outcome.message = json.value("message", "");
  outcome.run_id = json.value("run_id", "");
  outcome.release = json.value("release", int64_t{0});
  return outcome;
}

/// Runs jobs as processes: one that dies or runs too long takes nothing with it.
class JobProcesses {
 public:
  JobProcesses(const GlobalOptions& global, const storage::FileSystem& lake, const Clock& clock,
               const SchedulerControl& control)
      : global_(global), lake_(lake), clock_(clock), control_(control) {}

  JobOutcome operator()(const schedule::Job& job, const schedule::KeepAlive& keep_alive) {
    const std::string folder = lake_.location("schedule/jobs/" + job.name);
    const std::string report = fmt::format("{}/report-{}.json", folder, clock_.uuid());
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const int before = control_.stops();
    bool broken_off = false;
    const auto code = run_child(work_command(global_, job, report), rotate_job_log(folder), clock_,
                                control_.wait, [&] {
                                  limit_job_log(folder);
                                  // The first request lets the job end, the second ends it.
                                  broken_off = broken_off || control_.stops() >= before + 2;
                                  return keep_alive() && !broken_off;
                                });
    if (!code) return {.status = JobStatus::Failed, .message = code.error().message()};
    std::string text;
    const auto name = std::filesystem::path(report).filename().string();
    const auto bytes = lake_.read("schedule/jobs/" + job.name + "/" + name);
    if (bytes) text = *bytes;
    std::filesystem::remove(report, ignored);
    JobOutcome outcome = outcome_of(text, *code);
    if (broken_off && outcome.status == JobStatus::Failed) {
      outcome.status = JobStatus::Stopped;
      outcome.message = "broken off by who stopped the scheduler; it runs again";
    }
    return outcome;
  }

 private:
  const GlobalOptions& global_;
  const storage::FileSystem& lake_;
  const Clock& clock_;
  const SchedulerControl& control_;
};

std::string failed_tests(const pipeline::RunOutcome& outcome) {
  std::string out;
  int64_t failed = 0;
  for (const quality::TestOutcome& test : outcome.tests) {
    if (test.status != quality::TestStatus::Fail) continue;
    if (++failed <= 5) out += fmt::format("{}{}", out.empty() ? "" : ", ", test.name);
  }
  return fmt::format("{} gate{} failed: {}{}", failed, failed == 1 ? "" : "s", out,
                     failed > 5 ? ", ..." : "");
}

/// Disk and network may be better next time; the rest needs a person.
JobStatus status_of(const Error& error) {
  const bool may_pass = error.kind() == ErrorKind::Io || error.kind() == ErrorKind::Conflict;
  return may_pass ? JobStatus::Failed : JobStatus::Refused;
}

JobOutcome run_job_here(const GlobalOptions& global, const std::string& name) {
  const auto failed = [](const Error& error) {
    complain(error.message());
    return JobOutcome{.status = status_of(error), .message = error.message()};
  };
  auto opened = open_schedule(global);
  if (!opened) return failed(opened.error());
  const auto jobs = chosen_jobs(opened->schedule, name);
  if (!jobs) return failed(jobs.error());
  opened->session.reset();
  auto session = Session::open_checked(global);
  if (!session) return failed(session.error());
  pipeline::RunOptions options;
  options.select = jobs->front().select;
  const auto outcome = pipeline::run((*session)->env(), (*session)->project(), options);
  if (!outcome) return failed(outcome.error());
  JobOutcome out{.run_id = outcome->run_id};
  if (outcome->status == pipeline::RunStatus::Blocked) {
    out.status = JobStatus::Blocked;
    out.message = failed_tests(*outcome);
  } else if (outcome->status == pipeline::RunStatus::Published) {
    out.release = outcome->record->number;
    out.message = fmt::format("release {} published", out.release);
  } else {
    out.message = "nothing new";
  }
  say(fmt::format("{} {}: {}", format_timestamp((*session)->clock().now_us()),
                  to_string(out.status), out.message));
  return out;
}

}  // namespace

int schedule_work(const GlobalOptions& global, const ScheduleOptions& options) {
  if (options.parent != 0) BULLION_CLI_TRY(end_with_parent(options.parent));
  const JobOutcome outcome = run_job_here(global, options.job);
  const nlohmann::json json = {{"status", to_string(outcome.status)},
                               {"message", outcome.message},
                               {"run_id", outcome.run_id},
                               {"release", outcome.release}};
  const std::filesystem::path report(options.report);
  const auto files = storage::local_file_system(report.parent_path().string());
  BULLION_CLI_TRY(files->create(report.filename().string(), json.dump() + "\n"));
  return outcome.status == JobStatus::Good      ? kOk
         : outcome.status == JobStatus::Blocked ? kGateBlocked
                                                : kUsage;
}

Status run_scheduler(const GlobalOptions& global, const pipeline::Environment& env,
                     const schedule::Schedule& plan, const SchedulerControl& control) {
  storage::FileSystem& lake = env.lake;
  const Clock& clock = env.clock;
  JobProcesses processes(global, lake, clock, control);
  schedule::Scheduler scheduler(
      plan, {.lake = lake,
             .clock = clock,
             .self = schedule::this_process(clock.uuid()),
             .run_job =
                 [&](const schedule::Job& job, const schedule::KeepAlive& keep_alive) {
                   JobOutcome outcome = processes(job, keep_alive);
                   if (control.job_ended) control.job_ended(outcome);
                   return outcome;
                 },
             .last_arrival = [&lake](const std::string& source) -> Result<std::optional<int64_t>> {
               BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(lake, source));
               // A batch may hold withdrawals or duplicates only, and those are no new data.
               std::optional<int64_t> newest;
               for (const ingest::Batch& batch : batches) {
                 if (!batch.files.empty()) newest = batch.received_at_us;
               }
               return newest;
             },
             .send =
                 [](const schedule::Channel& channel, const schedule::Notice& notice) {
                   return schedule::send_notice(channel, notice, variable_if_set);
                 },
             .wait = [&](int64_t until_us) { control.wait(until_us - clock.now_us()); },
             .stopping = [&] { return control.stops() > 0; },
             .log = control.log});
  return control.once ? scheduler.run_once() : scheduler.run(control.until_us);
}

int schedule_run(const GlobalOptions& global, const ScheduleOptions& options) {
  // Before the engine starts threads, so that they all leave the signals alone.
  StopSignals signals;
  SchedulerControl control{.wait = [&](int64_t us) { signals.wait_us(us); },
                           .stops = [&] { return signals.count(); },
                           .once = options.once};
  if (!options.until.empty()) {
    control.until_us = parse_timestamp(options.until);
    if (!control.until_us) {
      return fail(invalid(
          fmt::format("--until {}: expected a time such as 2026-11-01T06:00:00Z", options.until)));
    }
  }
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  int64_t good = 0;
  int64_t bad = 0;
  control.job_ended = [&](const JobOutcome& outcome) {
    ++(outcome.status == JobStatus::Good ? good : bad);
  };
  control.log = [&](const std::string& line) {
    if (global.quiet) return;
    say(format_timestamp(opened.session->clock().now_us()).substr(0, 19) + "Z " + line);
  };
  if (!global.quiet && !options.once) {
    say(fmt::format("Scheduling {} job{} of {}; Ctrl-C stops, letting a running job end.",
                    opened.schedule.jobs.size(), opened.schedule.jobs.size() == 1 ? "" : "s",
                    opened.schedule.project));
  }
  BULLION_CLI_TRY(run_scheduler(global, opened.session->env(), opened.schedule, control));
  if (!global.quiet && signals.count() > 0) say("Stopped.");
  say_last_line(global, {{"status", signals.count() > 0 ? "stopped" : "ended"},
                         {"jobs_good", good},
                         {"jobs_bad", bad}});
  return kOk;
}

}  // namespace bullion::cli
