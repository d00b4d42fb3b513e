// Which columns a model's columns and rows are made of, read off its SQL.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "project/project.h"

namespace bullion::project {

/// What a column is used for. The first three make values of a column; the others decide which rows
/// there are, or which of several values is taken. The words are those of OpenLineage's
/// columnLineage facet.
enum class ColumnUse {
  Identity,        ///< passed on unchanged
  Transformation,  ///< part of an expression of one row
  Aggregation,     ///< part of a value over several rows
  Conditional,     ///< decides between values
  Filter,
  Join,
  GroupBy,
  Window,
  Sort,
};
std::string to_string(ColumnUse use);  ///< "identity", "group_by"...
inline bool makes_values(ColumnUse use) { return use <= ColumnUse::Aggregation; }

struct ColumnInput {
  std::string table;
  std::string column;
  ColumnUse use = ColumnUse::Identity;

  auto operator<=>(const ColumnInput&) const = default;
};
using ColumnInputs = std::set<ColumnInput>;

struct ColumnLineage {
  /// By column of the model, all of its contract; constants have no inputs.
  std::map<std::string, ColumnInputs> columns;
  /// What decides which rows there are: filters, joins, groups.
  ColumnInputs rows;
  /// False: some of the SQL could not be followed, so that inputs may be missing.
  bool is_complete = true;
};

/// Through CTEs, subqueries, joins, set operations, windows and stars, down to columns of the
/// tables that the model reads. Invalid when the SQL is no SELECT, which `bullion check` reports.
Result<ColumnLineage> column_lineage(const Project& project, const Model& model,
                                     engine::Engine& engine);

}  // namespace bullion::project
