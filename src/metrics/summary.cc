#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "metrics/summary_internal.h"

namespace bullion::metrics {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

std::string month_name(int32_t day) {
  const std::string text = format_date(day);
  const auto number = static_cast<size_t>((text[5] - '0') * 10 + (text[6] - '0'));
  return std::string(kMonths.at(number - 1));
}
std::string year_text(int32_t day) { return format_date(day).substr(0, 4); }

/// "15 March 2025".
std::string day_text(int32_t day) {
  std::string number = format_date(day).substr(8);
  if (number[0] == '0') number.erase(0, 1);
  return fmt::format("{} {} {}", number, month_name(day), year_text(day));
}

/// "in March 2025", "in 2025", "on 15 March 2025", "from 1 March to 9 March 2025".
std::string range_text(const PeriodCalendar& calendar, std::optional<int32_t> start,
                       std::optional<int32_t> end) {
  if (!start && !end) return "over all days";
  if (!start) return "until " + day_text(*end - 1);
  if (!end) return "since " + day_text(*start);
  const DayRange range{*start, *end};
  if (range.end - range.start == 1) return "on " + day_text(*start);
  const project::FiscalDay day = calendar.fiscal().find(*start);
  if (calendar.period_of(Grain::Month, *start) == range) {
    if (calendar.fiscal().has_weeks()) {
      return fmt::format("in period {} of FY{}", day.period, day.year);
    }
    return fmt::format("in {} {}", month_name(*start), year_text(*start));
  }
  if (calendar.period_of(Grain::Year, *start) == range) {
    const bool fiscal = calendar.fiscal().has_weeks() || !format_date(*start).ends_with("-01-01");
    return fmt::format("in {}{}", fiscal ? "FY" : "", day.year);
  }
  return fmt::format("from {} to {}", day_text(*start), day_text(*end - 1));
}

/// The point in time of one row of a grain.
std::string period_text(const PeriodCalendar& calendar, Grain grain, int32_t time) {
  const DayRange period = calendar.period_of(grain, time);
  if (grain == Grain::Week) return "in the week of " + day_text(time);
  return range_text(calendar, period.start, period.end);
}

bool is_plural(const std::string& title) {
  return title.size() > 2 && title.ends_with("s") && !title.ends_with("ss") &&
         !title.ends_with("us");
}

std::string growth_text(const MetricValues& values, const MetricRow& total,
                        const PeriodCalendar& calendar) {
  if (values.compare == Compare::None || !total.growth) return "";
  const std::string base = values.compare == Compare::Release
                               ? fmt::format("in release {}", values.compare_release)
                               : range_text(calendar, values.compared_start, values.compared_end);
  const bool open = values.compare != Compare::Release && !values.compared_start;
  if (open) return "";
  if (!total.compared) return fmt::format(", with nothing {} to compare with", base);
  if (total.value && same_value(*total.value, *total.compared)) {
    return fmt::format(", the same as {}", base);
  }
  const std::string& growth = *total.growth;
  if (growth == "n.m.") {
    return fmt::format(", after {} {}", spoken(values.metric, *total.compared, total.currency),
                       base);
  }
  const bool less = growth.starts_with("-");
  return fmt::format(", {} % {} than {}", less ? growth.substr(1) : growth, less ? "less" : "more",
                     base);
}

std::string lower_title(const Metric& metric, const std::string& name) {
  const Dimension* dimension = metric.find_dimension(name);
  std::string title = dimension == nullptr ? name : dimension->title;
  const bool word = title.size() > 1 && title[1] >= 'a' && title[1] <= 'z';
  if (word && title[0] >= 'A' && title[0] <= 'Z') {
    title[0] = static_cast<char>(title[0] - 'A' + 'a');
  }
  return title;
}

/// Which row has the largest value: a member of a dimension, or a period.
std::string largest_text(const MetricValues& values, const PeriodCalendar& calendar) {
  if (values.truncated || values.rows.size() < 2) return "";
  const MetricRow* largest = nullptr;
  for (const MetricRow& row : values.rows) {
    if (!row.value) continue;
    if (largest == nullptr || row.value->units > largest->value->units) largest = &row;
  }
  if (largest == nullptr) return "";
  const std::string amount = spoken(values.metric, *largest->value, largest->currency);
  if (values.grain) {
    if (!values.by.empty() || values.window || !largest->time) return "";
    return fmt::format("; the highest value is {} {}", amount,
                       period_text(calendar, *values.grain, *largest->time));
  }
  if (values.by.size() != 1) return "";
  const bool has_share = largest->share && *largest->share != "n.m.";
  return fmt::format("; the largest {} is {} with {}", lower_title(values.metric, values.by[0]),
                     largest->dimensions[0].value_or("(none)"),
                     has_share ? *largest->share + " %" : amount);
}

}  // namespace

std::string grouped_text(const Decimal& value, int digits_min) {
  std::string text = to_string(value);
  const size_t point = text.find('.');
  if (point != std::string::npos) {
    size_t keep = text.size();
    const size_t least = point + 1 + static_cast<size_t>(digits_min);
    while (keep > least && text[keep - 1] == '0') --keep;
    if (keep == point + 1) keep = point;
    text.resize(keep);
  } else if (digits_min > 0) {
    text += "." + std::string(static_cast<size_t>(digits_min), '0');
  }
  const size_t first = text.starts_with("-") ? 1 : 0;
  for (size_t i = std::min(text.find('.'), text.size()); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string spoken(const Metric& metric, const Decimal& value,
                   const std::optional<std::string>& currency) {
  const bool money = metric.unit == Unit::Money;
  std::string out = grouped_text(value, money ? std::min(2, value.scale) : 0);
  if (money && currency) out += " " + *currency;
  if (!metric.unit_name.empty()) out += " " + metric.unit_name;
  return out;
}

std::string summary_of(const MetricValues& values, const PeriodCalendar& calendar) {
  const bool timed = !values.metric.time_column.empty();
  const std::string when =
      fmt::format("{}{}", values.metric.is_last_over_time ? " at the end," : "",
                  timed ? " " + range_text(calendar, values.start, values.end) : "");
  std::vector<std::string> amounts;
  for (const MetricRow& total : values.totals) {
    if (total.value) amounts.push_back(spoken(values.metric, *total.value, total.currency));
  }
  if (amounts.empty()) return fmt::format("{} has no value{}.", values.metric.title, when);
  std::string out = fmt::format("{} {} {}{}", values.metric.title,
                                is_plural(values.metric.title) ? "were" : "was",
                                fmt::join(amounts, " and "), when);
  if (values.totals.size() == 1) {
    out += growth_text(values, values.totals[0], calendar);
    out += largest_text(values, calendar);
  }
  if (values.incomplete) out += "; some days are not complete";
  return out + ".";
}

}  // namespace bullion::metrics
