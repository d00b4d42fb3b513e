#include "pipeline/trace.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "pipeline/totals.h"
#include "pipeline/trace_conditions_internal.h"
#include "pipeline/trace_records_internal.h"
#include "pipeline/typed_text.h"
#include "pipeline/version_order.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::quote_text;
using engine::Value;

/// Working tables of a trace live in a schema of their own inside the engine.
constexpr const char* kCandidates = "bullion_trace.candidates";
constexpr const char* kVersions = "bullion_trace.versions";

bool is_row_wise(const project::Model& model) {
  return model.kind == project::ModelKind::Latest || model.kind == project::ModelKind::Append;
}

std::string limit_clause(int64_t limit) { return limit < 0 ? "" : fmt::format(" LIMIT {}", limit); }

/// One table of the release, ready to be read.
struct PinnedTable {
  std::string name;
  std::string path;
  int64_t version = 0;
  delta::Schema schema;
  std::string sql;                         ///< its rows
  std::vector<TraceCondition> conditions;  ///< of the level
  std::string keys;                        ///< SQL: the row went into one of the level above; ""
  std::string where;                       ///< SQL of all conditions, "true" for none
};

/// Walks from table to table; one object per trace.
class Tracer {
 public:
  Tracer(const Environment& env, const project::Project& project, const release::Record& record,
         int64_t limit)
      : env_(env), project_(project), record_(record), limit_(limit) {}

  Result<TraceOutcome> run(const std::string& table,
                           const std::map<std::string, std::string>& filter);

 private:
  Status check_table(const std::string& table) const;
  Result<PinnedTable> pin(const std::string& name, int64_t version) const;
  static Result<std::vector<TraceCondition>> conditions_of(
      const PinnedTable& table, const std::map<std::string, std::string>& filter);
  Status select_rows(PinnedTable& table, TraceLevel& level) const;
  Status measure(const PinnedTable& table, TraceLevel& level) const;
  void compare_with_above(const TraceLevel& above, bool comparable, TraceLevel& level) const;
  Result<TraceLevel> descend(const project::Model& model, const TraceLevel& above,
                             const std::string& input, const PinnedTable& current,
                             PinnedTable& next) const;
  Result<bool> carry_conditions(const project::Model& model, const PinnedTable& current,
                                const PassedColumns& passed, PinnedTable& next,
                                TraceLevel& level) const;
  Result<std::string> keys_in(const project::Model& model, const PinnedTable& current,
                              const PassedColumns& passed) const;
  Result<TraceLevel> comparable_level(const project::Model& model, const TraceLevel& above,
                                      const PinnedTable& current, const PassedColumns& passed,
                                      TraceLevel& level) const;

  Status open_bronze(const project::Model& model, const PinnedTable& output,
                     const PinnedTable& bronze, TraceLevel& level) const;
  Status rank_versions(const project::Model& model, const PinnedTable& bronze,
                       const TraceLevel& level) const;
  Status measure_versions(const PinnedTable& bronze, TraceLevel& level);
  Status read_records(const project::Model& model, const PinnedTable& bronze);
  Status trace_into_bronze(const project::Model& model, const PinnedTable& output,
                           const TraceLevel& above, const std::string& input);
  Status read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                          const std::string& amount);
  Status take_records(const engine::Rows& rows, const project::Source& source);

  std::string input_of(const project::Model& model) const;
  int64_t version_of_input(const std::string& model, const std::string& input) const;

  const Environment& env_;
  const project::Project& project_;
  const release::Record& record_;
  int64_t limit_;
  TraceOutcome outcome_;
};

Status Tracer::check_table(const std::string& table) const {
  if (record_.tables.contains(table) && project_.find_contract(table) != nullptr) return ok();
  std::vector<std::string> names;
  for (const auto& [name, version] : record_.tables) names.push_back(name);
  return invalid(fmt::format("release {} has no table `{}`{}; it has {}", record_.number, table,
                             did_you_mean(table, names), fmt::join(names, ", ")));
}

