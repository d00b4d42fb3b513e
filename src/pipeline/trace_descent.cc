#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "pipeline/totals.h"
#include "pipeline/trace_descent_internal.h"
#include "pipeline/trace_inputs_internal.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

/// The (kept) amounts of the levels in sum.
std::optional<Decimal> amount_of(const std::vector<Branch>& branches) {
  std::optional<Decimal> sum = Decimal{};
  for (const Branch& branch : branches) {
    const TraceLevel& level = branch.level;
    const std::optional<Decimal>& amount = level.by_key ? level.amount_kept : level.amount;
    if (!amount || !sum) return std::nullopt;
    sum = sum_of(*sum, *amount);
  }
  return sum;
}

/// Whether the branches make the whole amount of the level above.
bool accounts_for(const std::vector<Branch>& branches) {
  const std::optional<Decimal> sum = amount_of(branches);
  const std::optional<Decimal>& above = branches.front().compared;
  return sum && above && same_value(*sum, *above);
}

/// Unless no branch has rows.
void leave_out_empty(std::vector<Branch>& branches) {
  const auto is_empty = [](const Branch& branch) { return branch.level.rows == 0; };
  if (!std::ranges::all_of(branches, is_empty)) std::erase_if(branches, is_empty);
}

}  // namespace

void compare_with_above(std::vector<Branch>& branches, bool is_all) {
  const std::optional<Decimal>& above = branches.front().compared;
  std::vector<std::string>& notes = branches.front().level.notes;
  const bool is_comparable = std::ranges::none_of(branches, [](const Branch& branch) {
    return branch.has_all_versions || branch.carried == Carried::Nothing;
  });
  if (!is_comparable) return;  // Notes say so.
  const std::optional<Decimal> sum = amount_of(branches);
  if (!above || !sum) {
    notes.push_back("there is no amount to compare with the level above");
    return;
  }
  const bool agrees = same_value(*above, *sum);
  const bool is_exact = is_all && std::ranges::all_of(branches, [](const Branch& branch) {
                          return branch.carried == Carried::Whole && !branch.is_guess;
                        });
  if (agrees || is_exact) {
    for (Branch& branch : branches) {
      branch.level.agrees = agrees;
      branch.level.is_together = branches.size() > 1;
    }
  }
  if (agrees) return;
  std::vector<std::string> tables;
  for (const Branch& branch : branches) tables.push_back(branch.level.table);
  notes.push_back(fmt::format("the sum of {} is {}, and {} in the level above",
                              fmt::join(tables, " and "), to_string(*sum), to_string(*above)));
}

/// The SQL of the table's conditions, which the level shows.
Status TraceDescent::select_rows(PinnedTable& table, TraceLevel& level) const {
  std::vector<std::string> terms;
  for (const TraceCondition& condition : table.conditions) {
    BULLION_TRY_ASSIGN(terms.emplace_back(), condition_sql(scope_.env.engine, condition));
    const std::string column = condition.column();
    if (column.empty() || level.filter.contains(column)) {
      level.conditions.push_back(terms.back());
    } else {
      level.filter[column] = condition.text;
    }
  }
  if (!table.keys.empty()) terms.push_back(table.keys);
  table.where = terms.empty() ? "true" : fmt::format("({})", fmt::join(terms, ") AND ("));
  return ok();
}

/// Count and exact sum of a filtered table.
Status TraceDescent::measure(const PinnedTable& table, TraceLevel& level) const {
  const bool has_amount = delta::column_named(table.schema, level.amount_column) != nullptr;
  if (!has_amount) level.amount_column.clear();
  BULLION_TRY_ASSIGN(
      const engine::Rows totals,
      scope_.env.engine.query(
          fmt::format("SELECT count(*), {} FROM ({}) AS level WHERE {}",
                      has_amount ? fmt::format("sum({})", quote_name(level.amount_column)) : "NULL",
                      table.sql, table.where)));
  level.rows = std::get<int64_t>(totals.rows.at(0).at(0));
  if (has_amount) {
    const auto* sum = std::get_if<Decimal>(&totals.rows.at(0).at(1));
    level.amount = sum == nullptr ? Decimal{} : *sum;
  }
  return ok();
}

