#include "pipeline/trace.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "pipeline/totals.h"
#include "pipeline/trace_conditions_internal.h"
#include "pipeline/trace_inputs_internal.h"
#include "pipeline/trace_records_internal.h"
#include "pipeline/trace_tables_internal.h"
#include "pipeline/trace_versions_internal.h"
#include "pipeline/typed_text.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

bool is_row_wise(const project::Model& model) {
  return model.kind == project::ModelKind::Latest || model.kind == project::ModelKind::Append;
}

/// An amount that a model takes over from its input.
struct ConservedAmount {
  std::string column;
  std::string input_column;
  Decimal amount;  ///< of the rows of the level
};

/// How much of what chose the rows above chooses rows of an input.
enum class Carried {
  Whole,    ///< just the rows that made them
  Part,     ///< these, and maybe more
  Nothing,  ///< nothing chooses
};

/// One way down from a level.
struct Branch {
  TraceLevel level;
  PinnedTable table;
  Carried carried = Carried::Whole;
  bool has_all_versions = false;    ///< superseded rows are counted, too
  std::optional<Decimal> compared;  ///< what its amount, or that of all branches, should be
};

/// Walks from table to table; one object per trace.
class Tracer {
 public:
  Tracer(const Environment& env, const project::Project& project, const release::Record& record,
         int64_t limit, const std::vector<std::string>& through)
      : scope_{env, project, record, limit}, through_(through) {}

  Result<TraceOutcome> run(const std::string& table,
                           const std::map<std::string, std::string>& filter);

 private:
  Status check_table(const std::string& table) const;
  static Result<std::vector<TraceCondition>> conditions_of(
      const PinnedTable& table, const std::map<std::string, std::string>& filter);
  Status select_rows(PinnedTable& table, TraceLevel& level) const;
  Status measure(const PinnedTable& table, TraceLevel& level) const;
  Result<Branch> descend(const TracedSelect& select, const TraceLevel& above,
                         const std::string& input, const PinnedTable& current) const;
  Result<Carried> carry_conditions(const project::Model& model, const PinnedTable& current,
                                   const PassedColumns& passed, PinnedTable& next,
                                   TraceLevel& level) const;
  Result<std::string> joined_in(const project::Model& model, const TraceCondition& condition,
                                const PassedColumns& passed) const;
  Result<std::string> keys_in(const std::vector<std::string>& grain, const PinnedTable& current,
                              const PassedColumns& passed) const;
  Result<std::optional<ConservedAmount>> conserved_amount(const project::Model& model,
                                                          const std::string& amount,
                                                          const std::string& input,
                                                          const PinnedTable& current,
                                                          const PassedColumns& passed) const;

  Status follow(size_t at, const PinnedTable& current);
  Status follow_findings(size_t at, const PinnedTable& current);
  Result<std::vector<Branch>> branches_of(const TracedSelect& whole,
                                          const std::vector<SqlTree>& arms, const TraceLevel& above,
                                          const PinnedTable& current) const;
  Result<std::vector<Branch>> arm_branches(const TracedSelect& whole,
                                           const std::vector<SqlTree>& arms,
                                           const TraceLevel& above,
                                           const PinnedTable& current) const;
  std::vector<std::string> added_inputs(const TracedSelect& whole, const TraceLevel& above) const;
  Result<std::string> input_of(const TracedSelect& select, const TraceLevel& above,
                               const PinnedTable& current) const;
  bool is_wanted(const std::string& table) const;

  Status trace_into_bronze(const project::Model& model, const PinnedTable& output,
                           const TraceLevel& above, const std::string& input, size_t at);
  Status read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                          const std::string& amount);
  Status take_records(const engine::Rows& rows, const project::Source& source);

  Status check_through() const;

  TraceScope scope_;
  std::vector<std::string> through_;  // the caller's wish
  bool ends_early_ = false;           // above what the rows were made of
  TraceOutcome outcome_;
};

