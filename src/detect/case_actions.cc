// What people do to a case.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/date.h"
#include "detect/case_records_internal.h"
#include "detect/case_store.h"

namespace bullion::detect {
namespace {

using state::Access;
using state::Transaction;

constexpr size_t kNoteBytesMax = 10'000;
constexpr size_t kOwnerBytesMax = 200;

/// How many digits an amount has after its point, as it is shown.
size_t places_of(const Decimal& amount) {
  const std::string text = shown_amount(amount);
  return text.size() - text.find('.') - 1;
}

/// Money that was recorded as recovered, and is not.
bool takes_back(const Action& action) {
  return action.kind == ActionKind::Recover && action.amount && action.amount->units < 0;
}

/// What can be said without looking at the case.
Status check_words(const Action& action) {
  if (action.kind == ActionKind::Assign) {
    if (trimmed(action.owner).empty()) return invalid("assign: name the person who takes the case");
    if (action.owner.size() > kOwnerBytesMax) {
      return invalid(fmt::format("the owner's name is longer than {} bytes", kOwnerBytesMax));
    }
  }
  const bool wants_note = action.kind == ActionKind::Dismiss ||
                          action.kind == ActionKind::Comment || action.kind == ActionKind::Reopen ||
                          takes_back(action);
  if (wants_note && trimmed(action.note).empty()) {
    return invalid(
        fmt::format("{}: say why; whoever reads the case later will ask", to_string(action.kind)));
  }
  if (action.note.size() > kNoteBytesMax) {
    return invalid(
        fmt::format("the note is longer than {} bytes; put what is longer in a document "
                    "and name it here",
                    kNoteBytesMax));
  }
  if (action.amount && action.amount->units < 0 && action.kind != ActionKind::Recover) {
    return invalid(
        fmt::format("{}: the amount must not be less than zero", to_string(action.kind)));
  }
  if (action.amount && action.amount->units == 0) {
    return invalid(
        action.kind == ActionKind::Recover
            ? "recover: the amount must be more than zero, or less to take money back"
            : "confirm: the amount must be more than zero; a case about no loss is to be "
              "dismissed");
  }
  return ok();
}

/// Changes one loaded case. Amounts are at scale kMoneyScale.
class CaseChange {
 public:
  CaseChange(const Action& action, StoredCase& stored) : action_(action), stored_(stored) {}

  Status apply() {
    Case& item = stored_.item;
    if (item.merged_into) {
      return conflict(
          fmt::format("case {} joined case {}; act on that one", item.id, *item.merged_into));
    }
    before_ = item.state;
    if (takes_back(action_)) return take_back();
    auto next = next_state(item.state, action_.kind, !item.owner.empty());
    if (!next) return next.error().within(fmt::format("case {}", item.id));
    item.state = *next;
    switch (action_.kind) {
      case ActionKind::Comment:
        break;
      case ActionKind::Assign:
        item.owner = action_.owner;
        break;
      case ActionKind::Confirm:
        BULLION_TRY(confirm());
        decide();
        break;
      case ActionKind::Dismiss:
        BULLION_TRY(dismiss());
        decide();
        break;
      case ActionKind::Recover:
        BULLION_TRY(recover());
        break;
      case ActionKind::Reopen:
        for (CaseMoney& money : item.money) money.confirmed.reset();
        stored_.decided.clear();
        item.grown = false;
        break;
    }
    return ok();
  }

  /// Of an apply() that failed.
  Refusal refusal() const { return refusal_; }

  /// The lines for the history: one for each amount, or one without.
  std::vector<Event> events() const {
    Event line;
    line.action = to_string(action_.kind);
    line.before = before_;
    line.after = stored_.item.state;
    line.note = action_.note;
    if (action_.kind == ActionKind::Assign) {
      line.note = "to " + action_.owner + (action_.note.empty() ? "" : ": " + action_.note);
    }
    if (amounts_.empty()) return {line};
    std::vector<Event> lines;
    for (const Money& money : amounts_) {
      line.amount = to_string(money.amount);
      line.currency = money.currency;
      lines.push_back(line);
    }
    return lines;
  }

 private:
  /// An error that `force` does away with.
  Error unless_forced(Error error) {
    refusal_ = Refusal::Force;
    return error;
  }

  /// The money that the amount of the action is about. The amount may have the two places of money,
  /// or as many as the case's own amounts.
  Result<CaseMoney*> money_of_amount() {
    BULLION_TRY_ASSIGN(CaseMoney * money, chosen_money());
    const size_t most =
        std::max({places_of(money->at_risk), places_of(money->confirmed.value_or(Decimal{})),
                  places_of(money->recovered)});
    if (places_of(*action_.amount) <= most) return money;
    return invalid(fmt::format("{}: {} {} has more places than money has here; expected at most {}",
                               to_string(action_.kind), shown_amount(*action_.amount),
                               money->currency, most));
  }

