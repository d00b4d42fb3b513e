#include "detect/evidence.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bullion::detect {
namespace {

using engine::quote_name;
using engine::quote_text;

/// Fills `table`, `key` and `rows`.
Status add_rows(reader::Reader& reader, reader::OpenRelease& release, const Detectors& detectors,
                FindingEvidence& evidence) {
  const auto facts = detectors.find(evidence.finding.detector);
  if (facts == detectors.end() || facts->second.evidence_table.empty()) return ok();
  // A table that the release does not have, or not with that column, is shown as none.
  const auto table = release.table(facts->second.evidence_table);
  if (!table && table.error().kind() == ErrorKind::NotFound) return ok();
  if (!table) return table.error();
  const auto columns = delta::column_names((*table)->snapshot.metadata.schema);
  const std::string& key = facts->second.evidence_key;
  if (std::ranges::find(columns, key) == columns.end()) return ok();
  evidence.table = facts->second.evidence_table;
  evidence.key = key;
  std::vector<std::string> ids;
  for (const Evidence& row : evidence.finding.evidence) {
    if (ids.size() == kEvidenceRowsMax) break;
    ids.push_back(row.row_id);
  }
  // Columns that Bullion adds say nothing to a controller.
  std::vector<std::string> shown;
  for (const std::string& column : columns) {
    if (!column.starts_with('_')) shown.push_back("found." + quote_name(column));
  }
  std::vector<std::string> values;
  for (size_t i = 0; i < ids.size(); ++i) {
    values.push_back(fmt::format("({}, {})", i, quote_text(ids[i])));
  }
  BULLION_TRY_ASSIGN(
      evidence.rows,
      reader.engine().query(fmt::format(
          "SELECT wanted.row_id, {} FROM (VALUES {}) AS wanted(place, row_id) "
          "JOIN {} AS found "
          "ON CAST(found.{} AS VARCHAR) = wanted.row_id ORDER BY wanted.place",
          fmt::join(shown, ", "), fmt::join(values, ", "), (*table)->relation, quote_name(key))));
  return ok();
}

}  // namespace

Result<std::vector<FindingEvidence>> read_evidence(reader::Reader& reader,
                                                   const Detectors& detectors, int64_t release,
                                                   const std::vector<KnownFinding>& findings,
                                                   size_t findings_max) {
  std::map<int64_t, std::vector<std::pair<std::string, std::string>>> wanted;
  for (size_t i = 0; i < std::min(findings.size(), findings_max); ++i) {
    wanted[findings[i].last_release.value_or(release)].emplace_back(findings[i].detector,
                                                                    findings[i].key);
  }
  std::vector<FindingEvidence> all;
  for (const auto& [number, names] : wanted) {
    BULLION_TRY_ASSIGN(const auto open, reader.release(number));
    BULLION_TRY_ASSIGN(auto read, read_findings(reader, *open, detectors, names));
    for (Finding& finding : read) {
      FindingEvidence evidence;
      evidence.finding = std::move(finding);
      evidence.release = number;
      BULLION_TRY(add_rows(reader, *open, detectors, evidence));
      all.push_back(std::move(evidence));
    }
  }
  return all;
}

}  // namespace bullion::detect
