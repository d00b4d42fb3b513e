#include "cli/case_output.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"

namespace bullion::cli {
namespace {

using detect::shown_amount;
using engine::Value;

/// An amount with the places it needs, and two at least.
Decimal trimmed(const Decimal& amount) { return decimal_of(shown_amount(amount)).value_or(amount); }

std::string time_text(int64_t at_us) { return format_timestamp(at_us).substr(0, 19) + "Z"; }

Value time_or_null(const std::optional<int64_t>& at_us) {
  return at_us ? Value{time_text(*at_us)} : Value{};
}
Value number_or_null(const std::optional<int64_t>& number) {
  return number ? Value{*number} : Value{};
}

std::string subject_of(const std::string& type, const std::string& id) {
  return type.empty() ? "" : type + ":" + id;
}

std::string notes_of(const detect::Case& item) {
  std::vector<std::string> notes;
  if (item.cleared) notes.emplace_back("cleared");
  if (item.grown) notes.emplace_back("grown");
  if (item.merged_into) notes.push_back(fmt::format("joined {}", *item.merged_into));
  return fmt::format("{}", fmt::join(notes, ", "));
}

}  // namespace

delta::Schema named(const std::vector<std::string>& names) {
  delta::Schema schema;
  for (const std::string& name : names) {
    schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  return schema;
}

engine::Rows case_rows(const std::vector<detect::Case>& cases, const std::string& currency) {
  engine::Rows rows;
  rows.schema = named({"case", "score", "at_risk", "currency", "state", "owner", "severity",
                       "subject", "findings", "detectors", "confirmed", "recovered", "other_money",
                       "notes", "opened", "title"});
  for (const detect::Case& item : cases) {
    const detect::CaseMoney* money = detect::main_money(item, currency);
    std::vector<std::string> others;
    for (const detect::CaseMoney& other : item.money) {
      if (&other == money || other.at_risk.units == 0) continue;
      others.push_back(fmt::format("{} {}", shown_amount(other.at_risk), other.currency));
    }
    const auto recovered = money == nullptr || money->recovered.units == 0
                               ? Value{}
                               : Value{trimmed(money->recovered)};
    rows.rows.push_back(
        {item.id, item.score, money == nullptr ? Value{} : Value{trimmed(money->at_risk)},
         money == nullptr ? Value{} : Value{money->currency}, std::string(to_string(item.state)),
         item.owner, item.severity, subject_of(item.subject_type, item.subject_id), item.findings,
         fmt::format("{}", fmt::join(item.detectors, ", ")),
         money == nullptr || !money->confirmed ? Value{} : Value{trimmed(*money->confirmed)},
         recovered, fmt::format("{}", fmt::join(others, " + ")), notes_of(item),
         time_text(item.opened_at_us), item.title});
  }
  return rows;
}

engine::Rows shortened(engine::Rows rows) {
  const std::vector<std::string> left_out = {"severity", "confirmed", "recovered", "opened"};
  engine::Rows shorter;
  for (const delta::Column& column : rows.schema) {
    if (std::ranges::find(left_out, column.name) == left_out.end()) {
      shorter.schema.push_back(column);
    }
  }
  for (const auto& row : rows.rows) {
    auto& kept = shorter.rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& name = rows.schema[i].name;
      if (std::ranges::find(left_out, name) == left_out.end()) kept.push_back(row[i]);
    }
  }
  return shorter;
}

engine::Rows finding_rows(const std::vector<detect::KnownFinding>& findings) {
  engine::Rows rows;
  rows.schema = named({"detector", "severity", "weight", "strength", "subject", "finding_key",
                       "first_release", "last_release", "reason"});
  for (const detect::KnownFinding& finding : findings) {
    rows.rows.push_back({finding.detector, finding.severity, finding.weight, finding.strength,
                         subject_of(finding.subject_type, finding.subject_id), finding.key,
                         finding.first_release, number_or_null(finding.last_release),
                         finding.reason});
  }
  return rows;
}

engine::Rows event_rows(const std::vector<detect::Event>& events) {
  engine::Rows rows;
  rows.schema =
      named({"when", "who", "what", "before", "after", "amount", "currency", "release", "note"});
  for (const detect::Event& event : events) {
    const auto amount = decimal_of(event.amount);
    rows.rows.push_back(
        {time_text(event.at_us), event.user, event.action, std::string(to_string(event.before)),
         std::string(to_string(event.after)), amount ? Value{trimmed(*amount)} : Value{},
         event.currency.empty() ? Value{} : Value{event.currency}, event.release, event.note});
  }
  return rows;
}

engine::Rows pattern_rows(const std::vector<detect::Pattern>& patterns) {
  engine::Rows rows;
  rows.schema = named({"pattern", "detector", "subject", "finding_key", "case", "taught", "by",
                       "revoked", "revoked_by", "note"});
  for (const detect::Pattern& pattern : patterns) {
    rows.rows.push_back({pattern.id, pattern.detector,
                         subject_of(pattern.subject_type, pattern.subject_id), pattern.finding_key,
                         number_or_null(pattern.case_id), time_text(pattern.created_at_us),
                         pattern.created_by, time_or_null(pattern.revoked_at_us),
                         pattern.revoked_by, pattern.note});
  }
  return rows;
}

std::vector<std::string> money_lines(const detect::Case& item) {
  std::vector<std::string> lines;
  for (const detect::CaseMoney& money : item.money) {
    lines.push_back(fmt::format(
        "{} {} at risk, {} confirmed, {} recovered", shown_amount(money.at_risk), money.currency,
        money.confirmed ? shown_amount(*money.confirmed) : "none", shown_amount(money.recovered)));
  }
  return lines;
}

}  // namespace bullion::cli
