#include "metrics/metric.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"

namespace bullion::metrics {
namespace {

constexpr std::array<std::string_view, 4> kUnits{"money", "count", "quantity", "ratio"};
constexpr std::array<std::string_view, 3> kBetter{"up", "down", "neither"};
constexpr std::array<std::string_view, 4> kScenarios{"actual", "plan", "forecast", "variance"};

}  // namespace

std::string to_string(Unit unit) { return std::string(kUnits.at(static_cast<size_t>(unit))); }

std::string to_string(Better better) {
  return std::string(kBetter.at(static_cast<size_t>(better)));
}

std::string to_string(Scenario scenario) {
  return std::string(kScenarios.at(static_cast<size_t>(scenario)));
}

const Dimension* Metric::find_dimension(std::string_view wanted) const {
  const auto found = std::find_if(dimensions.begin(), dimensions.end(),
                                  [&](const Dimension& d) { return d.name == wanted; });
  return found == dimensions.end() ? nullptr : &*found;
}

const Metric* MetricSet::find(std::string_view name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Metric& metric) { return metric.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

Result<const Metric*> MetricSet::get(std::string_view name) const {
  const Metric* found = find(name);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.push_back(metric.name);
  if (names.empty()) {
    return not_found(fmt::format(
        "there is no metric `{}`: the project has none; write them to metrics/NAME.yml", name));
  }
  return not_found(fmt::format("there is no metric `{}`{}; metrics: {}", name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace bullion::metrics
