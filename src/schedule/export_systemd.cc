// Units for systemd: systemd.timer(5), systemd.time(7), systemd.service(5).
#include <array>

#include <fmt/format.h>

#include "schedule/export.h"

namespace bullion::schedule {
namespace {

std::string list_of(uint64_t mask, int lowest, int highest) {
  const std::vector<int> values = values_of(mask);
  if (static_cast<int>(values.size()) == highest - lowest + 1) return "*";
  std::string out;
  for (const int value : values) out += fmt::format("{}{:02}", out.empty() ? "" : ",", value);
  return out;
}

std::string weekdays_of(const Cron& cron) {
  constexpr std::array<std::string_view, 7> kNames{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::string out;
  for (const int day : values_of(cron.weekdays)) {
    out += fmt::format("{}{}", out.empty() ? "" : ",", kNames.at(static_cast<size_t>(day)));
  }
  return out;
}

/// A path or word for ExecStart=: specifiers and variables are doubled, blanks quoted.
std::string unit_quoted(const std::string& text) {
  std::string out;
  bool quote = text.empty();
  for (const char c : text) {
    if (c == '%' || c == '$') out += c;
    if (c == '"' || c == '\\') out += '\\';
    quote = quote || c == ' ' || c == '"' || c == '\'' || c == '\\' || c == ';';
    out += c;
  }
  return quote ? "\"" + out + "\"" : out;
}

std::string service_text(const Job& job, const ExportOptions& options) {
  const std::string program = options.program.find('/') == std::string::npos
                                  ? fmt::format("/usr/bin/env {}", unit_quoted(options.program))
                                  : unit_quoted(options.program);
  const std::string command =
      fmt::format("{} --project-dir {}", program, unit_quoted(options.project_folder));
  std::string out = fmt::format(
      "# Job {0} of schedule.yml, written by `bullion schedule export systemd`.\n"
      "[Unit]\nDescription=Bullion job {0}\n",
      job.name);
  const int64_t retries = job.retries.retries_max;
  if (retries > 0) {
    out += fmt::format("StartLimitIntervalSec={}\nStartLimitBurst={}\n",
                       (retries + 1) * (job.retries.initial_us / 1'000'000 + 60), retries + 1);
  }
  out += "\n[Service]\nType=oneshot\n";
  if (needs_guard(job)) {
    out += fmt::format(
        "# The calendar: {}. Other days are skipped.\n"
        "ExecCondition={} schedule due {} --within {}\n",
        to_string(job.times.days), command, job.name, job.catchup == Catchup::None ? "5m" : "12h");
  }
  out += fmt::format("ExecStart={} run -q", command);
  for (const std::string& model : job.select) out += " --select " + unit_quoted(model);
  out += "\n";
  if (job.retries.retries_max > 0) {
    out += fmt::format(
        "# Repeated on failures but not on a blocked gate. The wait does not grow here, and "
        "attempts "
        "that take\n# longer than a minute are not counted by StartLimitBurst.\n"
        "Restart=on-failure\nRestartPreventExitStatus=3\nRestartSec={}\n",
        job.retries.initial_us / 1'000'000);
  }
  out += job.timeout_us > 0 ? fmt::format("TimeoutStartSec={}\n", job.timeout_us / 1'000'000)
                            : "TimeoutStartSec=infinity\n";
  return out;
}

std::string timer_text(const Job& job) {
  std::string out = fmt::format(
      "# Job {} of schedule.yml, written by `bullion schedule export systemd`.\n"
      "[Unit]\nDescription=Times of Bullion job {}\n\n[Timer]\n",
      job.name, job.name);
  for (const std::string& event : calendar_events(job)) out += "OnCalendar=" + event + "\n";
  if (job.catchup == Catchup::All) {
    out += "# catchup: all; systemd runs a missed time once, not each of them.\n";
  }
  out += fmt::format("Persistent={}\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n",
                     job.catchup == Catchup::None ? "false" : "true");
  return out;
}

}  // namespace

std::vector<std::string> calendar_events(const Job& job) {
  const Cron& cron = job.times.cron;
  const std::string clock = fmt::format("{}:{}:00 {}", list_of(cron.hours, 0, 23),
                                        list_of(cron.minutes, 0, 59), job.times.zone.name());
  const std::string months = list_of(cron.months, 1, 12);
  const bool all_weekdays = cron.weekdays == 0x7F;
  std::vector<std::string> out;
  const auto add = [&](bool with_weekdays, std::string_view separator, const std::string& days) {
    out.push_back(fmt::format("{}*-{}{}{} {}", with_weekdays ? weekdays_of(cron) + " " : "", months,
                              separator, days, clock));
  };
  // crontab(5): with both day fields restricted, one of them is enough; systemd asks for both.
  const bool either = !cron.any_day && !cron.any_weekday;
  const bool both = !either && !all_weekdays;
  if (cron.days != 0) add(both, "-", list_of(cron.days, 1, 31));
  if (cron.last_day) add(both, "~", "01");
  if (either) add(true, "-", "*");
  return out;
}

std::vector<ExportedFile> export_systemd(const std::vector<Job>& jobs,
                                         const ExportOptions& options) {
  std::vector<ExportedFile> files;
  for (const Job& job : jobs) {
    files.push_back({fmt::format("bullion-{}.service", job.name), service_text(job, options)});
    files.push_back({fmt::format("bullion-{}.timer", job.name), timer_text(job)});
  }
  return files;
}

}  // namespace bullion::schedule
