#include "schedule/config.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/time_units.h"

namespace bullion::schedule {
DayFilter Times::filter() const {
  if (!calendar) return {};
  return [this](int32_t day) { return names_day(days, *calendar, day); };
}

std::optional<int64_t> Times::next(int64_t after) const {
  return next_instant(cron, zone, filter(), after);
}

std::vector<int64_t> Times::between(int64_t after, int64_t until, size_t count_max) const {
  return instants_between(cron, zone, filter(), after, until, count_max);
}

std::string to_string(Catchup catchup) {
  switch (catchup) {
    case Catchup::Latest:
      return "latest";
    case Catchup::All:
      return "all";
    case Catchup::None:
      return "none";
  }
  return "";
}

std::string to_string(Event event) {
  switch (event) {
    case Event::Failure:
      return "failure";
    case Event::Blocked:
      return "blocked";
    case Event::Late:
      return "late";
    case Event::Recovered:
      return "recovered";
  }
  return "";
}

int64_t RetryPolicy::wait_us(int64_t failed_attempts) const {
  int64_t wait = initial_us;
  for (int64_t i = 1; i < failed_attempts && wait < longest_us; ++i) wait *= factor;
  return std::min(wait, longest_us);
}

bool Channel::wants(Event event) const {
  return events.empty() || std::find(events.begin(), events.end(), event) != events.end();
}

const Job* Schedule::find_job(const std::string& name) const {
  const auto found =
      std::find_if(jobs.begin(), jobs.end(), [&](const Job& job) { return job.name == name; });
  return found == jobs.end() ? nullptr : &*found;
}

std::vector<std::string> Schedule::job_names() const {
  std::vector<std::string> names;
  for (const Job& job : jobs) names.push_back(job.name);
  return names;
}

Result<int64_t> parse_duration(std::string_view text) {
  int64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, fault] = std::from_chars(text.data(), last, number);
  const std::string_view unit(end, static_cast<size_t>(last - end));
  int64_t seconds = 0;
  if (unit == "s") seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3'600;
  if (unit == "d") seconds = 86'400;
  constexpr int64_t kLongestSeconds = int64_t{366} * 86'400;
  if (fault != std::errc{} || seconds == 0 || number <= 0 || number > kLongestSeconds / seconds) {
    return invalid(fmt::format(
        "`{}`; expected a duration such as 30s, 15m, 2h or 1d, of at most 366 days", text));
  }
  return number * seconds * kMicrosPerSecond;
}

std::string format_duration(int64_t microseconds) {
  const int64_t seconds = microseconds / kMicrosPerSecond;
  if (seconds > 0 && seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds > 0 && seconds % 3'600 == 0) return fmt::format("{}h", seconds / 3'600);
  if (seconds > 0 && seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

}  // namespace bullion::schedule
