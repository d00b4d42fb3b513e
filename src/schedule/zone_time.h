// Local times of IANA zones as instants, and the times a cron expression names in a zone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "schedule/cron.h"

namespace date {
class time_zone;
}  // namespace date

namespace bullion::schedule {

/// What a local time means. Seconds since 1970-01-01 UTC.
struct LocalMeaning {
  enum class Kind { Once, Skipped, Repeated };
  Kind kind = Kind::Once;
  int64_t first = 0;   ///< Skipped: the first instant after the gap
  int64_t second = 0;  ///< Repeated: the second occurrence; otherwise equal to first
};

/// A zone of the system's time zone database. Copies are cheap; thread-safe.
class Zone {
 public:
  /// Invalid with the nearest name when the database has no such zone.
  static Result<Zone> find(const std::string& name);

  const std::string& name() const { return name_; }
  /// Seconds east of UTC at an instant.
  int64_t offset_at(int64_t instant) const;
  /// `local` is seconds since 1970-01-01 00:00 on the zone's wall clock.
  LocalMeaning meaning_of(int64_t local) const;
  /// The calendar day (days since 1970-01-01) on the wall clock at an instant.
  int32_t day_at(int64_t instant) const;
  /// "2026-03-29 03:00 +02:00".
  std::string format(int64_t instant) const;

 private:
  Zone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}
  std::string name_;
  const date::time_zone* zone_;  ///< owned by the library, for the life of the process
};

/// Tells whether a calendar day counts, besides what the cron expression says.
using DayFilter = std::function<bool(int32_t day)>;

/// The instants (seconds since the epoch, ascending, each once) that belong to one local day.
///
/// The DST rule. An expression that does not name all 24 hours: a local time that is skipped counts
/// as the first instant after the gap, a repeated one as its first occurrence, and times that fall
/// together count once. One that names all 24 hours follows the real clock: every instant whose
/// wall clock matches counts, so both halves of a repeated hour, and a skipped time only when a
/// part of its hour exists (gaps of half an hour).
std::vector<int64_t> instants_of_day(const Cron& cron, const Zone& zone, int32_t day);

/// The first time after `after`; nullopt when none comes within ten years.
std::optional<int64_t> next_instant(const Cron& cron, const Zone& zone, const DayFilter& counts,
                                    int64_t after);
/// The times in (after, until], ascending, at the most `count_max` of them (the newest when more).
std::vector<int64_t> instants_between(const Cron& cron, const Zone& zone, const DayFilter& counts,
                                      int64_t after, int64_t until, size_t count_max);

}  // namespace bullion::schedule