/// A few rows of a filtered table.
Status TraceDescent::take_sample(const PinnedTable& table, TraceLevel& level) const {
  std::vector<std::string> columns;
  for (const std::string& name : delta::column_names(table.schema))
    columns.push_back(quote_name(name));
  BULLION_TRY_ASSIGN(level.sample,
                     scope_.env.engine.query(fmt::format(
                         "SELECT {0} FROM ({1}) AS level WHERE {2} ORDER BY {0}{3}",
                         fmt::join(columns, ", "), table.sql, table.where, scope_.limit_clause())));
  return ok();
}

bool TraceDescent::is_wanted(const std::string& table) const {
  return std::ranges::find(through_, table) != through_.end();
}

/// What the rows of an input say of the model's rows, by themselves and by tables of the release.
Result<PassedColumns> TraceDescent::passed_by(const TracedSelect& select,
                                              const PinnedTable& input) const {
  BULLION_TRY_ASSIGN(PassedColumns passed,
                     passed_columns(scope_.env.engine, select, input.name, input.schema,
                                    columns_beside(scope_.project, select, input.name)));
  std::erase_if(passed.joined, [this](const auto& joined) {
    return !scope_.record.tables.contains(joined.second.table);
  });
  return passed;
}

/// The table that a model's rows are followed into: a wanted one, else the first of those that make
/// its amount, that the rows can be found in best, and that are no seeds. "" when there is none.
Result<std::string> TraceDescent::input_of(const TracedSelect& select, const TraceLevel& above,
                                           const PinnedTable& current) const {
  for (const std::string& name : inputs_of(select)) {
    if (scope_.record.tables.contains(name) && is_wanted(name)) return name;
  }
  return best_input(select, above, current);
}

Result<std::string> TraceDescent::best_input(const TracedSelect& select, const TraceLevel& above,
                                             const PinnedTable& current) const {
  const project::Model& model = select.model;
  std::vector<std::string> inputs;
  for (const std::string& name : inputs_of(select)) {
    if (scope_.record.tables.contains(name)) inputs.push_back(name);
  }
  const auto is_seed = [this](const std::string& name) {
    return scope_.project.find_seed(name) != nullptr;
  };
  if (!std::ranges::all_of(inputs, is_seed)) std::erase_if(inputs, is_seed);
  if (inputs.size() < 2) return inputs.empty() ? "" : inputs.front();
  std::string best;
  std::array<size_t, 3> most{};
  for (const std::string& input : inputs) {
    BULLION_TRY_ASSIGN(const PinnedTable next, scope_.pin_input(above.table, input));
    BULLION_TRY_ASSIGN(const PassedColumns passed, passed_by(select, next));
    size_t carried = 0;
    for (const TraceCondition& condition : current.conditions) {
      std::string missing;
      const bool is_told = carried_down(condition, passed, missing).has_value() ||
                           passed.joined.contains(lower(condition.column()));
      if (is_told) ++carried;
    }
    const size_t told = told_grain(model, passed).size();
    const bool is_whole = (carried == current.conditions.size() && current.keys.empty()) ||
                          told == model.contract.grain.size();
    const bool is_amount = makes_amount(model, above.amount_column, input, select.lineage);
    const std::array<size_t, 3> value{is_amount ? 1U : 0U, is_whole ? 1U : 0U,
                                      is_whole ? 0U : carried + told};
    if (!best.empty() && value <= most) continue;
    best = input;
    most = value;
  }
  return best;
}

/// A joined column that is NULL in a chosen row may be of rows without a partner, which no join
/// finds.
Status TraceDescent::leave_out_unmatched(const PinnedTable& current, const PassedColumns& passed,
                                         std::vector<std::string>& told) const {
  std::vector<std::string> kept;
  for (const std::string& name : told) {
    if (!passed.expressions.contains(lower(name))) {
      BULLION_TRY_ASSIGN(const engine::Rows rows,
                         scope_.env.engine.query(fmt::format(
                             "SELECT 1 FROM ({}) AS rows WHERE ({}) AND {} IS NULL LIMIT 1",
                             current.sql, current.where, quote_name(name))));
      if (!rows.rows.empty()) continue;
    }
    kept.push_back(name);
  }
  told = std::move(kept);
  return ok();
}

