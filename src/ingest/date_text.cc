#include <array>
#include <chrono>
#include <exception>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/date.h"
#include "base/time_units.h"
#include "ingest/date_text_internal.h"

namespace bullion::ingest {
namespace {

// POSIX strptime: two-digit years from here on are of the 20th century.
constexpr int kPivotYear = 69;

bool is_gap(char c) { return c == ' ' || c == '\t'; }

bool begins_with(std::string_view text, std::string_view lower_word) {
  if (text.size() < lower_word.size()) return false;
  for (size_t i = 0; i < lower_word.size(); ++i) {
    if (lower(text[i]) != lower_word[i]) return false;
  }
  return true;
}

/// Walks through a text by a format and collects what it says.
class FormatReader {
 public:
  explicit FormatReader(std::string_view text) : text_(text) {}

  bool read(std::string_view format) {
    for (size_t i = 0; i < format.size(); ++i) {
      if (is_gap(format[i])) {
        if (!take_blanks()) return false;
      } else if (format[i] != '%' || i + 1 == format.size()) {
        if (!take(format[i])) return false;
      } else if (!read_field(format[++i])) {
        return false;
      }
    }
    return text_.empty();
  }

  std::optional<DateAndTime> result() {
    if (!year_) return std::nullopt;
    const auto first = parse_date(fmt::format("{:04}-{:02}-01", *year_, day_of_year_ ? 1 : month_));
    if (!first) return std::nullopt;
    const int day = day_of_year_.value_or(day_);
    out_.days = *first + day - 1;
    // The day exists when the calendar gives it back.
    const std::string shown = format_date(out_.days);
    const std::string wanted =
        day_of_year_ ? fmt::format("{:04}-", *year_) : fmt::format("{:04}-{:02}-", *year_, month_);
    if (day < 1 || !shown.starts_with(wanted)) return std::nullopt;
    if (half_day_ && (hour_ < 1 || hour_ > 12)) return std::nullopt;
    const int hour = half_day_ ? hour_ % 12 + *half_day_ : hour_;
    out_.micros = ((int64_t{hour} * 60 + minute_) * 60 + second_) * kMicrosPerSecond + fraction_;
    return out_;
  }

 private:
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool take_blanks() {
    if (text_.empty() || !is_gap(text_[0])) return false;
    while (!text_.empty() && is_gap(text_[0])) text_.remove_prefix(1);
    return true;
  }

  bool take_number(int& value, size_t digits_min, size_t digits_max, int min, int max) {
    value = 0;
    size_t digits = 0;
    while (digits < digits_max && digits < text_.size() && is_digit(text_[digits])) {
      value = value * 10 + (text_[digits++] - '0');
    }
    text_.remove_prefix(digits);
    return digits >= digits_min && value >= min && value <= max;
  }

  bool read_field(char field) {
    switch (field) {
      case 'Y':
        return take_number(year_.emplace(), 4, 4, 1, 9999);
      case 'y':
        if (!take_number(year_.emplace(), 2, 2, 0, 99)) return false;
        *year_ += *year_ >= kPivotYear ? 1900 : 2000;
        return true;
      case 'm':
        return take_number(month_, 1, 2, 1, 12);
      case 'b':
      case 'B':
        return take_month_name();
      case 'e':
        while (!text_.empty() && is_gap(text_[0])) text_.remove_prefix(1);
        return take_number(day_, 1, 2, 1, 31);
      case 'd':
        return take_number(day_, 1, 2, 1, 31);
      case 'j':
        return take_number(day_of_year_.emplace(), 1, 3, 1, 366);
      case '%':
        return take('%');
      default:
        return read_time_field(field);
    }
  }

