// Whether bytes are UTF-8 text: Unicode's table 3-7, so neither overlong forms nor surrogates.
#pragma once

#include <cstddef>
#include <string_view>

namespace bullion {

/// Length of the character at the front of `bytes`; 0 when there is none, also in an empty view.
size_t utf8_character_length(std::string_view bytes);

/// Length of the longest front of `bytes` that is valid UTF-8.
size_t valid_utf8_prefix(std::string_view bytes);

inline bool is_utf8(std::string_view bytes) { return valid_utf8_prefix(bytes) == bytes.size(); }

}  // namespace bullion
