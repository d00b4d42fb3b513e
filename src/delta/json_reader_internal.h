// Typed members of parsed JSON objects, with errors that name the member. Absent and null are one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/result.h"

namespace bullion::delta {

/// The member's value; an element that is null when it is absent or null.
/// Corrupt: the member has another type than asked for.
Result<std::string> json_text(simdjson::dom::object object, std::string_view key,
                              std::string_view fallback);
Result<int64_t> json_integer(simdjson::dom::object object, std::string_view key, int64_t fallback);
Result<bool> json_flag(simdjson::dom::object object, std::string_view key, bool fallback);
Result<std::vector<std::string>> json_names(simdjson::dom::object object, std::string_view key);
/// A map of strings; members that are null are left out.
Result<std::map<std::string, std::string>> json_texts(simdjson::dom::object object,
                                                      std::string_view key);
/// The member as minified JSON text, or "" when it is absent or null.
std::string json_verbatim(simdjson::dom::object object, std::string_view key);

/// Sets `value` to the member and returns true, unless it is absent or null.
bool json_member(simdjson::dom::object object, std::string_view key, simdjson::dom::element& value);

}  // namespace bullion::delta
