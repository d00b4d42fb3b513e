#include "detect/case_store.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "detect/case_records_internal.h"
#include "detect/case_sync_internal.h"

namespace bullion::detect {
namespace {

using state::Access;
using state::Transaction;

Status refuse_other_project(Transaction& transaction, const std::string& project,
                            const std::string& place) {
  BULLION_TRY_ASSIGN(const auto rows, transaction.rows("SELECT project FROM bullion_case_sync"));
  if (rows.empty() || state::text_of(rows[0][0]) == project) return ok();
  return conflict(
      fmt::format("state `{}` holds the cases of project `{}`, this is `{}`; give each project a "
                  "file, a database or a schema of its own (`state` of the target in bullion.yml)",
                  place, state::text_of(rows[0][0]), project));
}

Status remember_release(Transaction& transaction, const CaseWriter& writer,
                        const std::string& project) {
  BULLION_TRY(transaction.execute(
      "INSERT INTO bullion_case_sync (id, project, release_number, synced_at_us, synced_by) VALUES "
      "(1, $1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET release_number = "
      "excluded.release_number, synced_at_us = excluded.synced_at_us, synced_by = "
      "excluded.synced_by",
      {project, writer.release(), writer.now_us(), writer.user()}));
  return ok();
}

bool chosen(const Case& item, const CaseFilter& filter) {
  if (!filter.states.empty()) {
    if (std::ranges::find(filter.states, item.state) == filter.states.end()) return false;
  } else if (!filter.all && !is_open(item)) {
    return false;
  }
  if (!filter.owner.empty() && item.owner != filter.owner) return false;
  if (!filter.detector.empty() &&
      std::ranges::find(item.detectors, filter.detector) == item.detectors.end()) {
    return false;
  }
  if (filter.currency.empty() && !filter.money_min) return true;
  return std::ranges::any_of(item.money, [&filter](const CaseMoney& money) {
    if (!filter.currency.empty() && money.currency != filter.currency) return false;
    return !filter.money_min ||
           money.at_risk.units >= rescale_up(*filter.money_min, kMoneyScale).units;
  });
}

/// score * money, compared without ever leaving 128 bits: the money is cut to what a score of four
/// digits leaves room for, which loses nothing below 10^27.
Int128 weight_of(const Case& item, const CaseMoney* money) {
  if (money == nullptr) return 0;
  const Int128 limit = power_of_ten(33);
  return std::min(money->at_risk.units, limit) * item.score.units;
}

}  // namespace

Result<CaseOrder> parse_case_order(std::string_view name) {
  if (name == "score") return CaseOrder::Score;
  if (name == "expected") return CaseOrder::Expected;
  return invalid(
      fmt::format("the order is `{}`; expected score (the surest first) or expected "
                  "(the most score times money first)",
                  name));
}

const CaseMoney* main_money(const Case& item, const std::string& currency) {
  const CaseMoney* first = nullptr;
  for (const CaseMoney& money : item.money) {
    if (money.currency == currency && money.at_risk.units > 0) return &money;
    if (first == nullptr || (first->at_risk.units == 0 && money.at_risk.units > 0)) first = &money;
  }
  return first;
}

Result<std::unique_ptr<CaseStore>> CaseStore::open(const std::string& location,
                                                   const std::string& project, const Clock& clock) {
  BULLION_TRY_ASSIGN(auto database, state::open_database(location));
  BULLION_TRY(state::migrate(*database, "cases", case_migrations(), clock));
  const Status done = state::transact(*database, Access::Read, [&](Transaction& transaction) {
    return refuse_other_project(transaction, project, database->place());
  });
  if (!done) return done.error();
  return std::make_unique<CaseStore>(Passkey{}, std::move(database), project, clock);
}

Result<SyncOutcome> CaseStore::sync(int64_t release, std::span<const Finding> findings,
                                    const std::string& user) {
  SyncOutcome outcome;
  const Status done =
      state::transact(*database_, Access::Write, [&](Transaction& transaction) -> Status {
        BULLION_TRY(refuse_other_project(transaction, project_, place()));
        BULLION_TRY_ASSIGN(CaseWriter writer, CaseWriter::open(transaction, user, clock_.now_us()));
        const int64_t before = writer.release();
        if (release < before) {
          return conflict(fmt::format(
              "the cases follow release {} already; release {} is older, so nothing was changed",
              before, release));
        }
        writer.set_release(release);
        BULLION_TRY_ASSIGN(outcome, CaseSync(transaction, writer, findings).run(before));
        if (release == before) return ok();
        return remember_release(transaction, writer, project_);
      });
  if (!done) return done.error();
  return outcome;
}

Result<std::optional<int64_t>> CaseStore::synced_release() {
  int64_t release = 0;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(release, load_release(transaction));
        return ok();
      });
  if (!done) return done.error();
  return release == 0 ? std::nullopt : std::optional(release);
}

