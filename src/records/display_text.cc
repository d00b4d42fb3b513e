#include "records/display_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace bullion::records {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kNulSymbol = "\xE2\x90\x80";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr size_t kMessageBytesMax = 120;

}  // namespace

std::string display_text(std::string_view bytes, size_t bytes_max) {
  std::string text;
  text.reserve(std::min(bytes.size(), bytes_max));
  size_t fits = 0;  // length of the longest prefix that leaves room for the ellipsis
  while (!bytes.empty()) {
    const size_t length = utf8_character_length(bytes);
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