Result<PinnedTable> Tracer::pin(const std::string& name, int64_t version) const {
  PinnedTable table;
  table.name = name;
  table.path = record_.tables.at(name).path;
  table.version = version;
  BULLION_TRY_ASSIGN(const delta::Snapshot snapshot, env_.log(table.path).snapshot(version));
  table.schema = snapshot.metadata.schema;
  // Positions are cheap to ask for, and only a source's rows can be found in a file.
  table.sql = files_sql(env_, table.path, table.schema, snapshot.metadata.partition_columns,
                        snapshot.files, project_.find_source(name) != nullptr);
  return table;
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
    BULLION_TRY_ASSIGN(terms.emplace_back(), condition_sql(env_.engine, condition));
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
      env_.engine.query(
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
                     env_.engine.query(fmt::format(
                         "SELECT {0} FROM ({1}) AS level WHERE {2} ORDER BY {0}{3}",
                         fmt::join(columns, ", "), table.sql, table.where, limit_clause(limit_))));
  return ok();
}

void Tracer::compare_with_above(const TraceLevel& above, bool comparable, TraceLevel& level) const {
  const std::optional<Decimal>& amount = level.by_key ? level.amount_kept : level.amount;
  if (!comparable || !above.amount || !amount) {
    if (comparable) level.notes.push_back("there is no amount to compare with the level above");
    return;
  }
  level.agrees = same_value(*above.amount, *amount);
  if (*level.agrees) return;
  level.notes.push_back(fmt::format("the sum of {} is {}, and {} in the level above", level.table,
                                    to_string(*amount), to_string(*above.amount)));
}

/// The table a model's rows come from: its first input that is not a seed, or its first one.
std::string Tracer::input_of(const project::Model& model) const {
  for (const std::string& input : model.depends_on) {
    if (project_.find_seed(input) == nullptr && record_.tables.contains(input)) return input;
  }
  for (const std::string& input : model.depends_on) {
    if (record_.tables.contains(input)) return input;
  }
  return "";
}

