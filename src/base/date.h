// Calendar dates and instants as integers: days and microseconds since 1970-01-01 UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bullion {

/// Days since 1970-01-01 for "YYYY-MM-DD" (four-digit years 0001-9999, checked against the
/// calendar).
std::optional<int32_t> parse_date(std::string_view text);
std::string format_date(int32_t days);

/// What SQL's date_trunc cuts a date to.
enum class DateUnit { Week, Month, Quarter, Year };
/// "week", "month", "quarter", "year".
std::string_view to_string(DateUnit unit);
/// The first day of the week (a Monday), month, quarter or year that a day is in.
int32_t first_day(DateUnit unit, int32_t days);

/// Microseconds since the epoch for "YYYY-MM-DD[T ]HH:MM:SS[.ffffff][Z|+HH:MM|-HH:MM]" or a date.
/// Without a zone the text is read as UTC. Fractions beyond microseconds must be zeros.
std::optional<int64_t> parse_timestamp(std::string_view text);

/// "2024-06-15T19:30:45.123456Z"; the fraction is always six digits.
std::string format_timestamp(int64_t microseconds);

}  // namespace bullion
