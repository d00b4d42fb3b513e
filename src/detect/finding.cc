#include "detect/finding.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "detect/calibration.h"

namespace bullion::detect {
namespace {

using engine::quote_name;
using engine::quote_text;
using engine::Value;

/// The columns read, in this order.
const char* const kColumns[] = {"detector",     "finding_key",    "severity", "weight", "strength",
                                "subject_type", "subject_id",     "reason",   "row_id", "role",
                                "occurred_on",  "amount_at_risk", "currency"};
enum Column {
  kDetector,
  kKey,
  kSeverity,
  kWeight,
  kStrength,
  kSubjectType,
  kSubjectId,
  kReason,
  kRowId,
  kRole,
  kOccurredOn,
  kAmount,
  kCurrency,
};

/// A text as the state store can hold it.
std::string text_at(const std::vector<Value>& row, Column column) {
  std::string text = engine::to_text(row[static_cast<size_t>(column)]);
  for (size_t at = 0; (at = text.find('\0', at)) != std::string::npos; ++at) text[at] = ' ';
  return text;
}

/// An exact number at a scale; nullopt when the cell holds none that fits.
std::optional<Decimal> number_at(const std::vector<Value>& row, Column column, int scale) {
  const Value& value = row[static_cast<size_t>(column)];
  if (!std::holds_alternative<Decimal>(value) && !std::holds_alternative<int64_t>(value)) {
    return std::nullopt;
  }
  const ParsedDecimal parsed = parse_decimal(engine::to_text(value), kDecimalPrecisionMax, scale);
  if (parsed.fault) return std::nullopt;
  return Decimal{parsed.units, scale};
}

/// Turns the sorted rows of the table into findings.
class FindingBuilder {
 public:
  FindingBuilder(const Detectors& detectors, std::vector<Finding>& findings)
      : detectors_(detectors), findings_(findings) {}

  Status add(const std::vector<Value>& row) {
    const std::string detector = text_at(row, kDetector);
    const std::string key = text_at(row, kKey);
    for (size_t i = 0; i < std::size(kColumns); ++i) {
      if (engine::is_null(row[i])) {
        return fault(detector, key, fmt::format("`{}` is NULL", kColumns[i]));
      }
    }
    if (findings_.empty() || findings_.back().detector != detector || findings_.back().key != key) {
      BULLION_TRY(open_finding(row, detector, key));
    }
    return add_evidence(row, findings_.back());
  }

 private:
  static Error fault(const std::string& detector, const std::string& key, const std::string& what) {
    return invalid(fmt::format("finding `{}` of detector `{}`: {}", key, detector, what));
  }

  static Result<Decimal> share(const std::vector<Value>& row, Column column,
                               const Finding& finding) {
    const auto number = number_at(row, column, kShareScale);
    if (number && number->units >= 0 && number->units <= power_of_ten(kShareScale)) return *number;
    return fault(finding.detector, finding.key,
                 fmt::format("`{}` is `{}`; expected 0 to 1 with at most {} places",
                             kColumns[column], text_at(row, column), kShareScale));
  }

  Status open_finding(const std::vector<Value>& row, const std::string& detector,
                      const std::string& key) {
    Finding finding;
    finding.detector = detector;
    finding.key = key;
    finding.severity = text_at(row, kSeverity);
    finding.subject_type = text_at(row, kSubjectType);
    finding.subject_id = text_at(row, kSubjectId);
    finding.reason = text_at(row, kReason);
    BULLION_TRY_ASSIGN(finding.weight, share(row, kWeight, finding));
    finding.strength = {0, kShareScale};
    const auto facts = detectors_.find(detector);
    if (facts != detectors_.end()) {
      finding.evidence_table = facts->second.evidence_table;
      finding.opens_cases = facts->second.opens_cases;
    }
    findings_.push_back(std::move(finding));
    return ok();
  }

