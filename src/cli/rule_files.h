// The rule sets that can be asked for: the project's rules/*.yml and those shipped with a domain.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "quality/rule_set.h"

namespace bullion::cli {

/// The set of that name; without a version ("") the newest, the project's own before a shipped one.
/// Invalid when a file of rules/ has no readable title, or the set has problems.
Result<quality::RuleSet> find_rule_set(const std::string& project_folder, const std::string& name,
                                       const std::string& version);

/// Everything that is wrong with the project's own rule sets (quality::check_rule_set).
std::vector<project::Problem> check_rule_files(engine::Engine& engine,
                                               const std::string& project_folder);

}  // namespace bullion::cli
