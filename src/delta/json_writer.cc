#include <utility>

#include <fmt/format.h>

#include "delta/json_writer_internal.h"

namespace bullion::delta {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void JsonObject::start_member(std::string_view key) {
  if (out_.size() > 1) out_ += ',';
  append_json_string(out_, key);
  out_ += ':';
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  start_member(key);
  append_json_string(out_, value);
  return *this;
}

JsonObject& JsonObject::number(std::string_view key, int64_t value) {
  start_member(key);
  out_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::flag(std::string_view key, bool value) {
  start_member(key);
  out_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::json(std::string_view key, std::string_view value) {
  start_member(key);
  out_ += value;
  return *this;
}

JsonObject& JsonObject::texts(std::string_view key,
                              const std::map<std::string, std::string>& values) {
  JsonObject object;
  for (const auto& [name, value] : values) object.text(name, value);
  return json(key, std::move(object).finish());
}

JsonObject& JsonObject::names(std::string_view key, const std::vector<std::string>& values) {
  std::string array = "[";
  for (const std::string& value : values) {
    if (array.size() > 1) array += ',';
    append_json_string(array, value);
  }
  array += ']';
  return json(key, array);
}

std::string JsonObject::finish() && {
  out_ += '}';
  return std::move(out_);
}

}  // namespace bullion::delta
