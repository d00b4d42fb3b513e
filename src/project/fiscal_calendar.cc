#include "project/fiscal_calendar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "base/date.h"
#include "project/problem_internal.h"
#include "project/yaml_reader.h"

namespace bullion::project {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int32_t kDaysPerWeek = 7;
constexpr int32_t kWeeksPerYear = 52;
constexpr int32_t kDaysPerYear = kDaysPerWeek * kWeeksPerYear;
constexpr int32_t kPeriodsPerYear = 12;
constexpr int32_t kFirstCivilYear = 1970;

year_month_day date_of(int32_t day) { return year_month_day(sys_days(days(day))); }
int civil_year(int32_t day) { return static_cast<int>(date_of(day).year()); }

/// Division that rounds down, also below zero.
int32_t floor_div(int32_t value, int32_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

/// Weeks from the year's start to the start of each period, and to its regular end.
std::array<int32_t, kPeriodsPerYear + 1> week_offsets(FiscalPattern pattern) {
  std::array<int32_t, 3> weeks{4, 4, 5};
  if (pattern == FiscalPattern::Weeks454) weeks = {4, 5, 4};
  if (pattern == FiscalPattern::Weeks544) weeks = {5, 4, 4};
  std::array<int32_t, kPeriodsPerYear + 1> out{};
  for (size_t i = 0; i < kPeriodsPerYear; ++i) out.at(i + 1) = out.at(i) + weeks.at(i % 3);
  return out;
}

/// A whole number from `low` to `high`, else a problem and `low`.
int read_number(MapReader& map, const std::string& key, int low, int high, const std::string& what,
                ProblemSink& problems) {
  const std::string text = map.text(key, std::to_string(low));
  int number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  if (whole && number >= low && number <= high) return number;
  problems.error(map.mark_of(key), "yaml-value",
                 fmt::format("`{}` is `{}`; expected {}", key, text, what));
  return low;
}

std::vector<int32_t> read_year_starts(MapReader& fiscal, ProblemSink& problems) {
  const std::vector<std::string> texts = fiscal.texts("year_starts");
  std::vector<int32_t> out;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto day = parse_date(texts[i]);
    if (day) {
      out.push_back(*day);
    } else {
      problems.error(fiscal.mark_of("year_starts", i), "yaml-value",
                     fmt::format("`{}` of `year_starts` is no day like 2026-12-25", texts[i]));
    }
  }
  std::sort(out.begin(), out.end());
  for (size_t i = 1; i < out.size(); ++i) {
    const int32_t length = out[i] - out[i - 1];
    if (length == kDaysPerYear || length == kDaysPerYear + kDaysPerWeek) continue;
    problems.error(
        fiscal.mark_of("year_starts", i), "yaml-value",
        fmt::format("the fiscal year before {} has {} days; expected 364 or 371, that is "
                    "52 or 53 weeks",
                    format_date(out[i]), length));
  }
  return out;
}

}  // namespace

int32_t FiscalCalendar::year_start(int32_t number) const {
  const auto count = static_cast<int32_t>(year_starts_.size());
  if (number < 0) return year_starts_.front() + number * kDaysPerYear;
  if (number < count) return year_starts_[static_cast<size_t>(number)];
  return year_starts_.back() + (number - count + 1) * kDaysPerYear;
}

FiscalCalendar::Year FiscalCalendar::year_of(int32_t day) const {
  const auto next = std::upper_bound(year_starts_.begin(), year_starts_.end(), day);
  auto number = static_cast<int32_t>(next - year_starts_.begin()) - 1;
  if (number < 0) {
    number = floor_div(day - year_starts_.front(), kDaysPerYear);
  } else if (next == year_starts_.end()) {
    number += (day - year_starts_.back()) / kDaysPerYear;
  }
  return {number, year_start(number)};
}

int32_t FiscalCalendar::period_number(int32_t day) const {
  if (!has_weeks()) {
    const year_month_day date = date_of(day);
    return (static_cast<int>(date.year()) - kFirstCivilYear) * kPeriodsPerYear +
           static_cast<int32_t>(static_cast<unsigned>(date.month())) - 1;
  }
  const Year year = year_of(day);
  const auto offsets = week_offsets(pattern_);
  const int32_t week = (day - year.start) / kDaysPerWeek;
  const auto after = std::upper_bound(offsets.begin(), offsets.end() - 1, week);
  return year.number * kPeriodsPerYear + static_cast<int32_t>(after - offsets.begin()) - 1;
}

int32_t FiscalCalendar::period_start(int32_t number) const {
  if (!has_weeks()) {
    const year_month_day first{std::chrono::year(kFirstCivilYear) / std::chrono::January / 1};
    return static_cast<int32_t>(sys_days(first + months(number)).time_since_epoch().count());
  }
  const int32_t year = floor_div(number, kPeriodsPerYear);
  const auto period = static_cast<size_t>(number - year * kPeriodsPerYear);
  return year_start(year) + week_offsets(pattern_).at(period) * kDaysPerWeek;
}

