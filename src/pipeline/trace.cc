#include "pipeline/trace.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "pipeline/trace_descent_internal.h"
#include "pipeline/trace_inputs_internal.h"
#include "pipeline/trace_no_rows_internal.h"
#include "pipeline/trace_records_internal.h"
#include "pipeline/trace_tables_internal.h"
#include "pipeline/trace_verdict_internal.h"
#include "pipeline/trace_versions_internal.h"
#include "pipeline/typed_text.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

bool is_row_wise(const project::Model& model) {
  return model.kind == project::ModelKind::Latest || model.kind == project::ModelKind::Append;
}

/// Walks from table to table; one object per trace.
class Tracer {
 public:
  Tracer(const Environment& env, const project::Project& project, const release::Record& record,
         int64_t limit, const std::vector<std::string>& through)
      : scope_{env, project, record, limit}, descent_(scope_, through) {}

  Result<TraceOutcome> run(const std::string& table,
                           const std::map<std::string, std::string>& filter);

 private:
  Status check_table(const std::string& table) const;
  static Result<std::vector<TraceCondition>> conditions_of(
      const PinnedTable& table, const std::map<std::string, std::string>& filter);
  Status go_on(TraceLevel level, const PinnedTable& table);
  Status follow(size_t at, const PinnedTable& current);
  Status follow_findings(size_t at, const PinnedTable& current);
  Status trace_into_bronze(const project::Model& model, const PinnedTable& output,
                           const TraceLevel& above, const std::string& input, size_t at);
  Status read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                          const TraceLevel& level);
  Status take_records(const engine::Rows& rows, int64_t of, const project::Source& source);

  Status check_through() const;

  TraceScope scope_;
  TraceDescent descent_;
  bool ends_early_ = false;  // above what the rows were made of
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

RecordState state_of(const std::string& text) {
  if (text == "kept") return RecordState::Kept;
  if (text == "superseded") return RecordState::Superseded;
  if (text == "rejected") return RecordState::Rejected;
  return text == "withdrawn" ? RecordState::Withdrawn : RecordState::Excluded;
}

/// Rows of: file id, position, state, amount, key columns. `of`: how many there are in all.
Status Tracer::take_records(const engine::Rows& rows, int64_t of, const project::Source& source) {
  outcome_.limited =
      outcome_.limited || (scope_.limit >= 0 && of > static_cast<int64_t>(rows.rows.size()));
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
  BULLION_TRY(
      take_records(versions.records, versions.level.rows, *scope_.project.find_source(input)));
  std::vector<Branch> only(1);
  only.front().level = std::move(versions.level);
  only.front().compared = above.amount;
  compare_with_above(only, true);
  outcome_.levels.push_back(std::move(only.front().level));
  return ok();
}

/// Records of filtered bronze rows, when no row-wise model says which version won.
Status Tracer::read_source_rows(const PinnedTable& bronze, const std::vector<std::string>& grain,
                                const TraceLevel& level) {
  const project::Source& source = *scope_.project.find_source(bronze.name);
  std::string keys;
  for (const std::string& name : grain) keys += ", " + quote_name(name);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      scope_.env.engine.query(fmt::format(
          "SELECT _file_id, _position, '{}', {}{} FROM ({}) AS rows WHERE {} ORDER BY _file_id, "
          "_position{}",
          to_string(source.rejects_of.empty() ? RecordState::Kept : RecordState::Rejected),
          level.amount_column.empty() ? "NULL" : quote_name(level.amount_column), keys, bronze.sql,
          bronze.where, scope_.limit_clause())));
  return take_records(rows, level.rows, source);
}

/// Whoever misspells what to follow should not be led elsewhere.
Status Tracer::check_through() const {
  for (const std::string& name : descent_.through()) {
    const bool was_met = std::any_of(outcome_.levels.begin() + 1, outcome_.levels.end(),
                                     [&](const TraceLevel& level) { return level.table == name; });
    if (was_met) continue;
    std::vector<std::string> inputs;
    for (const TraceLevel& level : outcome_.levels) {
      for (const std::string& input : level.inputs) {
        if (std::ranges::find(inputs, input) == inputs.end()) inputs.push_back(input);
      }
    }
    if (std::ranges::find(inputs, name) != inputs.end()) {
      return invalid(fmt::format(
          "--through {}: a table on the way reads it, and is followed into another one alone; no "
          "row came from it, or --through names both",
          name));
    }
    return invalid(fmt::format("--through {}: no table on the way is made of it{}; they read {}",
                               name, did_you_mean(name, inputs), fmt::join(inputs, ", ")));
  }
  return ok();
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
    BULLION_TRY(descent_.select_rows(branch.table, branch.level));
    BULLION_TRY(descent_.measure(branch.table, branch.level));
    if (branch.level.rows > 0) BULLION_TRY(go_on(std::move(branch.level), branch.table));
  }
  return ok();
}

/// Shows a level, and what is below it.
Status Tracer::go_on(TraceLevel level, const PinnedTable& table) {
  BULLION_TRY(descent_.take_sample(table, level));
  outcome_.levels.push_back(std::move(level));
  return follow(outcome_.levels.size() - 1, table);
}

/// Goes on down from a level, and from all that it is made of, to the records of files.
Status Tracer::follow(size_t at, const PinnedTable& current) {
  const TraceLevel above = outcome_.levels[at];
  if (const project::Source* source = scope_.project.find_source(current.name)) {
    return read_source_rows(current, source->contract.grain, above);
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
    BULLION_TRY_ASSIGN(const std::string input, descent_.input_of(whole, above, current));
    if (scope_.project.find_source(input) != nullptr) {
      return trace_into_bronze(*model, current, above, input, at);
    }
  }
  BULLION_TRY_ASSIGN(std::vector<Branch> branches,
                     descent_.branches_of(whole, arms, above, current));
  for (Branch& branch : branches) {
    if (branch.carried == Carried::Nothing && !descent_.is_wanted(branch.level.table)) {
      outcome_.levels[at].notes.push_back(fmt::format(
          "which rows of {} these were made of cannot be told from their columns; the trace ends",
          branch.level.table));
      ends_early_ = true;
      continue;
    }
    branch.level.above = static_cast<int64_t>(at);
    BULLION_TRY(go_on(std::move(branch.level), branch.table));
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
  BULLION_TRY(descent_.select_rows(current, level));
  BULLION_TRY(descent_.measure(current, level));
  BULLION_TRY(go_on(std::move(level), current));
  BULLION_TRY(check_through());
  outcome_.verdict = verdict_of(outcome_.levels, ends_early_);
  if (outcome_.verdict == TraceVerdict::NoRows) {
    // What the conditions find further down made no row that was asked for.
    outcome_.levels.resize(1);
    outcome_.levels.front().notes.clear();
    outcome_.records.clear();
    outcome_.limited = false;
    BULLION_TRY_ASSIGN(outcome_.notes, why_no_rows(scope_, current));
  }
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
