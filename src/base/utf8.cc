#include "base/utf8.h"

namespace bullion {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

size_t utf8_character_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes[i])) return 0;
  }
  // Overlong forms, surrogates and values above U+10FFFF show in the second byte.
  const auto second = static_cast<unsigned char>(bytes[1]);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

size_t valid_utf8_prefix(std::string_view bytes) {
  size_t length = 0;
  while (length < bytes.size()) {
    const size_t step = utf8_character_length(bytes.substr(length));
    if (step == 0) break;
    length += step;
  }
  return length;
}

}  // namespace bullion
