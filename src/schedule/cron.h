// Cron expressions: which days and which times of a day they name. Zones are zone_time.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bullion::schedule {

/// Five fields as in crontab(5): minute hour day-of-month month day-of-week. Bit i of a mask stands
/// for the value i.
struct Cron {
  uint64_t minutes = 0;          ///< bits 0-59
  uint32_t hours = 0;            ///< bits 0-23
  uint32_t days = 0;             ///< bits 1-31, day of the month
  uint32_t months = 0;           ///< bits 1-12
  uint32_t weekdays = 0;         ///< bits 0-6, 0 is Sunday
  bool last_day = false;         ///< `L`: the last day of the month
  bool any_day = false;          ///< the field day-of-month is `*`
  bool any_weekday = false;      ///< the field day-of-week is `*`
  std::string text = {};         ///< as written
  std::string five_fields = {};  ///< as written, an @alias written out

  /// All 24 hours: the job follows the real clock (docs/schedule.md, the DST rule).
  bool every_hour() const { return hours == (1U << 24U) - 1; }
};

/// Lists, ranges, steps, three-letter names of months and days, 7 for Sunday, `L` as day of the
/// month, and @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. Invalid with the
/// field, its value and its range; also for days that never come, such as 30 February.
Result<Cron> parse_cron(std::string_view text);

/// Whether the expression names this calendar day (days since 1970-01-01). As in crontab(5), when
/// both day fields are restricted a day needs to satisfy only one of them.
bool names_day(const Cron& cron, int32_t day);

/// The times of a day it names, as seconds since local midnight, ascending.
std::vector<int32_t> times_of_day(const Cron& cron);

/// Values of the set bits, ascending.
std::vector<int> values_of(uint64_t mask);

}  // namespace bullion::schedule
