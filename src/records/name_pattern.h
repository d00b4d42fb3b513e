// Patterns of names and cells: '*' any run of characters, '?' one; case does not matter.
#pragma once

#include <string_view>

namespace bullion::records {

/// Whether the whole text fits. ASCII letters match without regard to case; '?' takes one character
/// of UTF-8. There is no escape: a '*' or '?' in the text is met by '?'.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace bullion::records
