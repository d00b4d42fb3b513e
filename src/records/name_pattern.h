// Patterns of names and cells: '*' any run of characters, '?' one.
#pragma once

#include <string_view>

namespace bullion::records {

enum class LetterCase { Ignored, Exact };

/// Whether the whole text fits. By default ASCII letters match without regard to case; names of
/// files do not. '?' takes one character of UTF-8. There is no escape: a '*' or '?' in the text is
/// met by '?'.
bool matches_pattern(std::string_view pattern, std::string_view text,
                     LetterCase letters = LetterCase::Ignored);

}  // namespace bullion::records
