// What the verbs below `bullion schedule` do; see verbs.h.
#pragma once

#include <cstdint>
#include <string>

#include "cli/options.h"

namespace bullion::cli {

struct ScheduleOptions {
  std::string job;
  std::string output = "table";
  int64_t count = 5;    ///< next
  bool once = false;    ///< run
  std::string until;    ///< run: a timestamp
  std::string at;       ///< due: a timestamp; "": now
  std::string within;   ///< due: a duration
  std::string kind;     ///< export: airflow | cron | systemd
  std::string folder;   ///< export: where to write; "": standard output
  std::string program;  ///< export: what to call
  std::string start;    ///< export airflow: start_date
  std::string report;   ///< work: file for the outcome
  int64_t parent = 0;   ///< work: process id of the scheduler
};

int schedule_run(const GlobalOptions& global, const ScheduleOptions& options);
/// The process that a scheduler starts for one job: pipeline::run, with its outcome in a file.
int schedule_work(const GlobalOptions& global, const ScheduleOptions& options);
int schedule_list(const GlobalOptions& global, const ScheduleOptions& options);
int schedule_next(const GlobalOptions& global, const ScheduleOptions& options);
int schedule_status(const GlobalOptions& global, const ScheduleOptions& options);
/// Exit code 0 when a scheduled time of the job lies within the last `within`, 1 when not.
int schedule_due(const GlobalOptions& global, const ScheduleOptions& options);
int schedule_export(const GlobalOptions& global, const ScheduleOptions& options);

}  // namespace bullion::cli
