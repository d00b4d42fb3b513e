// Tells clients about new releases and edited definitions.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "server/event_log.h"
#include "server/router.h"
#include "storage/file_system.h"

namespace bullion::server {

/// What is looked at. Called by one thread at a time.
struct WatchedThings {
  /// Number of the newest release; nullopt when there is none.
  std::function<Result<std::optional<int64_t>>()> latest_release;
  /// The project, and the folders in it whose YAML files are watched.
  const storage::FileSystem& project;
  std::vector<std::string> folders = {"metrics", "dashboards"};
};

/// One look for all clients. Thread-safe.
class ChangeWatcher {
 public:
  /// Looks at once; nobody is told of what is there then but the newest release. `clock` must
  /// outlive it.
  ChangeWatcher(WatchedThings things, const Clock& clock);
  ChangeWatcher(const ChangeWatcher&) = delete;
  ChangeWatcher& operator=(const ChangeWatcher&) = delete;
  ~ChangeWatcher();

  /// Looks each second in a thread of its own.
  void start();
  /// Looks now. What cannot be read counts as unchanged: health tells about it.
  void look();
  /// Called with the changed files ("metrics/cost.yml") before clients are told. Before start().
  void on_project_change(std::function<void(const std::vector<std::string>&)> listener);
  int64_t latest_release() const;  ///< 0 when there is none

  const std::shared_ptr<EventLog>& events() const { return events_; }
  /// Where a client goes on that has seen `last_event_id` (0: nothing): after that event, or, when
  /// it is not known here, so that the newest release comes first.
  int64_t go_on_after(int64_t last_event_id) const;

 private:
  std::map<std::string, std::pair<int64_t, int64_t>> files() const;

  WatchedThings things_;
  std::shared_ptr<EventLog> events_;
  const int64_t first_number_;
  std::function<void(const std::vector<std::string>&)> listener_;
  std::map<std::string, std::pair<int64_t, int64_t>> known_files_;  ///< size and time of change
  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  int64_t latest_release_ = 0;
  int64_t release_event_ = 0;  ///< number of the newest `release` event
  std::thread thread_;
};

/// GET /changes. The watcher is borrowed.
void add_change_routes(Router& router, const ChangeWatcher& watcher);

}  // namespace bullion::server
