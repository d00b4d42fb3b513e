// Text as names are compared: without case, ASCII alone.
#pragma once

#include <string>
#include <string_view>

namespace bullion {

/// The text with A to Z as a to z; every other byte stays, whatever the locale.
std::string lower(std::string_view text);

}  // namespace bullion
