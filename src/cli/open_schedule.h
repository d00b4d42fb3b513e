// A session with its schedule.yml, for the verbs below `bullion schedule`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/session.h"
#include "schedule/config.h"
#include "schedule/owner.h"

namespace bullion::cli {

struct OpenedSchedule {
  std::unique_ptr<Session> session;
  schedule::Schedule schedule;
};

/// Problems of the project or of schedule.yml are printed; the error then only counts them.
Result<OpenedSchedule> open_schedule(const GlobalOptions& global);
/// All jobs, or the one named. Invalid with the nearest name when there is none.
Result<std::vector<schedule::Job>> chosen_jobs(const schedule::Schedule& schedule,
                                               const std::string& name);

}  // namespace bullion::cli
