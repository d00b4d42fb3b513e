// The line for programs that --json puts at the end of a verb's output.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/options.h"

namespace bullion::cli {

/// Where the line goes: below words for people, or to standard error when standard output is the
/// result itself, as a document in some format.
enum class OutputIs { Words, Document };

/// With --json, one JSON object as the last line; `fields` begin with `status`. Nothing without.
void say_last_line(const GlobalOptions& global, const nlohmann::ordered_json& fields,
                   OutputIs output = OutputIs::Words);

}  // namespace bullion::cli
