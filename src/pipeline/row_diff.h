// What changed in one table between two releases, group of rows by group of rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

struct RowDiffOptions {
  std::string table;
  /// Columns that name a group; empty: the table's grain, else all columns but its amount.
  std::vector<std::string> by;
  std::string where;  ///< SQL condition over the table's columns; "" for all rows
};

/// One row per group whose rows differ, ordered by the group's columns: these columns, `change`
/// (added | removed | changed), `rows_before`, `rows_after` and, when the table has an amount,
/// `amount_before`, `amount_after`, `amount_change`. A group is the same when its rows are the same
/// multiset. `before` is nullopt for the empty lake. NotFound and Invalid name what is wrong.
Result<engine::Rows> diff_groups(const Environment& env, const project::Project& project,
                                 const std::optional<release::Record>& before,
                                 const release::Record& after, const RowDiffOptions& options);

}  // namespace bullion::pipeline