Status Tracer::check_table(const std::string& table) const {
  if (scope_.record.tables.contains(table) && scope_.project.find_contract(table) != nullptr)
    return ok();
  std::vector<std::string> names;
  for (const auto& [name, version] : scope_.record.tables) names.push_back(name);
  return invalid(fmt::format("release {} has no table `{}`{}; it has {}", scope_.record.number,
                             table, did_you_mean(table, names), fmt::join(names, ", ")));
}

Result<std::vector<TraceCondition>> Tracer::conditions_of(
    const PinnedTable& table, const std::map<std::string, std::string>& filter) {
  std::vector<TraceCondition> conditions;
  for (const auto& [name, text] : filter) {
    const delta::Column* column = delta::column_named(table.schema, name);
    if (column == nullptr) {
      return invalid(fmt::format("table {} has no column `{}`{}; its columns are {}", table.name,
                                 name, did_you_mean(name, delta::column_names(table.schema)),
                                 fmt::join(delta::column_names(table.schema), ", ")));
    }
    const bool is_text = column->type.id == delta::TypeId::String;
    auto literal =
        typed_literal(*column, text.empty() && !is_text ? std::nullopt : std::optional(text));
    if (!literal) return std::move(literal).error().within("filter on " + table.name);
    conditions.push_back({column_tree(name), *std::move(literal), text});
  }
  return conditions;
}

/// The SQL of the table's conditions, which the level shows.
Status Tracer::select_rows(PinnedTable& table, TraceLevel& level) const {
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

/// Count, exact sum and a few rows of a filtered table.
Status Tracer::measure(const PinnedTable& table, TraceLevel& level) const {
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
  std::vector<std::string> columns;
  for (const std::string& name : delta::column_names(table.schema))
    columns.push_back(quote_name(name));
  BULLION_TRY_ASSIGN(level.sample,
                     scope_.env.engine.query(fmt::format(
                         "SELECT {0} FROM ({1}) AS level WHERE {2} ORDER BY {0}{3}",
                         fmt::join(columns, ", "), table.sql, table.where, scope_.limit_clause())));
  return ok();
}

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

/// What the branches of a level come to against the level itself; `is_all`: there are no others.
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
  const bool agrees = accounts_for(branches);
  const bool is_exact = is_all && std::ranges::all_of(branches, [](const Branch& branch) {
                          return branch.carried == Carried::Whole;
                        });
  if (agrees || is_exact) {
    for (Branch& branch : branches) branch.level.agrees = agrees;
  }
  if (agrees) return;
  std::vector<std::string> tables;
  for (const Branch& branch : branches) tables.push_back(branch.level.table);
  notes.push_back(fmt::format("the sum of {} is {}, and {} in the level above",
                              fmt::join(tables, " and "), to_string(*sum), to_string(*above)));
}

bool Tracer::is_wanted(const std::string& table) const {
  return std::ranges::find(through_, table) != through_.end();
}

