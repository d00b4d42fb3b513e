// load_schedule: schedule.yml into a Schedule, with a problem for every mistake.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "schedule/config.h"
#include "schedule/config_reader_internal.h"

namespace bullion::schedule {
namespace {

namespace fs = std::filesystem;
using project::MapReader;
using project::ProblemSink;
using project::YamlNode;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 60 && !(name[0] >= '0' && name[0] <= '9') &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// Reads the top of the file; calendars first, for jobs name them.
class Reader {
 public:
  Reader(const project::Project& project, ProblemSink& problems)
      : project_(project), problems_(problems) {}

  Schedule read(const YamlNode& document) {
    Schedule schedule;
    schedule.project = project_.name;
    schedule.project_folder = project_.folder;
    MapReader top(document, kScheduleFile, problems_);
    top.take("version");
    time_zone_ = top.text("time_zone", project_.time_zone);
    if (const auto zone = Zone::find(time_zone_); !zone) {
      problems_.error(top.mark_of("time_zone"), "yaml-value", zone.error().message());
      time_zone_ = "UTC";
    }
    each(top, "calendars", "calendar", [&](const YamlNode& node, MapReader& entry) {
      static_cast<void>(node);
      calendars_.push_back(read_calendar(project_.folder, entry, problems_));
      check_unique("calendar", calendars_.back().name, entry);
    });
    each(top, "jobs", "job", [&](const YamlNode&, MapReader& entry) { read_job(entry, schedule); });
    each(top, "expected", "expected source",
         [&](const YamlNode&, MapReader& entry) { read_expectation(entry, schedule); });
    each(top, "alerts", "alert channel", [&](const YamlNode&, MapReader& entry) {
      schedule.channels.push_back(read_channel(project_.folder, entry, problems_));
      check_unique("alert channel", schedule.channels.back().name, entry);
    });
    top.finish();
    if (schedule.jobs.empty() && problems_.list().empty()) {
      problems_.error(top.mark_of("jobs"), "yaml-missing-key",
                      "schedule.yml needs `jobs`, a list such as `- {name: daily, cron: \"0 6 * * "
                      "*\"}`");
    }
    return schedule;
  }

 private:
  template <typename Read>
  void each(MapReader& top, const std::string& key, const std::string& what, const Read& read) {
    const YamlNode* list = top.take(key);
    if (list == nullptr || list->kind == YamlNode::Kind::Null) return;
    if (list->kind != YamlNode::Kind::List) {
      problems_.error(list->mark, "yaml-type",
                      fmt::format("`{}` must be a list, found {}", key, kind_name(list->kind)));
      return;
    }
    for (const YamlNode& item : list->items) {
      MapReader entry(item, "a " + what, problems_);
      read(item, entry);
      entry.finish();
    }
  }

  void check_unique(const std::string& what, const std::string& name, const MapReader& entry) {
    if (!name.empty() && !is_name(name)) {
      problems_.error(entry.mark_of("name"), "yaml-value",
                      fmt::format("name `{}` of the {}; expected lower-case letters, digits and "
                                  "`_`, at most 60, not beginning with a digit",
                                  name, what));
    }
    if (name.empty() || names_.insert(what + " " + name).second) return;
    problems_.error(entry.mark_of("name"), "yaml-value",
                    fmt::format("two {}s are named `{}`", what, name));
  }

