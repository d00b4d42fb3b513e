// What schedule.yml declares: calendars, jobs, expected sources and alert channels
// (docs/schedule.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "project/project.h"
#include "schedule/calendar.h"
#include "schedule/cron.h"
#include "schedule/zone_time.h"

namespace bullion::schedule {

/// When something is due: a cron expression in a zone, on the days of a calendar.
struct Times {
  Cron cron;
  Zone zone;
  std::optional<Calendar> calendar;
  DayRule days;

  /// Seconds since the epoch; see zone_time.h.
  std::optional<int64_t> next(int64_t after) const;
  std::vector<int64_t> between(int64_t after, int64_t until, size_t count_max) const;

 private:
  DayFilter filter() const;
};

enum class Catchup {
  Latest,  ///< the newest missed time, once
  All,     ///< each missed time, in order
  None,    ///< missed times stay missed
};
std::string to_string(Catchup catchup);

/// After the k-th failed attempt the next one waits initial * factor^(k-1), at most `longest`.
struct RetryPolicy {
  int64_t retries_max = 0;  ///< attempts after the first
  int64_t initial_us = 60'000'000;
  int64_t longest_us = 3'600'000'000;
  int64_t factor = 2;

  int64_t wait_us(int64_t failed_attempts) const;
};

struct Job {
  std::string name;
  Times times;
  Catchup catchup = Catchup::Latest;
  RetryPolicy retries;
  std::vector<std::string> select;  ///< models; empty: all
  int64_t timeout_us = 0;           ///< 0: none
  project::Location location;
};

/// A source that must have had a new file since its previous expected time.
struct Expectation {
  std::string source;
  Times times;
  project::Location location;
};

enum class Event { Failure, Blocked, Late, Recovered };
std::string to_string(Event event);

enum class ChannelKind { Webhook, Slack, Smtp, File };

/// Where alerts go. Texts may hold ${NAME}; they are resolved when a notice is sent, and nowhere
/// else, so that no secret reaches a log, a record or an output.
struct Channel {
  std::string name;
  ChannelKind kind = ChannelKind::File;
  std::vector<Event> events;  ///< empty: all
  std::string url;            ///< webhook, slack: http(s)://; smtp: smtp(s)://host[:port]
  std::map<std::string, std::string> headers;
  std::string from;
  std::vector<std::string> to;
  std::string user;
  std::string password;
  bool starttls = false;  ///< smtp: refuse to go on without it
  std::string path;       ///< file: absolute
  int64_t timeout_us = 10'000'000;

  bool wants(Event event) const;
};

struct Schedule {
  std::string project;         ///< the project's name, for notices
  std::string project_folder;  ///< absolute
  std::vector<Job> jobs;       ///< in the order of the file
  std::vector<Expectation> expected;
  std::vector<Channel> channels;

  const Job* find_job(const std::string& name) const;
  std::vector<std::string> job_names() const;
};

struct ScheduleOutcome {
  std::optional<Schedule> schedule;
  std::vector<project::Problem> problems;
};

inline constexpr const char* kScheduleFile = "schedule.yml";

/// Whether the project has a schedule.yml.
bool has_schedule(const project::Project& project);
/// Reads schedule.yml of a loaded project; every problem found, not only the first.
ScheduleOutcome load_schedule(const project::Project& project);

/// "90s", "15m", "2h", "1d" as microseconds; Invalid otherwise and for zero.
Result<int64_t> parse_duration(std::string_view text);
/// The shortest such text for whole seconds.
std::string format_duration(int64_t microseconds);

}  // namespace bullion::schedule