/// SQL over the columns of a model's input: what the row tells of the model's grain is in one of
/// the chosen rows. A column that is joined to the input is told by what it is joined by.
Result<std::string> TraceDescent::keys_in(const project::Model& model,
                                          const std::vector<std::string>& grain,
                                          const PinnedTable& current,
                                          const PassedColumns& passed) const {
  std::vector<std::string> values;
  std::vector<std::string> names;
  std::vector<std::string> items;
  const auto add = [&](const SqlTree& expression, const std::string& item) -> Status {
    BULLION_TRY_ASSIGN(values.emplace_back(), expression_sql(scope_.env.engine, expression));
    names.push_back(fmt::format("_key_{}", names.size()));
    items.push_back(fmt::format("{} AS {}", item, names.back()));
    return ok();
  };
  std::string from =
      fmt::format("(SELECT * FROM ({}) AS rows WHERE {}) AS chosen", current.sql, current.where);
  for (size_t i = 0; i < grain.size(); ++i) {
    const std::string column = "chosen." + quote_name(grain[i]);
    const auto expression = passed.expressions.find(lower(grain[i]));
    if (expression != passed.expressions.end()) {
      BULLION_TRY(add(expression->second, column));
      continue;
    }
    const JoinedColumn& joined = passed.joined.at(lower(grain[i]));
    BULLION_TRY_ASSIGN(const PinnedTable other,
                       scope_.pin_input(model.contract.name, joined.table));
    from += fmt::format(" JOIN ({0}) AS _joined_{1} ON _joined_{1}.{2} IS NOT DISTINCT FROM {3}",
                        other.sql, i, quote_name(joined.column), column);
    for (const auto& [name, value] : joined.on) {
      BULLION_TRY(add(value, fmt::format("_joined_{}.{}", i, quote_name(name))));
    }
  }
  PinnedTable keys;
  keys.sql = fmt::format("SELECT {} FROM {}", fmt::join(items, ", "), from);
  keys.where = "true";
  return is_in_level(values, names, keys);
}

/// SQL over the columns of a model's input: the row is joined to one of another table that the
/// condition chooses. "" when it is no condition on a column that is joined.
Result<std::string> TraceDescent::joined_in(const project::Model& model,
                                            const TraceCondition& condition,
                                            const PassedColumns& passed) const {
  const auto joined = passed.joined.find(lower(condition.column()));
  // Rows without a partner have NULL there.
  if (joined == passed.joined.end() || condition.text.empty()) return std::string();
  BULLION_TRY_ASSIGN(PinnedTable other,
                     scope_.pin_input(model.contract.name, joined->second.table));
  other.where = fmt::format("{} IS NOT DISTINCT FROM {}", quote_name(joined->second.column),
                            condition.literal);
  std::vector<std::string> values;
  std::vector<std::string> names;
  for (const auto& [name, expression] : joined->second.on) {
    BULLION_TRY_ASSIGN(values.emplace_back(), expression_sql(scope_.env.engine, expression));
    names.push_back(name);
  }
  return is_in_level(values, names, other);
}