  std::optional<Times> read_times(MapReader& entry, const std::string& cron_key) {
    const std::string text = entry.required_text(cron_key);
    const auto cron = text.empty() ? Result<Cron>(Cron{}) : parse_cron(text);
    if (!cron) {
      problems_.error(entry.mark_of(cron_key), "yaml-value", cron.error().message());
    }
    auto zone = Zone::find(entry.text("time_zone", time_zone_));
    if (!zone) {
      problems_.error(entry.mark_of("time_zone"), "yaml-value", zone.error().message());
    }
    const std::optional<Calendar> calendar = read_calendar_name(entry);
    DayRule days;
    const std::string rule = entry.text("days");
    if (!rule.empty()) {
      const auto parsed = parse_day_rule(rule);
      if (!parsed) {
        problems_.error(entry.mark_of("days"), "yaml-value",
                        "`days` is " + parsed.error().message());
      } else if (!entry.has("calendar")) {
        problems_.error(entry.mark_of("days"), "yaml-value",
                        "`days` needs a `calendar`, which says what a business day is");
      } else {
        days = *parsed;
      }
    }
    if (!cron || !zone || text.empty()) return std::nullopt;
    Times times{*cron, *zone, calendar, days};
    // 2026-01-01: any fixed day will do to see that some day satisfies cron and calendar together.
    if (!times.next(1'767'225'600)) {
      problems_.error(entry.mark_of(cron_key), "yaml-value",
                      "no day in ten years satisfies both the cron expression and the calendar");
    }
    return times;
  }

  std::optional<Calendar> read_calendar_name(MapReader& entry) {
    const std::string name = entry.text("calendar");
    if (name.empty()) return std::nullopt;
    std::vector<std::string> names;
    for (const Calendar& calendar : calendars_) {
      if (calendar.name == name) return calendar;
      names.push_back(calendar.name);
    }
    problems_.error(
        entry.mark_of("calendar"), "yaml-value",
        fmt::format("there is no calendar `{}`{}; calendars: {}", name, did_you_mean(name, names),
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    return std::nullopt;
  }

  void read_job(MapReader& entry, Schedule& schedule) {
    const std::string name = entry.required_text("name");
    check_unique("job", name, entry);
    const auto times = read_times(entry, "cron");
    const std::string catchup = entry.choice("catchup", {"latest", "all", "none"}, "latest");
    const RetryPolicy retries = read_retries(entry, problems_);
    const std::vector<std::string> select = entry.texts("select");
    check_select(select, entry);
    const int64_t timeout = read_duration(entry, "timeout", 0, problems_);
    if (!times) return;
    Job job{.name = name, .times = *times, .location = problems_.at(entry.mark())};
    job.catchup = catchup == "all"    ? Catchup::All
                  : catchup == "none" ? Catchup::None
                                      : Catchup::Latest;
    job.retries = retries;
    job.select = select;
    job.timeout_us = timeout;
    schedule.jobs.push_back(std::move(job));
  }

  void check_select(const std::vector<std::string>& select, const MapReader& entry) {
    const std::vector<std::string> names = project::names_of(project_.models);
    for (size_t i = 0; i < select.size(); ++i) {
      std::string name = select[i];
      if (name.starts_with('+')) name.erase(0, 1);
      if (name.ends_with('+')) name.pop_back();
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      problems_.error(entry.mark_of("select", i), "yaml-value",
                      fmt::format("there is no model `{}`{}", name, did_you_mean(name, names)));
    }
  }

  void read_expectation(MapReader& entry, Schedule& schedule) {
    const std::string source = entry.required_text("source");
    if (!source.empty() && project_.find_source(source) == nullptr) {
      problems_.error(entry.mark_of("source"), "yaml-value",
                      fmt::format("there is no source `{}`{}", source,
                                  did_you_mean(source, project::names_of(project_.sources))));
    }
    if (!source.empty() && !names_.insert("expected " + source).second) {
      problems_.error(entry.mark_of("source"), "yaml-value",
                      fmt::format("source `{}` is expected twice; write one cron", source));
    }
    const auto times = read_times(entry, "by");
    if (times) schedule.expected.push_back({source, *times, problems_.at(entry.mark())});
  }

  const project::Project& project_;
  ProblemSink& problems_;
  std::string time_zone_;
  std::vector<Calendar> calendars_;
  std::set<std::string> names_;
};

}  // namespace

int64_t read_duration(MapReader& entry, const std::string& key, int64_t fallback,
                      ProblemSink& problems) {
  const std::string text = entry.text(key);
  if (text.empty()) return fallback;
  const auto parsed = parse_duration(text);
  if (parsed) return *parsed;
  problems.error(entry.mark_of(key), "yaml-value",
                 fmt::format("`{}` is {}", key, parsed.error().message()));
  return fallback;
}

int64_t read_count(MapReader& entry, const std::string& key, int64_t fallback, int64_t lowest,
                   int64_t highest, ProblemSink& problems) {
  const std::string text = entry.text(key);
  if (text.empty()) return fallback;
  int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault == std::errc{} && end == text.data() + text.size() && value >= lowest &&
      value <= highest) {
    return value;
  }
  problems.error(
      entry.mark_of(key), "yaml-value",
      fmt::format("`{}` is `{}`; expected a whole number of {} to {}", key, text, lowest, highest));
  return fallback;
}

RetryPolicy read_retries(MapReader& entry, ProblemSink& problems) {
  RetryPolicy retries;
  const YamlNode* node = entry.take("retries");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return retries;
  MapReader reader(*node, "`retries`", problems);
  retries.retries_max = read_count(reader, "max", 0, 0, 100, problems);
  retries.initial_us = read_duration(reader, "initial", retries.initial_us, problems);
  retries.longest_us = read_duration(reader, "longest", retries.longest_us, problems);
  retries.factor = read_count(reader, "factor", retries.factor, 1, 10, problems);
  reader.finish();
  return retries;
}

bool has_schedule(const project::Project& project) {
  std::error_code ignored;
  return fs::exists(fs::path(project.folder) / kScheduleFile, ignored);
}

ScheduleOutcome load_schedule(const project::Project& project) {
  ScheduleOutcome out;
  if (!has_schedule(project)) {
    out.problems.push_back(
        {{kScheduleFile, 0, 0},
         project::Severity::Error,
         "schedule-missing",
         fmt::format("there is no schedule.yml in {}; write one with `jobs: [{{name: daily, cron: "
                     "\"0 6 * * *\"}}]`",
                     project.folder)});
    return out;
  }
  std::ifstream file(fs::path(project.folder) / kScheduleFile, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ProblemSink problems(kScheduleFile, out.problems);
  if (!file) {
    problems.error({}, "file-unreadable", "schedule.yml cannot be read");
    return out;
  }
  const YamlNode document = project::read_yaml(text, problems);
  if (!out.problems.empty()) return out;
  Schedule schedule = Reader(project, problems).read(document);
  if (out.problems.empty()) out.schedule = std::move(schedule);
  return out;
}

}  // namespace bullion::schedule
