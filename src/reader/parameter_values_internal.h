// What a parameter of a saved query may be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "reader/sql.h"

namespace bullion::reader {

/// day | month | year: in SQL a text, which names a time or is one of the parameter's words.
bool is_time_type(std::string_view type);
/// The type of the parameter's literal in the SQL (SqlParameter::type).
std::string literal_type(std::string_view type);

/// Invalid, with what is expected, for a value that the declaration rules out: none of the only
/// choices, or no time. Other types are checked where their literals are made.
Status check_value(const SavedQuery::Parameter& parameter, const std::optional<std::string>& value);

}  // namespace bullion::reader