/// Carries the conditions of the level above down to `next`: those that one row of the input
/// decides as they are, the others by as much of the grain of the rows they chose as the input
/// tells. What is lost a note says.
Result<Carried> TraceDescent::carry_conditions(const project::Model& model,
                                               const PinnedTable& current,
                                               const PassedColumns& passed, PinnedTable& next,
                                               TraceLevel& level) const {
  std::vector<std::string> lost;
  std::vector<std::string> keys;
  for (const TraceCondition& condition : current.conditions) {
    std::string missing;
    if (auto below = carried_down(condition, passed, missing)) {
      next.conditions.push_back(*std::move(below));
      continue;
    }
    BULLION_TRY_ASSIGN(const std::string joined, joined_in(model, condition, passed));
    if (joined.empty()) {
      lost.push_back(missing);
      continue;
    }
    keys.push_back(joined);
    const JoinedColumn& column = passed.joined.at(lower(condition.column()));
    level.notes.push_back(fmt::format("rows are those that {} joins to {} with {}={}",
                                      model.contract.name, column.table, column.column,
                                      condition.text));
  }
  const bool is_any_carried = !next.conditions.empty() || !keys.empty();
  for (const SqlTree& condition : passed.where) {
    next.conditions.push_back({condition, "true", "true"});
  }
  next.keys = fmt::format("{}", fmt::join(keys, " AND "));
  const Carried whole = passed.is_loose || !keys.empty() ? Carried::Part : Carried::Whole;
  if (lost.empty() && current.keys.empty()) return whole;
  std::vector<std::string> told = told_grain(model, passed);
  BULLION_TRY(leave_out_unmatched(current, passed, told));
  if (!told.empty()) {
    BULLION_TRY_ASSIGN(keys.emplace_back(), keys_in(model, told, current, passed));
    next.keys = fmt::format("{}", fmt::join(keys, " AND "));
    const bool is_all = told.size() == model.contract.grain.size();
    level.notes.push_back(fmt::format("rows are those with the {} of the rows above{}",
                                      fmt::join(told, ", "),
                                      is_all ? "" : ", which may be more than made them"));
    const bool is_by_itself = std::ranges::all_of(
        told, [&](const std::string& name) { return passed.expressions.contains(lower(name)); });
    return is_all && is_by_itself ? whole : Carried::Part;
  }
  for (const std::string& missing : lost) {
    level.notes.push_back(
        fmt::format("{}.{} does not come unchanged from {}: the filter on it ends "
                    "here, and more rows follow than made the level above",
                    model.contract.name, missing, next.name));
  }
  if (lost.empty()) {
    level.notes.push_back(
        fmt::format("{} does not tell the {} of {}: more rows follow than made the level above",
                    next.name, fmt::join(model.contract.grain, ", "), model.contract.name));
  }
  return is_any_carried ? Carried::Part : Carried::Nothing;
}

/// What the amount of the next level is compared with when `amount` is no sum of the input's: the
/// amount that the model takes over from it. nullopt: `amount` itself.
Result<std::optional<ConservedAmount>> TraceDescent::conserved_amount(
    const project::Model& model, const std::string& amount, const std::string& input,
    const PinnedTable& current, const PassedColumns& passed) const {
  const auto conserved = model.conserves.begin();
  const bool is_followed = amount.empty() || passed.sums.contains(amount) ||
                           passed.expressions.contains(lower(amount)) ||
                           model.conserves.contains(amount) || conserved == model.conserves.end();
  if (is_followed || model.depends_on.front() != input) return std::optional<ConservedAmount>();
  BULLION_TRY_ASSIGN(const Decimal sum, sum_above(conserved->first, current));
  return std::optional(ConservedAmount{conserved->first, conserved->second, sum});
}

/// Of a table without an amount: the sum of its column that adds up `input_amount`.
Result<std::optional<ConservedAmount>> TraceDescent::summed_amount(
    const project::Model& model, const std::string& input_amount, const PinnedTable& current,
    const PassedColumns& passed) const {
  const std::string column = column_of_sums(model, input_amount, passed);
  const delta::Column* found = delta::column_named(current.schema, column);
  if (found == nullptr || found->type.id != delta::TypeId::Decimal) {
    return std::optional<ConservedAmount>();
  }
  BULLION_TRY_ASSIGN(const Decimal sum, sum_above(column, current));
  return std::optional(ConservedAmount{column, input_amount, sum});
}

/// The exact sum of a column over the rows of the level.
Result<Decimal> TraceDescent::sum_above(const std::string& column,
                                        const PinnedTable& current) const {
  BULLION_TRY_ASSIGN(
      const Total total,
      total_of(scope_.env.engine, fmt::format("({}) AS above WHERE {}", current.sql, current.where),
               quote_name(column)));
  return total.amount;
}

