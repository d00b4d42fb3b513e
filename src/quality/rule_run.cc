#include "quality/rule_run.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "quality/rule_sql_internal.h"

namespace bullion::quality {
namespace {

using engine::quote_name;

/// Counts asked of one scan; more in one query take long to plan.
constexpr size_t kCountsPerScan = 256;

int64_t integer_of(const engine::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<Decimal>(&value)) return static_cast<int64_t>(number->units);
  return 0;
}

std::string row_text(const delta::Schema& schema, const std::vector<engine::Value>& row,
                     size_t first) {
  std::vector<std::string> cells;
  for (size_t i = first; i < row.size(); ++i) {
    cells.push_back(fmt::format("{}={}", schema[i].name,
                                engine::is_null(row[i]) ? "NULL" : engine::to_text(row[i])));
  }
  return fmt::format("{}", fmt::join(cells, ", "));
}

/// One evaluation of a set on one relation.
class RuleRunner {
 public:
  RuleRunner(engine::Engine& engine, const RuleSet& set, const RuleData& data, RuleView view)
      : engine_(engine), set_(set), data_(data), view_(std::move(view)) {}

  Result<RuleReport> run() {
    BULLION_TRY(find_wanted());
    BULLION_TRY(find_flags());
    for (const Rule& rule : set_.rules) {
      RuleOutcome& outcome = outcomes_[rule.id];
      outcome.rule = &rule;
      if (wanted_.contains(rule.id)) decide_without_rows(outcome);
    }
    BULLION_TRY(count_rows());
    for (const Rule& rule : set_.rules) {
      if (is_open(rule) && rule.check.kind == CheckKind::Query) {
        BULLION_TRY(run_query(outcomes_.at(rule.id)));
      }
    }
    for (const Rule& rule : set_.rules) {
      if (wanted_.contains(rule.id)) combine(rule);
    }
    for (const Rule& rule : set_.rules) {
      RuleOutcome& outcome = outcomes_.at(rule.id);
      if (outcome.violations > 0 && counted_.contains(rule.id)) BULLION_TRY(find_sample(outcome));
    }
    for (const Rule& rule : set_.rules) {
      if (shown_.contains(rule.id)) report_.outcomes.push_back(std::move(outcomes_.at(rule.id)));
    }
    return std::move(report_);
  }

 private:
  /// The asked rules, and those that they are made of or depend on.
  Status find_wanted() {
    std::vector<std::string> ids;
    for (const Rule& rule : set_.rules) ids.push_back(rule.id);
    for (const std::string& id : data_.only) {
      if (set_.find(id) == nullptr) {
        return not_found(fmt::format("rule set {} has no rule `{}`{}", set_.full_name(), id,
                                     did_you_mean(id, ids)));
      }
    }
    const std::vector<std::string>& asked = data_.only.empty() ? ids : data_.only;
    shown_.insert(asked.begin(), asked.end());
    std::vector<std::string> open(asked.begin(), asked.end());
    while (!open.empty()) {
      const std::string id = open.back();
      open.pop_back();
      const Rule* rule = set_.find(id);
      if (rule == nullptr || !wanted_.insert(id).second) continue;
      open.insert(open.end(), rule->depends_on.begin(), rule->depends_on.end());
      if (rule->check.kind == CheckKind::All || rule->check.kind == CheckKind::Any) {
        open.insert(open.end(), rule->check.values.begin(), rule->check.values.end());
      }
    }
    return ok();
  }

