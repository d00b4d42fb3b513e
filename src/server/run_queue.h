// Runs of the pipeline that this server started: one at a time, as child processes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/event_log.h"

namespace bullion::server {

enum class RunState { Running, Published, Unchanged, Blocked, Failed, Cancelled };
/// As in the API: "running", "published", ...
std::string_view to_string(RunState state);

struct RunRequest {
  std::vector<std::string> select;  ///< models; empty: all
  bool full_refresh = false;
};

/// A run as this server knows it. Once it has ended, ops.runs knows it by the same id, with more.
struct ServedRun {
  std::string id;  ///< the run's id, as in ops.runs
  RunState state = RunState::Running;
  std::string user;
  int64_t started_us = 0;  ///< since 1970-01-01 UTC
  std::optional<int64_t> finished_us;
  std::optional<int64_t> release;  ///< that it published
  std::string detail;              ///< one sentence; why it failed
  std::vector<std::string> log;    ///< what it said, oldest first; the newest 1,000 lines
};

/// Thread-safe.
class RunQueue {
 public:
  RunQueue() = default;
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;
  virtual ~RunQueue() = default;

  /// Starts a run. The same non-empty key within 24 hours answers the run it started the first
  /// time; Invalid when the request differs from then. Conflict while another run of this server
  /// goes on.
  virtual Result<ServedRun> start(const RunRequest& request, const std::string& user,
                                  const std::string& idempotency_key) = 0;
  /// Runs of this server since it began (the newest 100), newest first.
  virtual std::vector<ServedRun> list() const = 0;
  virtual std::optional<ServedRun> find(const std::string& id) const = 0;
  /// RunEvent objects of the API, closed when the run has ended. NotFound.
  virtual Result<std::shared_ptr<EventLog>> events(const std::string& id) const = 0;
  /// Asks the run to end; nothing is published. NotFound; Conflict when it has ended already.
  virtual Result<ServedRun> cancel(const std::string& id) = 0;
};

}  // namespace bullion::server