/// What the model was computed from, which an unselected model's input may be ahead of.
int64_t Tracer::version_of_input(const std::string& model, const std::string& input) const {
  const auto& inputs = record_.tables.at(model).inputs;
  const auto version = inputs.find(input);
  return version == inputs.end() ? record_.tables.at(input).version : version->second;
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
  std::vector<std::string> above;
  std::vector<std::string> below;
  for (const std::string& name : model.contract.grain) {
    const auto expression = passed.expressions.find(lower(name));
    if (expression == passed.expressions.end()) return std::string{};
    BULLION_TRY_ASSIGN(const std::string sql, expression_sql(env_.engine, expression->second));
    // As fields of a record NULL is equal to NULL.
    above.push_back(fmt::format("'k{}': {}", above.size(), quote_name(name)));
    below.push_back(fmt::format("'k{}': {}", below.size(), sql));
  }
  if (above.empty()) return std::string{};
  return fmt::format("{{{}}} IN (SELECT {{{}}} FROM ({}) AS above WHERE {})",
                     fmt::join(below, ", "), fmt::join(above, ", "), current.sql, current.where);
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

/// What the level's amount is compared with: the one above, or, when that is no sum of the input's,
/// the amount that the model takes over from it.
Result<TraceLevel> Tracer::comparable_level(const project::Model& model, const TraceLevel& above,
                                            const PinnedTable& current, const PassedColumns& passed,
                                            TraceLevel& level) const {
  const std::string& amount = above.amount_column;
  const auto conserved = model.conserves.begin();
  const bool is_followed = amount.empty() || passed.sums.contains(amount) ||
                           passed.expressions.contains(lower(amount)) ||
                           model.conserves.contains(amount) || conserved == model.conserves.end();
  if (is_followed || model.depends_on.front() != level.table) return above;
  level.amount_column = conserved->second;
  TraceLevel other = above;
  BULLION_TRY_ASSIGN(
      const Total total,
      total_of(env_.engine, fmt::format("({}) AS above WHERE {}", current.sql, current.where),
               quote_name(conserved->first)));
  other.amount = total.amount;
  level.notes.push_back(fmt::format("{}.{} is not a sum of {}: its {}, of {}, is compared",
                                    model.contract.name, amount, level.table, conserved->first,
                                    to_string(total.amount)));
  return other;
}

/// The next level by filter: every condition that one row of the input decides goes along.
Result<TraceLevel> Tracer::descend(const project::Model& model, const TraceLevel& above,
                                   const std::string& input, const PinnedTable& current,
                                   PinnedTable& next) const {
  TraceLevel level;
  level.table = input;
  level.layer = record_.tables.at(input).layer;
  BULLION_TRY_ASSIGN(next, pin(input, version_of_input(above.table, input)));
  level.version = next.version;
  BULLION_TRY_ASSIGN(const PassedColumns passed,
                     passed_columns(env_.engine, model, input, next.schema,
                                    columns_beside(project_, model, input)));
  level.amount_column = amount_behind(project_, model, above.amount_column, input, passed);
  BULLION_TRY_ASSIGN(const TraceLevel compared,
                     comparable_level(model, above, current, passed, level));
  BULLION_TRY_ASSIGN(bool comparable, carry_conditions(model, current, passed, next, level));
  if (model.code_hash != record_.tables.at(above.table).code_hash) {
    level.notes.push_back(
        fmt::format("model {} has changed since release {}: its rows are followed through today's "
                    "model",
                    above.table, record_.number));
  }
  if (model.kind == project::ModelKind::Latest) {
    comparable = false;
    level.notes.push_back("all versions of the keys are counted, also superseded ones");
  }
  keep_newest(model, project_.find_source(input), next, level);
  BULLION_TRY(select_rows(next, level));
  BULLION_TRY(measure(next, level));
  compare_with_above(compared, comparable, level);
  return level;
}

/// Columns of the bronze table that carry the model's key, in order; empty when one of them does
/// not.
std::vector<std::string> key_origins(const project::Model& model,
                                     const std::vector<std::string>& key,
                                     const PinnedTable& bronze) {
  std::vector<std::string> columns;
  for (const std::string& name : key) {
    const auto origin = model.origins.find(name);
    if (origin == model.origins.end() || origin->second.table != bronze.name ||
        delta::column_named(bronze.schema, origin->second.column) == nullptr) {
      return {};
    }
    columns.push_back(origin->second.column);
  }
  return columns;
}

const std::vector<std::string>& key_of(const project::Model& model) {
  return model.kind == project::ModelKind::Latest ? model.unique_key : model.contract.grain;
}

/// Collects the bronze rows that share a key with the rows above.
Status Tracer::open_bronze(const project::Model& model, const PinnedTable& output,
                           const PinnedTable& bronze, TraceLevel& level) const {
  BULLION_TRY(env_.engine.execute("CREATE SCHEMA IF NOT EXISTS bullion_trace"));
  const std::vector<std::string>& key = key_of(model);
  const std::vector<std::string> origins = key_origins(model, key, bronze);
  std::string select = fmt::format("SELECT b.* FROM ({}) AS b", bronze.sql);
  if (!origins.empty()) {
    std::vector<std::string> keys;
    std::vector<std::string> same;
    for (size_t i = 0; i < key.size(); ++i) {
      keys.push_back(fmt::format("{} AS key{}", quote_name(key[i]), i));
      same.push_back(
          fmt::format("b.{} IS NOT DISTINCT FROM keys.key{}", quote_name(origins[i]), i));
    }
    select +=
        fmt::format(" SEMI JOIN (SELECT {} FROM ({}) AS output WHERE {}) AS keys ON {}",
                    fmt::join(keys, ", "), output.sql, output.where, fmt::join(same, " AND "));
  } else {
    level.notes.push_back(
        fmt::format("the key of {} is not passed on unchanged from {}: its rows are "
                    "found through the whole table",
                    model.contract.name, bronze.name));
  }
  return env_.engine.execute(fmt::format("CREATE OR REPLACE TABLE {} AS {}", kCandidates, select));
}

/// Runs the model over each candidate row by itself, so that every output row knows the row it was
/// made of, and ranks the versions of each key as the pipeline does.
Status Tracer::rank_versions(const project::Model& model, const PinnedTable& bronze,
                             const TraceLevel& level) const {
  for (const std::string& input : model.depends_on) {
    if (input == bronze.name || !record_.tables.contains(input)) continue;
    BULLION_TRY_ASSIGN(const PinnedTable table,
                       pin(input, version_of_input(model.contract.name, input)));
    BULLION_TRY(create_view(env_.engine, input, table.sql));
  }
  std::vector<std::string> cells;
  for (const std::string& name : delta::column_names(bronze.schema)) {
    cells.push_back(fmt::format("b.{0} AS {0}", quote_name(name)));
  }
  const bool latest = model.kind == project::ModelKind::Latest;
  std::vector<std::string> keys;
  for (const std::string& name : key_of(model)) keys.push_back(quote_name(name));
  const std::string rank =
      latest ? fmt::format(
                   "row_number() OVER (PARTITION BY trace_present, {} ORDER BY {}, trace_file, "
                   "trace_position)",
                   key_list(model), version_order(model))
             : "1";
  const std::string state = fmt::format(
      "CASE WHEN trace_present IS NULL THEN 'excluded' WHEN trace_rank > 1 THEN 'superseded' WHEN "
      "{} "
      "THEN 'withdrawn' ELSE 'kept' END",
      latest ? withdrawn_condition(model) : "false");
  return env_.engine.execute(fmt::format(
      "CREATE OR REPLACE TABLE {table} AS SELECT *, {state} AS trace_state FROM (SELECT *, {rank} "
      "AS "
      "trace_rank FROM (SELECT b._path AS trace_path, b._position AS trace_position, b._file_id AS "
      "trace_file, {amount} AS trace_amount, m.* FROM {candidates} AS b LEFT JOIN LATERAL (WITH "
      "{input} AS (SELECT {cells}) SELECT true AS trace_present, model.* FROM ({sql}\n) AS model) "
      "AS m "
      "ON true))",
      fmt::arg("table", kVersions), fmt::arg("state", state), fmt::arg("rank", rank),
      fmt::arg("amount",
               level.amount_column.empty() ? "NULL" : "b." + quote_name(level.amount_column)),
      fmt::arg("candidates", kCandidates), fmt::arg("input", quote_name(bronze.name)),
      fmt::arg("cells", fmt::join(cells, ", ")), fmt::arg("sql", model.sql)));
}

Status Tracer::measure_versions(const PinnedTable& bronze, TraceLevel& level) {
  const bool has_amount = !level.amount_column.empty();
  const std::string sum = has_amount ? "sum(trace_amount)" : "NULL";
  BULLION_TRY_ASSIGN(
      const engine::Rows totals,
      env_.engine.query(fmt::format(
          "SELECT count(*), {0}, count(*) FILTER (WHERE trace_state = 'kept'), {0}{1} FROM {2}",
          sum, has_amount ? " FILTER (WHERE trace_state = 'kept')" : "", kVersions)));
  const auto& row = totals.rows.at(0);
  level.rows = std::get<int64_t>(row.at(0));
  level.rows_kept = std::get<int64_t>(row.at(2));
  if (has_amount) {
    const auto* all = std::get_if<Decimal>(&row.at(1));
    const auto* kept = std::get_if<Decimal>(&row.at(3));
    level.amount = all == nullptr ? Decimal{} : *all;
    level.amount_kept = kept == nullptr ? Decimal{} : *kept;
  }
  std::vector<std::string> columns;
  for (const std::string& name : delta::column_names(bronze.schema))
    columns.push_back(quote_name(name));
  BULLION_TRY_ASSIGN(
      level.sample,
      env_.engine.query(fmt::format("SELECT {0} FROM {1} ORDER BY {0}{2}", fmt::join(columns, ", "),
                                    kCandidates, limit_clause(limit_))));
  return ok();
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
  BULLION_TRY(find_source_records(env_, source, record_, found, outcome_.notes));
  for (BronzeRow& row : found) outcome_.records.push_back(std::move(row.traced));
  return ok();
}

Status Tracer::read_records(const project::Model& model, const PinnedTable& bronze) {
  std::string keys;
  std::string order;
  for (const std::string& name : key_of(model)) {
    keys += ", " + quote_name(name);
    order += quote_name(name) + ", ";
  }
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     env_.engine.query(fmt::format(
                         "SELECT trace_file, trace_position, trace_state, trace_amount{} "
                         "FROM {} ORDER BY {}trace_rank, trace_file, trace_position{}",
                         keys, kVersions, order, limit_clause(limit_))));
  return take_records(rows, *project_.find_source(bronze.name));
}

