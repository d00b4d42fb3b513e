// Saved queries by name, and the values of their parameters, for the verbs that run them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "reader/sql.h"

namespace bullion::cli {

/// "day=2025-01-01" -> its two sides. Invalid when one has no '=', or comes twice.
Result<std::map<std::string, std::optional<std::string>>> parameter_values(
    const std::vector<std::string>& parameters);

/// NotFound with the nearest name.
Result<reader::SavedQuery> find_query(const reader::SavedQueries& saved, const std::string& name);

}  // namespace bullion::cli
