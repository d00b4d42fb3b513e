// Ends single calls at their limits: one thread looks at the calls that have any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include <duckdb.h>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"

namespace bullion::engine {

/// The calls with limits that run now. Thread-safe. The thread starts with the first of them and
/// sleeps while there are none.
class CallWatch {
 public:
  CallWatch() = default;
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;
  ~CallWatch();

  /// A call while it runs; leaves the watch when it goes out of scope.
  class Call {
   public:
    Call(CallWatch& watch, duckdb_connection connection, const QueryLimits& limits);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

    /// The error of the limit that was passed; nullopt while there is none.
    std::optional<Error> ended() const;

   private:
    friend class CallWatch;

    CallWatch& watch_;
    duckdb_connection connection_;
    const QueryLimits limits_;
    const int64_t deadline_us_;
  };

 private:
  void watch();
  static int64_t now_us() { return SystemClock().monotonic_us(); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<const Call*> calls_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bullion::engine
