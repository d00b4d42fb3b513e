// A crontab.
#include <fmt/format.h>

#include "schedule/export.h"

namespace bullion::schedule {
namespace {

/// crontab(5): an unescaped % ends the command.
std::string cron_escaped(const std::string& command) {
  std::string out;
  for (const char c : command) out += c == '%' ? std::string("\\%") : std::string(1, c);
  return out;
}

/// The fields without `L`, which cron does not know: the days that can be a last one instead.
std::string plain_fields(const Job& job) {
  const Cron& cron = job.times.cron;
  if (!cron.last_day) return cron.five_fields;
  std::string out;
  size_t field = 0;
  size_t begin = 0;
  while (begin <= cron.five_fields.size()) {
    size_t end = cron.five_fields.find(' ', begin);
    if (end == std::string::npos) end = cron.five_fields.size();
    std::string text = cron.five_fields.substr(begin, end - begin);
    if (field == 2) {
      text.clear();
      uint64_t days = cron.days;
      for (int day = 28; day <= 31; ++day) days |= uint64_t{1} << day;
      for (const int day : values_of(days))
        text += fmt::format("{}{}", text.empty() ? "" : ",", day);
    }
    out += (out.empty() ? "" : " ") + text;
    begin = end + 1;
    ++field;
  }
  return out;
}

std::string job_lines(const Job& job, const ExportOptions& options) {
  std::string out = fmt::format("\n# Job {}: {}", job.name, job.times.cron.text);
  if (needs_guard(job)) {
    out += fmt::format(", {} of calendar {}", to_string(job.times.days), job.times.calendar->name);
  }
  out +=
      fmt::format(".\n# Not expressed here: catch-up ({}), {} retries, {}.\n",
                  to_string(job.catchup), job.retries.retries_max,
                  job.timeout_us > 0 ? "timeout " + format_duration(job.timeout_us) : "no timeout");
  out += fmt::format("CRON_TZ={}\n", job.times.zone.name());
  const bool guard = needs_guard(job) || job.times.cron.last_day;
  out += fmt::format("{} {}{}\n", plain_fields(job),
                     guard ? cron_escaped(due_command(job, options)) + " && " : "",
                     cron_escaped(run_command(job, options)));
  return out;
}

}  // namespace

std::vector<ExportedFile> export_cron(const std::vector<Job>& jobs, const ExportOptions& options) {
  std::string out =
      "# Jobs of schedule.yml, written by `bullion schedule export cron`.\n"
      "# CRON_TZ is understood by cronie; with another cron, set the zone of the whole daemon.\n"
      "# Two runs of one lake that meet are safe: the second finds nothing new.\n"
      "# `schedule due` leaves with 0 only within a minute after a scheduled time: that keeps the "
      "calendars.\n";
  for (const Job& job : jobs) out += job_lines(job, options);
  return {{"bullion.crontab", out}};
}

}  // namespace bullion::schedule
