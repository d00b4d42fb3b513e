#include "cli/progress.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/terminal.h"

namespace bullion::cli {
namespace {

constexpr int64_t kPlainIntervalUs = 2'000'000;
constexpr int64_t kMovingIntervalUs = 100'000;

/// State shared by the copies of one report.
struct Meter {
  std::mutex mutex;
  SystemClock clock;
  int64_t started_us = clock.monotonic_us();
  int64_t shown_us = 0;
  std::string phase;
};

}  // namespace

void clear_progress() {
  if (errors_are_terminal()) complain("\r\033[K\033[1A");
}

pipeline::Report progress_report(bool quiet) {
  if (quiet) return {};
  auto meter = std::make_shared<Meter>();
  return [meter](std::string_view phase, std::string_view item, int64_t done, int64_t total) {
    const std::lock_guard lock(meter->mutex);
    const int64_t now_us = meter->clock.monotonic_us();
    const bool moving = errors_are_terminal();
    const bool new_phase = meter->phase != phase;
    if (!new_phase && now_us - meter->shown_us < (moving ? kMovingIntervalUs : kPlainIntervalUs)) {
      return;
    }
    meter->phase = phase;
    meter->shown_us = now_us;
    const std::string name(
        item.substr(item.rfind('/') == std::string_view::npos ? 0 : item.rfind('/') + 1));
    const std::string line =
        fmt::format("{:6.1f}s  {:<8} {} {}", static_cast<double>(now_us - meter->started_us) / 1e6,
                    phase, total > 0 ? fmt::format("{}/{}", done, total) : "", name);
    complain(moving ? "\r\033[K" + line + "\033[1A" : line);
  };
}

}  // namespace bullion::cli