/// The last level: all versions of the keys above, each with its file, record and line.
Status Tracer::trace_into_bronze(const project::Model& model, const PinnedTable& output,
                                 const TraceLevel& above, const std::string& input) {
  TraceLevel level;
  level.table = input;
  level.layer = record_.tables.at(input).layer;
  level.by_key = true;
  BULLION_TRY_ASSIGN(const PinnedTable bronze, pin(input, version_of_input(above.table, input)));
  level.version = bronze.version;
  level.amount_column = amount_in_input(project_, model, above.amount_column, input);
  if (delta::column_named(bronze.schema, level.amount_column) == nullptr)
    level.amount_column.clear();
  if (model.code_hash != record_.tables.at(above.table).code_hash) {
    level.notes.push_back(
        fmt::format("model {} has changed since release {}: versions are ranked by "
                    "today's model",
                    above.table, record_.number));
  }
  BULLION_TRY(open_bronze(model, output, bronze, level));
  BULLION_TRY(rank_versions(model, bronze, level));
  if (key_origins(model, key_of(model), bronze).empty()) {
    // The candidates are all rows; only those whose output is (or competes with) a row above stay.
    const std::string keep = key_of(model).empty()
                                 ? output.where
                                 : fmt::format(
                                       "({0}) IN (SELECT ({0}) FROM ({1}) AS output WHERE {2})",
                                       [&] {
                                         std::vector<std::string> names;
                                         for (const auto& key : key_of(model))
                                           names.push_back(quote_name(key));
                                         return fmt::format("{}", fmt::join(names, ", "));
                                       }(),
                                       output.sql, output.where);
    BULLION_TRY(
        env_.engine.execute(fmt::format("DELETE FROM {} WHERE ({}) IS NOT TRUE", kVersions, keep)));
    BULLION_TRY(
        env_.engine.execute(fmt::format("DELETE FROM {} WHERE (_path, _position) NOT IN (SELECT "
                                        "(trace_path, trace_position) FROM {})",
                                        kCandidates, kVersions)));
  }
  BULLION_TRY(measure_versions(bronze, level));
  BULLION_TRY(read_records(model, bronze));
  compare_with_above(above, true, level);
  outcome_.limited = limit_ >= 0 && level.rows > static_cast<int64_t>(outcome_.records.size());
  outcome_.levels.push_back(std::move(level));
  return env_.engine.execute("DROP SCHEMA IF EXISTS bullion_trace CASCADE");
}

