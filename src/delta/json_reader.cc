#include <fmt/format.h>

#include "delta/json_reader_internal.h"

namespace bullion::delta {
namespace {

Error wrong_type(std::string_view key, std::string_view expected) {
  return corrupt(fmt::format("`{}` is not {}", key, expected));
}

}  // namespace

bool json_member(simdjson::dom::object object, std::string_view key,
                 simdjson::dom::element& value) {
  return object.at_key(key).get(value) == simdjson::SUCCESS && !value.is_null();
}

Result<std::string> json_text(simdjson::dom::object object, std::string_view key,
                              std::string_view fallback) {
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return std::string(fallback);
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong_type(key, "a string");
  return std::string(text);
}

Result<int64_t> json_integer(simdjson::dom::object object, std::string_view key, int64_t fallback) {
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return fallback;
  int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) return wrong_type(key, "a 64-bit integer");
  return number;
}

Result<bool> json_flag(simdjson::dom::object object, std::string_view key, bool fallback) {
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return fallback;
  bool flag = false;
  if (value.get(flag) != simdjson::SUCCESS) return wrong_type(key, "true or false");
  return flag;
}

Result<std::vector<std::string>> json_names(simdjson::dom::object object, std::string_view key) {
  std::vector<std::string> names;
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return names;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return wrong_type(key, "an array of strings");
  for (const simdjson::dom::element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return wrong_type(key, "an array of strings");
    names.emplace_back(text);
  }
  return names;
}

Result<std::map<std::string, std::string>> json_texts(simdjson::dom::object object,
                                                      std::string_view key) {
  std::map<std::string, std::string> texts;
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return texts;
  simdjson::dom::object members;
  if (value.get(members) != simdjson::SUCCESS) return wrong_type(key, "an object of strings");
  for (const simdjson::dom::key_value_pair member : members) {
    if (member.value.is_null()) continue;
    std::string_view text;
    if (member.value.get(text) != simdjson::SUCCESS) return wrong_type(key, "an object of strings");
    texts.emplace(member.key, text);
  }
  return texts;
}

std::string json_verbatim(simdjson::dom::object object, std::string_view key) {
  simdjson::dom::element value;
  if (!json_member(object, key, value)) return "";
  return simdjson::minify(value);
}

}  // namespace bullion::delta
