// Writes the few pieces of JSON that records carry along.
#pragma once

#include <string>
#include <string_view>

namespace bullion::records {

/// Appends `text` (valid UTF-8) as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace bullion::records
