// Calendars of schedule.yml.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/date.h"
#include "schedule/config_reader_internal.h"

namespace bullion::schedule {
namespace {

using project::MapReader;
using project::ProblemSink;

constexpr std::array<std::string_view, 7> kWeekdayNames{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

/// The cells of one line of a CSV file; quotes are taken off, a quoted line break is not expected.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      const bool doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (doubled) cells.back() += line[++i];
      if (!doubled) quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else if (line[i] != '\r') {
      cells.back() += line[i];
    }
  }
  return cells;
}

/// Adds the days of one column of a CSV file with a header.
void add_holidays_of_file(const std::string& folder, MapReader& from, ProblemSink& problems,
                          std::vector<int32_t>& days) {
  const std::string name = from.required_text("file");
  const std::string column = from.text("column", "date");
  from.finish();
  if (name.empty()) return;
  std::ifstream file(std::filesystem::path(folder) / name, std::ios::binary);
  std::string line;
  if (!file || !std::getline(file, line)) {
    problems.error(
        from.mark_of("file"), "file-unreadable",
        fmt::format("{} cannot be read or is empty; the path is relative to the project", name));
    return;
  }
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  const std::vector<std::string> header = cells_of(line);
  const auto at = std::find(header.begin(), header.end(), column);
  if (at == header.end()) {
    problems.error(from.mark_of("column"), "yaml-value",
                   fmt::format("{} has no column `{}`", name, column));
    return;
  }
  const auto index = static_cast<size_t>(at - header.begin());
  int64_t number = 1;
  while (std::getline(file, line)) {
    ++number;
    if (line.empty() || line == "\r") continue;
    const std::vector<std::string> cells = cells_of(line);
    const std::string cell = index < cells.size() ? cells[index] : "";
    const auto day = parse_date(cell);
    if (day) {
      days.push_back(*day);
    } else {
      problems.error(from.mark_of("file"), "yaml-value",
                     fmt::format("{}:{}: `{}` is no day like 2026-12-25", name, number, cell));
      return;
    }
  }
}

void read_days(MapReader& entry, const std::string& key, ProblemSink& problems,
               std::vector<int32_t>& days) {
  const std::vector<std::string> texts = entry.texts(key);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto day = parse_date(texts[i]);
    if (day) {
      days.push_back(*day);
    } else {
      problems.error(entry.mark_of(key, i), "yaml-value",
                     fmt::format("`{}` of `{}` is no day like 2026-12-25", texts[i], key));
    }
  }
  std::sort(days.begin(), days.end());
}

void read_weekend(MapReader& entry, ProblemSink& problems, Calendar& calendar) {
  if (!entry.has("weekend")) {
    entry.take("weekend");
    return;
  }
  calendar.weekend = 0;
  const std::vector<std::string> names = entry.texts("weekend");
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = std::find(kWeekdayNames.begin(), kWeekdayNames.end(), names[i]);
    if (found == kWeekdayNames.end()) {
      problems.error(entry.mark_of("weekend", i), "yaml-value",
                     fmt::format("`{}` of `weekend`; expected names such as saturday", names[i]));
    } else {
      calendar.weekend |= 1U << static_cast<unsigned>(found - kWeekdayNames.begin());
    }
  }
  if (calendar.weekend == 0b1111111) {
    problems.error(entry.mark_of("weekend"), "yaml-value", "every day is a weekend day");
  }
}

void read_fiscal(MapReader& entry, ProblemSink& problems, Calendar& calendar) {
  const project::YamlNode* node = entry.take("fiscal");
  if (node == nullptr || node->kind == project::YamlNode::Kind::Null) return;
  MapReader fiscal(*node, "`fiscal`", problems);
  calendar.fiscal = project::read_fiscal_calendar(fiscal, problems);
  fiscal.finish();
}

}  // namespace

Calendar read_calendar(const std::string& folder, MapReader& entry, ProblemSink& problems) {
  Calendar calendar;
  calendar.name = entry.required_text("name");
  read_weekend(entry, problems, calendar);
  read_days(entry, "holidays", problems, calendar.holidays);
  const project::YamlNode* from = entry.take("holidays_from");
  if (from != nullptr && from->kind != project::YamlNode::Kind::Null) {
    MapReader reader(*from, "`holidays_from`", problems);
    add_holidays_of_file(folder, reader, problems, calendar.holidays);
    std::sort(calendar.holidays.begin(), calendar.holidays.end());
  }
  read_fiscal(entry, problems, calendar);
  return calendar;
}

}  // namespace bullion::schedule
