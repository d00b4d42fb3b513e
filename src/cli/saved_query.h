// Saved queries by name, and the values of their parameters, for the verbs that run them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "reader/sql.h"
#include "release/record.h"

namespace bullion::cli {

/// "day=2025-01-01" -> its two sides. Invalid when one has no '=', or comes twice.
Result<std::map<std::string, std::optional<std::string>>> parameter_values(
    const std::vector<std::string>& parameters);

/// NotFound with the nearest name.
Result<reader::SavedQuery> find_query(const reader::SavedQueries& saved, const std::string& name);

/// check_listed_values() on the views that create_release_views() made.
Status check_values(engine::Engine& engine, const release::Record& record,
                    const reader::SavedQuery& query, const reader::SqlRequest& request);

}  // namespace bullion::cli
