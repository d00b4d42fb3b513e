#include "cli/progress.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/terminal.h"

namespace bullion::cli {
namespace {

constexpr int64_t kPlainIntervalUs = 2'000'000;
constexpr int64_t kMovingIntervalUs = 100'000;
constexpr int64_t kJsonIntervalUs = 250'000;

/// State shared by the copies of one report.
struct Meter {
  std::mutex mutex;
  SystemClock clock;
  int64_t started_us = clock.monotonic_us();
  int64_t shown_us = 0;
  int64_t phase_us = 0;  ///< when the phase began
  std::string phase;
};

/// Phases that count bytes; the others count things.
bool counts_bytes(std::string_view phase) { return phase == "parse" || phase == "land"; }

std::string bytes_text(int64_t bytes) {
  constexpr int64_t kMega = 1'000'000;
  return bytes < 10 * kMega ? fmt::format("{} kB", bytes / 1000)
                            : fmt::format("{} MB", bytes / kMega);
}

/// " 45 %, 120 MB/s, 12 s left" once there is something to say.
std::string rate_text(std::string_view phase, int64_t done, int64_t total, int64_t elapsed_us) {
  constexpr int64_t kSettledUs = 1'000'000;
  if (total <= 0 || done <= 0 || elapsed_us < kSettledUs) return "";
  const int64_t per_second = done * 1'000'000 / elapsed_us;
  std::string text = counts_bytes(phase) ? fmt::format(", {}/s", bytes_text(per_second)) : "";
  if (done < total && done * 20 > total) {
    text += fmt::format(", {} s left", (total - done) * (elapsed_us / 1000) / done / 1000);
  }
  return text;
}

std::string count_text(std::string_view phase, int64_t done, int64_t total) {
  if (total <= 0) return "";
  if (!counts_bytes(phase)) return fmt::format("{}/{}", done, total);
  return fmt::format("{}/{}", bytes_text(done), bytes_text(total));
}

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
    if (new_phase) meter->phase_us = now_us;
    if (!new_phase && now_us - meter->shown_us < (moving ? kMovingIntervalUs : kPlainIntervalUs)) {
      return;
    }
    meter->phase = phase;
    meter->shown_us = now_us;
    const std::string name(
        item.substr(item.rfind('/') == std::string_view::npos ? 0 : item.rfind('/') + 1));
    const std::string line = fmt::format(
        "{:6.1f}s  {:<8} {}{} {}", static_cast<double>(now_us - meter->started_us) / 1e6, phase,
        count_text(phase, done, total), rate_text(phase, done, total, now_us - meter->phase_us),
        name);
    complain(moving ? "\r\033[K" + line + "\033[1A" : line);
  };
}

pipeline::Report json_progress_report() {
  auto meter = std::make_shared<Meter>();
  return [meter](std::string_view phase, std::string_view item, int64_t done, int64_t total) {
    const std::lock_guard lock(meter->mutex);
    const int64_t now_us = meter->clock.monotonic_us();
    if (meter->phase == phase && now_us - meter->shown_us < kJsonIntervalUs) return;
    meter->phase = phase;
    meter->shown_us = now_us;
    const nlohmann::ordered_json json = {
        {"phase", phase}, {"item", item}, {"done", done}, {"total", total}};
    complain(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  };
}

}  // namespace bullion::cli
