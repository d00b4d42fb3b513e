// The only place that reads the time and the machine's randomness.
#pragma once

#include <cstdint>
#include <string>

namespace bullion {

/// Source of time and of unique names; handed to whoever needs it, so that tests fix both.
/// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Microseconds since 1970-01-01 UTC.
  virtual int64_t now_us() const = 0;
  /// Monotonic microseconds, for durations only.
  virtual int64_t monotonic_us() const = 0;
  /// A random version-4 UUID in lower-case hex with dashes.
  virtual std::string uuid() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t now_us() const override;
  int64_t monotonic_us() const override;
  std::string uuid() const override;
};

}  // namespace bullion
