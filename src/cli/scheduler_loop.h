// The scheduler with everything it needs wired up; see schedule/scheduler.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/options.h"
#include "pipeline/environment.h"
#include "schedule/config.h"
#include "schedule/scheduler.h"

namespace bullion::cli {

/// How a scheduler is told to wait and to stop. Called by the thread that runs it, and only there.
struct SchedulerControl {
  /// Spends at the most this long, less when somebody asks to stop.
  std::function<void(int64_t us)> wait;
  /// How often somebody asked to stop: once lets a running job end, twice ends it.
  std::function<int()> stops;
  std::function<void(const std::string& line)> log;
  std::function<void(const schedule::JobOutcome& outcome)> job_ended;  ///< may be empty
  bool once = false;  ///< run what is due now, and end
  std::optional<int64_t> until_us;
};

/// Runs jobs as child processes of this program until stopped. Everything given outlives the call.
Status run_scheduler(const GlobalOptions& global, const pipeline::Environment& env,
                     const schedule::Schedule& plan, const SchedulerControl& control);

}  // namespace bullion::cli