/// The next level by filter: every condition that one row of the input decides goes along.
Result<Branch> TraceDescent::descend(const TracedSelect& select, const TraceLevel& above,
                                     const std::string& input, const PinnedTable& current) const {
  const project::Model& model = select.model;
  Branch branch;
  TraceLevel& level = branch.level;
  level.table = input;
  level.layer = scope_.record.tables.at(input).layer;
  BULLION_TRY_ASSIGN(branch.table, scope_.pin_input(above.table, input));
  PinnedTable& next = branch.table;
  level.version = next.version;
  BULLION_TRY_ASSIGN(const PassedColumns passed, passed_by(select, next));
  level.amount_column = amount_behind(scope_.project, model, above.amount_column, input, passed);
  branch.compared = above.amount;
  if (select.arm == nullptr) {
    BULLION_TRY_ASSIGN(const std::optional<ConservedAmount> conserved,
                       conserved_amount(model, above.amount_column, input, current, passed));
    if (conserved) {
      level.amount_column = conserved->input_column;
      branch.compared = conserved->amount;
      level.notes.push_back(fmt::format("{}.{} is not a sum of {}: its {}, of {}, is compared",
                                        model.contract.name, above.amount_column, input,
                                        conserved->column, to_string(conserved->amount)));
    }
  }
  if (select.arm == nullptr && above.amount_column.empty()) {
    BULLION_TRY_ASSIGN(const std::optional<ConservedAmount> summed,
                       summed_amount(model, level.amount_column, current, passed));
    if (summed) {
      branch.compared = summed->amount;
      branch.is_guess = true;
      level.notes.push_back(fmt::format("{} has no amount of its own: its {}, of {}, is compared",
                                        model.contract.name, summed->column,
                                        to_string(summed->amount)));
    }
  }
  BULLION_TRY_ASSIGN(branch.carried, carry_conditions(model, current, passed, next, level));
  if (model.code_hash != scope_.record.tables.at(above.table).code_hash) {
    level.notes.push_back(
        fmt::format("model {} has changed since release {}: its rows are followed through today's "
                    "model",
                    above.table, scope_.record.number));
  }
  if (model.kind == project::ModelKind::Latest) {
    branch.has_all_versions = true;
    level.notes.push_back("all versions of the keys are counted, also superseded ones");
  }
  keep_newest(model, scope_.project.find_source(input), next, level);
  BULLION_TRY(select_rows(next, level));
  BULLION_TRY(measure(next, level));
  return branch;
}

/// Whether a table is made of another, by way of any others.
bool TraceDescent::is_made_of(const std::string& table, const std::string& of) const {
  const project::Model* model = scope_.project.find_model(table);
  return model != nullptr && std::ranges::any_of(model->depends_on, [&](const std::string& input) {
           return input == of || (input != table && is_made_of(input, of));
         });
}

/// Whether a wanted table lies below `input`, and is or lies below none of the others.
bool TraceDescent::leads_on(const std::string& input,
                            const std::vector<std::string>& others) const {
  return std::ranges::any_of(through_, [&](const std::string& wanted) {
    return is_made_of(input, wanted) && std::ranges::none_of(others, [&](const std::string& other) {
             return other == wanted || is_made_of(other, wanted);
           });
  });
}

/// What the rows of a model that is no union are followed into: all inputs that are wanted and,
/// where another wanted table lies below what is followed by itself, that too; else the latter
/// alone.
Result<std::vector<std::string>> TraceDescent::followed_inputs(
    const TracedSelect& whole, const std::vector<std::string>& added, const TraceLevel& above,
    const PinnedTable& current) const {
  std::vector<std::string> wanted;
  for (const std::string& name : inputs_of(whole)) {
    const bool is_new = std::ranges::find(wanted, name) == wanted.end();
    if (is_new && scope_.record.tables.contains(name) && is_wanted(name)) wanted.push_back(name);
  }
  std::vector<std::string> usual = added;
  if (usual.size() < 2) {
    BULLION_TRY_ASSIGN(const std::string best, best_input(whole, above, current));
    usual.assign(best.empty() ? 0 : 1, best);
  }
  if (wanted.empty()) return usual;
  std::vector<std::string> inputs = wanted;
  for (const std::string& input : usual) {
    const bool is_new = std::ranges::find(wanted, input) == wanted.end();
    if (is_new && leads_on(input, wanted)) inputs.push_back(input);
  }
  return inputs;
}

