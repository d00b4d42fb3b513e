// The cases of a project in the state store: made from the findings of a release, changed by
// people.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "detect/calibration.h"
#include "detect/case.h"
#include "detect/finding.h"
#include "state/database.h"

namespace bullion::detect {

/// What a sync did. Counts are of cases, but for `findings`.
struct SyncOutcome {
  int64_t release = 0;
  int64_t findings = 0;
  int64_t opened = 0;      ///< new ones, those that open as suppressed among them
  int64_t joined = 0;      ///< got more findings
  int64_t merged = 0;      ///< joined an older case
  int64_t cleared = 0;     ///< lost their last finding
  int64_t returned = 0;    ///< cleared ones with findings again
  int64_t grown = 0;       ///< decided ones with more money at risk than then
  int64_t suppressed = 0;  ///< went from new to suppressed, or opened so
  int64_t rescored = 0;    ///< known ones with another score
  int64_t updated = 0;     ///< known ones of which something else is different: money, words

  int64_t changes() const {
    return opened + joined + merged + cleared + returned + grown + suppressed + rescored + updated;
  }
  bool changed() const { return changes() > 0; }
};

/// What comes first in a list of cases.
enum class CaseOrder {
  Score,     ///< the surest ones; of equal score the most money at risk
  Expected,  ///< the most score times money at risk
};
/// Invalid with what there is.
Result<CaseOrder> parse_case_order(std::string_view name);

struct CaseFilter {
  std::vector<CaseState> states;  ///< empty: those that somebody has to look at
  bool all = false;               ///< every case of the chosen states, or of any
  std::string owner;
  std::string detector;
  std::string currency;
  std::optional<Decimal> money_min;  ///< at risk, in `currency` or in any one currency
  CaseOrder order = CaseOrder::Score;
};

/// What a list of cases is sorted by; less comes first.
struct CaseRank {
  Int128 doubt = 0;  ///< the negated score; 0 where it does not count
  int block = 0;     ///< cases with money in the wanted currency, in another one, without any
  std::string
      currency;  ///< of the money, but the wanted one; amounts of different ones are no order
  Int128 lightness = 0;  ///< the negated score times money
  int64_t id = 0;

  auto operator<=>(const CaseRank&) const = default;
};
/// By the filter's order and currency; by `currency` when it has none.
CaseRank rank_of(const Case& item, const CaseFilter& filter, const std::string& currency);

/// Those of `items` that the filter chooses, in its order, the largest first. Amounts are compared
/// within a currency only; those in `currency` come before others.
std::vector<Case> chosen_cases(std::vector<Case> items, const CaseFilter& filter,
                               const std::string& currency);

/// The detectors of the project and of its cases.
std::set<std::string> detector_names(const Detectors& detectors, const std::vector<Case>& cases);
/// The currencies that cases have money in.
std::set<std::string> currencies_of(const std::vector<Case>& cases);

/// A detector that neither the project nor a case of it has is a slip, and no empty list: Invalid
/// with those there are. Fine for no name.
Status check_detector(const std::string& name, const Detectors& detectors,
                      const std::vector<Case>& cases);

/// The same for a currency that neither is the project's nor has money in a case.
Status check_currency(const std::string& name, const std::string& of_project,
                      const std::vector<Case>& cases);

struct CaseDetail {
  Case item;
  std::vector<KnownFinding> findings;
  std::vector<Event> events;      ///< oldest first
  std::vector<Pattern> patterns;  ///< that its dismissal taught
};

/// The money that a case is ranked by: what is at risk in `currency`, else in the first other one.
/// nullptr when it has none.
const CaseMoney* main_money(const Case& item, const std::string& currency);

enum class Teach {
  Nothing,
  Subject,  ///< these detectors find nothing new about these subjects
  Finding,  ///< these findings alone
};

struct Action {
  int64_t case_id = 0;
  ActionKind kind = ActionKind::Comment;
  std::string user;
  std::string owner;  ///< Assign
  /// Confirm, Recover; nullopt: all of it. Less than zero takes back what was recorded as
  /// recovered.
  std::optional<Decimal> amount;
  std::string currency;            ///< of the amount; "": the only one the case has
  std::string note;                ///< required by Dismiss, Comment, Reopen and what takes back
  bool force = false;              ///< does what would be refused with Refusal::Force
  Teach teach = Teach::Nothing;    ///< Dismiss
  std::optional<int64_t> version;  ///< of the case that the user saw; nullopt: any
};

/// What would let an action through that was refused.
enum class Refusal {
  Final,  ///< nothing: it is wrong as it is
  Stale,  ///< another look: the case is not what the user saw
  Force,  ///< consent: more than is at risk or confirmed, less than is recovered
};

/// Thread-safe, and safe with other processes on the same store.
class CaseStore {
 public:
  /// Opens the store at `location` and brings its tables up to date. `project` is the name of the
  /// project: one store holds the cases of one.
  static Result<std::unique_ptr<CaseStore>> open(const std::string& location,
                                                 const std::string& project, const Clock& clock);

  /// Makes the cases follow the findings of a release: all or nothing, and nothing when they do
  /// already. What people decided stays. Conflict when a newer release was synced before.
  Result<SyncOutcome> sync(int64_t release, std::span<const Finding> findings,
                           const std::string& user);
  /// The release of the last sync; nullopt before the first.
  Result<std::optional<int64_t>> synced_release();

  /// chosen_cases() of all there are.
  Result<std::vector<Case>> list(const CaseFilter& filter, const std::string& currency);
  /// NotFound with how many there are.
  Result<CaseDetail> get(int64_t id);
  /// The findings of cases that people decided: true when confirmed or recovered, not when
  /// dismissed.
  Result<std::vector<Verdict>> verdicts();
  /// Does one thing to a case; the case afterwards. Conflict when its state does not allow it, or
  /// somebody changed it meanwhile. `refusal` is set with an error.
  Result<Case> act(const Action& action, Refusal* refusal = nullptr);

  Result<std::vector<Pattern>> patterns(bool revoked_too);
  /// The findings that the newest synced release has and a case holds, of one detector.
  Result<std::vector<KnownFinding>> findings_of(const std::string& detector);
  /// Teaches a pattern; at least a detector, and a subject or a finding. The pattern with its id.
  Result<Pattern> teach(Pattern pattern);
  /// Cases it suppressed are new again. NotFound, or Conflict when it is revoked already.
  Result<Pattern> revoke(int64_t id, const std::string& user);

  const std::string& place() const { return database_->place(); }

 private:
  /// Lets std::make_unique reach the constructor, and nobody outside.
  struct Passkey {};

 public:
  CaseStore(Passkey, std::unique_ptr<state::Database> database, std::string project,
            const Clock& clock)
      : database_(std::move(database)), project_(std::move(project)), clock_(clock) {}

 private:
  std::unique_ptr<state::Database> database_;
  const std::string project_;
  const Clock& clock_;
};

}  // namespace bullion::detect
