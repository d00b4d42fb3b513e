#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "detect/case_sync_internal.h"

namespace bullion::detect {
namespace {

int rank_of(const std::string& severity) {
  if (severity == "high") return 3;
  if (severity == "medium") return 2;
  return severity == "low" ? 1 : 0;
}

std::string findings_text(int64_t count) {
  return fmt::format("{} finding{}", count, count == 1 ? "" : "s");
}

KnownFinding known_as(const Finding& finding, int64_t first_release) {
  return {.detector = finding.detector,
          .key = finding.key,
          .severity = finding.severity,
          .weight = finding.weight,
          .strength = finding.strength,
          .subject_type = finding.subject_type,
          .subject_id = finding.subject_id,
          .reason = finding.reason,
          .first_release = first_release};
}

bool same(const KnownFinding& a, const KnownFinding& b) {
  return a.severity == b.severity && a.weight == b.weight && a.strength == b.strength &&
         a.subject_type == b.subject_type && a.subject_id == b.subject_id && a.reason == b.reason &&
         a.last_release == b.last_release;
}

bool same(const CaseMoney& a, const CaseMoney& b) {
  return a.currency == b.currency && a.at_risk == b.at_risk && a.confirmed == b.confirmed &&
         a.recovered == b.recovered;
}

bool same(const Case& a, const Case& b) {
  return a.state == b.state && a.owner == b.owner && a.subject_type == b.subject_type &&
         a.subject_id == b.subject_id && a.title == b.title && a.severity == b.severity &&
         a.score == b.score && a.findings == b.findings && a.cleared == b.cleared &&
         a.grown == b.grown && a.merged_into == b.merged_into &&
         std::ranges::equal(a.money, b.money,
                            [](const CaseMoney& x, const CaseMoney& y) { return same(x, y); });
}

/// The money of a case in a currency, made when it is not there; kept in the order of currencies.
CaseMoney& money_in(Case& item, const std::string& currency) {
  const auto place = std::ranges::lower_bound(item.money, currency, {}, &CaseMoney::currency);
  if (place != item.money.end() && place->currency == currency) return *place;
  const Decimal zero{0, kMoneyScale};
  return *item.money.insert(
      place, {.currency = currency, .at_risk = zero, .confirmed = std::nullopt, .recovered = zero});
}

}  // namespace

Status CaseSync::load() {
  BULLION_TRY_ASSIGN(cases_, load_cases(transaction_));
  BULLION_TRY_ASSIGN(known_, load_findings(transaction_));
  BULLION_TRY_ASSIGN(patterns_, load_patterns(transaction_, false));
  for (size_t i = 0; i < known_.size(); ++i) {
    known_by_name_[{known_[i].finding.detector, known_[i].finding.key}] = i;
  }
  known_case_.resize(findings_.size());
  std::set<FindingName> names;
  for (size_t i = 0; i < findings_.size(); ++i) {
    const FindingName name{findings_[i].detector, findings_[i].key};
    if (!names.insert(name).second) {
      return internal_error(
          fmt::format("finding `{}` of detector `{}` was read twice", name.second, name.first));
    }
    const auto found = known_by_name_.find(name);
    known_case_[i] = found == known_by_name_.end() ? 0 : known_[found->second].case_id;
  }
  case_of_ = known_case_;
  return ok();
}

Status CaseSync::place() {
  placements_.resize(findings_.size());
  for (size_t i = 0; i < findings_.size(); ++i) {
    if (known_case_[i] == 0) continue;
    const auto found = cases_.find(known_case_[i]);
    if (found == cases_.end()) {
      return corrupt(fmt::format("finding `{}` is in case {}, which the state store does not have",
                                 findings_[i].key, known_case_[i]));
    }
    if (!is_decided(found->second.item.state)) {
      placements_[i].together = known_case_[i];
      continue;
    }
    placements_[i].set_aside = true;
    decided_members_[known_case_[i]].push_back(i);
    for (const Evidence& evidence : findings_[i].evidence) {
      if (evidence.role != Role::Flagged) continue;
      int64_t& of_row = decided_rows_[{findings_[i].evidence_table, evidence.row_id}];
      if (of_row == 0 || known_case_[i] < of_row) of_row = known_case_[i];
    }
  }
  for (size_t i = 0; i < findings_.size(); ++i) {
    if (known_case_[i] == 0) place_new(i);
  }
  return ok();
}

void CaseSync::place_new(size_t finding) {
  int64_t decided = 0;
  for (const Evidence& evidence : findings_[finding].evidence) {
    if (evidence.role != Role::Flagged) continue;
    const auto of_row = decided_rows_.find({findings_[finding].evidence_table, evidence.row_id});
    if (of_row == decided_rows_.end()) return;  // Money that nobody has decided on.
    decided = decided == 0 ? of_row->second : std::min(decided, of_row->second);
  }
  if (decided == 0) return;
  placements_[finding].set_aside = true;
  case_of_[finding] = decided;
  decided_members_[decided].push_back(finding);
}

void CaseSync::describe(const Group& group, StoredCase& stored) const {
  Case& item = stored.item;
  const Finding& strongest = findings_[group.findings.front()];
  item.subject_type = strongest.subject_type;
  item.subject_id = strongest.subject_id;
  item.title = strongest.reason;
  item.severity = strongest.severity;
  item.score = group.score;
  item.findings = static_cast<int64_t>(group.findings.size());
  item.cleared = false;
  for (const size_t member : group.findings) {
    const std::string& severity = findings_[member].severity;
    if (rank_of(severity) > rank_of(item.severity)) item.severity = severity;
  }
  for (CaseMoney& money : item.money) money.at_risk = {0, kMoneyScale};
  for (const Money& at_risk : group.at_risk) {
    money_in(item, at_risk.currency).at_risk = at_risk.amount;
  }
  std::erase_if(item.money, [&group](const CaseMoney& money) {
    return money.at_risk.units == 0 && !money.confirmed && money.recovered.units == 0 &&
           std::ranges::none_of(group.at_risk, [&money](const Money& at_risk) {
             return at_risk.currency == money.currency;
           });
  });
}

bool CaseSync::suppresses(const Group& group) const {
  return std::ranges::all_of(group.findings, [this](size_t member) {
    const Finding& finding = findings_[member];
    return std::ranges::any_of(patterns_, [&finding](const Pattern& pattern) {
      return fits(pattern, finding.detector, finding.key, finding.subject_type, finding.subject_id);
    });
  });
}

void CaseSync::open_case(const Group& group) {
  StoredCase stored;
  stored.item.id = writer_.next_case_id();
  describe(group, stored);
  stored.item.state = suppresses(group) ? CaseState::Suppressed : CaseState::New;
  stored.item.first_release = writer_.release();
  stored.item.opened_at_us = writer_.now_us();
  stored.item.changed_at_us = writer_.now_us();
  writer_.add_case(stored);
  writer_.add_event(stored.item.id, {.action = "opened",
                                     .before = stored.item.state,
                                     .after = stored.item.state,
                                     .note = findings_text(stored.item.findings)});
  for (const size_t member : group.findings) case_of_[member] = stored.item.id;
  ++outcome_.opened;
  if (stored.item.state == CaseState::Suppressed) ++outcome_.suppressed;
}

/// Says in the history which findings are new to a case, and that it was cleared before.
void CaseSync::note_arrivals(const Group& group, StoredCase& stored) {
  const int64_t id = stored.item.id;
  const CaseState state = stored.item.state;
  if (stored.item.cleared) {
    writer_.add_event(id, {.action = "returned", .before = state, .after = state});
    ++outcome_.returned;
  }
  const auto arrived = std::ranges::count_if(
      group.findings, [this](size_t member) { return known_case_[member] == 0; });
  if (arrived == 0) return;
  writer_.add_event(
      id, {.action = "joined", .before = state, .after = state, .note = findings_text(arrived)});
  ++outcome_.joined;
}

Status CaseSync::merge(StoredCase& survivor, int64_t joining) {
  StoredCase& other = cases_.at(joining);
  if (survivor.item.owner.empty()) survivor.item.owner = other.item.owner;
  if (other.item.state == CaseState::Assigned) survivor.item.state = CaseState::Assigned;
  for (const CaseMoney& money : other.item.money) {
    if (money.recovered.units == 0) continue;
    CaseMoney& kept = money_in(survivor.item, money.currency);
    kept.recovered = sum_of(kept.recovered, money.recovered).value_or(kept.recovered);
  }
  const CaseState before = other.item.state;
  other.item.state = CaseState::Merged;
  other.item.merged_into = survivor.item.id;
  other.item.findings = 0;
  other.item.cleared = false;
  other.item.money.clear();  // It counts once, in the survivor.
  other.item.changed_at_us = writer_.now_us();
  BULLION_TRY(writer_.update_case(other));
  writer_.add_event(joining, {.action = "merged",
                              .before = before,
                              .after = CaseState::Merged,
                              .note = fmt::format("joined case {}", survivor.item.id)});
  writer_.add_event(survivor.item.id, {.action = "merged",
                                       .before = survivor.item.state,
                                       .after = survivor.item.state,
                                       .note = fmt::format("case {} joined", joining)});
  ++outcome_.merged;
  return ok();
}

Status CaseSync::update_open(int64_t id, const Group& group, const std::vector<int64_t>& joining) {
  StoredCase& stored = cases_.at(id);
  const Case before = stored.item;
  const int64_t changes_before = outcome_.changes();
  for (const int64_t other : joining) BULLION_TRY(merge(stored, other));
  note_arrivals(group, stored);
  describe(group, stored);
  if (stored.item.state == CaseState::New || stored.item.state == CaseState::Suppressed) {
    stored.item.state = suppresses(group) ? CaseState::Suppressed : CaseState::New;
  }
  if (stored.item.state != before.state) {
    const bool is_suppressed = stored.item.state == CaseState::Suppressed;
    if (is_suppressed) ++outcome_.suppressed;
    writer_.add_event(id, {.action = is_suppressed                           ? "suppressed"
                                     : before.state == CaseState::Suppressed ? "unsuppressed"
                                                                             : "merged",
                           .before = before.state,
                           .after = stored.item.state});
  }
  for (const size_t member : group.findings) case_of_[member] = id;
  return keep(before, changes_before, stored);
}

/// Writes a known case when it is another than before. A change that nothing has counted since
/// `changes_before` is counted as an update, so that a sync never says that nothing changed.
Status CaseSync::keep(const Case& before, int64_t changes_before, StoredCase& stored) {
  if (same(before, stored.item)) return ok();
  if (before.score != stored.item.score) ++outcome_.rescored;
  if (outcome_.changes() == changes_before) ++outcome_.updated;
  stored.item.changed_at_us = writer_.now_us();
  return writer_.update_case(stored);
}

Status CaseSync::regroup() {
  BULLION_TRY_ASSIGN(const std::vector<Group> groups, roll_up(findings_, placements_));
  for (const Group& group : groups) {
    std::set<int64_t> ids;
    for (const size_t member : group.findings) {
      if (known_case_[member] != 0) ids.insert(known_case_[member]);
    }
    if (ids.empty()) {
      if (group.opens_case) open_case(group);
      continue;
    }
    const int64_t oldest = *ids.begin();
    BULLION_TRY(update_open(oldest, group, {std::next(ids.begin()), ids.end()}));
  }
  return ok();
}

Status CaseSync::follow_decided() {
  for (const auto& [id, members] : decided_members_) {
    StoredCase& stored = cases_.at(id);
    const Case before = stored.item;
    const int64_t changes_before = outcome_.changes();
    BULLION_TRY_ASSIGN(const Group group, weigh(findings_, members));
    note_arrivals(group, stored);
    describe(group, stored);
    for (const CaseMoney& money : stored.item.money) {
      const auto decided = stored.decided.find(money.currency);
      const Int128 then = decided == stored.decided.end() ? 0 : decided->second.units;
      const auto was = std::ranges::find(before.money, money.currency, &CaseMoney::currency);
      const Int128 last = was == before.money.end() ? 0 : was->at_risk.units;
      if (money.at_risk.units <= std::max(then, last)) continue;
      stored.item.grown = true;
      writer_.add_event(id, {.action = "grew",
                             .before = stored.item.state,
                             .after = stored.item.state,
                             .amount = to_string(money.at_risk),
                             .currency = money.currency,
                             .note = "more money at risk than when it was decided"});
      ++outcome_.grown;
    }
    BULLION_TRY(keep(before, changes_before, stored));
  }
  return ok();
}

Status CaseSync::follow_cleared() {
  const std::set<int64_t> alive(case_of_.begin(), case_of_.end());
  for (auto& [id, stored] : cases_) {
    Case& item = stored.item;
    if (item.state == CaseState::Merged || item.cleared || alive.contains(id)) continue;
    item.cleared = true;
    item.grown = false;
    item.findings = 0;
    item.changed_at_us = writer_.now_us();
    BULLION_TRY(writer_.update_case(stored));
    writer_.add_event(id, {.action = "cleared", .before = item.state, .after = item.state});
    ++outcome_.cleared;
  }
  return ok();
}

Status CaseSync::remember_findings(int64_t release_before) {
  std::vector<bool> is_there(known_.size(), false);
  for (size_t i = 0; i < findings_.size(); ++i) {
    const auto found = known_by_name_.find({findings_[i].detector, findings_[i].key});
    if (found == known_by_name_.end()) {
      if (case_of_[i] == 0) continue;  // Alone it is no case.
      writer_.add_finding(case_of_[i], known_as(findings_[i], writer_.release()));
      continue;
    }
    const StoredFinding& known = known_[found->second];
    is_there[found->second] = true;
    const KnownFinding now = known_as(findings_[i], known.finding.first_release);
    if (same(now, known.finding) && known.case_id == case_of_[i]) continue;
    BULLION_TRY(writer_.update_finding(case_of_[i], now));
  }
  for (size_t i = 0; i < known_.size(); ++i) {
    if (is_there[i]) continue;
    StoredFinding& known = known_[i];
    const StoredCase& stored = cases_.at(known.case_id);
    const int64_t case_id = stored.item.merged_into.value_or(known.case_id);
    if (known.finding.last_release && case_id == known.case_id) continue;
    if (!known.finding.last_release) known.finding.last_release = release_before;
    BULLION_TRY(writer_.update_finding(case_id, known.finding));
  }
  return ok();
}

Result<SyncOutcome> CaseSync::run(int64_t release_before) {
  outcome_.release = writer_.release();
  outcome_.findings = static_cast<int64_t>(findings_.size());
  BULLION_TRY(load());
  BULLION_TRY(place());
  BULLION_TRY(regroup());
  BULLION_TRY(follow_decided());
  BULLION_TRY(follow_cleared());
  BULLION_TRY(remember_findings(release_before));
  BULLION_TRY(writer_.flush());
  return outcome_;
}

}  // namespace bullion::detect
