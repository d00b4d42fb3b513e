#include "quality/rule_check.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quality/rule_sql_internal.h"

namespace bullion::quality {
namespace {

using engine::quote_name;

/// What a column may be that the set does not declare.
constexpr std::array<std::string_view, 3> kGuesses = {"VARCHAR", "DECIMAL(38, 9)", "DATE"};

/// An empty relation with these columns.
std::string no_rows(const std::vector<std::string>& columns, std::string_view type) {
  std::vector<std::string> cells = {"1 AS \"!row\""};
  for (const std::string& column : columns) {
    cells.push_back(fmt::format("CAST(NULL AS {}) AS {}", type, quote_name(column)));
  }
  return fmt::format("(SELECT {} WHERE false)", fmt::join(cells, ", "));
}

/// Binds rules against relations without rows.
class RuleBinder {
 public:
  RuleBinder(engine::Engine& engine, const RuleSet& set) : engine_(engine), set_(set) {}

  Status bind(const Rule& rule) {
    const bool is_query = rule.check.kind == CheckKind::Query;
    if (!is_query && !is_row_check(rule.check.kind)) return ok();
    Status first = ok();
    for (const std::string_view guess : kGuesses) {
      Status bound = bind_with(rule, guess);
      if (bound) return bound;
      if (first) first = std::move(bound);
    }
    return first;
  }

 private:
  Status bind_with(const Rule& rule, std::string_view guess) {
    std::vector<std::string> columns;
    const auto add = [&](const std::string& name) {
      if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
    };
    for (const auto& [name, type] : set_.columns) add(name);
    for (const std::string& name : rule.columns) add(name);
    for (const std::string& name : rule.reads) add(name);
    RuleData data;
    data.relation = no_rows(columns, guess);
    data.row_column = "!row";
    for (const std::string& name : rule.inputs) {
      data.inputs[name] = no_rows(set_.inputs.at(name), guess);
    }
    BULLION_TRY_ASSIGN(const RuleView view, RuleView::open(engine_, set_, data));
    const std::string sql = rule.check.kind == CheckKind::Query
                                ? fmt::format("{} SELECT count(*) FROM ({}\n) AS found",
                                              view.with_clause(data), rule.check.argument)
                                : fmt::format("SELECT * FROM ({}) AS data WHERE {}",
                                              view.rows_sql(), view.violation(rule));
    const auto bound = engine_.bind(sql);
    return bound ? ok() : Status(bound.error());
  }

  engine::Engine& engine_;
  const RuleSet& set_;
};

/// The engine's words without its picture of our own SQL around the rule's.
std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

}  // namespace

std::vector<project::Problem> check_rule_set(engine::Engine& engine, const std::string& file,
                                             std::string_view text, const RuleSetSource& other) {
  std::vector<project::Problem> problems;
  const auto set = read_rule_set(file, text, other, problems);
  if (!set) return problems;
  RuleBinder binder(engine, *set);
  for (const Rule& rule : set->rules) {
    if (rule.location.file != file) continue;  // of the set that this one extends
    const Status bound = binder.bind(rule);
    if (bound) continue;
    problems.push_back({rule.location, project::Severity::Error, "rule-sql",
                        fmt::format("rule `{}` cannot run: {}. Columns that it reads besides those "
                                    "of `columns` belong into its `reads`",
                                    rule.id, first_line(bound.error().message()))});
  }
  return problems;
}

}  // namespace bullion::quality
