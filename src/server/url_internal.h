// The parts of a request target.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bullion::server {

/// Undoes percent-encoding; with `plus_is_space` also '+'. nullopt when a '%' is not followed by
/// two hexadecimal digits, or when the result is not UTF-8 or holds a NUL byte.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space);

struct Target {
  std::string raw_path;  ///< still encoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;
};
/// Takes "/path?a=b&c" apart (origin form); a name without '=' has the value "". nullopt when it
/// does not begin with '/', when decoding fails, or with more than 200 parameters.
std::optional<Target> parse_target(std::string_view target);

}  // namespace bullion::server
