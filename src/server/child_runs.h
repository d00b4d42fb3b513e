// Runs as child processes of the server.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "server/run_queue.h"
#include "server/scrubber.h"

namespace bullion::server {

struct ChildRunsOptions {
  /// The command that runs the pipeline: it records the run under `id` and as `user`, ends when its
  /// parent ends, and speaks by lines. Those that are a JSON object with "phase", "item", "done"
  /// and "total" are progress; the last line that is one with "status" and "release" is the
  /// outcome; all others are for people.
  std::function<std::vector<std::string>(const RunRequest& request, const std::string& id,
                                         const std::string& user)>
      command;
  /// A new id for a run.
  std::function<std::string()> new_id;
  Scrubber scrubber;  ///< for what the child says
};

/// See RunQueue.
class ChildRuns final : public RunQueue {
 public:
  /// `clock` must outlive it.
  ChildRuns(ChildRunsOptions options, const Clock& clock);
  /// Ends a running child as stop() does.
  ~ChildRuns() override;

  Result<ServedRun> start(const RunRequest& request, const std::string& user,
                          const std::string& idempotency_key) override;
  std::vector<ServedRun> list() const override;
  std::optional<ServedRun> find(const std::string& id) const override;
  Result<std::shared_ptr<EventLog>> events(const std::string& id) const override;
  Result<ServedRun> cancel(const std::string& id) override;

  /// Takes no further run, gives a running one this long to end, and then ends it.
  void stop(int64_t patience_us);

 private:
  struct Run;
  struct Key;

  std::shared_ptr<Run> find_run(const std::string& id) const;
  Result<std::optional<ServedRun>> remembered(const RunRequest& request, const std::string& key);
  void follow(const std::shared_ptr<Run>& run);
  void take_line(Run& run, std::string line);
  void finish(Run& run, int code);
  void tell(const Run& run, const std::string& more);

  const ChildRunsOptions options_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::list<std::shared_ptr<Run>> runs_;  ///< newest first
  std::map<std::string, Key> keys_;
  std::thread follower_;
  bool stopping_ = false;
};

}  // namespace bullion::server