/// Records of filtered bronze rows, when no row-wise model says which version won.
Status Tracer::read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                                const std::string& amount) {
  const project::Source& source = *project_.find_source(bronze.name);
  std::string keys;
  for (const std::string& name : grain) keys += ", " + quote_name(name);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      env_.engine.query(fmt::format(
          "SELECT _file_id, _position, '{}', {}{} FROM ({}) AS rows WHERE {} ORDER BY _file_id, "
          "_position{}",
          to_string(source.rejects_of.empty() ? RecordState::Kept : RecordState::Rejected),
          amount.empty() ? "NULL" : quote_name(amount), keys, bronze.sql, bronze.where,
          limit_clause(limit_))));
  return take_records(rows, source);
}

Result<TraceOutcome> Tracer::run(const std::string& table,
                                 const std::map<std::string, std::string>& filter) {
  outcome_.release = record_.number;
  BULLION_TRY(check_table(table));
  TraceLevel level;
  level.table = table;
  level.layer = record_.tables.at(table).layer;
  level.amount_column = project_.find_contract(table)->amount_column;
  BULLION_TRY_ASSIGN(PinnedTable current, pin(table, record_.tables.at(table).version));
  level.version = current.version;
  const project::Model* model = project_.find_model(table);
  if (level.amount_column.empty() && model != nullptr && !model->conserves.empty()) {
    level.amount_column = model->conserves.begin()->first;
  }
  BULLION_TRY_ASSIGN(current.conditions, conditions_of(current, filter));
  BULLION_TRY(select_rows(current, level));
  BULLION_TRY(measure(current, level));
  outcome_.levels.push_back(std::move(level));
  for (; model != nullptr; model = project_.find_model(current.name)) {
    const TraceLevel above = outcome_.levels.back();
    const std::string input = input_of(*model);
    if (input.empty()) break;
    if (is_row_wise(*model) && project_.find_source(input) != nullptr) {
      BULLION_TRY(trace_into_bronze(*model, current, above, input));
      current = {};
      break;
    }
    PinnedTable next;
    BULLION_TRY_ASSIGN(TraceLevel below, descend(*model, above, input, current, next));
    outcome_.levels.push_back(std::move(below));
    current = std::move(next);
  }
  if (const project::Source* source = project_.find_source(current.name)) {
    BULLION_TRY(
        read_source_rows(current, source->contract.grain, outcome_.levels.back().amount_column));
    outcome_.limited =
        limit_ >= 0 && outcome_.levels.back().rows > static_cast<int64_t>(outcome_.records.size());
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
                           const std::map<std::string, std::string>& filter, int64_t limit) {
  return Tracer(env, project, record, limit).run(table, filter);
}

}  // namespace bullion::pipeline
