// Where a target keeps what people enter.
#pragma once

#include <string>

#include "base/result.h"
#include "project/project.h"

namespace bullion::project {

/// `state` of the project's target in bullion.yml: a postgresql:// URL or the absolute path of an
/// SQLite file; `<lake>/state.db` when it says none, or when --lake went over the target's lake.
/// Read when asked for and kept nowhere else, because it may hold a password; variables of the
/// environment that only other targets or other verbs need may be missing.
Result<std::string> state_location(const Project& project);

}  // namespace bullion::project