  bool read_time_field(char field) {
    switch (field) {
      case 'H':
        return take_number(hour_, 1, 2, 0, 23);
      case 'I':
        return take_number(hour_, 1, 2, 1, 12);
      case 'M':
        return take_number(minute_, 1, 2, 0, 59);
      case 'S':
        return take_number(second_, 1, 2, 0, 59);
      case 'f':
        return take_fraction();
      case 'p':
        if (!begins_with(text_, "am") && !begins_with(text_, "pm")) return false;
        half_day_ = lower(text_[0]) == 'p' ? 12 : 0;
        text_.remove_prefix(2);
        return true;
      case 'z':
        return take_offset();
      case 'Z':
        return take_zone();
      default:
        return false;
    }
  }

  bool take_month_name() {
    constexpr std::array<std::string_view, 12> kMonths{
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    for (size_t month = 0; month < kMonths.size(); ++month) {
      const std::string_view name = kMonths[month];
      if (!begins_with(text_, name.substr(0, 3))) continue;
      size_t letters = begins_with(text_, name) ? name.size() : 3;
      if (letters == 3 && begins_with(text_, "sept")) letters = 4;
      text_.remove_prefix(letters);
      month_ = static_cast<int>(month) + 1;
      return true;
    }
    return false;
  }

  bool take_fraction() {
    constexpr size_t kDigits = 6;
    size_t digits = 0;
    int64_t value = 0;
    for (; digits < text_.size() && is_digit(text_[digits]); ++digits) {
      if (digits < kDigits) {
        value = value * 10 + (text_[digits] - '0');
      } else if (text_[digits] != '0') {
        return false;
      }
    }
    for (size_t i = digits; i < kDigits; ++i) value *= 10;
    fraction_ = value;
    text_.remove_prefix(digits);
    return digits > 0;
  }

  bool take_offset() {
    if (take('Z') || take('z')) {
      out_.offset_minutes = 0;
      return true;
    }
    const bool is_west = text_.starts_with('-');
    if (!take('-') && !take('+')) return false;
    int hours = 0;
    int minutes = 0;
    if (!take_number(hours, 2, 2, 0, 23)) return false;
    const bool has_colon = take(':');
    if (has_colon || (!text_.empty() && is_digit(text_[0]))) {
      if (!take_number(minutes, 2, 2, 0, 59)) return false;
    }
    out_.offset_minutes = (is_west ? -1 : 1) * (hours * 60 + minutes);
    return true;
  }

  bool take_zone() {
    size_t letters = 0;
    while (letters < text_.size() && !is_gap(text_[letters]) && text_[letters] != ')') ++letters;
    const std::string_view name = text_.substr(0, letters);
    text_.remove_prefix(letters);
    if (name == "UTC" || name == "GMT" || name == "Z") {
      out_.offset_minutes = 0;
      return true;
    }
    out_.zone = name;
    // "EST" and its like are in the zone database for old times' sake, and mean one place's rules.
    return name.find('/') != std::string_view::npos;
  }

  std::string_view text_;
  std::optional<int> year_;
  int month_ = 1;
  int day_ = 1;
  std::optional<int> day_of_year_;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int64_t fraction_ = 0;
  std::optional<int> half_day_;  // hours to add
  DateAndTime out_;
};

/// The zone of a name; nullptr when the database has none. The library throws for unknown names.
const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Whether an ISO 8601 time ends with a zone.
bool has_offset(std::string_view text) {
  constexpr size_t kDateLetters = 10;
  return text.size() > kDateLetters &&
         (text.back() == 'Z' || text.back() == 'z' ||
          text.find_first_of("+-", kDateLetters) != std::string_view::npos);
}

}  // namespace

std::optional<DateAndTime> read_date_and_time(std::string_view text, std::string_view format) {
  FormatReader reader(text);
  if (!reader.read(format)) return std::nullopt;
  return reader.result();
}

Instant instant_in_zone(int64_t local_micros, const std::string& zone, std::string_view dst) {
  const date::time_zone* found = find_zone(zone);
  if (found == nullptr) return {0, LocalTimeFault::UnknownZone};
  int64_t seconds = local_micros / kMicrosPerSecond;
  if (local_micros % kMicrosPerSecond < 0) --seconds;
  const date::local_info info = found->get_info(date::local_seconds(std::chrono::seconds(seconds)));
  const auto with = [local_micros](const date::sys_info& period) {
    return Instant{local_micros - period.offset.count() * kMicrosPerSecond, LocalTimeFault::None};
  };
  if (info.result == date::local_info::unique) return with(info.first);
  const bool is_twice = info.result == date::local_info::ambiguous;
  if (dst == "earlier") return with(is_twice ? info.first : info.second);
  if (dst == "later") return with(is_twice ? info.second : info.first);
  return {0, is_twice ? LocalTimeFault::Twice : LocalTimeFault::Never};
}

DateReader::DateReader(const project::ValueFormat& format)
    : formats_(format.date_formats),
      zone_(format.time_zone == "UTC" ? "" : format.time_zone),
      dst_(format.dst) {}

std::optional<DateAndTime> DateReader::read(std::string_view text) const {
  for (const std::string& format : formats_) {
    if (auto found = read_date_and_time(text, format)) return found;
  }
  return std::nullopt;
}

std::optional<int32_t> DateReader::date(std::string_view text) const {
  const auto found = read(text);
  return found ? std::optional(found->days) : std::nullopt;
}

std::optional<int64_t> DateReader::wall_time(std::string_view text) const {
  if (formats_.empty()) return parse_timestamp(text);
  const auto found = read(text);
  if (!found) return std::nullopt;
  return found->days * kMicrosPerDay + found->micros -
         found->offset_minutes.value_or(0) * 60 * kMicrosPerSecond;
}

std::optional<Instant> DateReader::instant(std::string_view text) const {
  if (formats_.empty()) {
    const auto micros = parse_timestamp(text);
    if (!micros) return std::nullopt;
    if (zone_.empty() || has_offset(text)) return Instant{*micros, LocalTimeFault::None};
    return in_own_zone(*micros);
  }
  const auto found = read(text);
  if (!found) return std::nullopt;
  const int64_t local = found->days * kMicrosPerDay + found->micros;
  if (found->offset_minutes) {
    return Instant{local - int64_t{*found->offset_minutes} * 60 * kMicrosPerSecond,
                   LocalTimeFault::None};
  }
  if (!found->zone.empty()) return instant_in_zone(local, found->zone, dst_);
  if (zone_.empty()) return Instant{local, LocalTimeFault::None};
  return in_own_zone(local);
}

/// instant_in_zone without asking the zone database again for each of many times of one season.
Instant DateReader::in_own_zone(int64_t local_micros) const {
  if (local_micros >= period_.begin && local_micros < period_.end) {
    return {local_micros - period_.offset, LocalTimeFault::None};
  }
  const Instant instant = instant_in_zone(local_micros, zone_, dst_);
  const date::time_zone* zone = find_zone(zone_);
  if (instant.fault != LocalTimeFault::None || zone == nullptr) return instant;
  const date::sys_info info =
      zone->get_info(date::sys_seconds(std::chrono::seconds(instant.micros / kMicrosPerSecond)));
  const int64_t offset = info.offset.count() * kMicrosPerSecond;
  period_ = {info.begin.time_since_epoch().count() * kMicrosPerSecond + offset + kMicrosPerDay,
             info.end.time_since_epoch().count() * kMicrosPerSecond + offset - kMicrosPerDay,
             offset};
  return instant;
}

std::string DateReader::expected(bool is_date) const {
  if (formats_.empty()) {
    return is_date ? "YYYY-MM-DD"
                   : "YYYY-MM-DDTHH:MM:SS, with at most six decimals and Z or +HH:MM";
  }
  std::string text;
  for (const std::string& format : formats_) text += (text.empty() ? "" : " or ") + format;
  return text;
}

}  // namespace bullion::ingest
