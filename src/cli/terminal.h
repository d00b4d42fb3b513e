// Words to people: results to standard output, everything else to standard error.
#pragma once

#include <string>
#include <string_view>

namespace bullion::cli {

/// One line to standard output. A closed pipe ends the program quietly.
void say(std::string_view line);
/// Text to standard output as it is.
void put(std::string_view text);
/// One line to standard error.
void complain(std::string_view line);
bool output_is_terminal();
bool errors_are_terminal();

}  // namespace bullion::cli
