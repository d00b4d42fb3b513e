// The SELECT that turns what a model yields into exactly the columns and types of its contract.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/duckdb/session_internal.h"

namespace bullion::engine {

/// SELECT <contract's columns, cast> FROM (<select>). Columns are matched by name (letter case
/// aside) in any order; a missing, extra or double one is Invalid, and so is a cast that could
/// change a value. Casts that may lose digits check each row and fail with the column's name.
Result<std::string> contract_select(const std::string& select,
                                    const std::vector<PreparedColumn>& given,
                                    const delta::Schema& contract);

/// Without trailing blanks and semicolons, so that it can stand in parentheses.
std::string without_semicolon(const std::string& sql);

}  // namespace bullion::engine
