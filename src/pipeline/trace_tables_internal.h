// The tables of one release, as a trace reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "pipeline/environment.h"
#include "pipeline/trace_conditions_internal.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

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

/// What one trace reads. Borrows all.
struct TraceScope {
  const Environment& env;
  const project::Project& project;
  const release::Record& record;
  int64_t limit;  ///< of rows and records shown; negative: none

  Result<PinnedTable> pin(const std::string& table, int64_t version) const;
  /// At what the model was computed from, which an unselected model's input may be ahead of.
  Result<PinnedTable> pin_input(const std::string& model, const std::string& input) const;
  /// " LIMIT 5"; "" for no limit.
  std::string limit_clause() const;
};

/// Boolean SQL, never NULL: `values`, SQL each, are what the columns `names` are in one of the
/// table's rows of the level. NULL equals NULL.
std::string is_in_level(const std::vector<std::string>& values,
                        const std::vector<std::string>& names, const PinnedTable& table);

}  // namespace bullion::pipeline
