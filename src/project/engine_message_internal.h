// The engine's error text, with its "LINE n" pointer turned into a place in the user's file.
#pragma once

#include <string>
#include <string_view>

#include "project/problem_internal.h"
#include "project/templates_internal.h"

namespace bullion::project {

struct EngineMessage {
  std::string text;  ///< without the excerpt and its caret, on one line
  Mark mark;         ///< in the file; 0 when the engine named no place
};

/// Reads "...LINE 3: excerpt\n   ^" and "position 17" against the SQL the engine was given.
EngineMessage read_engine_message(std::string_view message, const ResolvedSql& sql);

}  // namespace bullion::project
