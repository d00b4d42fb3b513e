// Answers that stay true: everything here belongs to a release (or to a version of a table) that
// its key names, so nothing in it is ever stale.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/telemetry.h"

namespace bullion::server {

/// A kept answer. `etag` is "\"r<release>-<hash of the body>\"": equal means equal content.
struct KeptAnswer {
  std::string body;
  std::string etag;
};

/// The least recently used answers go first. Thread-safe.
class AnswerCache {
 public:
  explicit AnswerCache(int64_t bytes_max = int64_t{64} << 20) : bytes_max_(bytes_max) {}
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  using Make = std::function<Result<std::string>()>;
  /// The answer kept under the key, or the body that `make` gives, which is kept. Of several who
  /// ask for the same at once one makes it and the others wait; when the one is interrupted, the
  /// next of them makes it. `release` only shows in the ETag.
  Result<std::shared_ptr<const KeptAnswer>> get(const std::string& key, int64_t release,
                                                const Make& make);
  /// Counters for Prometheus.
  std::vector<Sample> samples() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const KeptAnswer> answer;
  };
  /// An answer that somebody is making.
  struct Making {
    bool done = false;
    std::optional<Result<std::shared_ptr<const KeptAnswer>>> outcome;
  };

  void keep(const std::string& key, const std::shared_ptr<const KeptAnswer>& answer);

  const int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable made_;
  std::list<Entry> entries_;  ///< most recently used first
  std::map<std::string, std::list<Entry>::iterator> by_key_;
  std::map<std::string, std::shared_ptr<Making>> making_;
  int64_t bytes_ = 0;
  int64_t hits_ = 0;
  int64_t misses_ = 0;
  int64_t evictions_ = 0;
};

}  // namespace bullion::server