  /// The money in the currency of the action.
  Result<CaseMoney*> chosen_money() {
    auto& money = stored_.item.money;
    std::vector<std::string> currencies;
    for (const CaseMoney& one : money) currencies.push_back(one.currency);
    const std::string there = fmt::format("{}", fmt::join(currencies, ", "));
    if (money.empty()) {
      return invalid(
          fmt::format("case {} is about no money, so it takes no amount", stored_.item.id));
    }
    if (action_.currency.empty()) {
      if (money.size() == 1) return &money.front();
      return invalid(
          fmt::format("case {} has money in {}; say in which currency", stored_.item.id, there));
    }
    const auto found = std::ranges::find(money, action_.currency, &CaseMoney::currency);
    if (found != money.end()) return &*found;
    return invalid(fmt::format("case {} has no money in `{}`; it has {}", stored_.item.id,
                               action_.currency, there));
  }

  void decide() {
    stored_.decided.clear();
    for (const CaseMoney& money : stored_.item.money) {
      stored_.decided[money.currency] = money.at_risk;
    }
    stored_.item.grown = false;
  }

  Status confirm() {
    if (!action_.amount) {
      for (CaseMoney& money : stored_.item.money) {
        if (!action_.currency.empty() && money.currency != action_.currency) continue;
        BULLION_TRY(confirm_one(money, money.at_risk));
      }
      if (!action_.currency.empty() && amounts_.empty()) {
        BULLION_TRY(chosen_money());
      }
      return ok();
    }
    BULLION_TRY_ASSIGN(CaseMoney * money, money_of_amount());
    return confirm_one(*money, *action_.amount);
  }

  Status confirm_one(CaseMoney& money, const Decimal& amount) {
    if (amount.units > money.at_risk.units && !action_.force) {
      return unless_forced(
          invalid(fmt::format("confirm: {} {} is more than the {} at risk", shown_amount(amount),
                              money.currency, shown_amount(money.at_risk))));
    }
    if (amount.units < money.recovered.units && !action_.force) {
      return unless_forced(invalid(
          fmt::format("confirm: {} {} is less than the {} recovered already", shown_amount(amount),
                      money.currency, shown_amount(money.recovered))));
    }
    money.confirmed = amount;
    amounts_.push_back({money.currency, amount});
    return ok();
  }

  Status dismiss() {
    for (CaseMoney& money : stored_.item.money) {
      if (money.recovered.units > 0 && !action_.force) {
        return unless_forced(
            conflict(fmt::format("case {}: {} {} was recovered, so something was wrong",
                                 stored_.item.id, shown_amount(money.recovered), money.currency)));
      }
      money.confirmed.reset();
    }
    return ok();
  }

  Status recover() {
    if (action_.amount) {
      BULLION_TRY_ASSIGN(CaseMoney * money, money_of_amount());
      BULLION_TRY(recover_one(*money, *action_.amount));
    } else {
      for (CaseMoney& money : stored_.item.money) {
        if (!action_.currency.empty() && money.currency != action_.currency) continue;
        if (!money.confirmed || money.confirmed->units <= money.recovered.units) continue;
        BULLION_TRY(
            recover_one(money, {money.confirmed->units - money.recovered.units, kMoneyScale}));
      }
      if (amounts_.empty()) {
        if (!action_.currency.empty()) BULLION_TRY(chosen_money());
        if (before_ == CaseState::Recovered) {
          return conflict(
              fmt::format("case {}: all that was confirmed is recovered already", stored_.item.id));
        }
      }
    }
    if (!is_all_recovered()) stored_.item.state = CaseState::Confirmed;
    return ok();
  }

  /// A counter-entry to what was recovered. Possible in every state, because a decision may have
  /// been taken back meanwhile, and money that never came must not stay in the sums.
  Status take_back() {
    BULLION_TRY_ASSIGN(CaseMoney * money, money_of_amount());
    const auto total = sum_of(money->recovered, *action_.amount);
    if (!total || total->units < 0) {
      return invalid(fmt::format("recover: {} {} takes back more than the {} recovered",
                                 shown_amount(*action_.amount), money->currency,
                                 shown_amount(money->recovered)));
    }
    money->recovered = *total;
    amounts_.push_back({money->currency, *action_.amount});
    if (before_ == CaseState::Recovered && !is_all_recovered()) {
      stored_.item.state = CaseState::Confirmed;
    }
    return ok();
  }

  bool is_all_recovered() const {
    return std::ranges::all_of(stored_.item.money, [](const CaseMoney& money) {
      return !money.confirmed || money.recovered.units >= money.confirmed->units;
    });
  }

