#include <algorithm>

#include <fmt/format.h>

#include "base/date.h"
#include "server/case_json_internal.h"

namespace bullion::server {
namespace {

using detect::Case;

Json finding_json(const detect::KnownFinding& finding, const detect::Detectors& detectors) {
  const auto facts = detectors.find(finding.detector);
  return {{"detector", finding.detector},
          {"title", facts == detectors.end() ? finding.detector : facts->second.title},
          {"key", finding.key},
          {"severity", finding.severity},
          {"weight", to_string(finding.weight)},
          {"strength", to_string(finding.strength)},
          {"subject_type", finding.subject_type},
          {"subject_id", finding.subject_id},
          {"reason", finding.reason},
          {"first_release", finding.first_release},
          {"last_release", number_or_null(finding.last_release)}};
}

Json event_json(const detect::Event& event) {
  Json out = {{"at", format_timestamp(event.at_us)},
              {"user", event.user},
              {"action", event.action},
              {"before", detect::to_string(event.before)},
              {"after", detect::to_string(event.after)},
              {"amount", nullptr},
              {"note", event.note},
              {"release", event.release}};
  if (!event.amount.empty()) {
    const auto amount = decimal_of(event.amount);
    out["amount"] = amount ? case_money(*amount, event.currency)
                           : Json{{"amount", event.amount}, {"currency", event.currency}};
  }
  return out;
}

/// The row of evidence as the table has it; null when it is not among those that were read.
void append_cells(std::string& json, const detect::FindingEvidence& evidence,
                  const std::vector<reader::ColumnFacts>& columns, const std::string& row_id) {
  const auto row = std::ranges::find_if(
      evidence.rows.rows, [&](const auto& cells) { return engine::to_text(cells[0]) == row_id; });
  if (row == evidence.rows.rows.end()) {
    json += "null";
    return;
  }
  json += '[';
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) json += ',';
    append_cell(json, columns[i], (*row)[i + 1], "");
  }
  json += ']';
}

void append_evidence(std::string& json, const detect::FindingEvidence& evidence) {
  std::vector<reader::ColumnFacts> columns;
  for (size_t i = 1; i < evidence.rows.schema.size(); ++i) {
    columns.push_back(reader::facts_of(evidence.rows.schema[i]));
  }
  json +=
      fmt::format(R"({{"detector":{},"finding_key":{},"release":{},"table":{},"key":{},)",
                  json_text(Json(evidence.finding.detector)), json_text(Json(evidence.finding.key)),
                  evidence.release, json_text(text_or_null(evidence.table)),
                  json_text(text_or_null(evidence.key)));
  json += fmt::format(R"("columns":{},"rows":[)", json_text(columns_json(columns)));
  const auto& rows = evidence.finding.evidence;
  const size_t count = std::min(rows.size(), detect::kEvidenceRowsMax);
  for (size_t i = 0; i < count; ++i) {
    const detect::Evidence& row = rows[i];
    json += fmt::format(R"({}{{"row_id":{},"role":{},"occurred_on":"{}","at_risk":{},"cells":)",
                        i == 0 ? "" : ",", json_text(Json(row.row_id)),
                        row.role == detect::Role::Flagged ? R"("flagged")" : R"("compared")",
                        format_date(row.occurred_on),
                        json_text(case_money(row.amount_at_risk, row.currency)));
    append_cells(json, evidence, columns, row.row_id);
    json += '}';
  }
  json += fmt::format(R"(],"row_count":{}}})", rows.size());
}

}  // namespace

Json case_money(const Decimal& amount, const std::string& currency) {
  return {{"amount", detect::shown_amount(amount)}, {"currency", currency}};
}

Json case_json(const Case& item) {
  Json money = Json::array();
  for (const detect::CaseMoney& one : item.money) {
    money.push_back(
        {{"at_risk", case_money(one.at_risk, one.currency)},
         {"confirmed", one.confirmed ? case_money(*one.confirmed, one.currency) : Json(nullptr)},
         {"recovered", case_money(one.recovered, one.currency)}});
  }
  return {{"id", item.id},
          {"state", detect::to_string(item.state)},
          {"owner", text_or_null(item.owner)},
          {"subject_type", item.subject_type},
          {"subject_id", item.subject_id},
          {"title", item.title},
          {"severity", item.severity},
          {"score", to_string(item.score)},
          {"money", money},
          {"detectors", item.detectors},
          {"findings", item.findings},
          {"cleared", item.cleared},
          {"grown", item.grown},
          {"merged_into", number_or_null(item.merged_into)},
          {"first_release", item.first_release},
          {"opened_at", format_timestamp(item.opened_at_us)},
          {"changed_at", format_timestamp(item.changed_at_us)},
          {"version", item.version}};
}

Json pattern_json(const detect::Pattern& pattern) {
  return {{"id", pattern.id},
          {"detector", pattern.detector},
          {"subject_type", text_or_null(pattern.subject_type)},
          {"subject_id", text_or_null(pattern.subject_id)},
          {"finding_key", text_or_null(pattern.finding_key)},
          {"note", pattern.note},
          {"case", number_or_null(pattern.case_id)},
          {"created_at", format_timestamp(pattern.created_at_us)},
          {"created_by", pattern.created_by},
          {"revoked_at",
           pattern.revoked_at_us ? Json(format_timestamp(*pattern.revoked_at_us)) : Json(nullptr)},
          {"revoked_by", text_or_null(pattern.revoked_by)}};
}

std::string detail_text(const detect::CaseDetail& detail,
                        const std::vector<detect::FindingEvidence>& evidence,
                        const detect::Detectors& detectors) {
  Json findings = Json::array();
  for (const auto& finding : detail.findings) findings.push_back(finding_json(finding, detectors));
  Json history = Json::array();
  for (const detect::Event& event : detail.events) history.push_back(event_json(event));
  Json patterns = Json::array();
  for (const detect::Pattern& pattern : detail.patterns) patterns.push_back(pattern_json(pattern));
  std::string json =
      fmt::format(R"({{"case":{},"findings":{},"history":{},"patterns":{},"evidence":[)",
                  json_text(case_json(detail.item)), json_text(findings), json_text(history),
                  json_text(patterns));
  for (size_t i = 0; i < evidence.size(); ++i) {
    if (i > 0) json += ',';
    append_evidence(json, evidence[i]);
  }
  return json + "]}";
}

}  // namespace bullion::server
