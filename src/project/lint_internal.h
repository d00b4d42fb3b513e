// Lint: what would give other numbers on another engine or another day, or put floats on money.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "project/problem_internal.h"
#include "project/relation_internal.h"

namespace bullion::project {

/// One rule broken at one place; docs/lint.md lists every code.
struct Finding {
  std::string code;
  Severity severity = Severity::Error;
  std::optional<size_t> offset;  ///< in the resolved SQL
  std::string message;
};

/// Rules about a call or a window function, given its arguments.
void lint_function(const Json& node, const std::vector<ColumnFacts>& children,
                   const std::vector<const Json*>& parents, std::vector<Finding>& findings);

/// Lints the query of a model. `outputs` receives the columns of the query.
std::vector<Finding> lint_query(const Json& query, const ResolvedSql& sql, const Project& project,
                                const Model& model, Relation& outputs);

/// Adds the findings as problems, except those allowed by a `-- bullion: allow <code>` comment on
/// their line or the line before.
void report_findings(const std::vector<Finding>& findings, const ResolvedSql& sql,
                     ProblemSink& problems);

}  // namespace bullion::project
