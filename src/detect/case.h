// A case: what people work through. States, actions and what each allows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "detect/finding.h"
#include "detect/rollup.h"

namespace bullion::detect {

enum class CaseState {
  New,
  Suppressed,  ///< as New, and every finding of it fits a pattern that somebody taught
  Assigned,
  Confirmed,  ///< the money is lost, or was about to be
  Dismissed,  ///< nothing is wrong
  Recovered,  ///< the money is back
  Merged,     ///< joined an older case
};
std::string_view to_string(CaseState state);
/// Invalid with the nearest name.
Result<CaseState> parse_case_state(std::string_view name);
/// Somebody has said what it is: later findings about other money do not join it.
bool is_decided(CaseState state);

enum class ActionKind { Assign, Confirm, Dismiss, Recover, Comment, Reopen };
std::string_view to_string(ActionKind kind);

/// The state a case has after an action; Conflict with what is possible instead.
/// Recover leads to Recovered here; less than all of the money keeps Confirmed.
Result<CaseState> next_state(CaseState state, ActionKind kind, bool has_owner);

/// The money of a case in one currency, at scale kMoneyScale.
struct CaseMoney {
  std::string currency;
  Decimal at_risk;
  std::optional<Decimal> confirmed;  ///< nullopt: nobody has confirmed any
  Decimal recovered;
};

struct Case {
  int64_t id = 0;
  CaseState state = CaseState::New;
  std::string owner;  ///< "" when nobody has it
  std::string subject_type;
  std::string subject_id;
  std::string title;  ///< the reason of its strongest finding
  std::string severity;
  Decimal score;
  std::vector<CaseMoney> money;        ///< by currency
  std::vector<std::string> detectors;  ///< of its findings of now, by name
  int64_t findings = 0;                ///< that the newest release has
  bool cleared = false;                ///< no finding of it is in the newest release
  bool grown = false;                  ///< decided, and more money is at risk now than was then
  std::optional<int64_t> merged_into;
  int64_t first_release = 0;
  int64_t opened_at_us = 0;
  int64_t changed_at_us = 0;
  int64_t version = 1;  ///< every change moves it
};

/// Somebody has work with it: not decided and not cleared, confirmed and not recovered, or decided
/// on less money than is at risk now.
bool is_open(const Case& item);

/// Sums of money over cases, at scale kMoneyScale.
struct MoneySums {
  Decimal at_risk{0, kMoneyScale};
  Decimal confirmed{0, kMoneyScale};
  Decimal recovered{0, kMoneyScale};
};
/// Adds the money of a case to sums by currency.
void add_money(const Case& item, std::map<std::string, MoneySums>& sums);

/// One line of the history of a case. Never changed.
struct Event {
  int64_t id = 0;
  int64_t at_us = 0;
  std::string user;
  std::string action;  ///< opened, assign, confirm, ..., merged, cleared, returned, grew, ...
  CaseState before = CaseState::New;
  CaseState after = CaseState::New;
  std::string amount;    ///< "" when the line is about none
  std::string currency;  ///< of the amount
  std::string note;
  int64_t release = 0;  ///< the newest one when it happened
};

/// A finding as the store remembers it.
struct KnownFinding {
  std::string detector;
  std::string key;
  std::string severity;
  Decimal weight;
  Decimal strength;
  std::string subject_type;
  std::string subject_id;
  std::string reason;
  int64_t first_release = 0;
  std::optional<int64_t> last_release;  ///< nullopt: the newest release has it
};

/// What somebody taught: findings that fit it are no news. A part that is "" fits anything.
struct Pattern {
  int64_t id = 0;
  std::string detector;
  std::string subject_type;
  std::string subject_id;
  std::string finding_key;
  std::string note;
  std::optional<int64_t> case_id;  ///< whose dismissal taught it
  int64_t created_at_us = 0;
  std::string created_by;
  std::optional<int64_t> revoked_at_us;
  std::string revoked_by;
};
bool fits(const Pattern& pattern, std::string_view detector, std::string_view key,
          std::string_view subject_type, std::string_view subject_id);

/// "1200.00", "0.125": at least two places and no more zeros than that.
std::string shown_amount(const Decimal& amount);
/// An amount as a person writes it: digits, a point, at most kMoneyScale places, not negative.
Result<Decimal> parse_amount(const std::string& text);
/// The same with a minus before it, if need be: what is taken back.
Result<Decimal> parse_signed_amount(const std::string& text);

}  // namespace bullion::detect
