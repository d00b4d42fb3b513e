// What the server counts, as Prometheus reads it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace bullion::server {

/// One number from elsewhere. The name follows Prometheus' rules, e.g. "bullion_cache_hits_total".
struct Sample {
  std::string name;
  std::string help;
  bool is_counter = false;  ///< else a gauge
  int64_t value = 0;
};
using SampleSource = std::function<std::vector<Sample>()>;

/// Thread-safe.
class Telemetry {
 public:
  Telemetry() = default;
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  /// `route` is a pattern, never a path, so that clients cannot make it grow.
  void count_request(const std::string& method, const std::string& route, int status,
                     int64_t duration_us);
  void connection_opened() {
    ++connections_;
    ++connections_total_;
  }
  void connection_closed() { --connections_; }
  void connection_refused() { ++connections_refused_; }
  void client_left() { ++clients_left_; }
  int64_t connections() const { return connections_; }
  /// Asked at each reading of the counters; before the server starts.
  void add_source(SampleSource source);

  /// The text format 0.0.4.
  std::string prometheus() const;

 private:
  static constexpr size_t kBuckets = 11;
  struct Histogram {
    std::array<int64_t, kBuckets + 1> counts{};  ///< not cumulative; the last is +Inf
    int64_t sum_us = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, int>, int64_t> requests_;
  std::map<std::string, Histogram> durations_;
  std::vector<SampleSource> sources_;
  std::atomic<int64_t> connections_ = 0;
  std::atomic<int64_t> connections_total_ = 0;
  std::atomic<int64_t> connections_refused_ = 0;
  std::atomic<int64_t> clients_left_ = 0;
};

}  // namespace bullion::server
