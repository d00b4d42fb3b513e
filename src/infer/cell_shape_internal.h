// What one cell looks like, before anything is decided about its column.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bullion::infer {

/// How a date is written; its strftime format follows once the order of day and month is known.
struct DateStyle {
  enum class Order : uint8_t {
    YearFirst,    ///< 2024-02-28
    YearLast,     ///< 28/02/2024 or 02/28/2024
    NamedMiddle,  ///< 28-Feb-2024
    NamedFirst,   ///< Feb 28, 2024
    YearMonth,    ///< 2024-02
    Compact,      ///< 20240228
  };
  Order order = Order::YearFirst;
  char separator = '\0';      ///< '\0' with Compact
  bool comma = false;         ///< NamedFirst: a comma behind the day
  bool short_year = false;    ///< two digits
  bool long_month = false;    ///< a month's whole name ("May" is both and counts as short)
  uint8_t time_parts = 0;     ///< 0: no time, 2: 10:30, 3: 10:30:59
  bool fraction = false;      ///< of a second
  bool letter_t = false;      ///< 'T' between date and time
  bool meridiem = false;      ///< AM or PM
  bool offset = false;        ///< Z or +01:00
  bool blank_offset = false;  ///< with a blank before it
  bool operator==(const DateStyle&) const = default;
  auto operator<=>(const DateStyle&) const = default;
};

/// Digits of a number when `.` (0) or `,` (1) is the decimal mark.
struct NumberReading {
  bool fits = false;
  bool grouped = false;  ///< with thousands marks
  char thousands = '\0';
  int whole = 0;     ///< digits before the mark, without leading zeros
  int fraction = 0;  ///< digits behind it
};

struct CellShape {
  enum class Kind : uint8_t { Empty, NullWord, Number, Date, Time, Boolean, Text };
  Kind kind = Kind::Empty;
  // Number
  std::array<NumberReading, 2> readings;  ///< point, comma
  bool negative = false;
  bool parentheses = false;
  bool trailing_minus = false;
  bool exponent = false;
  bool leading_zero = false;  ///< 007, not 0.7
  bool plain_digits = false;  ///< nothing but digits and perhaps one minus in front
  std::string_view sign;      ///< currency sign or code
  // Date
  DateStyle date;
  int first = 0;   ///< YearLast: the first number
  int second = 0;  ///< YearLast: the second number
};

/// `text` without blanks around it. Words for NULL: is_null_word().
CellShape shape_of(std::string_view text);

/// NULL, N/A, #N/A, #REF! and their like, in any case.
bool is_null_word(std::string_view text);
/// Whether a null word means nothing else anywhere ("NULL", "#N/A"; not "-" or "NA").
bool is_certain_null_word(std::string_view text);

/// The format for strptime: `day_first` decides YearLast.
std::string strftime_format(const DateStyle& style, bool day_first);

}  // namespace bullion::infer
