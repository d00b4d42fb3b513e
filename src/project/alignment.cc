// A relation is aligned on a column c, as to one input partitioned by p, when for every value v its
// rows with c = v depend on the input's rows with p = v alone. Each rule keeps that sentence true,
// also when "p = v" is read as "p is of the same month as v".
#include <algorithm>

#include <fmt/format.h>

#include "project/alignment_internal.h"

namespace bullion::project {
namespace {

bool same_type(const JoinEquality& equality) {
  return equality.left->exact && equality.right->exact &&
         *equality.left->exact == *equality.right->exact;
}

/// Why one input is not aligned, with the place in the model's file.
std::string reason_text(const RelationAnalyzer& analyzer, const ResolvedSql& sql,
                        const std::string& file, const std::string& fallback) {
  const auto& lost = analyzer.lost();
  Location location{file, 0, 0};
  if (lost && lost->offset) {
    const Mark mark = sql.mark_at(*lost->offset);
    location.line = mark.line;
    location.column = mark.column;
  }
  return fmt::format("{}: {}", to_string(location), lost ? lost->reason : fallback);
}

/// "" when the output's partition column is the input's, or the first day of its unit; else the
/// reason.
std::string why_not_aligned(const Json& query, const ResolvedSql& sql, const Project& project,
                            const Model& model, const Contract& input,
                            std::optional<DateUnit> unit) {
  if (model.contract.partition_by.empty()) {
    return fmt::format("{}: `{}` declares no partition_by", to_string(model.contract.location),
                       model.contract.name);
  }
  const std::string& output_column = model.contract.partition_by[0];
  const std::string& input_column = input.partition_by[0];
  RelationAnalyzer analyzer(columns_of_project(project), input.name, input_column, nullptr);
  if (unit) analyzer.follow_unit(*unit);
  const Relation relation = analyzer.analyze(query);
  const auto output =
      std::find_if(relation.columns.begin(), relation.columns.end(),
                   [&](const ColumnFacts& c) { return lower(c.name) == lower(output_column); });
  const bool found = relation.reads && output != relation.columns.end();
  if (!found || !output->key || output->is_first_day != unit.has_value()) {
    const std::string fallback = fmt::format("`{}` is not `{}` of `{}` passed on unchanged",
                                             output_column, input_column, input.name);
    return reason_text(analyzer, sql, model.location.file, fallback);
  }
  const int at = find_column(model.contract.columns, output_column);
  if (at < 0 || !output->exact ||
      !(model.contract.columns[static_cast<size_t>(at)].type == *output->exact)) {
    return fmt::format("{}: `{}` has another type in the contract than `{}` of `{}`",
                       to_string(model.contract.location), output_column, input_column, input.name);
  }
  return "";
}

/// The unit of days by which the model is aligned with an input that is partitioned by day.
std::optional<DateUnit> aligned_unit(const Json& query, const ResolvedSql& sql,
                                     const Project& project, const Model& model,
                                     const Contract& input) {
  const delta::Column* day = delta::column_named(input.columns, input.partition_by[0]);
  if (day == nullptr || day->type.id != delta::TypeId::Date) return std::nullopt;
  for (const DateUnit unit : {DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year}) {
    if (why_not_aligned(query, sql, project, model, input, unit).empty()) return unit;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Relation> contract_columns(const Contract* contract, const Source* source) {
  if (contract == nullptr) return std::nullopt;
  Relation relation;
  for (const delta::Column& column : contract->columns) {
    relation.columns.push_back({.name = column.name,
                                .type = class_of(column.type),
                                .exact = column.type,
                                .origin = ColumnOrigin{contract->name, column.name},
                                .not_null = !column.nullable});
  }
  if (source != nullptr) {
    for (const delta::Column& column : ingest_columns(*source)) {
      relation.columns.push_back({.name = column.name,
                                  .type = TypeClass::Text,
                                  .exact = column.type,
                                  .origin = ColumnOrigin{contract->name, column.name}});
    }
  }
  return relation;
}

TableColumns columns_of_project(const Project& project) {
  return [&project](const std::string& table) {
    return contract_columns(project.find_contract(table), project.find_source(table));
  };
}

JoinKeys join_keys(const std::string& join_type, const Scope& left, const Scope& right,
                   const std::vector<JoinEquality>& equalities) {
  JoinKeys out;
  const bool both = left.reads && right.reads;
  bool on_key = false;     // Both sides' keys are equated.
  bool using_key = false;  // A USING column that is the key of each side that reads the input.
  for (const JoinEquality& equality : equalities) {
    const bool left_key = equality.left->key || (!left.reads && same_type(equality));
    const bool right_key = equality.right->key || (!right.reads && same_type(equality));
    if (!left_key || !right_key || !(left.reads || right.reads)) continue;
    on_key = on_key || both;
    using_key = using_key || equality.is_using;
    // The other side's equal column holds the same value where rows match.
    if (!left.reads && join_type != "RIGHT") out.promoted.push_back(equality.left);
    if (!right.reads && join_type != "LEFT") out.promoted.push_back(equality.right);
  }
  const bool sound = !both || on_key;
  if (join_type == "INNER") {
    out.left = out.right = sound;
  } else if (join_type == "LEFT" || join_type == "SEMI" || join_type == "ANTI" ||
             join_type == "ASOF") {
    // Each row of the left side stays (or is dropped) by its own matches.
    const bool asof = join_type == "ASOF";
    out.left = sound && !(asof && right.reads);
    if (asof || left.reads) out.promoted.clear();
  } else if (join_type == "RIGHT") {
    out.right = sound;
    if (right.reads) out.promoted.clear();
  } else if (join_type == "FULL" || join_type == "OUTER") {
    out.merged = sound && using_key;
    out.promoted.clear();
  } else {
    out.promoted.clear();
  }
  return out;
}

void apply_join(const JoinKeys& keys, const std::string& join_type,
                const std::vector<std::string>& shared_columns, Scope& left, Scope& right) {
  const bool full = join_type == "FULL" || join_type == "OUTER";
  const auto update = [&](ColumnFacts& column, bool side_keeps, bool may_be_null) {
    const bool promoted =
        std::find(keys.promoted.begin(), keys.promoted.end(), &column) != keys.promoted.end();
    column.key = (column.key && side_keeps) || promoted;
    column.not_null = column.not_null && !may_be_null;
  };
  const auto update_side = [&](Scope& side, bool keeps, bool may_be_null) {
    for (Relation& relation : side.relations) {
      for (ColumnFacts& column : relation.columns) update(column, keeps, may_be_null);
    }
    for (auto& [name, column] : side.merged) update(column, keeps, may_be_null);
  };
  // Before the sides lose their keys: a FULL JOIN keeps its key in the merged column only.
  std::vector<std::string> merged_keys;
  for (const std::string& name : shared_columns) {
    const JoinEquality equality{resolve(left, {name}), resolve(right, {name}), true};
    if (equality.left == nullptr || equality.right == nullptr || !same_type(equality)) continue;
    const bool key = (equality.left->key || !left.reads) && (equality.right->key || !right.reads);
    if (key && keys.merged) merged_keys.push_back(name);
  }
  update_side(left, keys.left, full || join_type == "RIGHT");
  update_side(right, keys.right, full || join_type == "LEFT" || join_type == "ASOF");
  if (join_type == "SEMI" || join_type == "ANTI") return;
  for (const std::string& name : shared_columns) {
    const ColumnFacts* from_left = resolve(left, {name});
    const ColumnFacts* from_right = resolve(right, {name});
    if (from_left == nullptr || from_right == nullptr) continue;
    ColumnFacts merged = join_type == "RIGHT" ? *from_right : *from_left;
    if (full) {
      merged.key = contains(merged_keys, name);
      merged.origin.reset();
      merged.not_null = false;
    }
    right.merged.erase(name);
    for (Relation& relation : right.relations) {
      for (ColumnFacts& column : relation.columns) {
        if (lower(column.name) == name) column.hidden = true;
      }
    }
    left.merged[name] = std::move(merged);
  }
}

void prove_alignment(const Json& query, const ResolvedSql& sql, const Project& project,
                     Model& model) {
  // latest moves keys between partitions, and full is whole by definition.
  if (model.kind != ModelKind::Aggregate && model.kind != ModelKind::Append) return;
  for (const std::string& input : model.depends_on) {
    const Contract* contract = project.find_contract(input);
    if (contract == nullptr || contract->partition_by.empty()) continue;
    const std::string& column = contract->partition_by[0];
    const std::string reason = why_not_aligned(query, sql, project, model, *contract, std::nullopt);
    if (reason.empty()) {
      model.aligned_inputs[input] = {column};
    } else if (const auto unit = aligned_unit(query, sql, project, model, *contract)) {
      model.aligned_inputs[input] = {column, unit};
    } else if (model.not_aligned_reason.empty()) {
      model.not_aligned_reason = reason;
    }
  }
}

void find_origins(const Json& query, const Project& project, Model& model) {
  RelationAnalyzer analyzer(columns_of_project(project), "", "", nullptr);
  const Relation relation = analyzer.analyze(query);
  for (const ColumnFacts& column : relation.columns) {
    const int at = find_column(model.contract.columns, column.name);
    if (!column.origin || at < 0) continue;
    model.origins[model.contract.columns[static_cast<size_t>(at)].name] = *column.origin;
  }
}

}  // namespace bullion::project
