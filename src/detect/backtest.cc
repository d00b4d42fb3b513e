#include "detect/backtest.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"

namespace bullion::detect {
namespace {

using nlohmann::ordered_json;

constexpr int kBaselineVersion = 1;

std::optional<Decimal> ratio(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  const Int128 one = power_of_ten(kShareScale);
  return Decimal{(part * one * 2 + whole) / (Int128{2} * whole), kShareScale};
}

void add_money(std::vector<Money>& sums, const std::string& currency, const Decimal& amount) {
  const auto place = std::ranges::lower_bound(sums, currency, {}, &Money::currency);
  if (place == sums.end() || place->currency != currency) {
    sums.insert(place, {currency, amount});
  } else {
    place->amount = sum_of(place->amount, amount).value_or(place->amount);
  }
}

/// Rows that findings flag, with the money of each.
class Flagged {
 public:
  explicit Flagged(std::span<const Finding> findings) {
    for (const Finding& finding : findings) {
      for (const Evidence& evidence : finding.evidence) {
        if (evidence.role != Role::Flagged) continue;
        by_detector_[finding.detector].insert(evidence.row_id);
        const auto [row, is_new] = rows_.try_emplace(evidence.row_id, &evidence);
        if (!is_new && row->second->amount_at_risk.units < evidence.amount_at_risk.units) {
          row->second = &evidence;
        }
      }
    }
  }
  bool hits(const Label& label) const {
    if (label.detector.empty()) return rows_.contains(label.row_id);
    const auto of_detector = by_detector_.find(label.detector);
    return of_detector != by_detector_.end() && of_detector->second.contains(label.row_id);
  }
  /// The largest amount at risk of a row; nullptr when nothing flags it.
  const Evidence* row(const std::string& row_id) const {
    const auto found = rows_.find(row_id);
    return found == rows_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, std::set<std::string>> by_detector_;
  std::map<std::string, const Evidence*> rows_;
};

/// The rows of one label.
using LabelRows = std::vector<const Label*>;

/// In the order of their detectors, kinds and names; rows without a name are on their own.
std::vector<LabelRows> by_label(std::span<const Label> labels) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, LabelRows> named;
  std::vector<LabelRows> all;
  for (const Label& label : labels) {
    if (label.label_id.empty()) {
      all.push_back({&label});
    } else {
      named[{label.detector, label.kind, label.label_id}].push_back(&label);
    }
  }
  for (auto& [name, rows] : named) all.push_back(std::move(rows));
  return all;
}

template <typename Hits>
void count_label(const LabelRows& label, const Hits& hits, const Flagged& flagged,
                 Measure& measure) {
  ++measure.labels;
  if (std::ranges::any_of(label, hits)) ++measure.hits;
  for (const Label* row : label) {
    const Evidence* evidence = flagged.row(row->row_id);
    std::vector<Money>& sums = hits(row) ? measure.money_found : measure.money_missed;
    if (row->amount) {
      const std::string& of_row = evidence != nullptr ? evidence->currency : row->currency;
      add_money(sums, row->currency.empty() ? of_row : row->currency, *row->amount);
    } else if (evidence != nullptr) {
      add_money(sums, evidence->currency, evidence->amount_at_risk);
    }
  }
}

bool flags_any(const Finding& finding, const std::set<std::string>& rows) {
  return std::ranges::any_of(finding.evidence, [&rows](const Evidence& evidence) {
    return evidence.role == Role::Flagged && rows.contains(evidence.row_id);
  });
}

std::set<std::string> all_rows(std::span<const Label> labels) {
  std::set<std::string> rows;
  for (const Label& label : labels) rows.insert(label.row_id);
  return rows;
}

Status measure_cases(std::span<const Finding> findings, std::span<const Label> labels,
                     Backtest& result) {
  const std::set<std::string> labelled = all_rows(labels);
  BULLION_TRY_ASSIGN(const std::vector<Group> groups, roll_up(findings));
  std::vector<std::pair<Decimal, bool>> scores;
  std::vector<Finding> in_cases;
  for (const Group& group : groups) {
    if (!group.opens_case) continue;
    for (const size_t member : group.findings) in_cases.push_back(findings[member]);
    const bool is_true = std::ranges::any_of(
        group.findings, [&](size_t member) { return flags_any(findings[member], labelled); });
    scores.emplace_back(group.score, is_true);
    ++result.cases.found;
    if (is_true) ++result.cases.true_found;
  }
  result.scores = reliability(scores);
  const Flagged flagged(in_cases);
  const auto is_hit = [&flagged](const Label* row) { return flagged.row(row->row_id) != nullptr; };
  for (const LabelRows& label : by_label(labels)) {
    count_label(label, is_hit, flagged, result.cases);
  }
  return ok();
}

ordered_json json_of(const Measure& measure) {
  ordered_json json = {{"labels", measure.labels},
                       {"hits", measure.hits},
                       {"found", measure.found},
                       {"true_found", measure.true_found}};
  if (const auto precision = measure.precision()) json["precision"] = to_string(*precision);
  if (const auto recall = measure.recall()) json["recall"] = to_string(*recall);
  return json;
}

/// Says when a share fell below that of the baseline.
void compare(const std::string& what, const std::string& share, const ordered_json& before,
             const std::optional<Decimal>& now, std::vector<std::string>& worse) {
  if (!before.is_object() || !before.contains(share) || !before[share].is_string()) return;
  const std::string text = before[share].get<std::string>();
  const ParsedDecimal then = parse_decimal(text, kDecimalPrecisionMax, kShareScale);
  if (then.fault || (now && now->units >= then.units)) return;
  worse.push_back(
      fmt::format("{}: {} is {}, it was {}", what, share, now ? to_string(*now) : "gone", text));
}

void compare_all(const std::string& word, const ordered_json& before,
                 const std::map<std::string, Measure>& now, std::vector<std::string>& worse) {
  if (!before.is_object()) return;
  for (const auto& [name, measure] : before.items()) {
    const auto found = now.find(name);
    const Measure of_now = found == now.end() ? Measure{} : found->second;
    const std::string what = fmt::format("{} {}", word, name);
    compare(what, "precision", measure, of_now.precision(), worse);
    compare(what, "recall", measure, of_now.recall(), worse);
  }
}

}  // namespace

std::optional<Decimal> Measure::precision() const { return ratio(true_found, found); }
std::optional<Decimal> Measure::recall() const { return ratio(hits, labels); }

Result<std::vector<Label>> read_labels(engine::Engine& engine, const std::string& path) {
  const std::string file =
      fmt::format("read_csv({}, header = true, all_varchar = true)", engine::quote_text(path));
  const auto bound = engine.bind("SELECT * FROM " + file);
  if (!bound) {
    return invalid(fmt::format("labels {}: the file cannot be read as CSV with a header ({})", path,
                               bound.error().message().substr(0, 200)));
  }
  std::vector<std::string> names;
  for (const engine::BoundColumn& column : *bound) names.push_back(column.name);
  const auto has = [&names](const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (!has("row_id") || (!has("detector") && !has("kind"))) {
    return invalid(fmt::format(
        "labels {}: expected the columns row_id, and detector or kind{}; the file has {}", path,
        has("row_id") ? "" : did_you_mean("row_id", names), fmt::join(names, ", ")));
  }
  std::vector<std::string> columns;
  for (const char* name : {"detector", "kind", "label_id", "row_id", "amount", "currency"}) {
    columns.push_back(has(name) ? engine::quote_name(name) : "NULL");
  }
  std::vector<Label> labels;
  BULLION_TRY(engine.stream(
      fmt::format("SELECT {} FROM {}", fmt::join(columns, ", "), file),
      [](const delta::Schema&) { return ok(); },
      [&labels, &path](const std::vector<engine::Value>& row) -> Status {
        Label label;
        label.detector = engine::to_text(row[0]);
        label.kind = engine::to_text(row[1]);
        label.label_id = engine::to_text(row[2]);
        label.row_id = engine::to_text(row[3]);
        const std::string amount = engine::to_text(row[4]);
        label.currency = engine::to_text(row[5]);
        if (label.row_id.empty()) {
          return invalid(fmt::format("labels {}: label {} has no row_id", path, labels.size() + 1));
        }
        if (!amount.empty()) {
          const ParsedDecimal parsed = parse_decimal(amount, kDecimalPrecisionMax - 4, kMoneyScale);
          if (parsed.fault) {
            return invalid(
                fmt::format("labels {}: label {} has the amount `{}`; expected a decimal "
                            "such as 1200.50",
                            path, labels.size() + 1, amount));
          }
          label.amount = Decimal{parsed.units, kMoneyScale};
        }
        labels.push_back(std::move(label));
        return ok();
      }));
  return labels;
}

Result<Backtest> backtest(std::span<const Finding> findings, std::span<const Label> labels) {
  Backtest result;
  const Flagged flagged(findings);
  const auto by_own = [&flagged](const Label* row) { return flagged.hits(*row); };
  std::map<std::string, std::set<std::string>> labelled;  // By detector; "" holds those of any.
  for (const Label& label : labels) labelled[label.detector].insert(label.row_id);
  for (const LabelRows& label : by_label(labels)) {
    const Label& first = *label.front();
    if (!first.detector.empty()) {
      count_label(label, by_own, flagged, result.detectors[first.detector]);
    }
    if (!first.kind.empty()) count_label(label, by_own, flagged, result.kinds[first.kind]);
  }
  for (const Finding& finding : findings) {
    Measure& measure = result.detectors[finding.detector];
    ++measure.found;
    if (flags_any(finding, labelled[finding.detector]) || flags_any(finding, labelled[""])) {
      ++measure.true_found;
    }
  }
  BULLION_TRY(measure_cases(findings, labels, result));
  return result;
}

std::vector<Verdict> verdicts(std::span<const Finding> findings, std::span<const Label> labels) {
  const std::set<std::string> labelled = all_rows(labels);
  std::vector<Verdict> out;
  for (const Finding& finding : findings) {
    out.push_back({.detector = finding.detector,
                   .strength = finding.strength,
                   .is_true = flags_any(finding, labelled)});
  }
  return out;
}

std::string baseline_json(const Backtest& result, const std::string& labels_sha256) {
  ordered_json json = {{"version", kBaselineVersion},
                       {"labels_sha256", labels_sha256},
                       {"detectors", ordered_json::object()},
                       {"kinds", ordered_json::object()}};
  for (const auto& [name, measure] : result.detectors) json["detectors"][name] = json_of(measure);
  for (const auto& [name, measure] : result.kinds) json["kinds"][name] = json_of(measure);
  json["cases"] = json_of(result.cases);
  if (result.scores.error) json["calibration_error"] = to_string(*result.scores.error);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<std::vector<std::string>> worse_than(const Backtest& result, std::string_view baseline,
                                            const std::string& labels_sha256) {
  const ordered_json json = ordered_json::parse(baseline, nullptr, false);
  if (!json.is_object() || json.value("version", 0) != kBaselineVersion ||
      !json.contains("labels_sha256") || !json["labels_sha256"].is_string()) {
    return invalid("the baseline cannot be read; --save-baseline writes a new one");
  }
  if (json["labels_sha256"].get<std::string>() != labels_sha256) {
    return invalid(
        "the baseline is of other labels, so nothing can be compared; run with the labels it was "
        "made of, or write a new one with --save-baseline");
  }
  std::vector<std::string> worse;
  compare_all("detector", json.value("detectors", ordered_json()), result.detectors, worse);
  compare_all("kind", json.value("kinds", ordered_json()), result.kinds, worse);
  const ordered_json cases = json.value("cases", ordered_json());
  compare("cases", "precision", cases, result.cases.precision(), worse);
  compare("cases", "recall", cases, result.cases.recall(), worse);
  return worse;
}

}  // namespace bullion::detect
