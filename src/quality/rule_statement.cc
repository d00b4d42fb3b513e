#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quality/rule_set.h"

namespace bullion::quality {
namespace {

constexpr size_t kValuesShown = 8;

std::string values_text(const RuleCheck& check) {
  if (!check.argument.empty()) return "the list " + check.argument;
  if (check.values.size() <= kValuesShown) return fmt::format("{}", fmt::join(check.values, ", "));
  const auto end = check.values.begin() + kValuesShown;
  return fmt::format("{} and {} more", fmt::join(check.values.begin(), end, ", "),
                     check.values.size() - kValuesShown);
}

std::string what_is_demanded(const RuleCheck& check) {
  switch (check.kind) {
    case CheckKind::ColumnPresent:
      return "is a column";
    case CheckKind::Type:
      return "holds values of type " + check.argument;
    case CheckKind::NotNull:
      return "is never null";
    case CheckKind::IsNull:
      return "is null";
    case CheckKind::AcceptedValues:
      return "is one of " + values_text(check);
    case CheckKind::RejectedValues:
      return "is none of " + values_text(check);
    case CheckKind::Format:
      return "has the format " + check.argument;
    case CheckKind::Matches:
      return "matches " + check.argument;
    case CheckKind::Row:
      return "satisfies " + check.argument;
    case CheckKind::Query:
      return "satisfies a condition over several rows";
    case CheckKind::Product:
      return fmt::format("satisfies {} x {} = {}", check.values.at(0), check.values.at(1),
                         check.values.at(2));
    case CheckKind::All:
      return fmt::format("satisfies all of {} rules", check.values.size());
    case CheckKind::Any:
      return fmt::format("satisfies one of {} rules", check.values.size());
    case CheckKind::Unchecked:
      return "satisfies what no data can decide";
    case CheckKind::Permission:
      return "may depart from the other rules";
  }
  return "";
}

}  // namespace

std::string statement_of(const Rule& rule) {
  const RuleCheck& check = rule.check;
  if (check.kind == CheckKind::Product && check.values.size() != 3) return "";
  const std::string subject =
      rule.columns.empty() ? "The data" : fmt::format("{}", fmt::join(rule.columns, ", "));
  std::string statement = check.kind == CheckKind::ColumnPresent
                              ? "There is a column " + subject
                              : fmt::format("{} {}", subject, what_is_demanded(check));
  if (check.kind == CheckKind::Row || check.kind == CheckKind::Product) {
    statement = what_is_demanded(check).substr(std::string_view("satisfies ").size());
  }
  return rule.when.empty() ? statement : fmt::format("{} where {}", statement, rule.when);
}

}  // namespace bullion::quality
