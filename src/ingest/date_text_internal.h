// Dates and times by a source's own formats and time zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/file_format.h"

namespace bullion::ingest {

/// A calendar day, a time of that day, and what the text says of its place on the earth.
struct DateAndTime {
  int32_t days = 0;                       ///< since 1970-01-01
  int64_t micros = 0;                     ///< since that day's midnight
  std::optional<int32_t> offset_minutes;  ///< east of UTC
  std::string zone;                       ///< an IANA name; "" when none is given
};

/// Reads the whole text by one strftime format; nullopt when it does not fit or is no date of the
/// calendar. Numbers may lack leading zeros. A missing day is the 1st, a missing time midnight.
/// %y: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 (POSIX). %b and %B are English names,
/// long or short. %f: digits of a second, those behind the sixth zeros. %z: Z, +HH, +HHMM or
/// +HH:MM. %Z: UTC, GMT, Z or an IANA name; other abbreviations mean different zones in different
/// places. A blank in the format fits one or more blanks.
std::optional<DateAndTime> read_date_and_time(std::string_view text, std::string_view format);

enum class LocalTimeFault : uint8_t { None, Twice, Never, UnknownZone };
struct Instant {
  int64_t micros = 0;  ///< since 1970-01-01T00:00:00Z
  LocalTimeFault fault = LocalTimeFault::None;
};

/// The instant of a wall clock's time (microseconds as if it were UTC) in a zone. `dst` as in
/// project::ValueFormat: of a time that comes twice, the earlier or the later instant; a time that
/// never comes is read with the offset behind the gap (earlier) or before it (later).
Instant instant_in_zone(int64_t local_micros, const std::string& zone, std::string_view dst);

/// The parts of a column's text by the formats of its source, tried in their order; ISO 8601 when
/// it has none.
class DateReader {
 public:
  explicit DateReader(const project::ValueFormat& format);

  std::optional<int32_t> date(std::string_view text) const;
  /// As the wall clock shows it; an offset in the text is applied, so that the time is UTC.
  std::optional<int64_t> wall_time(std::string_view text) const;
  /// nullopt when the text is no time.
  std::optional<Instant> instant(std::string_view text) const;

  /// "YYYY-MM-DD", or the formats: "%d/%m/%Y (28/02/2024) or ...".
  std::string expected(bool is_date) const;
  bool has_formats() const { return !formats_.empty(); }

 private:
  /// Local times, in microseconds, that have one offset for sure: a day away from its changes.
  struct Period {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t offset = 0;
  };

  std::optional<DateAndTime> read(std::string_view text) const;
  Instant in_own_zone(int64_t local_micros) const;

  std::vector<std::string> formats_;
  std::string zone_;  // "" is UTC
  std::string dst_;
  mutable Period period_;  // of zone_, that was asked for last; so a reader is for one thread
};

}  // namespace bullion::ingest