/// The table that a model's rows are followed into: a wanted one, else the first of those that make
/// its amount, that the rows can be found in best, and that are no seeds. "" when there is none.
Result<std::string> Tracer::input_of(const TracedSelect& select, const TraceLevel& above,
                                     const PinnedTable& current) const {
  const project::Model& model = select.model;
  std::vector<std::string> inputs;
  for (const std::string& name : inputs_of(select)) {
    if (!scope_.record.tables.contains(name)) continue;
    if (is_wanted(name)) return name;
    inputs.push_back(name);
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
    BULLION_TRY_ASSIGN(const PassedColumns passed,
                       passed_columns(scope_.env.engine, select, input, next.schema,
                                      columns_beside(scope_.project, select, input)));
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

/// SQL over the columns of a model's input: what the row tells of the model's grain is in one of
/// the chosen rows.
Result<std::string> Tracer::keys_in(const std::vector<std::string>& grain,
                                    const PinnedTable& current, const PassedColumns& passed) const {
  std::vector<std::string> below;
  for (const std::string& name : grain) {
    BULLION_TRY_ASSIGN(below.emplace_back(),
                       expression_sql(scope_.env.engine, passed.expressions.at(lower(name))));
  }
  return is_in_level(below, grain, current);
}

/// SQL over the columns of a model's input: the row is joined to one of another table that the
/// condition chooses. "" when it is no condition on a column that is joined.
Result<std::string> Tracer::joined_in(const project::Model& model, const TraceCondition& condition,
                                      const PassedColumns& passed) const {
  const auto joined = passed.joined.find(lower(condition.column()));
  // Rows without a partner have NULL there.
  if (joined == passed.joined.end() || condition.text.empty()) return std::string();
  if (!scope_.record.tables.contains(joined->second.table)) return std::string();
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
Result<Carried> Tracer::carry_conditions(const project::Model& model, const PinnedTable& current,
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
  const std::vector<std::string> told = told_grain(model, passed);
  if (!told.empty()) {
    BULLION_TRY_ASSIGN(keys.emplace_back(), keys_in(told, current, passed));
    next.keys = fmt::format("{}", fmt::join(keys, " AND "));
    const bool is_all = told.size() == model.contract.grain.size();
    level.notes.push_back(fmt::format("rows are those with the {} of the rows above{}",
                                      fmt::join(told, ", "),
                                      is_all ? "" : ", which may be more than made them"));
    return is_all ? whole : Carried::Part;
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
Result<std::optional<ConservedAmount>> Tracer::conserved_amount(const project::Model& model,
                                                                const std::string& amount,
                                                                const std::string& input,
                                                                const PinnedTable& current,
                                                                const PassedColumns& passed) const {
  const auto conserved = model.conserves.begin();
  const bool is_followed = amount.empty() || passed.sums.contains(amount) ||
                           passed.expressions.contains(lower(amount)) ||
                           model.conserves.contains(amount) || conserved == model.conserves.end();
  if (is_followed || model.depends_on.front() != input) return std::optional<ConservedAmount>();
  BULLION_TRY_ASSIGN(
      const Total total,
      total_of(scope_.env.engine, fmt::format("({}) AS above WHERE {}", current.sql, current.where),
               quote_name(conserved->first)));
  return std::optional(ConservedAmount{conserved->first, conserved->second, total.amount});
}

/// The next level by filter: every condition that one row of the input decides goes along.
Result<Branch> Tracer::descend(const TracedSelect& select, const TraceLevel& above,
                               const std::string& input, const PinnedTable& current) const {
  const project::Model& model = select.model;
  Branch branch;
  TraceLevel& level = branch.level;
  level.table = input;
  level.layer = scope_.record.tables.at(input).layer;
  BULLION_TRY_ASSIGN(branch.table, scope_.pin_input(above.table, input));
  PinnedTable& next = branch.table;
  level.version = next.version;
  BULLION_TRY_ASSIGN(const PassedColumns passed,
                     passed_columns(scope_.env.engine, select, input, next.schema,
                                    columns_beside(scope_.project, select, input)));
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

RecordState state_of(const std::string& text) {
  if (text == "kept") return RecordState::Kept;
  if (text == "superseded") return RecordState::Superseded;
  if (text == "rejected") return RecordState::Rejected;
  return text == "withdrawn" ? RecordState::Withdrawn : RecordState::Excluded;
}

/// Rows of: file id, position, state, amount, key columns.
Status Tracer::take_records(const engine::Rows& rows, const project::Source& source) {
  std::vector<BronzeRow> found;
  for (const auto& row : rows.rows) {
    BronzeRow& bronze = found.emplace_back();
    bronze.traced.file_id = engine::to_text(row.at(0));
    bronze.position = std::get<int64_t>(row.at(1));
    bronze.traced.state = state_of(engine::to_text(row.at(2)));
    if (const auto* amount = std::get_if<Decimal>(&row.at(3))) bronze.traced.amount = *amount;
    for (size_t i = 4; i < row.size(); ++i) bronze.traced.key.push_back(engine::to_text(row[i]));
  }
  BULLION_TRY(find_source_records(scope_.env, source, scope_.record, found, outcome_.notes));
  for (BronzeRow& row : found) outcome_.records.push_back(std::move(row.traced));
  return ok();
}

/// The last level: all versions of the keys above, each with its file, record and line.
Status Tracer::trace_into_bronze(const project::Model& model, const PinnedTable& output,
                                 const TraceLevel& above, const std::string& input, size_t at) {
  TraceLevel level;
  level.table = input;
  level.above = static_cast<int64_t>(at);
  level.layer = scope_.record.tables.at(input).layer;
  level.by_key = true;
  BULLION_TRY_ASSIGN(const PinnedTable bronze, scope_.pin_input(above.table, input));
  level.version = bronze.version;
  level.amount_column = amount_in_input(scope_.project, model, above.amount_column, input);
  if (delta::column_named(bronze.schema, level.amount_column) == nullptr)
    level.amount_column.clear();
  if (model.code_hash != scope_.record.tables.at(above.table).code_hash) {
    level.notes.push_back(
        fmt::format("model {} has changed since release {}: versions are ranked by "
                    "today's model",
                    above.table, scope_.record.number));
  }
  BULLION_TRY_ASSIGN(KeyVersions versions,
                     trace_versions(scope_, model, output, bronze, std::move(level)));
  const auto before = static_cast<int64_t>(outcome_.records.size());
  BULLION_TRY(take_records(versions.records, *scope_.project.find_source(input)));
  const auto shown = static_cast<int64_t>(outcome_.records.size()) - before;
  outcome_.limited = outcome_.limited || (scope_.limit >= 0 && versions.level.rows > shown);
  std::vector<Branch> only(1);
  only.front().level = std::move(versions.level);
  only.front().compared = above.amount;
  compare_with_above(only, true);
  outcome_.levels.push_back(std::move(only.front().level));
  return ok();
}

/// Records of filtered bronze rows, when no row-wise model says which version won.
Status Tracer::read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                                const std::string& amount) {
  const project::Source& source = *scope_.project.find_source(bronze.name);
  std::string keys;
  for (const std::string& name : grain) keys += ", " + quote_name(name);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      scope_.env.engine.query(fmt::format(
          "SELECT _file_id, _position, '{}', {}{} FROM ({}) AS rows WHERE {} ORDER BY _file_id, "
          "_position{}",
          to_string(source.rejects_of.empty() ? RecordState::Kept : RecordState::Rejected),
          amount.empty() ? "NULL" : quote_name(amount), keys, bronze.sql, bronze.where,
          scope_.limit_clause())));
  return take_records(rows, source);
}

/// Whoever misspells what to follow should not be led elsewhere.
Status Tracer::check_through() const {
  for (const std::string& name : through_) {
    const bool was_met = std::any_of(outcome_.levels.begin() + 1, outcome_.levels.end(),
                                     [&](const TraceLevel& level) { return level.table == name; });
    if (was_met) continue;
    std::vector<std::string> inputs;
    for (const TraceLevel& level : outcome_.levels) {
      inputs.insert(inputs.end(), level.inputs.begin(), level.inputs.end());
    }
    return invalid(fmt::format("--through {}: no table on the way is made of it{}; they read {}",
                               name, did_you_mean(name, inputs), fmt::join(inputs, ", ")));
  }
  return ok();
}

/// Unless no branch has rows.
void leave_out_empty(std::vector<Branch>& branches) {
  const auto is_empty = [](const Branch& branch) { return branch.level.rows == 0; };
  if (!std::ranges::all_of(branches, is_empty)) std::erase_if(branches, is_empty);
}

/// Inputs whose amounts a query inside the SELECT adds up side by side. None when one is wanted.
std::vector<std::string> Tracer::added_inputs(const TracedSelect& whole,
                                              const TraceLevel& above) const {
  std::vector<std::string> inputs;
  for (const std::string& input : whole.model.depends_on) {
    if (is_wanted(input)) return {};
    const bool is_there = scope_.record.tables.contains(input);
    if (is_there && adds_to_amount(above.amount_column, input, whole.lineage)) {
      inputs.push_back(input);
    }
  }
  return inputs;
}

/// One branch for each of the SELECTs of a UNION ALL that any of the rows came from.
Result<std::vector<Branch>> Tracer::arm_branches(const TracedSelect& whole,
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
Result<std::vector<Branch>> Tracer::branches_of(const TracedSelect& whole,
                                                const std::vector<SqlTree>& arms,
                                                const TraceLevel& above,
                                                const PinnedTable& current) const {
  BULLION_TRY_ASSIGN(std::vector<Branch> branches, arm_branches(whole, arms, above, current));
  const auto is_left_out = [this](const Branch& branch) { return !is_wanted(branch.level.table); };
  const bool is_part = !branches.empty() && !std::ranges::all_of(branches, is_left_out) &&
                       std::erase_if(branches, is_left_out) > 0;
  if (branches.empty()) {
    std::vector<std::string> inputs = added_inputs(whole, above);
    if (inputs.size() < 2) {
      BULLION_TRY_ASSIGN(const std::string input, input_of(whole, above, current));
      inputs.assign(input.empty() ? 0 : 1, input);
    }
    for (const std::string& input : inputs) {
      BULLION_TRY_ASSIGN(branches.emplace_back(), descend(whole, above, input, current));
    }
    leave_out_empty(branches);
    if (branches.empty()) return branches;
  }
  compare_with_above(branches, !is_part);
  return branches;
}

/// Findings point at rows of other tables: those that they flag come next.
Status Tracer::follow_findings(size_t at, const PinnedTable& current) {
  const bool is_all = current.name == project::kFindingsTable;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> detectors;
  for (const project::Detector& detector : scope_.project.detectors) {
    if (!is_all && detector.name != current.name) continue;
    if (!scope_.record.tables.contains(detector.evidence_table)) continue;
    detectors[{detector.evidence_table, detector.evidence_key}].push_back(
        engine::quote_text(detector.name));
  }
  ends_early_ = true;  // What is at risk is compared with nothing.
  for (const auto& [place, names] : detectors) {
    const auto& [table, key] = place;
    Branch branch;
    branch.level.table = table;
    branch.level.layer = scope_.record.tables.at(table).layer;
    branch.level.above = static_cast<int64_t>(at);
    branch.level.amount_column = scope_.project.find_contract(table)->amount_column;
    BULLION_TRY_ASSIGN(branch.table, scope_.pin(table, scope_.record.tables.at(table).version));
    branch.level.version = branch.table.version;
    branch.table.keys =
        fmt::format("{} IN (SELECT row_id FROM ({}) AS above WHERE ({}) AND role = 'flagged'{})",
                    quote_name(key), current.sql, current.where,
                    is_all ? fmt::format(" AND detector IN ({})", fmt::join(names, ", ")) : "");
    branch.level.notes.push_back(
        "rows that the findings flag: money at risk is a judgement on them, and no sum of theirs");
    BULLION_TRY(select_rows(branch.table, branch.level));
    BULLION_TRY(measure(branch.table, branch.level));
    if (branch.level.rows == 0) continue;
    outcome_.levels.push_back(std::move(branch.level));
    BULLION_TRY(follow(outcome_.levels.size() - 1, branch.table));
  }
  return ok();
}

/// Goes on down from a level, and from all that it is made of, to the records of files.
Status Tracer::follow(size_t at, const PinnedTable& current) {
  const TraceLevel above = outcome_.levels[at];
  if (const project::Source* source = scope_.project.find_source(current.name)) {
    const auto before = static_cast<int64_t>(outcome_.records.size());
    BULLION_TRY(read_source_rows(current, source->contract.grain, above.amount_column));
    const auto shown = static_cast<int64_t>(outcome_.records.size()) - before;
    outcome_.limited = outcome_.limited || (scope_.limit >= 0 && above.rows > shown);
    return ok();
  }
  const project::Model* model = scope_.project.find_model(current.name);
  if (model == nullptr) return ok();
  outcome_.levels[at].inputs = model->depends_on;
  if (model->layer == "findings") return follow_findings(at, current);
  BULLION_TRY_ASSIGN(const project::ColumnLineage lineage,
                     project::column_lineage(scope_.project, *model, scope_.env.engine));
  const TracedSelect whole{*model, nullptr, lineage};
  // The versions of a key may come from any SELECT of a union.
  std::vector<SqlTree> arms;
  if (model->kind != project::ModelKind::Latest) {
    BULLION_TRY_ASSIGN(arms, union_arms(scope_.env.engine, *model));
  }
  if (is_row_wise(*model) && arms.empty()) {
    BULLION_TRY_ASSIGN(const std::string input, input_of(whole, above, current));
    if (scope_.project.find_source(input) != nullptr) {
      return trace_into_bronze(*model, current, above, input, at);
    }
  }
  BULLION_TRY_ASSIGN(std::vector<Branch> branches, branches_of(whole, arms, above, current));
  for (Branch& branch : branches) {
    if (branch.carried == Carried::Nothing && !is_wanted(branch.level.table)) {
      outcome_.levels[at].notes.push_back(fmt::format(
          "which rows of {} these were made of cannot be told from their columns; the trace ends",
          branch.level.table));
      ends_early_ = true;
      continue;
    }
    branch.level.above = static_cast<int64_t>(at);
    outcome_.levels.push_back(std::move(branch.level));
    BULLION_TRY(follow(outcome_.levels.size() - 1, branch.table));
  }
  return ok();
}

Result<TraceOutcome> Tracer::run(const std::string& table,
                                 const std::map<std::string, std::string>& filter) {
  outcome_.release = scope_.record.number;
  BULLION_TRY(check_table(table));
  TraceLevel level;
  level.table = table;
  level.layer = scope_.record.tables.at(table).layer;
  level.amount_column = scope_.project.find_contract(table)->amount_column;
  BULLION_TRY_ASSIGN(PinnedTable current,
                     scope_.pin(table, scope_.record.tables.at(table).version));
  level.version = current.version;
  const project::Model* model = scope_.project.find_model(table);
  if (level.amount_column.empty() && model != nullptr && !model->conserves.empty()) {
    level.amount_column = model->conserves.begin()->first;
  }
  BULLION_TRY_ASSIGN(current.conditions, conditions_of(current, filter));
  BULLION_TRY(select_rows(current, level));
  BULLION_TRY(measure(current, level));
  outcome_.levels.push_back(std::move(level));
  BULLION_TRY(follow(0, current));
  BULLION_TRY(check_through());
  outcome_.sums_agree =
      !ends_early_ &&
      std::all_of(outcome_.levels.begin() + 1, outcome_.levels.end(),
                  [](const TraceLevel& below) { return below.agrees.value_or(false); });
  return std::move(outcome_);
}

}  // namespace

std::string to_string(RecordState state) {
  switch (state) {
    case RecordState::Kept:
      return "kept";
    case RecordState::Superseded:
      return "superseded";
    case RecordState::Withdrawn:
      return "withdrawn";
    case RecordState::Excluded:
      return "excluded";
    case RecordState::Rejected:
      return "rejected";
  }
  return "";
}

Result<TraceOutcome> trace(const Environment& env, const project::Project& project,
                           const release::Record& record, const std::string& table,
                           const std::map<std::string, std::string>& filter, int64_t limit,
                           const std::vector<std::string>& through) {
  return Tracer(env, project, record, limit, through).run(table, filter);
}

}  // namespace bullion::pipeline