/// Inputs whose amounts a query inside the SELECT adds up side by side.
std::vector<std::string> TraceDescent::added_inputs(const TracedSelect& whole,
                                                    const TraceLevel& above) const {
  std::vector<std::string> inputs;
  for (const std::string& input : whole.model.depends_on) {
    const bool is_there = scope_.record.tables.contains(input);
    if (is_there && adds_to_amount(above.amount_column, input, whole.lineage)) {
      inputs.push_back(input);
    }
  }
  return inputs;
}

/// One branch for each of the SELECTs of a UNION ALL that any of the rows came from.
Result<std::vector<Branch>> TraceDescent::arm_branches(const TracedSelect& whole,
                                                       const std::vector<SqlTree>& arms,
                                                       const TraceLevel& above,
                                                       const PinnedTable& current) const {
  std::vector<Branch> branches;
  for (const SqlTree& arm : arms) {
    const TracedSelect select{whole.model, &arm, whole.lineage};
    BULLION_TRY_ASSIGN(const std::string input, input_of(select, above, current));
    // What comes from elsewhere is not found by the other arms either.
    if (input.empty()) return std::vector<Branch>();
    BULLION_TRY_ASSIGN(branches.emplace_back(), descend(select, above, input, current));
  }
  leave_out_empty(branches);
  // Where nothing chooses rows of an arm, none of it is missing when the others are all there is.
  const auto is_untold = [](const Branch& branch) { return branch.carried == Carried::Nothing; };
  std::vector<Branch> told = branches;
  std::erase_if(told, is_untold);
  if (!told.empty() && told.size() < branches.size() && accounts_for(told)) return told;
  return branches;
}

/// The ways down from the rows of a model, compared with them.
Result<std::vector<Branch>> TraceDescent::branches_of(const TracedSelect& whole,
                                                      const std::vector<SqlTree>& arms,
                                                      const TraceLevel& above,
                                                      const PinnedTable& current) const {
  BULLION_TRY_ASSIGN(std::vector<Branch> branches, arm_branches(whole, arms, above, current));
  std::vector<std::string> wanted;
  for (const Branch& branch : branches) {
    if (is_wanted(branch.level.table)) wanted.push_back(branch.level.table);
  }
  const auto is_left_out = [&](const Branch& branch) {
    const std::string& table = branch.level.table;
    return !is_wanted(table) && (wanted.empty() || !leads_on(table, wanted));
  };
  const bool is_part = !branches.empty() && !std::ranges::all_of(branches, is_left_out) &&
                       std::erase_if(branches, is_left_out) > 0;
  if (!branches.empty()) {
    compare_with_above(branches, !is_part);
    return branches;
  }
  const std::vector<std::string> added = added_inputs(whole, above);
  BULLION_TRY_ASSIGN(const std::vector<std::string> inputs,
                     followed_inputs(whole, added, above, current));
  for (const std::string& input : inputs) {
    BULLION_TRY_ASSIGN(branches.emplace_back(), descend(whole, above, input, current));
  }
  if (branches.empty()) return branches;
  if (inputs == added) {
    leave_out_empty(branches);
    compare_with_above(branches, true);
    return branches;
  }
  for (Branch& branch : branches) {
    std::vector<Branch> alone(1, std::move(branch));
    const bool is_added = std::ranges::find(added, alone.front().level.table) != added.end();
    compare_with_above(alone, added.size() < 2 || !is_added);
    branch = std::move(alone.front());
  }
  return branches;
}

}  // namespace bullion::pipeline
