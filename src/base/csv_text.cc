#include "base/csv_text.h"

#include <array>

namespace bullion {

void append_csv_text(std::string& line, std::string_view text, char delimiter) {
  const std::array<char, 4> special = {delimiter, '"', '\r', '\n'};
  const bool is_plain = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                        text.find_first_of(special.data(), 0, special.size()) == text.npos;
  if (is_plain) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace bullion
