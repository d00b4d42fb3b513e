#include "reader/cursor.h"

#include <array>

#include <nlohmann/json.hpp>

namespace bullion::reader {
namespace {

using Json = nlohmann::json;

// RFC 4648, section 5.
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsPerLetter = 6;
constexpr unsigned kBitsPerByte = 8;

std::string base64url(std::string_view bytes) {
  std::string text;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    held = held << kBitsPerByte | static_cast<unsigned char>(c);
    for (bits += kBitsPerByte; bits >= kBitsPerLetter; bits -= kBitsPerLetter) {
      text += kAlphabet[held >> (bits - kBitsPerLetter) & 63U];
    }
    held &= (1U << bits) - 1;
  }
  if (bits > 0) text += kAlphabet[held << (kBitsPerLetter - bits) & 63U];
  return text;
}

std::optional<std::string> bytes_of(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = held << kBitsPerLetter | static_cast<unsigned>(value);
    bits += kBitsPerLetter;
    if (bits < kBitsPerByte) continue;
    bits -= kBitsPerByte;
    bytes += static_cast<char>(held >> bits & 255U);
    held &= (1U << bits) - 1;
  }
  return bytes;
}

Error foreign() {
  return invalid("this is no cursor of this list; take `next_cursor` of the page before unchanged");
}

}  // namespace

std::string cursor_text(const Cursor& cursor) {
  Json keys = Json::array();
  for (const auto& key : cursor.keys) keys.push_back(key ? Json(*key) : Json(nullptr));
  const Json json = {
      {"r", cursor.release}, {"q", cursor.question}, {"k", keys}, {"o", cursor.offset}};
  // Keys come from tables, which hold nothing but UTF-8.
  return base64url(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<Cursor> parse_cursor(std::string_view text) {
  const auto bytes = bytes_of(text);
  if (!bytes) return foreign();
  const Json json = Json::parse(*bytes, nullptr, false);
  if (!json.is_object() || json.size() != 4) return foreign();
  Cursor cursor;
  for (const auto& [name, value] : json.items()) {
    if (name == "r" && value.is_number_integer()) {
      cursor.release = value.get<int64_t>();
    } else if (name == "q" && value.is_string()) {
      cursor.question = value.get<std::string>();
    } else if (name == "o" && value.is_number_integer() && value.get<int64_t>() >= 0) {
      cursor.offset = value.get<int64_t>();
    } else if (name == "k" && value.is_array()) {
      for (const Json& key : value) {
        if (!key.is_null() && !key.is_string()) return foreign();
        cursor.keys.push_back(key.is_null() ? std::nullopt : std::optional(key.get<std::string>()));
      }
    } else {
      return foreign();
    }
  }
  return cursor;
}

}  // namespace bullion::reader