int FiscalCalendar::period_in_year(int32_t number) const {
  const int32_t shifted = has_weeks() ? number : number - (first_month_ - 1);
  return shifted - floor_div(shifted, kPeriodsPerYear) * kPeriodsPerYear;
}

/// A year of weeks may end some days into the next calendar year, or begin some days before its
/// own; a week's grace decides.
int FiscalCalendar::name_of(FiscalSpan year) const {
  const int32_t grace = has_weeks() ? kDaysPerWeek : 0;
  return named_by_ == NamedBy::End ? civil_year(year.end - 1 - grace)
                                   : civil_year(year.start + grace);
}

FiscalDay FiscalCalendar::find(int32_t day) const {
  const int32_t number = period_number(day);
  const int in_year = period_in_year(number);
  const auto span = [&](int32_t first, int32_t count) {
    return FiscalSpan{period_start(first), period_start(first + count)};
  };
  FiscalDay out;
  out.in_period = span(number, 1);
  out.in_quarter = span(number - in_year % 3, 3);
  out.in_year = span(number - in_year, kPeriodsPerYear);
  out.period = in_year + 1;
  out.quarter = in_year / 3 + 1;
  out.week = (day - out.in_year.start) / kDaysPerWeek + 1;
  out.year = name_of(out.in_year);
  return out;
}

FiscalCalendar read_fiscal_calendar(MapReader& fiscal, ProblemSink& problems) {
  const std::string pattern =
      fiscal.choice("pattern", {"calendar", "4-4-5", "4-5-4", "5-4-4"}, "calendar");
  const auto named_by = fiscal.choice("year_named_by", {"end", "start"}, "end") == "end"
                            ? FiscalCalendar::NamedBy::End
                            : FiscalCalendar::NamedBy::Start;
  const int month = read_number(fiscal, "year_start_month", 1, 12,
                                "the number of a month, 1 (January) to 12", problems);
  std::vector<int32_t> starts = read_year_starts(fiscal, problems);
  const bool weeks = pattern != "calendar";
  if (weeks == starts.empty()) {
    problems.error(fiscal.mark_of("year_starts"), "yaml-value",
                   weeks ? fmt::format("pattern {} needs `year_starts`, the first day of each "
                                       "fiscal year, such as [2026-02-01]",
                                       pattern)
                         : "`year_starts` is for the patterns 4-4-5, 4-5-4 and 5-4-4 only");
    return FiscalCalendar(month, named_by);
  }
  if (!weeks) return FiscalCalendar(month, named_by);
  if (fiscal.has("year_start_month")) {
    problems.error(fiscal.mark_of("year_start_month"), "yaml-value",
                   "`year_start_month` is for years of months; `year_starts` says when years of "
                   "weeks begin");
  }
  FiscalPattern kind = FiscalPattern::Weeks445;
  if (pattern == "4-5-4") kind = FiscalPattern::Weeks454;
  if (pattern == "5-4-4") kind = FiscalPattern::Weeks544;
  return {kind, std::move(starts), named_by};
}

delta::Schema fiscal_days_columns() {
  const auto column = [](const char* name, delta::TypeId type) {
    return delta::Column{
        .name = name, .type = plain_type(type), .nullable = false, .metadata_json = "{}"};
  };
  using delta::TypeId;
  return {column("day", TypeId::Date),
          column("fiscal_year", TypeId::Integer),
          column("fiscal_quarter", TypeId::Integer),
          column("fiscal_period", TypeId::Integer),
          column("fiscal_week", TypeId::Integer),
          column("period_start", TypeId::Date),
          column("next_period_start", TypeId::Date),
          column("year_start", TypeId::Date),
          column("next_year_start", TypeId::Date),
          column("day_of_period", TypeId::Integer),
          column("days_in_period", TypeId::Integer)};
}

std::string fiscal_days_csv(const FiscalCalendar& calendar, FiscalSpan span) {
  std::string out;
  for (const delta::Column& column : fiscal_days_columns()) {
    out += (out.empty() ? "" : ",") + column.name;
  }
  out += "\n";
  for (int32_t day = span.start; day < span.end; ++day) {
    const FiscalDay at = calendar.find(day);
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", format_date(day), at.year, at.quarter,
                       at.period, at.week, format_date(at.in_period.start),
                       format_date(at.in_period.end), format_date(at.in_year.start),
                       format_date(at.in_year.end), day - at.in_period.start + 1,
                       at.in_period.end - at.in_period.start);
  }
  return out;
}

}  // namespace bullion::project
