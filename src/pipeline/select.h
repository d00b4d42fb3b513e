// dbt's selection syntax: m, +m (and its ancestors), m+ (and its descendants), +m+.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "project/project.h"

namespace bullion::pipeline {

/// Names of the models chosen; all of them when `selectors` is empty. Invalid names the nearest.
Result<std::set<std::string>> select_models(const project::Project& project,
                                            const std::vector<std::string>& selectors);

}  // namespace bullion::pipeline
