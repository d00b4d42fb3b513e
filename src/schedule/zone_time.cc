#include "schedule/zone_time.h"

#include <algorithm>
#include <exception>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "base/time_units.h"

namespace bullion::schedule {
namespace {

constexpr int32_t kDaysAhead = 3'660;

int64_t floor_days(int64_t seconds) {
  return (seconds >= 0 ? seconds : seconds - (kSecondsPerDay - 1)) / kSecondsPerDay;
}

int64_t seconds_of(const date::sys_seconds& time) { return time.time_since_epoch().count(); }

std::string nearest_zone(const std::string& name) {
  std::vector<std::string> names;
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  } catch (const std::exception&) {
    return "";
  }
  return did_you_mean(name, names);
}

void add_real_times(const Zone& zone, int64_t local, std::vector<int64_t>& out) {
  const LocalMeaning meaning = zone.meaning_of(local);
  if (meaning.kind != LocalMeaning::Kind::Skipped) {
    out.push_back(meaning.first);
    out.push_back(meaning.second);
    return;
  }
  // The hour still happens in part when the clock lands inside it.
  const int64_t landed = meaning.first + zone.offset_at(meaning.first);
  if (landed / 3600 == local / 3600) out.push_back(meaning.first);
}

}  // namespace

Result<Zone> Zone::find(const std::string& name) {
  // The library throws on unknown names and on a missing database.
  try {
    return Zone(name, date::locate_zone(name));
  } catch (const std::exception&) {
    return invalid(
        fmt::format("time zone `{}` is not in the time zone database{}; expected a name "
                    "such as UTC or Europe/Berlin",
                    name, nearest_zone(name)));
  }
}

int64_t Zone::offset_at(int64_t instant) const {
  return zone_->get_info(date::sys_seconds{std::chrono::seconds{instant}}).offset.count();
}

LocalMeaning Zone::meaning_of(int64_t local) const {
  const date::local_info info = zone_->get_info(date::local_seconds{std::chrono::seconds{local}});
  if (info.result == date::local_info::nonexistent) {
    const int64_t after = seconds_of(info.first.end);
    return {.kind = LocalMeaning::Kind::Skipped, .first = after, .second = after};
  }
  const int64_t first = local - info.first.offset.count();
  if (info.result == date::local_info::ambiguous) {
    return {.kind = LocalMeaning::Kind::Repeated,
            .first = first,
            .second = local - info.second.offset.count()};
  }
  return {.kind = LocalMeaning::Kind::Once, .first = first, .second = first};
}

int32_t Zone::day_at(int64_t instant) const {
  return static_cast<int32_t>(floor_days(instant + offset_at(instant)));
}

std::string Zone::format(int64_t instant) const {
  const int64_t offset = offset_at(instant);
  const std::string local = format_timestamp((instant + offset) * 1'000'000);
  const int64_t minutes = std::abs(offset) / 60;
  const std::string_view seconds =
      local.compare(17, 2, "00") == 0 ? std::string_view() : std::string_view(local).substr(16, 3);
  return fmt::format("{} {}{} {}{:02}:{:02}", local.substr(0, 10), local.substr(11, 5), seconds,
                     offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::vector<int64_t> instants_of_day(const Cron& cron, const Zone& zone, int32_t day) {
  std::vector<int64_t> out;
  const int64_t midnight = int64_t{day} * kSecondsPerDay;
  for (const int32_t time : times_of_day(cron)) {
    if (cron.every_hour()) {
      add_real_times(zone, midnight + time, out);
    } else {
      out.push_back(zone.meaning_of(midnight + time).first);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<int64_t> next_instant(const Cron& cron, const Zone& zone, const DayFilter& counts,
                                    int64_t after) {
  // A zone may skip a whole day, so times of earlier days can lie after this day's midnight.
  const int32_t first_day = zone.day_at(after) - 2;
  std::optional<int64_t> best;
  for (int32_t day = first_day; day < first_day + kDaysAhead; ++day) {
    if (!names_day(cron, day) || (counts && !counts(day))) continue;
    for (const int64_t instant : instants_of_day(cron, zone, day)) {
      if (instant > after && (!best || instant < *best)) best = instant;
    }
    if (best) return best;
  }
  return std::nullopt;
}

std::vector<int64_t> instants_between(const Cron& cron, const Zone& zone, const DayFilter& counts,
                                      int64_t after, int64_t until, size_t count_max) {
  std::vector<int64_t> out;
  if (until <= after) return out;
  const int32_t first_day = zone.day_at(after) - 2;
  // From the newest day back, so that a limit keeps the newest.
  for (int32_t day = zone.day_at(until) + 2; day >= first_day; --day) {
    if (out.size() > count_max + 64 * 24) break;
    if (!names_day(cron, day) || (counts && !counts(day))) continue;
    for (const int64_t instant : instants_of_day(cron, zone, day)) {
      if (instant > after && instant <= until) out.push_back(instant);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.size() > count_max) out.erase(out.begin(), out.end() - static_cast<int64_t>(count_max));
  return out;
}

}  // namespace bullion::schedule