  /// Counts the rows, and the values that show a flag to be on.
  Status find_flags() {
    std::vector<std::string> names;
    for (const auto& [name, flag] : set_.flags) names.push_back(name);
    for (const auto& [name, state] : data_.flags) {
      if (set_.flags.contains(name)) continue;
      return invalid(
          fmt::format("rule set {} has no flag `{}`{}; it has {}", set_.full_name(), name,
                      did_you_mean(name, names),
                      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    std::vector<std::string> counts = {"count(*)"};
    for (const std::string& name : names) {
      std::vector<std::string> parts = {"0"};
      for (const std::string& column : set_.flags.at(name).evidence) {
        if (view_.has(column)) {
          parts.push_back(fmt::format("count({})", quote_name(text_column(column))));
        }
      }
      counts.push_back(fmt::format("{}", fmt::join(parts, " + ")));
    }
    BULLION_TRY_ASSIGN(const engine::Rows rows,
                       engine_.query(fmt::format("SELECT {} FROM ({}) AS data",
                                                 fmt::join(counts, ", "), view_.rows_sql())));
    report_.rows = integer_of(rows.rows.at(0).at(0));
    for (size_t i = 0; i < names.size(); ++i) {
      report_.flags[names[i]] = state_of(names[i], integer_of(rows.rows.at(0).at(i + 1)));
    }
    return ok();
  }

  FlagState state_of(const std::string& name, int64_t shown_by) const {
    for (const auto* declared : {&data_.flags, &set_.declared}) {
      const auto found = declared->find(name);
      if (found != declared->end()) return found->second ? FlagState::Declared : FlagState::Off;
    }
    return shown_by > 0 ? FlagState::Shown : FlagState::Unknown;
  }

  static void settle(RuleOutcome& outcome, Verdict verdict, std::string reason) {
    outcome.verdict = verdict;
    outcome.reason = std::move(reason);
  }

  bool is_open(const Rule& rule) const {
    return wanted_.contains(rule.id) && !settled_.contains(rule.id);
  }

  /// All that columns, flags and inputs decide before a row is read.
  void decide_without_rows(RuleOutcome& outcome) {
    const Rule& rule = *outcome.rule;
    settled_.insert(rule.id);
    if (rule.check.kind == CheckKind::Permission) {
      return settle(outcome, Verdict::Passed, "a permission: nothing can break it");
    }
    for (const std::string& flag : rule.applies_if) {
      if (report_.flags.at(flag) == FlagState::Off) {
        return settle(outcome, Verdict::NotApplicable, fmt::format("{} is declared off", flag));
      }
    }
    if (rule.check.kind == CheckKind::Unchecked) {
      return settle(outcome, Verdict::Skipped, rule.check.argument);
    }
    for (const std::string& flag : rule.applies_if) {
      if (report_.flags.at(flag) == FlagState::Unknown) {
        return settle(outcome, Verdict::Skipped, unknown_flag(flag));
      }
    }
    for (const std::string& input : rule.inputs) {
      if (!data_.inputs.contains(input)) {
        return settle(outcome, Verdict::Skipped,
                      fmt::format("needs the input `{0}`; give it with --input {0}=FILE", input));
      }
    }
    if (decide_by_columns(outcome)) return;
    settled_.erase(rule.id);
  }

  std::string unknown_flag(const std::string& flag) const {
    const std::vector<std::string>& evidence = set_.flags.at(flag).evidence;
    if (evidence.empty()) return fmt::format("{} is not declared", flag);
    return fmt::format("{} is not declared, and no value of {} shows it", flag,
                       fmt::join(evidence, ", "));
  }

  bool decide_by_columns(RuleOutcome& outcome) {
    const Rule& rule = *outcome.rule;
    const WhenMissing when = rule.when_missing.value_or(set_.when_missing);
    std::vector<std::string> missing;
    size_t ignored = 0;
    for (const auto* names : {&rule.columns, &rule.reads}) {
      for (const std::string& column : *names) {
        if (view_.has(column)) continue;
        missing.push_back(column + view_.near(column));
        if (names == &rule.columns && when == WhenMissing::Ignored) ++ignored;
      }
    }
    if (ignored == missing.size() && ignored < rule.columns.size()) missing.clear();
    const std::string reason = fmt::format("no column {}", fmt::join(missing, ", "));
    if (rule.check.kind == CheckKind::ColumnPresent) {
      outcome.violations = static_cast<int64_t>(missing.size());
      settle(outcome, missing.empty() ? Verdict::Passed : Verdict::Failed,
             missing.empty() ? "" : reason);
      return true;
    }
    if (missing.empty()) return false;
    if (when == WhenMissing::Failed) outcome.violations = report_.rows;
    settle(outcome,
           when == WhenMissing::Failed   ? Verdict::Failed
           : when == WhenMissing::Passed ? Verdict::Passed
                                         : Verdict::Skipped,
           reason);
    return true;
  }

  /// Counts, per column, the rows that violate each check on its cells: every distinct cell is
  /// looked at once, however many rows and rules there are.
  Status count_cells() {
    std::map<std::string, std::vector<std::string>> conditions;
    for (const Rule& rule : set_.rules) {
      if (!is_open(rule) || !is_cell_check(rule.check.kind)) continue;
      for (const std::string& column : rule.columns) {
        if (!view_.has(column)) continue;
        const std::string condition = view_.column_violation(column, rule.check);
        if (cells_.emplace(std::pair(column, condition), 0).second) {
          conditions[column].push_back(condition);
        }
      }
    }
    for (const auto& [column, asked] : conditions) {
      std::vector<std::string> items;
      for (const std::string& condition : asked) {
        items.push_back(fmt::format("coalesce(sum(n) FILTER (WHERE {}), 0)", condition));
      }
      BULLION_TRY_ASSIGN(
          const engine::Rows rows,
          engine_.query(fmt::format(
              "SELECT {0} FROM (SELECT {1}, count(*) AS n FROM ({2}) AS data GROUP BY {1})",
              fmt::join(items, ", "), quote_name(text_column(column)), view_.rows_sql())));
      for (size_t i = 0; i < asked.size(); ++i) {
        cells_[{column, asked[i]}] = integer_of(rows.rows.at(0).at(i));
      }
    }
    return ok();
  }

  /// Violating rows of a rule as far as its columns tell by themselves: none, or those of the only
  /// column with any. nullopt when rows must be looked at as a whole.
  std::optional<int64_t> count_of_cells(const Rule& rule) const {
    if (!is_cell_check(rule.check.kind)) return std::nullopt;
    int64_t violations = 0;
    for (const std::string& column : rule.columns) {
      if (!view_.has(column)) continue;
      const int64_t found = cells_.at({column, view_.column_violation(column, rule.check)});
      if (found > 0 && violations > 0) return std::nullopt;
      violations += found;
    }
    if (violations > 0 && !rule.when.empty()) return std::nullopt;
    return violations;
  }

  /// Counts violating rows of all open rules in as few scans as possible; equal conditions once.
  Status count_rows() {
    BULLION_TRY(count_cells());
    std::vector<std::string> conditions;
    std::map<std::string, size_t> index;
    const auto place = [&](const std::string& condition) {
      const auto [at, added] = index.emplace(condition, conditions.size());
      if (added) conditions.push_back(condition);
      return at->second;
    };
    struct Counted {
      RuleOutcome* outcome = nullptr;
      std::optional<int64_t> known;
      size_t violations = 0;
      std::optional<size_t> checked;
    };
    std::vector<Counted> counted;
    for (const Rule& rule : set_.rules) {
      if (!is_open(rule) || !is_row_check(rule.check.kind)) continue;
      Counted entry{.outcome = &outcomes_.at(rule.id), .known = count_of_cells(rule)};
      if (!entry.known) entry.violations = place(view_.violation(rule));
      if (!rule.when.empty()) entry.checked = place(rule.when);
      counted.push_back(entry);
    }
    std::vector<int64_t> counts;
    for (size_t first = 0; first < conditions.size(); first += kCountsPerScan) {
      const size_t end = std::min(first + kCountsPerScan, conditions.size());
      BULLION_TRY(count_some(conditions, first, end, counts));
    }
    for (const Counted& entry : counted) {
      RuleOutcome& outcome = *entry.outcome;
      settled_.insert(outcome.rule->id);
      counted_.insert(outcome.rule->id);
      outcome.violations = entry.known ? *entry.known : counts.at(entry.violations);
      outcome.checked = entry.checked ? counts.at(*entry.checked) : report_.rows;
      if (outcome.violations > 0) {
        outcome.verdict = Verdict::Failed;
      } else if (entry.checked && outcome.checked == 0) {
        settle(outcome, Verdict::NotApplicable,
               fmt::format("no row satisfies {}", outcome.rule->when));
      }
    }
    return ok();
  }

  Status count_some(const std::vector<std::string>& conditions, size_t first, size_t end,
                    std::vector<int64_t>& counts) {
    std::vector<std::string> items;
    for (size_t i = first; i < end; ++i) {
      items.push_back(fmt::format("count(*) FILTER (WHERE {})", conditions[i]));
    }
    const auto rows = engine_.query(
        fmt::format("SELECT {} FROM ({}) AS data", fmt::join(items, ", "), view_.rows_sql()));
    if (!rows) return blame(rows.error());
    for (const engine::Value& value : rows->rows.at(0)) counts.push_back(integer_of(value));
    return ok();
  }

  /// The error of many rules at once, as the error of the one that causes it.
  Error blame(const Error& error) {
    for (const Rule& rule : set_.rules) {
      if (!is_open(rule) || !is_row_check(rule.check.kind)) continue;
      const auto bound = engine_.query(fmt::format("SELECT count(*) FROM ({}) AS data WHERE {}",
                                                   view_.rows_sql(), view_.violation(rule)));
      if (!bound) return bound.error().within(place_of(rule));
    }
    return error.within(fmt::format("rule set {}", set_.full_name()));
  }

  static std::string place_of(const Rule& rule) {
    return fmt::format("{}: rule {}", to_string(rule.location), rule.id);
  }

  Status run_query(RuleOutcome& outcome) {
    const Rule& rule = *outcome.rule;
    const std::string with = view_.with_clause(data_);
    const auto count = engine_.query(
        fmt::format("{} SELECT count(*) FROM ({}\n) AS found", with, rule.check.argument));
    if (!count) return count.error().within(place_of(rule));
    settled_.insert(rule.id);
    outcome.checked = report_.rows;
    outcome.violations = integer_of(count->rows.at(0).at(0));
    if (outcome.violations == 0) return ok();
    outcome.verdict = Verdict::Failed;
    BULLION_TRY_ASSIGN(const engine::Rows rows,
                       engine_.query(fmt::format("{} SELECT * FROM ({}\n) AS found LIMIT {}", with,
                                                 rule.check.argument, data_.sample_rows)));
    for (const auto& row : rows.rows) {
      outcome.sample.push_back({.file = "", .row = 0, .text = row_text(rows.schema, row, 0)});
    }
    return ok();
  }

  Status find_sample(RuleOutcome& outcome) {
    const Rule& rule = *outcome.rule;
    if (rule.columns.empty() && rule.check.kind != CheckKind::Row) return ok();
    std::vector<std::string> items = {
        data_.row_column.empty() ? "0" : quote_name(data_.row_column),
        data_.file_column.empty()
            ? "''"
            : fmt::format("CAST({} AS VARCHAR)", quote_name(data_.file_column))};
    std::vector<std::string> shown;
    for (const auto* names : {&rule.columns, &rule.reads}) {
      for (const std::string& column : *names) {
        if (!view_.has(column)) continue;
        shown.push_back(
            fmt::format("{} AS {}", quote_name(text_column(column)), quote_name(column)));
      }
    }
    items.insert(items.end(), shown.begin(), shown.end());
    // Without ORDER BY, which would sort all violations: the engine keeps the order of what it
    // reads.
    BULLION_TRY_ASSIGN(const engine::Rows rows,
                       engine_.query(fmt::format("SELECT {} FROM ({}) AS data WHERE {} LIMIT {}",
                                                 fmt::join(items, ", "), view_.rows_sql(),
                                                 view_.violation(rule), data_.sample_rows)));
    for (const auto& row : rows.rows) {
      outcome.sample.push_back({.file = engine::to_text(row.at(1)),
                                .row = integer_of(row.at(0)),
                                .text = row_text(rows.schema, row, 2)});
    }
    return ok();
  }

  /// Verdicts that follow from other rules: parts of a whole, and dependencies.
  void combine(const Rule& rule) {
    if (!combined_.insert(rule.id).second) return;
    RuleOutcome& outcome = outcomes_.at(rule.id);
    for (const std::string& id : rule.depends_on) {
      combine(*set_.find(id));
      if (outcomes_.at(id).verdict != Verdict::Failed) continue;
      outcome.violations = 0;
      outcome.sample.clear();
      return settle(outcome, Verdict::Skipped, fmt::format("depends on {}, which failed", id));
    }
    if (!is_open(rule)) return;
    std::vector<std::string> failed;
    int64_t passed = 0;
    int64_t skipped = 0;
    for (const std::string& id : rule.check.values) {
      combine(*set_.find(id));
      const RuleOutcome& part = outcomes_.at(id);
      const bool weighs = part.rule->is_mandatory() || !rule.is_mandatory();
      if (part.verdict == Verdict::Failed && weighs) failed.push_back(id);
      if (part.verdict == Verdict::Passed) ++passed;
      if (part.verdict == Verdict::Skipped) ++skipped;
    }
    settled_.insert(rule.id);
    const bool is_all = rule.check.kind == CheckKind::All;
    if (!failed.empty() && (is_all || passed == 0)) {
      outcome.violations = static_cast<int64_t>(failed.size());
      return settle(outcome, Verdict::Failed, fmt::format("failed: {}", fmt::join(failed, ", ")));
    }
    if (passed > 0) {
      return settle(outcome, Verdict::Passed,
                    skipped == 0 || !is_all ? ""
                                            : fmt::format("{} of {} parts could not be checked",
                                                          skipped, rule.check.values.size()));
    }
    settle(outcome, skipped > 0 ? Verdict::Skipped : Verdict::NotApplicable,
           skipped > 0 ? "no part could be checked" : "no part applies");
  }

  engine::Engine& engine_;
  const RuleSet& set_;
  const RuleData& data_;
  RuleView view_;
  RuleReport report_;
  std::map<std::string, RuleOutcome> outcomes_;
  /// Violating rows by column and condition on its cells.
  std::map<std::pair<std::string, std::string>, int64_t> cells_;
  std::set<std::string> shown_;     ///< asked for
  std::set<std::string> wanted_;    ///< shown, and what they need
  std::set<std::string> settled_;   ///< have their verdict
  std::set<std::string> counted_;   ///< by their rows
  std::set<std::string> combined_;  ///< dependencies are in the verdict
};

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Passed:
      return "passed";
    case Verdict::Failed:
      return "failed";
    case Verdict::Skipped:
      return "skipped";
    case Verdict::NotApplicable:
      return "not_applicable";
  }
  return "";
}

int64_t RuleReport::count(Verdict verdict) const {
  return std::ranges::count(outcomes, verdict, &RuleOutcome::verdict);
}

bool RuleReport::conforms() const {
  return std::ranges::none_of(outcomes, [](const RuleOutcome& outcome) {
    return outcome.verdict == Verdict::Failed && outcome.rule->is_mandatory();
  });
}

Result<RuleReport> run_rules(engine::Engine& engine, const RuleSet& set, const RuleData& data) {
  BULLION_TRY_ASSIGN(RuleView view, RuleView::open(engine, set, data));
  return RuleRunner(engine, set, data, std::move(view)).run();
}

Result<std::string> explain_rule(engine::Engine& engine, const RuleSet& set, const Rule& rule,
                                 const RuleData& data) {
  BULLION_TRY_ASSIGN(const RuleView view, RuleView::open(engine, set, data));
  const RuleCheck& check = rule.check;
  switch (check.kind) {
    case CheckKind::ColumnPresent:
      return std::string("-- decided by the names of the columns");
    case CheckKind::Unchecked:
      return "-- never checked: " + check.argument;
    case CheckKind::Permission:
      return std::string("-- a permission: nothing can break it");
    case CheckKind::All:
    case CheckKind::Any:
      return fmt::format("-- {} of {}", check.kind == CheckKind::All ? "all" : "one",
                         fmt::join(check.values, ", "));
    case CheckKind::Query:
      return check.argument;
    default:
      break;
  }
  const bool is_ignoring = rule.when_missing == WhenMissing::Ignored;
  for (const auto* names : {&rule.columns, &rule.reads}) {
    for (const std::string& column : *names) {
      if (view.has(column) || (is_ignoring && names == &rule.columns)) continue;
      return fmt::format("-- not run: no column {}{}", column, view.near(column));
    }
  }
  return fmt::format("SELECT * FROM data WHERE {}", view.violation(rule));
}

}  // namespace bullion::quality
