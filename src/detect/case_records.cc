#include <algorithm>

#include <fmt/format.h>

#include "detect/case_records_internal.h"

namespace bullion::detect {
namespace {

using state::is_null;
using state::number_of;
using state::Row;
using state::text_of;
using state::Transaction;

state::Value value_of(const std::optional<int64_t>& number) {
  return number ? state::Value{*number} : state::Value{};
}
std::optional<int64_t> optional_number(const state::Value& value) {
  return is_null(value) ? std::nullopt : std::optional(number_of(value));
}

/// The rows of one case, or all when it is 0.
std::string only(int64_t id) { return id == 0 ? "" : " WHERE case_id = $1"; }
Row parameters(int64_t id) { return id == 0 ? Row{} : Row{id}; }

Result<Decimal> decimal_in(const state::Value& value, int scale) {
  const std::string text = text_of(value);
  const ParsedDecimal parsed = parse_decimal(text, kDecimalPrecisionMax, scale);
  if (!parsed.fault) return Decimal{parsed.units, scale};
  return corrupt(
      fmt::format("the state store holds `{}` where a decimal of {} places must be", text, scale));
}

Result<std::optional<Decimal>> optional_decimal(const state::Value& value) {
  if (is_null(value)) return std::optional<Decimal>();
  BULLION_TRY_ASSIGN(const Decimal number, decimal_in(value, kMoneyScale));
  return std::optional(number);
}

Result<StoredCase> case_in(const Row& row) {
  StoredCase stored;
  Case& item = stored.item;
  item.id = number_of(row[0]);
  BULLION_TRY_ASSIGN(item.state, parse_case_state(text_of(row[1])));
  item.owner = text_of(row[2]);
  item.subject_type = text_of(row[3]);
  item.subject_id = text_of(row[4]);
  item.title = text_of(row[5]);
  item.severity = text_of(row[6]);
  BULLION_TRY_ASSIGN(item.score, decimal_in(row[7], kShareScale));
  item.findings = number_of(row[8]);
  item.cleared = number_of(row[9]) != 0;
  item.grown = number_of(row[10]) != 0;
  item.merged_into = optional_number(row[11]);
  item.first_release = number_of(row[12]);
  item.opened_at_us = number_of(row[13]);
  item.changed_at_us = number_of(row[14]);
  item.version = number_of(row[15]);
  return stored;
}

Row row_of(const StoredCase& stored) {
  const Case& item = stored.item;
  return {item.id,
          std::string(to_string(item.state)),
          item.owner,
          item.subject_type,
          item.subject_id,
          item.title,
          item.severity,
          to_string(item.score),
          item.findings,
          int64_t{item.cleared ? 1 : 0},
          int64_t{item.grown ? 1 : 0},
          value_of(item.merged_into),
          item.first_release,
          item.opened_at_us,
          item.changed_at_us};
}

Status load_money(Transaction& transaction, int64_t id, std::map<int64_t, StoredCase>& cases) {
  return transaction.query(
      "SELECT case_id, currency, at_risk, decided, confirmed, recovered FROM bullion_case_money" +
          only(id) + " ORDER BY case_id, currency",
      parameters(id), [&cases](const Row& row) -> Status {
        const auto found = cases.find(number_of(row[0]));
        if (found == cases.end()) return ok();
        CaseMoney money;
        money.currency = text_of(row[1]);
        BULLION_TRY_ASSIGN(money.at_risk, decimal_in(row[2], kMoneyScale));
        BULLION_TRY_ASSIGN(const auto decided, optional_decimal(row[3]));
        if (decided) found->second.decided[money.currency] = *decided;
        BULLION_TRY_ASSIGN(money.confirmed, optional_decimal(row[4]));
        BULLION_TRY_ASSIGN(money.recovered, decimal_in(row[5], kMoneyScale));
        found->second.item.money.push_back(std::move(money));
        return ok();
      });
}

Status load_detectors(Transaction& transaction, int64_t id, std::map<int64_t, StoredCase>& cases) {
  return transaction.query(
      "SELECT DISTINCT case_id, detector FROM (SELECT * FROM bullion_case_findings" + only(id) +
          ") AS found WHERE last_release IS NULL ORDER BY case_id, detector",
      parameters(id), [&cases](const Row& row) -> Status {
        const auto found = cases.find(number_of(row[0]));
        if (found != cases.end()) found->second.item.detectors.push_back(text_of(row[1]));
        return ok();
      });
}

const std::vector<std::string>& case_columns() {
  static const std::vector<std::string> columns = {
      "case_id", "state",       "owner",         "subject_type", "subject_id",
      "title",   "severity",    "score",         "findings",     "cleared",
      "grown",   "merged_into", "first_release", "opened_at_us", "changed_at_us"};
  return columns;
}

}  // namespace

Result<std::map<int64_t, StoredCase>> load_cases(Transaction& transaction, int64_t id) {
  std::map<int64_t, StoredCase> cases;
  BULLION_TRY(transaction.query(
      "SELECT case_id, state, owner, subject_type, subject_id, title, severity, score, findings, "
      "cleared, grown, merged_into, first_release, opened_at_us, changed_at_us, version FROM "
      "bullion_cases" +
          only(id),
      parameters(id), [&cases](const Row& row) -> Status {
        BULLION_TRY_ASSIGN(StoredCase stored, case_in(row));
        cases[stored.item.id] = std::move(stored);
        return ok();
      }));
  BULLION_TRY(load_money(transaction, id, cases));
  BULLION_TRY(load_detectors(transaction, id, cases));
  return cases;
}

Result<std::vector<StoredFinding>> load_findings(Transaction& transaction, int64_t id) {
  std::vector<StoredFinding> findings;
  BULLION_TRY(transaction.query(
      "SELECT case_id, detector, finding_key, severity, weight, strength, subject_type, "
      "subject_id, reason, first_release, last_release FROM bullion_case_findings" +
          only(id) + " ORDER BY detector, finding_key",
      parameters(id), [&findings](const Row& row) -> Status {
        StoredFinding stored;
        stored.case_id = number_of(row[0]);
        KnownFinding& finding = stored.finding;
        finding.detector = text_of(row[1]);
        finding.key = text_of(row[2]);
        finding.severity = text_of(row[3]);
        BULLION_TRY_ASSIGN(finding.weight, decimal_in(row[4], kShareScale));
        BULLION_TRY_ASSIGN(finding.strength, decimal_in(row[5], kShareScale));
        finding.subject_type = text_of(row[6]);
        finding.subject_id = text_of(row[7]);
        finding.reason = text_of(row[8]);
        finding.first_release = number_of(row[9]);
        finding.last_release = optional_number(row[10]);
        findings.push_back(std::move(stored));
        return ok();
      }));
  return findings;
}

Result<std::vector<Event>> load_events(Transaction& transaction, int64_t case_id) {
  std::vector<Event> events;
  BULLION_TRY(transaction.query(
      "SELECT event_id, at_us, by_user, action, state_before, state_after, amount, currency, note, "
      "release_number FROM bullion_case_events WHERE case_id = $1 ORDER BY event_id",
      {case_id}, [&events](const Row& row) -> Status {
        Event event;
        event.id = number_of(row[0]);
        event.at_us = number_of(row[1]);
        event.user = text_of(row[2]);
        event.action = text_of(row[3]);
        BULLION_TRY_ASSIGN(event.before, parse_case_state(text_of(row[4])));
        BULLION_TRY_ASSIGN(event.after, parse_case_state(text_of(row[5])));
        event.amount = text_of(row[6]);
        event.currency = text_of(row[7]);
        event.note = text_of(row[8]);
        event.release = number_of(row[9]);
        events.push_back(std::move(event));
        return ok();
      }));
  return events;
}

Result<std::vector<Pattern>> load_patterns(Transaction& transaction, bool revoked_too) {
  std::vector<Pattern> patterns;
  BULLION_TRY(transaction.query(
      "SELECT pattern_id, detector, subject_type, subject_id, finding_key, note, case_id, "
      "created_at_us, created_by, revoked_at_us, revoked_by FROM bullion_case_patterns" +
          std::string(revoked_too ? "" : " WHERE revoked_at_us IS NULL") + " ORDER BY pattern_id",
      {}, [&patterns](const Row& row) {
        Pattern pattern;
        pattern.id = number_of(row[0]);
        pattern.detector = text_of(row[1]);
        pattern.subject_type = text_of(row[2]);
        pattern.subject_id = text_of(row[3]);
        pattern.finding_key = text_of(row[4]);
        pattern.note = text_of(row[5]);
        pattern.case_id = optional_number(row[6]);
        pattern.created_at_us = number_of(row[7]);
        pattern.created_by = text_of(row[8]);
        pattern.revoked_at_us = optional_number(row[9]);
        pattern.revoked_by = text_of(row[10]);
        patterns.push_back(std::move(pattern));
        return ok();
      }));
  return patterns;
}

Result<int64_t> load_release(Transaction& transaction) {
  BULLION_TRY_ASSIGN(const auto rows,
                     transaction.rows("SELECT release_number FROM bullion_case_sync"));
  return rows.empty() ? 0 : number_of(rows[0][0]);
}

Result<CaseWriter> CaseWriter::open(Transaction& transaction, const std::string& user,
                                    int64_t now_us) {
  CaseWriter writer(transaction, user, now_us);
  BULLION_TRY_ASSIGN(writer.release_, load_release(transaction));
  BULLION_TRY_ASSIGN(const auto rows,
                     transaction.rows("SELECT (SELECT coalesce(max(case_id), 0) FROM "
                                      "bullion_cases), (SELECT coalesce(max(event_id), 0) FROM "
                                      "bullion_case_events)"));
  writer.last_case_ = number_of(rows.at(0).at(0));
  writer.last_event_ = number_of(rows.at(0).at(1));
  return writer;
}

void CaseWriter::add_money(const StoredCase& stored) {
  for (const CaseMoney& money : stored.item.money) {
    const auto decided = stored.decided.find(money.currency);
    money_.push_back({stored.item.id, money.currency, to_string(money.at_risk),
                      decided == stored.decided.end() ? state::Value{}
                                                      : state::Value{to_string(decided->second)},
                      money.confirmed ? state::Value{to_string(*money.confirmed)} : state::Value{},
                      to_string(money.recovered)});
  }
}

void CaseWriter::add_case(const StoredCase& stored) {
  cases_.push_back(row_of(stored));
  add_money(stored);
}

void CaseWriter::add_finding(int64_t case_id, const KnownFinding& finding) {
  findings_.push_back({finding.detector, finding.key, case_id, finding.severity,
                       to_string(finding.weight), to_string(finding.strength), finding.subject_type,
                       finding.subject_id, finding.reason, finding.first_release,
                       value_of(finding.last_release)});
}

Status CaseWriter::update_case(const StoredCase& stored) {
  BULLION_TRY(transaction_->execute(
      "UPDATE bullion_cases SET state = $2, owner = $3, subject_type = $4, subject_id = $5, title "
      "= $6, severity = $7, score = $8, findings = $9, cleared = $10, grown = $11, merged_into = "
      "$12, first_release = $13, opened_at_us = $14, changed_at_us = $15, version = version + "
      "1 WHERE case_id = $1",
      row_of(stored)));
  BULLION_TRY(
      transaction_->execute("DELETE FROM bullion_case_money WHERE case_id = $1", {stored.item.id}));
  add_money(stored);
  return ok();
}

Status CaseWriter::update_finding(int64_t case_id, const KnownFinding& finding) {
  BULLION_TRY(transaction_->execute(
      "UPDATE bullion_case_findings SET case_id = $3, severity = $4, weight = $5, strength = $6, "
      "subject_type = $7, subject_id = $8, reason = $9, last_release = $10 WHERE detector = $1 AND "
      "finding_key = $2",
      {finding.detector, finding.key, case_id, finding.severity, to_string(finding.weight),
       to_string(finding.strength), finding.subject_type, finding.subject_id, finding.reason,
       value_of(finding.last_release)}));
  return ok();
}

void CaseWriter::add_event(int64_t case_id, Event event) {
  events_.push_back({++last_event_, case_id, now_us_, user_, event.action,
                     std::string(to_string(event.before)), std::string(to_string(event.after)),
                     event.amount, event.currency, event.note, release_});
}

Result<Pattern> CaseWriter::add_pattern(Pattern pattern) {
  BULLION_TRY_ASSIGN(
      const auto rows,
      transaction_->rows("SELECT coalesce(max(pattern_id), 0) FROM bullion_case_patterns"));
  pattern.id = number_of(rows.at(0).at(0)) + 1;
  pattern.created_at_us = now_us_;
  pattern.created_by = user_;
  BULLION_TRY(transaction_->execute(
      "INSERT INTO bullion_case_patterns (pattern_id, detector, subject_type, subject_id, "
      "finding_key, note, case_id, created_at_us, created_by, revoked_at_us, revoked_by) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, '')",
      {pattern.id, pattern.detector, pattern.subject_type, pattern.subject_id, pattern.finding_key,
       pattern.note, value_of(pattern.case_id), pattern.created_at_us, pattern.created_by}));
  return pattern;
}

Status CaseWriter::flush() {
  BULLION_TRY(transaction_->insert("bullion_cases", case_columns(), cases_));
  BULLION_TRY(transaction_->insert(
      "bullion_case_money", {"case_id", "currency", "at_risk", "decided", "confirmed", "recovered"},
      money_));
  BULLION_TRY(transaction_->insert(
      "bullion_case_findings",
      {"detector", "finding_key", "case_id", "severity", "weight", "strength", "subject_type",
       "subject_id", "reason", "first_release", "last_release"},
      findings_));
  BULLION_TRY(
      transaction_->insert("bullion_case_events",
                           {"event_id", "case_id", "at_us", "by_user", "action", "state_before",
                            "state_after", "amount", "currency", "note", "release_number"},
                           events_));
  cases_.clear();
  money_.clear();
  findings_.clear();
  events_.clear();
  return ok();
}

Status apply_patterns(Transaction& transaction, CaseWriter& writer) {
  BULLION_TRY_ASSIGN(const auto patterns, load_patterns(transaction, false));
  BULLION_TRY_ASSIGN(auto cases, load_cases(transaction));
  BULLION_TRY_ASSIGN(const auto findings, load_findings(transaction));
  std::map<int64_t, bool> all_fit;  // Cases without findings of now stay as they are.
  for (const StoredFinding& stored : findings) {
    const KnownFinding& finding = stored.finding;
    if (finding.last_release) continue;
    const bool fit = std::ranges::any_of(patterns, [&finding](const Pattern& pattern) {
      return fits(pattern, finding.detector, finding.key, finding.subject_type, finding.subject_id);
    });
    bool& of_case = all_fit.try_emplace(stored.case_id, true).first->second;
    of_case = of_case && fit;
  }
  for (const auto& [id, fit] : all_fit) {
    StoredCase& stored = cases.at(id);
    const CaseState before = stored.item.state;
    if (before != CaseState::New && before != CaseState::Suppressed) continue;
    stored.item.state = fit ? CaseState::Suppressed : CaseState::New;
    if (stored.item.state == before) continue;
    stored.item.changed_at_us = writer.now_us();
    BULLION_TRY(writer.update_case(stored));
    writer.add_event(id, {.action = fit ? "suppressed" : "unsuppressed",
                          .before = before,
                          .after = stored.item.state});
  }
  return ok();
}

}  // namespace bullion::detect
