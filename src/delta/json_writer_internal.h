// Writes JSON text with a fixed key order, so that equal actions give equal bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bullion::delta {

/// Appends `text` as a JSON string, quotes included. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Builds one JSON object; keys come out in the order of the calls. Not thread-safe.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, int64_t value);
  JsonObject& flag(std::string_view key, bool value);
  /// `value` must be JSON already; it is taken verbatim.
  JsonObject& json(std::string_view key, std::string_view value);
  JsonObject& texts(std::string_view key, const std::map<std::string, std::string>& values);
  JsonObject& names(std::string_view key, const std::vector<std::string>& values);

  /// The finished object. The builder must not be used afterwards.
  std::string finish() &&;

 private:
  void start_member(std::string_view key);

  std::string out_ = "{";
};

}  // namespace bullion::delta