Result<std::vector<Case>> CaseStore::list(const CaseFilter& filter, const std::string& currency) {
  std::vector<Case> items;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        items.clear();
        BULLION_TRY_ASSIGN(const auto cases, load_cases(transaction));
        for (const auto& [id, stored] : cases) items.push_back(stored.item);
        return ok();
      });
  if (!done) return done.error();
  return chosen_cases(std::move(items), filter, currency);
}

CaseRank rank_of(const Case& item, const CaseFilter& filter, const std::string& currency) {
  const std::string& wanted = filter.currency.empty() ? currency : filter.currency;
  const CaseMoney* money = main_money(item, wanted);
  CaseRank rank;
  if (filter.order == CaseOrder::Score) rank.doubt = -item.score.units;
  if (money == nullptr) {
    rank.block = 2;
  } else if (money->currency != wanted) {
    rank.block = 1;
    rank.currency = money->currency;
  }
  rank.lightness = -weight_of(item, money);
  rank.id = item.id;
  return rank;
}

std::vector<Case> chosen_cases(std::vector<Case> items, const CaseFilter& filter,
                               const std::string& currency) {
  std::erase_if(items, [&filter](const Case& item) { return !chosen(item, filter); });
  std::ranges::sort(items, {}, [&](const Case& item) { return rank_of(item, filter, currency); });
  return items;
}

std::set<std::string> detector_names(const Detectors& detectors, const std::vector<Case>& cases) {
  std::set<std::string> names;
  for (const auto& [detector, facts] : detectors) names.insert(detector);
  for (const Case& item : cases) names.insert(item.detectors.begin(), item.detectors.end());
  return names;
}

std::set<std::string> currencies_of(const std::vector<Case>& cases) {
  std::set<std::string> currencies;
  for (const Case& item : cases) {
    for (const CaseMoney& money : item.money) currencies.insert(money.currency);
  }
  return currencies;
}

Status check_detector(const std::string& name, const Detectors& detectors,
                      const std::vector<Case>& cases) {
  const std::set<std::string> known = detector_names(detectors, cases);
  if (name.empty() || known.empty() || known.contains(name)) return ok();
  return invalid(fmt::format("there is no detector `{}`{}; the project has {}", name,
                             did_you_mean(name, {known.begin(), known.end()}),
                             fmt::join(known, ", ")));
}

Status check_currency(const std::string& name, const std::string& of_project,
                      const std::vector<Case>& cases) {
  std::set<std::string> known = currencies_of(cases);
  if (!of_project.empty()) known.insert(of_project);
  if (name.empty() || known.empty() || known.contains(name)) return ok();
  return invalid(fmt::format("no case has money in `{}`{}; there is {}", name,
                             did_you_mean(name, {known.begin(), known.end()}),
                             fmt::join(known, ", ")));
}

Result<CaseDetail> CaseStore::get(int64_t id) {
  CaseDetail detail;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        detail = {};
        BULLION_TRY_ASSIGN(const auto cases, load_cases(transaction, id));
        if (id <= 0 || cases.empty()) {
          BULLION_TRY_ASSIGN(
              const auto rows,
              transaction.rows("SELECT count(*), coalesce(max(case_id), 0) FROM bullion_cases"));
          const int64_t count = state::number_of(rows.at(0).at(0));
          if (count == 0) return not_found("there are no cases yet; `bullion detect` makes them");
          return not_found(fmt::format("there is no case {}; the newest is {}", id,
                                       state::number_of(rows.at(0).at(1))));
        }
        detail.item = cases.begin()->second.item;
        BULLION_TRY_ASSIGN(const auto findings, load_findings(transaction, id));
        for (const StoredFinding& stored : findings) detail.findings.push_back(stored.finding);
        BULLION_TRY_ASSIGN(detail.events, load_events(transaction, id));
        BULLION_TRY_ASSIGN(detail.patterns, load_patterns(transaction, true));
        std::erase_if(detail.patterns,
                      [id](const Pattern& pattern) { return pattern.case_id != id; });
        return ok();
      });
  if (!done) return done.error();
  return detail;
}

