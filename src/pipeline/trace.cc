#include "pipeline/trace.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "pipeline/totals.h"
#include "pipeline/trace_conditions_internal.h"
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
  Result<TraceLevel> descend(const project::Model& model, const TraceLevel& above,
                             const std::string& input, const PinnedTable& current,
                             PinnedTable& next) const;
  Result<bool> carry_conditions(const project::Model& model, const PinnedTable& current,
                                const PassedColumns& passed, PinnedTable& next,
                                TraceLevel& level) const;
  Result<std::string> keys_in(const project::Model& model, const PinnedTable& current,
                              const PassedColumns& passed) const;
  Result<std::optional<ConservedAmount>> conserved_amount(const project::Model& model,
                                                          const std::string& amount,
                                                          const std::string& input,
                                                          const PinnedTable& current,
                                                          const PassedColumns& passed) const;

  Status trace_into_bronze(const project::Model& model, const PinnedTable& output,
                           const TraceLevel& above, const std::string& input);
  Status read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                          const std::string& amount);
  Status take_records(const engine::Rows& rows, const project::Source& source);

  std::string input_of(const project::Model& model) const;

  Status check_through() const;

  TraceScope scope_;
  std::vector<std::string> through_;  // the caller's wish
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

void compare_with_above(const std::optional<Decimal>& above, bool comparable, TraceLevel& level) {
  const std::optional<Decimal>& amount = level.by_key ? level.amount_kept : level.amount;
  if (!comparable || !above || !amount) {
    if (comparable) level.notes.push_back("there is no amount to compare with the level above");
    return;
  }
  level.agrees = same_value(*above, *amount);
  if (*level.agrees) return;
  level.notes.push_back(fmt::format("the sum of {} is {}, and {} in the level above", level.table,
                                    to_string(*amount), to_string(*above)));
}

/// The table a model's rows come from: a wanted one, else its first input that is not a seed, or
/// its first.
std::string Tracer::input_of(const project::Model& model) const {
  for (const std::string& input : model.depends_on) {
    const bool is_wanted = std::find(through_.begin(), through_.end(), input) != through_.end();
    if (is_wanted && scope_.record.tables.contains(input)) return input;
  }
  for (const std::string& input : model.depends_on) {
    if (scope_.project.find_seed(input) == nullptr && scope_.record.tables.contains(input))
      return input;
  }
  for (const std::string& input : model.depends_on) {
    if (scope_.record.tables.contains(input)) return input;
  }
  return "";
}

std::string amount_in_input(const project::Project& project, const project::Model& model,
                            const std::string& amount, const std::string& input) {
  const auto conserved = model.conserves.find(amount);
  if (conserved != model.conserves.end()) return conserved->second;
  const project::Contract* contract = project.find_contract(input);
  return contract == nullptr ? "" : contract->amount_column;
}

/// The column whose sum the amount is by the model's own SELECT, else by what it declares.
std::string amount_behind(const project::Project& project, const project::Model& model,
                          const std::string& amount, const std::string& input,
                          const PassedColumns& passed) {
  const auto sum = passed.sums.find(amount);
  if (sum != passed.sums.end()) return sum->second;
  const auto row = passed.expressions.find(lower(amount));
  const bool is_grouped =
      model.kind == project::ModelKind::Aggregate || model.kind == project::ModelKind::Full;
  if (row != passed.expressions.end() && !is_grouped) {
    const std::string column = TraceCondition{row->second, "", ""}.column();
    if (!column.empty()) return column;
  }
  return amount_in_input(project, model, amount, input);
}

/// Of a source whose newer files replace the days of older ones only the newest rows of each day
/// are behind a snapshot model (snapshot_step.cc). Which days a manifest names is not followed.
void keep_newest(const project::Model& model, const project::Source* source, PinnedTable& next,
                 TraceLevel& level) {
  using Covers = project::Snapshot::Covers;
  if (model.kind != project::ModelKind::Snapshot || source == nullptr) return;
  const project::Snapshot& snapshot = source->snapshot;
  if (snapshot.covers != Covers::Range && snapshot.covers != Covers::DaysPresent) return;
  next.sql =
      fmt::format("SELECT * FROM ({}) AS rows QUALIFY _as_of = max(_as_of) OVER (PARTITION BY {})",
                  next.sql, quote_name(snapshot.day_column));
  level.notes.push_back("rows of a day that a newer file replaced are not counted");
}

/// Lower-case columns of what the model reads beside `input`.
std::set<std::string> columns_beside(const project::Project& project, const project::Model& model,
                                     const std::string& input) {
  std::set<std::string> columns;
  for (const std::string& name : model.depends_on) {
    const project::Contract* contract = name == input ? nullptr : project.find_contract(name);
    if (contract == nullptr) continue;
    for (const delta::Column& column : contract->columns) columns.insert(lower(column.name));
    const project::Source* source = project.find_source(name);
    if (source == nullptr) continue;
    for (const delta::Column& column : project::ingest_columns(*source)) {
      columns.insert(lower(column.name));
    }
  }
  return columns;
}