  Status add_evidence(const std::vector<Value>& row, Finding& finding) {
    BULLION_TRY_ASSIGN(const Decimal strength, share(row, kStrength, finding));
    if (strength.units > finding.strength.units) finding.strength = strength;
    Evidence evidence;
    evidence.row_id = text_at(row, kRowId);
    const std::string role = text_at(row, kRole);
    if (role != "flagged" && role != "compared") {
      return fault(finding.detector, finding.key,
                   fmt::format("`role` is `{}`{}; expected flagged or compared", role,
                               did_you_mean(role, {"flagged", "compared"})));
    }
    evidence.role = role == "flagged" ? Role::Flagged : Role::Compared;
    const auto* day = std::get_if<engine::DateValue>(&row[kOccurredOn]);
    if (day == nullptr) {
      return fault(finding.detector, finding.key, "`occurred_on` is no DATE");
    }
    evidence.occurred_on = day->days;
    const auto amount = number_at(row, kAmount, kMoneyScale);
    if (!amount || amount->units < 0) {
      return fault(finding.detector, finding.key,
                   fmt::format("`amount_at_risk` is `{}`; expected a decimal of at most {} places "
                               "that is not negative",
                               text_at(row, kAmount), kMoneyScale));
    }
    evidence.amount_at_risk = *amount;
    evidence.currency = text_at(row, kCurrency);
    if (!finding.evidence.empty() && finding.evidence.back().row_id == evidence.row_id &&
        finding.evidence.back().role == evidence.role) {
      return fault(finding.detector, finding.key,
                   fmt::format("names row `{}` twice; finding_key and row_id must be unique "
                               "together within a detector",
                               evidence.row_id));
    }
    finding.evidence.push_back(std::move(evidence));
    return ok();
  }

  const Detectors& detectors_;
  std::vector<Finding>& findings_;
};

Result<std::vector<Finding>> read_where(reader::Reader& reader, reader::OpenRelease& release,
                                        const Detectors& detectors, const std::string& condition) {
  auto table = release.table(project::kFindingsTable);
  if (!table) {
    if (table.error().kind() != ErrorKind::NotFound) return table.error();
    return not_found(fmt::format(
        "release {} has no table `{}`; write detectors/*.sql and detectors/*.yml, then `bullion "
        "run`",
        release.number(), project::kFindingsTable));
  }
  const std::vector<std::string> there = delta::column_names((*table)->snapshot.metadata.schema);
  for (const char* column : kColumns) {
    if (std::ranges::find(there, column) != there.end()) continue;
    return invalid(fmt::format("table `{}` has no column `{}`{}; docs/cases.md lists its columns",
                               project::kFindingsTable, column, did_you_mean(column, there)));
  }
  std::vector<std::string> names;
  for (const char* column : kColumns) names.push_back(quote_name(column));
  std::vector<Finding> findings;
  BULLION_TRY_ASSIGN(const Calibration calibration, load_calibration(reader.project().folder));
  FindingBuilder builder(detectors, findings);
  const auto end = reader.engine().stream(
      fmt::format("SELECT {} FROM {}{} ORDER BY detector, finding_key, role DESC, row_id, "
                  "occurred_on, amount_at_risk, currency, reason",
                  fmt::join(names, ", "), (*table)->relation, condition),
      engine::QueryOptions{}, [](const delta::Schema&) { return ok(); },
      [&builder](const std::vector<Value>& row) { return builder.add(row); });
  if (!end) return end.error();
  set_likelihoods(calibration, findings);
  return findings;
}

}  // namespace

Result<std::vector<Finding>> read_findings(reader::Reader& reader, reader::OpenRelease& release,
                                           const Detectors& detectors) {
  return read_where(reader, release, detectors, "");
}

Result<std::vector<Finding>> read_findings(
    reader::Reader& reader, reader::OpenRelease& release, const Detectors& detectors,
    const std::vector<std::pair<std::string, std::string>>& wanted) {
  if (wanted.empty()) return std::vector<Finding>{};
  std::vector<std::string> pairs;
  for (const auto& [detector, key] : wanted) {
    pairs.push_back(fmt::format("({}, {})", quote_text(detector), quote_text(key)));
  }
  return read_where(reader, release, detectors,
                    fmt::format(" WHERE (detector, finding_key) IN ({})", fmt::join(pairs, ", ")));
}

}  // namespace bullion::detect
