#include "detect/case.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace bullion::detect {
namespace {

constexpr std::array<std::pair<CaseState, std::string_view>, 7> kStates = {{
    {CaseState::New, "new"},
    {CaseState::Suppressed, "suppressed"},
    {CaseState::Assigned, "assigned"},
    {CaseState::Confirmed, "confirmed"},
    {CaseState::Dismissed, "dismissed"},
    {CaseState::Recovered, "recovered"},
    {CaseState::Merged, "merged"},
}};

bool is_undecided(CaseState state) {
  return state == CaseState::New || state == CaseState::Suppressed || state == CaseState::Assigned;
}

/// What a person can do instead.
std::string_view way_out(CaseState state, ActionKind kind) {
  if (kind == ActionKind::Reopen) return "it is open already";
  if (kind == ActionKind::Recover && state != CaseState::Dismissed) {
    return "confirm it first";
  }
  return "reopen it first";
}

}  // namespace

std::string_view to_string(CaseState state) {
  for (const auto& [known, name] : kStates) {
    if (known == state) return name;
  }
  return "";
}

Result<CaseState> parse_case_state(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [state, known] : kStates) {
    if (known == name) return state;
    names.emplace_back(known);
  }
  return invalid(fmt::format(
      "`{}` is no state of a case{}; expected new, suppressed, assigned, confirmed, dismissed, "
      "recovered or merged",
      name, did_you_mean(name, names)));
}

bool is_decided(CaseState state) {
  return state == CaseState::Confirmed || state == CaseState::Dismissed ||
         state == CaseState::Recovered;
}

std::string_view to_string(ActionKind kind) {
  switch (kind) {
    case ActionKind::Assign:
      return "assign";
    case ActionKind::Confirm:
      return "confirm";
    case ActionKind::Dismiss:
      return "dismiss";
    case ActionKind::Recover:
      return "recover";
    case ActionKind::Comment:
      return "comment";
    case ActionKind::Reopen:
      return "reopen";
  }
  return "";
}

Result<CaseState> next_state(CaseState state, ActionKind kind, bool has_owner) {
  if (state != CaseState::Merged) {
    switch (kind) {
      case ActionKind::Comment:
        return state;
      case ActionKind::Assign:
        if (is_undecided(state)) return CaseState::Assigned;
        if (state == CaseState::Confirmed) return state;
        break;
      case ActionKind::Confirm:
        if (is_undecided(state) || state == CaseState::Confirmed) return CaseState::Confirmed;
        break;
      case ActionKind::Dismiss:
        if (is_undecided(state) || state == CaseState::Confirmed) return CaseState::Dismissed;
        // Once more: after it has grown.
        if (state == CaseState::Dismissed) return state;
        break;
      case ActionKind::Recover:
        if (state == CaseState::Confirmed || state == CaseState::Recovered) {
          return CaseState::Recovered;
        }
        break;
      case ActionKind::Reopen:
        if (is_decided(state)) return has_owner ? CaseState::Assigned : CaseState::New;
        break;
    }
  }
  return conflict(fmt::format("a case that is {} cannot be changed by `{}`: {}", to_string(state),
                              to_string(kind), way_out(state, kind)));
}

bool is_open(const Case& item) {
  if (item.state == CaseState::Suppressed || item.state == CaseState::Merged) return false;
  // Money that was confirmed is to be brought back, whatever the ledger shows meanwhile.
  if (item.grown || item.state == CaseState::Confirmed) return true;
  return !is_decided(item.state) && !item.cleared;
}

void add_money(const Case& item, std::map<std::string, MoneySums>& sums) {
  const auto add = [](Decimal& sum, const Decimal& amount) {
    sum = sum_of(sum, amount).value_or(sum);
  };
  for (const CaseMoney& money : item.money) {
    MoneySums& sum = sums[money.currency];
    add(sum.at_risk, money.at_risk);
    if (money.confirmed) add(sum.confirmed, *money.confirmed);
    add(sum.recovered, money.recovered);
  }
}

bool fits(const Pattern& pattern, std::string_view detector, std::string_view key,
          std::string_view subject_type, std::string_view subject_id) {
  const auto same = [](const std::string& wanted, std::string_view is) {
    return wanted.empty() || wanted == is;
  };
  return same(pattern.detector, detector) && same(pattern.finding_key, key) &&
         same(pattern.subject_type, subject_type) && same(pattern.subject_id, subject_id);
}

std::string shown_amount(const Decimal& amount) {
  std::string text = to_string(rescale_up(amount, std::max(amount.scale, 2)));
  const size_t places_at = text.find('.') + 1;
  while (text.size() > places_at + 2 && text.back() == '0') text.pop_back();
  return text;
}

Result<Decimal> parse_amount(const std::string& text) {
  auto amount = parse_signed_amount(text);
  if (!amount || amount->units >= 0) return amount;
  return invalid(fmt::format(
      "amount `{}`: expected digits with a point, such as 1200.50, and no minus", text));
}

Result<Decimal> parse_signed_amount(const std::string& text) {
  if (decimal_of(text)) {
    const ParsedDecimal parsed = parse_decimal(text, kDecimalPrecisionMax - 4, kMoneyScale);
    if (!parsed.fault) return Decimal{parsed.units, kMoneyScale};
  }
  return invalid(fmt::format(
      "amount `{}`: expected digits with a point and at most {} places, such as 1200.50", text,
      kMoneyScale));
}

}  // namespace bullion::detect
