// The valid name a person most likely meant, for error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullion {

/// The candidate with the smallest edit distance to `name`, or "" when none is close
/// (more than a third of the letters differ).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// " (did you mean `x`?)" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace bullion
