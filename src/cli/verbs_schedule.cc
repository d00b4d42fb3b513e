// schedule list, next, status, due, export: verbs that look at a schedule and run nothing.
#include "cli/verbs_schedule.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "base/time_units.h"
#include "cli/failure.h"
#include "cli/open_schedule.h"
#include "cli/result_output.h"
#include "cli/terminal.h"
#include "schedule/export.h"
#include "schedule/scheduler.h"

namespace bullion::cli {
namespace {

using engine::Value;

std::string utc_text(int64_t seconds) {
  return format_timestamp(seconds * kMicrosPerSecond).substr(0, 19) + "Z";
}

engine::Rows text_rows(const std::vector<std::string>& names) {
  engine::Rows rows;
  for (const std::string& name : names) {
    rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  return rows;
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

std::string state_of(const schedule::Job& job, const schedule::JobState& state) {
  if (!state.last) return state.first_seen_us == 0 ? "never scheduled" : "waiting";
  if (!state.last->ended) return "running";
  if (state.last->abandoned) return "broken off";
  std::string text = to_string(state.last->status);
  if (may_repeat(job, *state.last)) text += ", repeated later";
  return text;
}

/// Scheduled times that passed since the newest claim and have not run.
int64_t missed_count(const schedule::Job& job, const schedule::JobState& state, int64_t now_us) {
  if (state.first_seen_us == 0) return 0;
  const int64_t since = state.last ? state.last->scheduled : state.first_seen_us / kMicrosPerSecond;
  return static_cast<int64_t>(
      job.times.between(since, now_us / kMicrosPerSecond, schedule::kMissedMax).size());
}

Result<engine::Rows> status_rows(const OpenedSchedule& opened) {
  storage::FileSystem& lake = opened.session->env().lake;
  const Clock& clock = opened.session->clock();
  const schedule::Owner self = schedule::this_process("");
  engine::Rows rows = text_rows({"job", "state", "last_scheduled", "attempt", "ended", "release",
                                 "left_out", "missed", "incident", "next", "message"});
  for (const schedule::Job& job : opened.schedule.jobs) {
    BULLION_TRY_ASSIGN(const auto state, read_job_state(lake, clock, self, job));
    const auto next = job.times.next(clock.now_us() / kMicrosPerSecond);
    const auto& last = state.last;
    rows.rows.push_back(
        {job.name, state_of(job, state), last ? Value(utc_text(last->scheduled)) : Value(),
         last ? Value(last->attempt) : Value(),
         last && last->ended ? Value(utc_text(last->ended_at_us / kMicrosPerSecond)) : Value(),
         last && last->release != 0 ? Value(last->release) : Value(),
         last ? Value(last->missed) : Value(), missed_count(job, state, clock.now_us()),
         state.incident != 0 ? Value(state.incident) : Value(),
         next ? Value(utc_text(*next)) : Value(), last ? text_or_null(last->message) : Value()});
  }
  return rows;
}

Result<engine::Rows> source_rows(const OpenedSchedule& opened) {
  engine::Rows rows = text_rows({"expected_source", "by", "next", "incident"});
  const Clock& clock = opened.session->clock();
  const schedule::Alerts alerts(opened.session->env().lake, clock, schedule::this_process(""));
  for (const schedule::Expectation& expected : opened.schedule.expected) {
    BULLION_TRY_ASSIGN(
        const int64_t incident,
        alerts.open_incident({.kind = schedule::Subject::Kind::Source, .name = expected.source}));
    const auto next = expected.times.next(clock.now_us() / kMicrosPerSecond);
    rows.rows.push_back({expected.source, expected.times.cron.text,
                         next ? Value(utc_text(*next)) : Value(),
                         incident != 0 ? Value(incident) : Value()});
  }
  return rows;
}

Result<engine::Rows> alert_rows(const OpenedSchedule& opened) {
  engine::Rows rows =
      text_rows({"alert", "event", "channel", "state", "tries", "next_try", "message"});
  const schedule::Alerts alerts(opened.session->env().lake, opened.session->clock(),
                                schedule::this_process(""));
  BULLION_TRY_ASSIGN(const auto deliveries, alerts.deliveries(opened.schedule.channels));
  for (const schedule::Delivery& delivery : deliveries) {
    rows.rows.push_back(
        {fmt::format("{} #{}", to_string(delivery.notice.subject), delivery.notice.incident),
         to_string(delivery.notice.event), delivery.channel, delivery.state, delivery.tries,
         delivery.next_us == 0 ? Value() : Value(utc_text(delivery.next_us / kMicrosPerSecond)),
         text_or_null(delivery.message)});
  }
  return rows;
}

std::string days_text(const schedule::Times& times) {
  return times.calendar ? fmt::format("{} of {}", to_string(times.days), times.calendar->name) : "";
}

}  // namespace

Result<OpenedSchedule> open_schedule(const GlobalOptions& global) {
  OpenedSchedule out;
  BULLION_TRY_ASSIGN(out.session, Session::open(global));
  schedule::ScheduleOutcome outcome = schedule::load_schedule(out.session->project());
  if (!outcome.schedule) {
    for (const project::Problem& problem : outcome.problems) complain(to_string(problem));
    return invalid(fmt::format("schedule.yml has {} problem{}", outcome.problems.size(),
                               outcome.problems.size() == 1 ? "" : "s"));
  }
  out.schedule = std::move(*outcome.schedule);
  return out;
}

Result<std::vector<schedule::Job>> chosen_jobs(const schedule::Schedule& schedule,
                                               const std::string& name) {
  if (name.empty()) return schedule.jobs;
  const schedule::Job* job = schedule.find_job(name);
  if (job != nullptr) return std::vector<schedule::Job>{*job};
  return invalid(fmt::format("there is no job `{}` in schedule.yml{}; jobs: {}", name,
                             did_you_mean(name, schedule.job_names()),
                             fmt::join(schedule.job_names(), ", ")));
}

int schedule_list(const GlobalOptions& global, const ScheduleOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  engine::Rows rows = text_rows(
      {"job", "cron", "time_zone", "days", "catchup", "retries", "timeout", "select", "next"});
  for (const schedule::Job& job : opened.schedule.jobs) {
    const auto next = job.times.next(opened.session->clock().now_us() / kMicrosPerSecond);
    rows.rows.push_back(
        {job.name, job.times.cron.text, job.times.zone.name(), text_or_null(days_text(job.times)),
         to_string(job.catchup), job.retries.retries_max,
         job.timeout_us == 0 ? Value() : Value(schedule::format_duration(job.timeout_us)),
         text_or_null(fmt::format("{}", fmt::join(job.select, " "))),
         next ? Value(utc_text(*next)) : Value()});
  }
  put(format_rows(rows, format));
  return kOk;
}

int schedule_next(const GlobalOptions& global, const ScheduleOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  BULLION_CLI_ASSIGN(const auto jobs, chosen_jobs(opened.schedule, options.job));
  struct Coming {
    int64_t at = 0;
    std::string job;
    std::string local;
  };
  std::vector<Coming> coming;
  for (const schedule::Job& job : jobs) {
    int64_t at = opened.session->clock().now_us() / kMicrosPerSecond;
    for (int64_t i = 0; i < options.count; ++i) {
      const auto next = job.times.next(at);
      if (!next) break;
      at = *next;
      coming.push_back({at, job.name, job.times.zone.format(at) + " " + job.times.zone.name()});
    }
  }
  std::stable_sort(coming.begin(), coming.end(),
                   [](const Coming& a, const Coming& b) { return a.at < b.at; });
  engine::Rows rows = text_rows({"job", "local", "utc"});
  for (const Coming& one : coming) rows.rows.push_back({one.job, one.local, utc_text(one.at)});
  put(format_rows(rows, format));
  return kOk;
}

int schedule_status(const GlobalOptions& global, const ScheduleOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  BULLION_CLI_ASSIGN(const engine::Rows jobs, status_rows(opened));
  BULLION_CLI_ASSIGN(const engine::Rows sources, source_rows(opened));
  BULLION_CLI_ASSIGN(const engine::Rows alerts, alert_rows(opened));
  if (format == OutputFormat::Json) {
    put(fmt::format("{{\"jobs\": {},\n\"expected\": {},\n\"alerts\": {}}}\n",
                    format_rows(jobs, format), format_rows(sources, format),
                    format_rows(alerts, format)));
    return kOk;
  }
  put(format_rows(jobs, format));
  if (!sources.rows.empty()) put(format_rows(sources, format));
  if (!alerts.rows.empty()) put(format_rows(alerts, format));
  return kOk;
}

int schedule_due(const GlobalOptions& global, const ScheduleOptions& options) {
  BULLION_CLI_ASSIGN(const int64_t within,
                     schedule::parse_duration(options.within.empty() ? "1m" : options.within));
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  BULLION_CLI_ASSIGN(const auto jobs, chosen_jobs(opened.schedule, options.job));
  int64_t at = opened.session->clock().now_us();
  if (!options.at.empty()) {
    const auto given = parse_timestamp(options.at);
    if (!given) {
      return fail(invalid(
          fmt::format("--at {}: expected a time such as 2026-11-01T06:00:00Z", options.at)));
    }
    at = *given;
  }
  const auto times =
      jobs.front().times.between((at - within) / kMicrosPerSecond, at / kMicrosPerSecond, 1);
  if (times.empty()) {
    const auto next = jobs.front().times.next(at / kMicrosPerSecond);
    if (!global.quiet) say("not due; next: " + (next ? utc_text(*next) : std::string("never")));
    return kTestFailed;
  }
  if (!global.quiet) say("due since " + utc_text(times[0]));
  return kOk;
}

int schedule_export(const GlobalOptions& global, const ScheduleOptions& options) {
  BULLION_CLI_ASSIGN(const OpenedSchedule opened, open_schedule(global));
  BULLION_CLI_ASSIGN(const auto jobs, chosen_jobs(opened.schedule, options.job));
  schedule::ExportOptions to{.project_folder = opened.schedule.project_folder};
  if (!options.program.empty()) to.program = options.program;
  to.start_day = options.start.empty()
                     ? format_timestamp(opened.session->clock().now_us()).substr(0, 10)
                     : options.start;
  if (!parse_date(to.start_day)) {
    return fail(invalid(fmt::format("--start {}: expected a day like 2026-01-31", options.start)));
  }
  std::vector<schedule::ExportedFile> files;
  if (options.kind == "airflow") {
    files = export_airflow(jobs, to);
  } else if (options.kind == "cron") {
    files = export_cron(jobs, to);
  } else if (options.kind == "systemd") {
    files = export_systemd(jobs, to);
  } else {
    return fail(
        invalid(fmt::format("schedule export {}{}; expected airflow, cron or systemd", options.kind,
                            did_you_mean(options.kind, {"airflow", "cron", "systemd"}))));
  }
  if (options.folder.empty()) {
    for (const schedule::ExportedFile& file : files) {
      put(fmt::format("{}{}", files.size() > 1 ? fmt::format("# --- {}\n", file.name) : "",
                      file.text));
    }
    return kOk;
  }
  const auto folder = storage::local_file_system(options.folder);
  for (const schedule::ExportedFile& file : files) {
    BULLION_CLI_TRY(folder->replace(file.name, file.text));
    if (!global.quiet) say(storage::join_path(options.folder, file.name));
  }
  return kOk;
}

}  // namespace bullion::cli
