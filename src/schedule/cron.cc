#include "schedule/cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/nearest_name.h"

namespace bullion::schedule {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kAliases{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"}}};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

/// One of the five fields: what it is called, its range, and the names its values have.
struct Field {
  std::string_view name;
  int lowest = 0;
  int highest = 0;
  const std::string_view* names = nullptr;
  int names_count = 0;
  int first_named = 0;  ///< value of names[0]
};

std::vector<std::string> split(std::string_view text, std::string_view separators,
                               bool keep_empty) {
  std::vector<std::string> out;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin || keep_empty) out.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<int> field_value(const Field& field, const std::string& text) {
  for (int i = 0; i < field.names_count; ++i) {
    if (text == field.names[i]) return field.first_named + i;
  }
  const std::optional<int> value = whole_number(text);
  if (value && *value >= field.lowest && *value <= field.highest) return *value;
  std::string names;
  if (field.names_count > 0) {
    names = fmt::format(" or {}-{}", field.names[0], field.names[field.names_count - 1]);
  }
  return invalid(fmt::format("`{}` in the field {}; expected {}-{}{}", text, field.name,
                             field.lowest, field.highest, names));
}

/// One item of a list: `*`, `a`, `a-b`, each with an optional `/step`.
Result<uint64_t> item_mask(const Field& field, const std::string& item) {
  const size_t slash = item.find('/');
  const std::string range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string::npos) {
    const std::optional<int> given = whole_number(std::string_view(item).substr(slash + 1));
    if (!given || *given < 1 || *given > field.highest) {
      return invalid(fmt::format("step `{}` in the field {}; expected 1-{}", item.substr(slash),
                                 field.name, field.highest));
    }
    step = *given;
  }
  int first = field.lowest;
  int last = field.highest;
  if (range != "*") {
    const size_t dash = range.find('-');
    BULLION_TRY_ASSIGN(first, field_value(field, range.substr(0, dash)));
    if (dash != std::string::npos) {
      BULLION_TRY_ASSIGN(last, field_value(field, range.substr(dash + 1)));
    } else if (slash == std::string::npos) {
      last = first;
    }
    // `fri-sun` is 5-0 by name; 7 is Sunday too.
    if (last == 0 && first > 0 && field.highest == 7) last = 7;
    if (last < first) {
      return invalid(fmt::format("range `{}` in the field {} runs backwards; write two ranges",
                                 range, field.name));
    }
  } else if (field.highest == 7) {
    last = 6;
  }
  uint64_t mask = 0;
  for (int value = first; value <= last; value += step) mask |= uint64_t{1} << value;
  return mask;
}

Result<uint64_t> field_mask(const Field& field, const std::string& text) {
  uint64_t mask = 0;
  for (const std::string& item : split(text, ",", true)) {
    BULLION_TRY_ASSIGN(const uint64_t one, item_mask(field, item));
    mask |= one;
  }
  return mask;
}

/// Days of the month, where `L` may stand in the list.
Status read_days(const std::string& text, Cron& cron) {
  const Field field{.name = "day of month", .lowest = 1, .highest = 31};
  cron.any_day = text.starts_with('*');
  for (const std::string& item : split(text, ",", true)) {
    if (item == "l") {
      cron.last_day = true;
      continue;
    }
    BULLION_TRY_ASSIGN(const uint64_t mask, item_mask(field, item));
    cron.days |= static_cast<uint32_t>(mask);
  }
  return ok();
}

/// Whether some month has some of the days; the longest February has 29.
bool ever_comes(const Cron& cron) {
  constexpr std::array<int, 13> kLongest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (cron.last_day || !cron.any_weekday) return true;
  for (const int month : values_of(cron.months)) {
    for (const int day : values_of(cron.days)) {
      if (day <= kLongest.at(static_cast<size_t>(month))) return true;
    }
  }
  return false;
}

Result<Cron> read_fields(const std::vector<std::string>& fields) {
  Cron cron;
  BULLION_TRY_ASSIGN(cron.minutes,
                     field_mask({.name = "minute", .lowest = 0, .highest = 59}, fields[0]));
  BULLION_TRY_ASSIGN(const uint64_t hours,
                     field_mask({.name = "hour", .lowest = 0, .highest = 23}, fields[1]));
  BULLION_TRY(read_days(fields[2], cron));
  BULLION_TRY_ASSIGN(const uint64_t months, field_mask({.name = "month",
                                                        .lowest = 1,
                                                        .highest = 12,
                                                        .names = kMonths.data(),
                                                        .names_count = 12,
                                                        .first_named = 1},
                                                       fields[3]));
  BULLION_TRY_ASSIGN(uint64_t weekdays, field_mask({.name = "day of week",
                                                    .lowest = 0,
                                                    .highest = 7,
                                                    .names = kWeekdays.data(),
                                                    .names_count = 7,
                                                    .first_named = 0},
                                                   fields[4]));
  if ((weekdays & 0x80U) != 0) weekdays = (weekdays & 0x7FU) | 1U;
  cron.hours = static_cast<uint32_t>(hours);
  cron.months = static_cast<uint32_t>(months);
  cron.weekdays = static_cast<uint32_t>(weekdays);
  cron.any_weekday = fields[4].starts_with('*');
  if (!ever_comes(cron)) return invalid("no month it names has such a day");
  return cron;
}

}  // namespace

