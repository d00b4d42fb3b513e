// A schedule written for other schedulers: Airflow, cron, systemd.
#pragma once

#include <string>
#include <vector>

#include "schedule/config.h"

namespace bullion::schedule {

struct ExportedFile {
  std::string name;
  std::string text;
};

struct ExportOptions {
  std::string project_folder;  ///< absolute, where the command runs
  std::string program = "bullion";
  std::string start_day;  ///< "YYYY-MM-DD": Airflow's start_date
};

/// One DAG file per job, for Airflow 2.4 and later.
std::vector<ExportedFile> export_airflow(const std::vector<Job>& jobs,
                                         const ExportOptions& options);
/// One crontab with all jobs; CRON_TZ is cronie's.
std::vector<ExportedFile> export_cron(const std::vector<Job>& jobs, const ExportOptions& options);
/// A service and a timer per job, for systemd 244 and later.
std::vector<ExportedFile> export_systemd(const std::vector<Job>& jobs,
                                         const ExportOptions& options);

/// The text in single quotes for a POSIX shell.
std::string shell_quoted(const std::string& text);
/// "bullion --project-dir DIR run --select m", quoted for a shell.
std::string run_command(const Job& job, const ExportOptions& options);
/// "bullion --project-dir DIR schedule due JOB", quoted for a shell.
std::string due_command(const Job& job, const ExportOptions& options);
/// OnCalendar= expressions that together name what the cron expression names.
std::vector<std::string> calendar_events(const Job& job);
/// Whether cron alone names too many days, so that `schedule due` has to be asked.
bool needs_guard(const Job& job);

}  // namespace bullion::schedule
