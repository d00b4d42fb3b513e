#include "detect/calibration.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "project/project_files.h"

namespace bullion::detect {
namespace {

using nlohmann::ordered_json;

constexpr int kCalibrationVersion = 1;
constexpr int kBins = 10;

Decimal share_of(Int128 part, Int128 whole) {
  return {(2 * part * power_of_ten(kShareScale) + whole) / (2 * whole), kShareScale};
}

/// Neighbouring strengths that are judged together.
struct Pool {
  Int128 strengths = 0;  ///< their sum
  int64_t findings = 0;
  int64_t true_findings = 0;

  Decimal likelihood() const { return share_of(2 * true_findings + 1, 2 * findings + 2); }
  Decimal strength() const { return share_of(strengths, findings * power_of_ten(kShareScale)); }
  void take(const Pool& other) {
    strengths += other.strengths;
    findings += other.findings;
    true_findings += other.true_findings;
  }
};

/// Pools of equal strength made larger until each has enough findings; the last one may have to
/// join the one before it.
std::vector<Pool> large_enough(const std::map<Int128, Pool>& by_strength) {
  std::vector<Pool> pools;
  for (const auto& [strength, pool] : by_strength) {
    if (pools.empty() || pools.back().findings >= kPointFindings) {
      pools.push_back(pool);
    } else {
      pools.back().take(pool);
    }
  }
  if (pools.size() > 1 && pools.back().findings < kPointFindings) {
    const Pool last = pools.back();
    pools.pop_back();
    pools.back().take(last);
  }
  return pools;
}

std::vector<CalibrationPoint> points_of(const std::map<Int128, Pool>& by_strength) {
  std::vector<Pool> rising;
  for (Pool pool : large_enough(by_strength)) {
    while (!rising.empty() && rising.back().likelihood().units >= pool.likelihood().units) {
      Pool joined = rising.back();
      joined.take(pool);
      pool = joined;
      rising.pop_back();
    }
    rising.push_back(pool);
  }
  std::vector<CalibrationPoint> points;
  for (const Pool& pool : rising) {
    points.push_back({.strength = pool.strength(),
                      .likelihood = pool.likelihood(),
                      .findings = pool.findings,
                      .true_findings = pool.true_findings});
  }
  return points;
}

Result<Decimal> share_in(const ordered_json& point, const char* key) {
  const auto found = point.find(key);
  if (found != point.end() && found->is_string()) {
    const ParsedDecimal parsed =
        parse_decimal(found->get<std::string>(), kDecimalPrecisionMax, kShareScale);
    if (!parsed.fault && parsed.units >= 0 && parsed.units <= power_of_ten(kShareScale)) {
      return Decimal{parsed.units, kShareScale};
    }
  }
  return invalid(fmt::format("`{}` is {}; expected a text such as \"0.9500\", from 0 to 1", key,
                             found == point.end() ? "missing" : found->dump()));
}

Result<std::vector<CalibrationPoint>> points_in(const ordered_json& list) {
  std::vector<CalibrationPoint> points;
  if (!list.is_array()) return invalid("expected a list of points");
  for (const ordered_json& item : list) {
    if (!item.is_object()) return invalid("expected a point with strength and likelihood");
    CalibrationPoint point;
    BULLION_TRY_ASSIGN(point.strength, share_in(item, "strength"));
    BULLION_TRY_ASSIGN(point.likelihood, share_in(item, "likelihood"));
    if (!points.empty() && (points.back().strength.units >= point.strength.units ||
                            points.back().likelihood.units > point.likelihood.units)) {
      return invalid(
          fmt::format("strength {} comes with likelihood {}, after {} with {}; strengths must rise "
                      "and likelihoods must not fall",
                      to_string(point.strength), to_string(point.likelihood),
                      to_string(points.back().strength), to_string(points.back().likelihood)));
    }
    for (const auto& [key, count] :
         {std::pair{"findings", &point.findings}, std::pair{"true", &point.true_findings}}) {
      if (item.contains(key) && item[key].is_number_integer()) *count = item[key].get<int64_t>();
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace

Decimal Calibration::likelihood(const std::string& detector, const Decimal& weight,
                                const Decimal& strength) const {
  const auto found = detectors.find(detector);
  if (found == detectors.end() || found->second.empty()) {
    return {weight.units * strength.units / power_of_ten(kShareScale), kShareScale};
  }
  const std::vector<CalibrationPoint>& points = found->second;
  const auto above =
      std::ranges::upper_bound(points, strength.units, {},
                               [](const CalibrationPoint& point) { return point.strength.units; });
  if (above == points.begin()) return above->likelihood;
  const CalibrationPoint& low = *std::prev(above);
  if (above == points.end()) return low.likelihood;
  const Int128 rise = above->likelihood.units - low.likelihood.units;
  const Int128 width = above->strength.units - low.strength.units;
  return {low.likelihood.units + rise * (strength.units - low.strength.units) / width, kShareScale};
}

Calibration fit(std::span<const Verdict> verdicts) {
  std::map<std::string, std::map<Int128, Pool>> pools;
  for (const Verdict& verdict : verdicts) {
    pools[verdict.detector][verdict.strength.units].take(
        {verdict.strength.units, 1, verdict.is_true ? 1 : 0});
  }
  Calibration calibration;
  for (const auto& [detector, by_strength] : pools) {
    calibration.detectors[detector] = points_of(by_strength);
  }
  return calibration;
}

std::string calibration_json(const Calibration& calibration, std::string_view source) {
  ordered_json detectors = ordered_json::object();
  for (const auto& [detector, points] : calibration.detectors) {
    ordered_json list = ordered_json::array();
    for (const CalibrationPoint& point : points) {
      list.push_back({{"strength", to_string(point.strength)},
                      {"likelihood", to_string(point.likelihood)},
                      {"findings", point.findings},
                      {"true", point.true_findings}});
    }
    detectors[detector] = std::move(list);
  }
  const ordered_json json = {
      {"version", kCalibrationVersion}, {"source", source}, {"detectors", detectors}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<Calibration> parse_calibration(std::string_view json) {
  const ordered_json parsed = ordered_json::parse(json, nullptr, false);
  if (!parsed.is_object() || parsed.value("version", ordered_json()) != kCalibrationVersion ||
      !parsed.contains("detectors") || !parsed["detectors"].is_object()) {
    return invalid("this is no calibration; `bullion detect --calibrate` writes a new one");
  }
  Calibration calibration;
  for (const auto& [detector, list] : parsed["detectors"].items()) {
    auto points = points_in(list);
    if (!points) return points.error().within(fmt::format("detector `{}`", detector));
    calibration.detectors[detector] = *std::move(points);
  }
  return calibration;
}

void set_likelihoods(const Calibration& calibration, std::span<Finding> findings) {
  for (Finding& finding : findings) {
    finding.likelihood.reset();
    if (!calibration.detectors.contains(finding.detector)) continue;
    finding.likelihood = calibration.likelihood(finding.detector, finding.weight, finding.strength);
  }
}

std::string calibration_path(const std::string& project_folder) {
  return project_folder + "/detectors/calibration.json";
}

Result<Calibration> load_calibration(const std::string& project_folder) {
  const std::string path = calibration_path(project_folder);
  const auto text = project::read_text_file(path);
  if (!text && text.error().kind() == ErrorKind::NotFound) return Calibration{};
  BULLION_TRY(text);
  auto calibration = parse_calibration(*text);
  if (!calibration) return calibration.error().within(path);
  return calibration;
}

Reliability reliability(std::span<const std::pair<Decimal, bool>> scores) {
  struct Sum {
    Int128 scores = 0;
    int64_t cases = 0;
    int64_t true_cases = 0;
  };
  const Int128 one = power_of_ten(kShareScale);
  std::vector<Sum> sums(kBins);
  for (const auto& [score, is_true] : scores) {
    Sum& sum = sums[static_cast<size_t>(std::min<Int128>(score.units * kBins / one, kBins - 1))];
    sum.scores += score.units;
    ++sum.cases;
    if (is_true) ++sum.true_cases;
  }
  Reliability result;
  Int128 gaps = 0;
  for (int i = 0; i < kBins; ++i) {
    const Sum& sum = sums[static_cast<size_t>(i)];
    if (sum.cases == 0) continue;
    const Int128 gap = sum.scores - sum.true_cases * one;
    gaps += gap < 0 ? -gap : gap;
    result.bins.push_back({.from = {one * i / kBins, kShareScale},
                           .cases = sum.cases,
                           .true_cases = sum.true_cases,
                           .mean_score = share_of(sum.scores, sum.cases * one),
                           .true_share = share_of(sum.true_cases, sum.cases)});
  }
  if (!scores.empty()) result.error = share_of(gaps, static_cast<Int128>(scores.size()) * one);
  return result;
}

}  // namespace bullion::detect
