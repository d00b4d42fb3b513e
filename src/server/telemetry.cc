#include "server/telemetry.h"

#include <fmt/format.h>

#include "base/process_usage.h"

namespace bullion::server {
namespace {

constexpr std::array<int64_t, 11> kBoundsUs = {5'000,     10'000,    25'000,    50'000,
                                               100'000,   250'000,   500'000,   1'000'000,
                                               2'500'000, 5'000'000, 10'000'000};

/// Microseconds as decimal seconds: 2500000 is "2.5".
std::string seconds(int64_t us) {
  std::string text = fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string head(const std::string& name, const std::string& help, const char* type) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

std::string sample(const std::string& name, const std::string& help, bool is_counter,
                   int64_t value) {
  return head(name, help, is_counter ? "counter" : "gauge") + fmt::format("{} {}\n", name, value);
}

}  // namespace

void Telemetry::count_request(const std::string& method, const std::string& route, int status,
                              int64_t duration_us) {
  size_t bucket = 0;
  while (bucket < kBoundsUs.size() && duration_us > kBoundsUs[bucket]) ++bucket;
  const std::lock_guard lock(mutex_);
  ++requests_[{method, route, status}];
  Histogram& histogram = durations_[route];
  ++histogram.counts[bucket];
  histogram.sum_us += duration_us;
}

void Telemetry::add_source(SampleSource source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(std::move(source));
}

std::string Telemetry::prometheus() const {
  std::vector<SampleSource> sources;
  std::string out =
      head("bullion_http_requests_total", "Requests answered, by route and status.", "counter");
  {
    const std::lock_guard lock(mutex_);
    sources = sources_;
    for (const auto& [key, count] : requests_) {
      out += fmt::format(
          "bullion_http_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n",
          std::get<0>(key), std::get<1>(key), std::get<2>(key), count);
    }
    const std::string name = "bullion_http_request_duration_seconds";
    out +=
        head(name, "Time from the last byte of a request to the last of its answer.", "histogram");
    for (const auto& [route, histogram] : durations_) {
      int64_t total = 0;
      for (size_t i = 0; i <= kBuckets; ++i) {
        total += histogram.counts[i];
        out += fmt::format("{}_bucket{{route=\"{}\",le=\"{}\"}} {}\n", name, route,
                           i < kBuckets ? seconds(kBoundsUs[i]) : "+Inf", total);
      }
      out += fmt::format("{0}_sum{{route=\"{1}\"}} {2}\n{0}_count{{route=\"{1}\"}} {3}\n", name,
                         route, seconds(histogram.sum_us), total);
    }
  }
  out += sample("bullion_http_connections", "Open connections.", false, connections_);
  out += sample("bullion_http_connections_total", "Connections taken.", true, connections_total_);
  out += sample("bullion_http_connections_refused_total",
                "Connections turned away because too many were open.", true, connections_refused_);
  out += sample("bullion_http_clients_left_total", "Requests whose client left before the answer.",
                true, clients_left_);
  const ProcessUsage usage = process_usage();
  out += sample("process_resident_memory_bytes", "Resident memory.", false, usage.resident_bytes);
  out += head("process_cpu_seconds_total", "User and system time.", "counter") +
         fmt::format("process_cpu_seconds_total {}\n", seconds(usage.cpu_us));
  // Without the lock: a source may take its time.
  for (const SampleSource& source : sources) {
    for (const Sample& one : source()) {
      out += sample(one.name, one.help, one.is_counter, one.value);
    }
  }
  return out;
}

}  // namespace bullion::server