  Status recover_one(CaseMoney& money, const Decimal& amount) {
    const Int128 confirmed = money.confirmed ? money.confirmed->units : 0;
    const auto total = sum_of(money.recovered, amount);
    if (!total) return invalid("recover: the sum passes 38 digits");
    if (total->units > confirmed && !action_.force) {
      return unless_forced(invalid(fmt::format(
          "recover: {} {} on top of {} is more than the {} confirmed", shown_amount(amount),
          money.currency, shown_amount(money.recovered), shown_amount({confirmed, kMoneyScale}))));
    }
    money.recovered = *total;
    amounts_.push_back({money.currency, amount});
    return ok();
  }

  const Action& action_;
  StoredCase& stored_;
  CaseState before_ = CaseState::New;
  Refusal refusal_ = Refusal::Final;
  std::vector<Money> amounts_;
};

/// One pattern for each different thing that the findings of a case say.
Status teach_from(Transaction& transaction, CaseWriter& writer, const Action& action) {
  BULLION_TRY_ASSIGN(const auto findings, load_findings(transaction, action.case_id));
  std::set<std::tuple<std::string, std::string, std::string, std::string>> taught;
  for (const StoredFinding& stored : findings) {
    const KnownFinding& finding = stored.finding;
    if (finding.last_release) continue;
    Pattern pattern;
    pattern.detector = finding.detector;
    if (action.teach == Teach::Subject) {
      pattern.subject_type = finding.subject_type;
      pattern.subject_id = finding.subject_id;
    } else {
      pattern.finding_key = finding.key;
    }
    if (!taught
             .insert(
                 {pattern.detector, pattern.subject_type, pattern.subject_id, pattern.finding_key})
             .second) {
      continue;
    }
    pattern.note = action.note;
    pattern.case_id = action.case_id;
    BULLION_TRY(writer.add_pattern(pattern));
  }
  return ok();
}

/// What a dismissal taught goes with the dismissal.
Status forget_taught(Transaction& transaction, const CaseWriter& writer, int64_t case_id) {
  BULLION_TRY(transaction.execute(
      "UPDATE bullion_case_patterns SET revoked_at_us = $2, revoked_by = $3 WHERE case_id = $1 AND "
      "revoked_at_us IS NULL",
      {case_id, writer.now_us(), writer.user()}));
  return ok();
}

/// Conflict, with who changed it last, when the case is another than the user saw.
Status check_version(Transaction& transaction, const Action& action, const Case& item) {
  if (!action.version || *action.version == item.version) return ok();
  BULLION_TRY_ASSIGN(const auto events, load_events(transaction, item.id));
  const std::string last =
      events.empty()
          ? ""
          : fmt::format("; the last line of its history is `{}` by {}, {}", events.back().action,
                        events.back().user, format_timestamp(events.back().at_us).substr(0, 16));
  return conflict(
      fmt::format("case {} was changed meanwhile, so nothing was done{}", item.id, last));
}

}  // namespace

Result<Case> CaseStore::act(const Action& wanted, Refusal* refusal) {
  Action action = wanted;
  action.owner = std::string(trimmed(wanted.owner));
  if (refusal != nullptr) *refusal = Refusal::Final;
  BULLION_TRY(check_words(action));
  BULLION_TRY(get(action.case_id));  // NotFound says more than an empty result.
  Case after;
  Refusal why = Refusal::Final;
  const Status done =
      state::transact(*database_, Access::Write, [&](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(auto cases, load_cases(transaction, action.case_id));
        StoredCase& stored = cases.begin()->second;
        why = Refusal::Stale;
        BULLION_TRY(check_version(transaction, action, stored.item));
        CaseChange change(action, stored);
        const Status changed = change.apply();
        why = change.refusal();
        if (!changed) return changed;
        BULLION_TRY_ASSIGN(CaseWriter writer,
                           CaseWriter::open(transaction, action.user, clock_.now_us()));
        stored.item.changed_at_us = writer.now_us();
        BULLION_TRY(writer.update_case(stored));
        for (const Event& event : change.events()) writer.add_event(action.case_id, event);
        BULLION_TRY(writer.flush());
        if (action.kind == ActionKind::Reopen) {
          BULLION_TRY(forget_taught(transaction, writer, action.case_id));
        }
        if (action.kind == ActionKind::Dismiss && action.teach != Teach::Nothing) {
          BULLION_TRY(teach_from(transaction, writer, action));
        }
        BULLION_TRY(apply_patterns(transaction, writer));
        BULLION_TRY(writer.flush());
        BULLION_TRY_ASSIGN(const auto again, load_cases(transaction, action.case_id));
        after = again.begin()->second.item;
        return ok();
      });
  if (done) return after;
  if (refusal != nullptr) *refusal = why;
  return done.error();
}

}  // namespace bullion::detect
