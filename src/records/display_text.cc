#include "records/display_text.h"

#include <algorithm>

namespace bullion::records {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kNulSymbol = "\xE2\x90\x80";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr size_t kMessageBytesMax = 120;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Length of the valid UTF-8 character at the front of `bytes`; 0 when there is none.
size_t character_length(std::string_view bytes) {
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

}  // namespace

size_t valid_utf8_prefix(std::string_view bytes) {
  size_t length = 0;
  while (length < bytes.size()) {
    const size_t step = character_length(bytes.substr(length));
    if (step == 0) break;
    length += step;
  }
  return length;
}

std::string display_text(std::string_view bytes, size_t bytes_max) {
  std::string text;
  text.reserve(std::min(bytes.size(), bytes_max));
  size_t fits = 0;  // length of the longest prefix that leaves room for the ellipsis
  while (!bytes.empty()) {
    const size_t length = character_length(bytes);
    const std::string_view shown = length == 0        ? kReplacement
                                   : bytes[0] == '\0' ? kNulSymbol
                                                      : bytes.substr(0, length);
    if (text.size() + shown.size() > bytes_max) {
      text.resize(fits);
      text.append(kEllipsis);
      return text;
    }
    text.append(shown);
    if (text.size() + kEllipsis.size() <= bytes_max) fits = text.size();
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return text;
}

std::string quoted_for_message(std::string_view bytes) {
  std::string message = "`";
  for (const char c : display_text(bytes, kMessageBytesMax)) {
    if (c == '\n') {
      message += "\\n";
    } else if (c == '\r') {
      message += "\\r";
    } else {
      message += c;
    }
  }
  return message + "`";
}

}  // namespace bullion::records