Result<std::vector<Verdict>> CaseStore::verdicts() {
  std::vector<Verdict> found;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        found.clear();
        BULLION_TRY_ASSIGN(const auto cases, load_cases(transaction));
        BULLION_TRY_ASSIGN(const auto findings, load_findings(transaction));
        for (const StoredFinding& stored : findings) {
          const auto of_case = cases.find(stored.case_id);
          if (of_case == cases.end() || !is_decided(of_case->second.item.state)) continue;
          found.push_back({.detector = stored.finding.detector,
                           .strength = stored.finding.strength,
                           .is_true = of_case->second.item.state != CaseState::Dismissed});
        }
        return ok();
      });
  if (!done) return done.error();
  return found;
}

Result<std::vector<Pattern>> CaseStore::patterns(bool revoked_too) {
  std::vector<Pattern> found;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(found, load_patterns(transaction, revoked_too));
        return ok();
      });
  if (!done) return done.error();
  return found;
}

Result<std::vector<KnownFinding>> CaseStore::findings_of(const std::string& detector) {
  std::vector<KnownFinding> found;
  const Status done =
      state::transact(*database_, Access::Read, [&](Transaction& transaction) -> Status {
        found.clear();
        BULLION_TRY_ASSIGN(auto findings, load_findings(transaction));
        for (StoredFinding& stored : findings) {
          const bool is_there = !stored.finding.last_release;
          if (!is_there || stored.finding.detector != detector) continue;
          found.push_back(std::move(stored.finding));
        }
        return ok();
      });
  if (!done) return done.error();
  return found;
}

Result<Pattern> CaseStore::teach(Pattern pattern) {
  const bool has_subject = !pattern.subject_type.empty() && !pattern.subject_id.empty();
  if (pattern.detector.empty() || (!has_subject && pattern.finding_key.empty())) {
    return invalid(
        "a pattern needs a detector, and a subject (TYPE:ID) or the key of a finding; to hear less "
        "of a detector altogether, lower its weight in detectors/*.yml");
  }
  Pattern taught;
  const Status done =
      state::transact(*database_, Access::Write, [&](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(CaseWriter writer,
                           CaseWriter::open(transaction, pattern.created_by, clock_.now_us()));
        BULLION_TRY_ASSIGN(taught, writer.add_pattern(pattern));
        BULLION_TRY(apply_patterns(transaction, writer));
        return writer.flush();
      });
  if (!done) return done.error();
  return taught;
}

Result<Pattern> CaseStore::revoke(int64_t id, const std::string& user) {
  Pattern revoked;
  const Status done =
      state::transact(*database_, Access::Write, [&](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(const auto all, load_patterns(transaction, true));
        const auto found = std::ranges::find(all, id, &Pattern::id);
        if (found == all.end()) {
          return not_found(
              fmt::format("there is no pattern {}; `bullion cases patterns` lists them", id));
        }
        if (found->revoked_at_us) {
          return conflict(
              fmt::format("pattern {} was revoked by {} already", id, found->revoked_by));
        }
        BULLION_TRY_ASSIGN(CaseWriter writer, CaseWriter::open(transaction, user, clock_.now_us()));
        revoked = *found;
        revoked.revoked_at_us = writer.now_us();
        revoked.revoked_by = user;
        BULLION_TRY(
            transaction.execute("UPDATE bullion_case_patterns SET revoked_at_us = $2, revoked_by = "
                                "$3 WHERE pattern_id = "
                                "$1",
                                {id, writer.now_us(), user}));
        BULLION_TRY(apply_patterns(transaction, writer));
        return writer.flush();
      });
  if (!done) return done.error();
  return revoked;
}

}  // namespace bullion::detect
