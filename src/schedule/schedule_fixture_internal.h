// A clock that tests move, and schedules written in a few lines. For tests only.
#pragma once

#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/date.h"
#include "schedule/config.h"
#include "storage/temporary_folder.h"

namespace bullion::schedule {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(const std::string& time) { set(time); }
  int64_t now_us() const override { return now_us_; }
  int64_t monotonic_us() const override { return now_us_; }
  std::string uuid() const override { return "00000000-0000-4000-8000-000000000000"; }

  void set(const std::string& time) { now_us_ = *parse_timestamp(time); }
  void set_us(int64_t time_us) { now_us_ = time_us; }
  void advance_seconds(int64_t seconds) { now_us_ += seconds * 1'000'000; }

 private:
  int64_t now_us_ = 0;
};

inline int64_t seconds_at(const std::string& time) { return *parse_timestamp(time) / 1'000'000; }

/// A project with the model `daily_cost` and the source `billing`, and this schedule.yml.
inline ScheduleOutcome load_text(const std::string& text) {
  const storage::TemporaryFolder folder;
  std::ofstream(folder.path() + "/schedule.yml") << text;
  project::Project project;
  project.name = "shop";
  project.folder = folder.path();
  project.models.emplace_back().contract.name = "daily_cost";
  project.sources.emplace_back().contract.name = "billing";
  return load_schedule(project);
}

/// load_text() of a text without mistakes.
inline Schedule schedule_of(const std::string& text) {
  ScheduleOutcome outcome = load_text(text);
  for (const project::Problem& problem : outcome.problems) ADD_FAILURE() << to_string(problem);
  return std::move(outcome.schedule).value_or(Schedule{});
}

}  // namespace bullion::schedule