std::vector<int> values_of(uint64_t mask) {
  std::vector<int> out;
  for (int value = 0; value < 64; ++value) {
    if ((mask >> value & 1U) != 0) out.push_back(value);
  }
  return out;
}

Result<Cron> parse_cron(std::string_view text) {
  std::string plain = lower(text);
  if (plain.starts_with('@')) {
    std::vector<std::string> names;
    const auto alias = std::find_if(kAliases.begin(), kAliases.end(),
                                    [&](const auto& entry) { return entry.first == plain; });
    for (const auto& entry : kAliases) names.emplace_back(entry.first);
    if (alias == kAliases.end()) {
      return invalid(
          fmt::format("cron `{}`{}; expected @hourly, @daily, @weekly, @monthly, "
                      "@yearly or five fields",
                      text, did_you_mean(plain, names)));
    }
    plain = alias->second;
  }
  const std::vector<std::string> fields = split(plain, " \t", false);
  if (fields.size() != 5) {
    return invalid(
        fmt::format("cron `{}` has {} field{}; expected five: minute hour day-of-month "
                    "month day-of-week, such as \"0 6 * * mon-fri\"",
                    text, fields.size(), fields.size() == 1 ? "" : "s"));
  }
  Result<Cron> cron = read_fields(fields);
  if (!cron) return cron.error().within(fmt::format("cron `{}`", text));
  cron->text = text;
  cron->five_fields = fmt::format("{} {} {} {} {}", fields[0], fields[1],
                                  fields[2] == "l" ? "L" : fields[2], fields[3], fields[4]);
  return cron;
}

bool names_day(const Cron& cron, int32_t day) {
  using std::chrono::year_month_day;
  const std::chrono::sys_days date{std::chrono::days{day}};
  const year_month_day civil{date};
  if ((cron.months >> static_cast<unsigned>(civil.month()) & 1U) == 0) return false;
  const bool is_last =
      static_cast<unsigned>(year_month_day{date + std::chrono::days{1}}.day()) == 1;
  const bool by_date =
      (cron.days >> static_cast<unsigned>(civil.day()) & 1U) != 0 || (cron.last_day && is_last);
  const bool by_weekday = (cron.weekdays >> std::chrono::weekday{date}.c_encoding() & 1U) != 0;
  // A field that begins with `*` restricts together with the other; two plain ones add up.
  if (cron.any_day || cron.any_weekday) return by_date && by_weekday;
  return by_date || by_weekday;
}

std::vector<int32_t> times_of_day(const Cron& cron) {
  std::vector<int32_t> out;
  for (const int hour : values_of(cron.hours)) {
    for (const int minute : values_of(cron.minutes)) out.push_back(hour * 3600 + minute * 60);
  }
  return out;
}

}  // namespace bullion::schedule