/// SQL over the columns of a model's input: the row went into one of the chosen rows, by the grain
/// of the model. "" when the input does not tell the grain.
Result<std::string> Tracer::keys_in(const project::Model& model, const PinnedTable& current,
                                    const PassedColumns& passed) const {
  std::vector<std::string> below;
  for (const std::string& name : model.contract.grain) {
    const auto expression = passed.expressions.find(lower(name));
    if (expression == passed.expressions.end()) return std::string{};
    BULLION_TRY_ASSIGN(below.emplace_back(), expression_sql(scope_.env.engine, expression->second));
  }
  if (below.empty()) return std::string{};
  return is_in_level(below, model.contract.grain, current);
}

/// Carries the conditions of the level above down to `next`: those that one row of the input
/// decides as they are, the others by the keys of the rows that they chose. False when one is lost,
/// which a note says.
Result<bool> Tracer::carry_conditions(const project::Model& model, const PinnedTable& current,
                                      const PassedColumns& passed, PinnedTable& next,
                                      TraceLevel& level) const {
  std::vector<std::string> lost;
  for (const TraceCondition& condition : current.conditions) {
    std::string missing;
    if (auto below = carried_down(condition, passed, missing)) {
      next.conditions.push_back(*std::move(below));
    } else {
      lost.push_back(missing);
    }
  }
  for (const SqlTree& condition : passed.where) {
    next.conditions.push_back({condition, "true", "true"});
  }
  if (lost.empty() && current.keys.empty()) return true;
  BULLION_TRY_ASSIGN(next.keys, keys_in(model, current, passed));
  if (!next.keys.empty()) {
    level.notes.push_back(fmt::format("rows are those with the {} of the rows above",
                                      fmt::join(model.contract.grain, ", ")));
    return true;
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
  return false;
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
Result<TraceLevel> Tracer::descend(const project::Model& model, const TraceLevel& above,
                                   const std::string& input, const PinnedTable& current,
                                   PinnedTable& next) const {
  TraceLevel level;
  level.table = input;
  level.layer = scope_.record.tables.at(input).layer;
  BULLION_TRY_ASSIGN(next, scope_.pin_input(above.table, input));
  level.version = next.version;
  BULLION_TRY_ASSIGN(const PassedColumns passed,
                     passed_columns(scope_.env.engine, model, input, next.schema,
                                    columns_beside(scope_.project, model, input)));
  level.amount_column = amount_behind(scope_.project, model, above.amount_column, input, passed);
  std::optional<Decimal> compared = above.amount;
  BULLION_TRY_ASSIGN(const std::optional<ConservedAmount> conserved,
                     conserved_amount(model, above.amount_column, input, current, passed));
  if (conserved) {
    level.amount_column = conserved->input_column;
    compared = conserved->amount;
    level.notes.push_back(fmt::format("{}.{} is not a sum of {}: its {}, of {}, is compared",
                                      model.contract.name, above.amount_column, input,
                                      conserved->column, to_string(conserved->amount)));
  }
  BULLION_TRY_ASSIGN(bool comparable, carry_conditions(model, current, passed, next, level));
  if (model.code_hash != scope_.record.tables.at(above.table).code_hash) {
    level.notes.push_back(
        fmt::format("model {} has changed since release {}: its rows are followed through today's "
                    "model",
                    above.table, scope_.record.number));
  }
  if (model.kind == project::ModelKind::Latest) {
    comparable = false;
    level.notes.push_back("all versions of the keys are counted, also superseded ones");
  }
  keep_newest(model, scope_.project.find_source(input), next, level);
  BULLION_TRY(select_rows(next, level));
  BULLION_TRY(measure(next, level));
  compare_with_above(compared, comparable, level);
  return level;
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
                                 const TraceLevel& above, const std::string& input) {
  TraceLevel level;
  level.table = input;
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
  BULLION_TRY(take_records(versions.records, *scope_.project.find_source(input)));
  compare_with_above(above.amount, true, versions.level);
  outcome_.limited =
      scope_.limit >= 0 && versions.level.rows > static_cast<int64_t>(outcome_.records.size());
  outcome_.levels.push_back(std::move(versions.level));
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
      const project::Model* model = scope_.project.find_model(level.table);
      if (model == nullptr) continue;
      inputs.insert(inputs.end(), model->depends_on.begin(), model->depends_on.end());
    }
    return invalid(fmt::format("--through {}: no table on the way is made of it{}; they read {}",
                               name, did_you_mean(name, inputs), fmt::join(inputs, ", ")));
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
  for (; model != nullptr; model = scope_.project.find_model(current.name)) {
    const TraceLevel above = outcome_.levels.back();
    const std::string input = input_of(*model);
    if (input.empty()) break;
    if (is_row_wise(*model) && scope_.project.find_source(input) != nullptr) {
      BULLION_TRY(trace_into_bronze(*model, current, above, input));
      current = {};
      break;
    }
    PinnedTable next;
    BULLION_TRY_ASSIGN(TraceLevel below, descend(*model, above, input, current, next));
    outcome_.levels.push_back(std::move(below));
    current = std::move(next);
  }
  BULLION_TRY(check_through());
  if (const project::Source* source = scope_.project.find_source(current.name)) {
    BULLION_TRY(
        read_source_rows(current, source->contract.grain, outcome_.levels.back().amount_column));
    outcome_.limited = scope_.limit >= 0 &&
                       outcome_.levels.back().rows > static_cast<int64_t>(outcome_.records.size());
  }
  outcome_.sums_agree =
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
