#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/alignment_internal.h"

namespace bullion::project {
namespace {

/// Visits every object of the tree, parents first.
void visit(const Json& value, const std::function<void(const Json&)>& on_object) {
  if (value.is_object()) on_object(value);
  if (!value.is_structured()) return;
  for (const Json& child : value) visit(child, on_object);
}

/// What makes a node more than a projection or a filter; "" when nothing does.
std::string forbidden_construct(const Json& node) {
  const std::string kind = text_of(node, "class");
  const std::string type = text_of(node, "type");
  if (kind == "WINDOW") return "a window function";
  if (kind == "FUNCTION" && is_aggregate_function(lower(text_of(node, "function_name")))) {
    return fmt::format("the aggregate `{}`", text_of(node, "function_name"));
  }
  if (type == "SET_OPERATION_NODE") return text_of(node, "setop_type");
  if (type == "RECURSIVE_CTE_NODE") return "a recursive query";
  if (type == "DISTINCT_MODIFIER") return "DISTINCT";
  if (type == "LIMIT_MODIFIER" || type == "LIMIT_PERCENT_MODIFIER") return "LIMIT";
  if (type == "PIVOT") return "PIVOT";
  if (type == "SELECT_NODE" && (!list_of(node, "group_expressions").empty() ||
                                text_of(node, "aggregate_handling") == "FORCE_AGGREGATES")) {
    return "GROUP BY";
  }
  if (type == "SELECT_NODE" && !child_of(node, "sample").is_null()) return "TABLESAMPLE";
  return "";
}

/// The nearest known place at or below a node.
std::optional<size_t> offset_within(const Json& node) {
  std::optional<size_t> best;
  visit(node, [&](const Json& object) {
    if (!best) best = offset_of(object);
  });
  return best;
}

/// A join that adds or keeps rows by looking at more than one row of the input.
bool join_breaks_rows(const Json& node, const std::function<bool(const Json&)>& reads_input) {
  const std::string type = text_of(node, "join_type");
  const std::string ref = text_of(node, "ref_type");
  if (ref == "POSITIONAL") return true;
  if (type == "INNER" && ref != "ASOF") return false;
  if (type == "LEFT" || type == "SEMI" || type == "ANTI" || ref == "ASOF") {
    return reads_input(child_of(node, "right"));
  }
  return true;
}

/// The SELECTs of a top-level UNION ALL, or the query itself.
void add_branches(const Json& query, std::vector<const Json*>& branches) {
  const bool is_union_all =
      text_of(query, "type") == "SET_OPERATION_NODE" && text_of(query, "setop_type") == "UNION" &&
      query.value("setop_all", false) && list_of(query, "modifiers").empty() &&
      list_of(child_of(query, "cte_map"), "map").empty();
  const Json& children = list_of(query, "children");
  if (!is_union_all || (children.empty() && !query.contains("left"))) {
    branches.push_back(&query);
    return;
  }
  for (const Json& child : children) add_branches(child, branches);
  if (!children.empty()) return;
  add_branches(child_of(query, "left"), branches);
  add_branches(child_of(query, "right"), branches);
}

void check_branch(const Json& query, const ResolvedSql& sql, const Project& project,
                  const Model& model, ProblemSink& problems) {
  const std::string kind = to_string(model.kind);
  const auto report = [&](std::optional<size_t> offset, const std::string& what) {
    problems.error(
        offset ? sql.mark_at(*offset) : Mark{1, 1}, "model-not-row-wise",
        fmt::format("a model of kind `{}` takes one row to at most one row, but this has "
                    "{}; remove it, or use kind `aggregate` or `full`",
                    kind, what));
  };
  std::vector<TableUse> inputs;
  for (const TableUse& use : table_uses(query)) {
    if (project.find_seed(use.table) == nullptr) inputs.push_back(use);
  }
  if (inputs.empty()) {
    problems.error({1, 1}, "model-not-row-wise",
                   fmt::format("a model of kind `{}` must read one source or model", kind));
    return;
  }
  if (inputs.size() > 1) {
    report(inputs[1].offset,
           fmt::format("a second input `{}` beside `{}` (only seeds may be joined)",
                       inputs[1].table, inputs[0].table));
  }
  if (inputs[0].in_expression) report(inputs[0].offset, "its input inside an expression");
  visit(query, [&](const Json& node) {
    const std::string what = forbidden_construct(node);
    if (!what.empty()) report(offset_within(node), what);
  });
  // The input may hide in a CTE, so a FROM item "reads the input" unless it is a seed.
  const auto reads_input = [&](const Json& from) {
    bool other = false;
    visit(from, [&](const Json& node) {
      const bool table = text_of(node, "type") == "BASE_TABLE";
      other = other || (table && project.find_seed(text_of(node, "table_name")) == nullptr);
    });
    return other;
  };
  visit(query, [&](const Json& node) {
    if (text_of(node, "type") == "JOIN" && join_breaks_rows(node, reads_input)) {
      report(offset_of(node), fmt::format("a {} JOIN that does not keep the input on its left",
                                          text_of(node, "join_type")));
    }
  });
}

}  // namespace

void check_snapshot_manifest(const Project& project, const Source& source, ProblemSink& problems) {
  if (source.snapshot.covers != Snapshot::Covers::Manifest) return;
  const SnapshotManifest& manifest = source.snapshot.manifest;
  if (manifest.source.empty()) return;  // Reported by the reader.
  const Location& at = source.contract.location;
  const Mark mark{at.line, at.column};
  const Source* listed = project.find_source(manifest.source);
  if (listed == nullptr || listed == &source) {
    std::vector<std::string> names;
    for (const Source& other : project.sources) {
      if (&other != &source) names.push_back(other.contract.name);
    }
    problems.error(
        mark, "table-unknown",
        fmt::format("the `manifest` of source `{}` must be another source; `{}` is "
                    "none{}",
                    source.contract.name, manifest.source, did_you_mean(manifest.source, names)));
    return;
  }
  const auto check = [&](const char* key, const std::string& name, delta::TypeId type) {
    const delta::Column* column = delta::column_named(listed->contract.columns, name);
    if (column != nullptr && column->type.id == type && !column->nullable) return;
    problems.error(mark, column == nullptr ? "column-unknown" : "type-mismatch",
                   fmt::format("the `{}` of the `manifest` of source `{}` is `{}`, which must be a "
                               "{} column of `{}` with not_null{}",
                               key, source.contract.name, name,
                               type == delta::TypeId::Date ? "date" : "string", manifest.source,
                               did_you_mean(name, delta::column_names(listed->contract.columns))));
  };
  check("file", manifest.file_column, delta::TypeId::String);
  check("start", manifest.start_column, delta::TypeId::Date);
  check("end", manifest.end_column, delta::TypeId::Date);
}

void check_snapshot(const Project& project, const Model& model, ProblemSink& problems) {
  if (model.kind != ModelKind::Snapshot) return;
  const std::string& name = model.contract.name;
  const Source* source =
      model.depends_on.empty() ? nullptr : project.find_source(model.depends_on[0]);
  if (source == nullptr || source->snapshot.covers == Snapshot::Covers::None) {
    problems.error({1, 1}, "model-not-snapshot",
                   fmt::format("`{}` is of kind snapshot and must read a source that declares "
                               "`snapshot`; `{}` does not",
                               name, model.depends_on.empty() ? "" : model.depends_on[0]));
    return;
  }
  const std::string& day = source->snapshot.day_column;
  const auto origin = model.contract.partition_by.empty()
                          ? model.origins.end()
                          : model.origins.find(model.contract.partition_by[0]);
  if (origin != model.origins.end() && origin->second.table == source->contract.name &&
      origin->second.column == day) {
    return;
  }
  problems.error({1, 1}, "model-not-snapshot",
                 fmt::format("`{}` is of kind snapshot: its `partition_by` must be the day `{}` of "
                             "`{}`, passed on unchanged",
                             name, day, source->contract.name));
}

void check_row_wise(const Json& query, const ResolvedSql& sql, const Project& project,
                    const Model& model, ProblemSink& problems) {
  if (model.kind == ModelKind::Aggregate || model.kind == ModelKind::Full) return;
  std::vector<const Json*> branches = {&query};
  if (model.kind == ModelKind::Append) {
    branches.clear();
    add_branches(query, branches);
  }
  for (const Json* branch : branches) check_branch(*branch, sql, project, model, problems);
}

}  // namespace bullion::project
