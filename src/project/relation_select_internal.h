// The state of one SELECT while RelationAnalyzer reads it; seen by its two source files only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "project/relation_internal.h"

namespace bullion::project {

struct RelationAnalyzer::Select {
  Scope scope;
  const Ctes* ctes = nullptr;
  std::vector<ColumnFacts> outputs;
  ColumnInputs rows_from;
  std::map<std::string, ColumnFacts> aliases;  ///< outputs by lower-case name
  std::vector<const Json*> where_conjuncts;    ///< only when all joins are inner
  bool columns_known = true;
  bool grouped = false;
  bool keys_lost = false;
  bool expression_reads = false;    ///< a subquery in an expression reads the tracked input
  std::optional<size_t> aggregate;  ///< the first aggregate function of this SELECT
};

}  // namespace bullion::project
