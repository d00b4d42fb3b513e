#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "engine/duckdb/call_watch_internal.h"

namespace bullion::engine {
namespace {

// Late enough to cost nothing, soon enough for a person.
constexpr std::chrono::milliseconds kLookEvery{10};

int64_t deadline_of(const QueryLimits& limits, int64_t now_us) {
  return limits.timeout_us > 0 ? now_us + limits.timeout_us : std::numeric_limits<int64_t>::max();
}

}  // namespace

CallWatch::~CallWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CallWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (calls_.empty()) {
      changed_.wait(lock);
      continue;
    }
    // Again and again: an interruption that comes before the engine starts to run is forgotten.
    for (const Call* call : calls_) {
      if (call->ended()) duckdb_interrupt(call->connection_);
    }
    changed_.wait_for(lock, kLookEvery, [this] { return stopping_; });
  }
}

CallWatch::Call::Call(CallWatch& watch, duckdb_connection connection, const QueryLimits& limits)
    : watch_(watch),
      connection_(connection),
      limits_(limits),
      deadline_us_(deadline_of(limits, now_us())) {
  if (limits_.timeout_us <= 0 && limits_.cancelled == nullptr) return;
  {
    const std::lock_guard lock(watch_.mutex_);
    watch_.calls_.push_back(this);
    if (!watch_.thread_.joinable()) watch_.thread_ = std::thread([&watch] { watch.watch(); });
  }
  watch_.changed_.notify_all();
}

CallWatch::Call::~Call() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.calls_.remove(this);
}

std::optional<Error> CallWatch::Call::ended() const {
  if (limits_.cancelled != nullptr && limits_.cancelled->load()) {
    return interrupted("the query was stopped, because nobody waits for it any more");
  }
  if (now_us() < deadline_us_) return std::nullopt;
  constexpr int64_t kMicrosPerMilli = 1000;
  return interrupted(
      fmt::format("the query was stopped after its limit of {} ms; ask for fewer rows",
                  limits_.timeout_us / kMicrosPerMilli));
}

}  // namespace bullion::engine
