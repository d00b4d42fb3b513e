// What is wrong with a rule set, before any data is there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "quality/rule_set.h"

namespace bullion::quality {

/// The problems of reading it and, when there are none, of each rule written in this file whose SQL
/// the engine cannot bind. The set's columns have their declared types; a column that only the rule
/// names may be a text, a decimal or a date.
std::vector<project::Problem> check_rule_set(engine::Engine& engine, const std::string& file,
                                             std::string_view text, const RuleSetSource& other);

}  // namespace bullion::quality
