// A clock that tests move. For tests only.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.h"

namespace bullion::server {

class TestClock final : public Clock {
 public:
  int64_t now_us() const override { return 1'700'000'000'000'000 + monotonic_us_; }
  int64_t monotonic_us() const override { return monotonic_us_; }
  std::string uuid() const override { return "00000000-0000-4000-8000-000000000000"; }
  void advance(int64_t us) { monotonic_us_ += us; }

 private:
  std::atomic<int64_t> monotonic_us_ = 1'000'000;
};

}  // namespace bullion::server
