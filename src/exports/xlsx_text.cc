#include <algorithm>

#include <fmt/format.h>

#include "exports/xlsx_text_internal.h"

namespace bullion::exports {
namespace {

constexpr size_t kSheetNameMax = 31;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool looks_escaped(std::string_view text) {
  return text.size() >= 7 && text[0] == '_' && (text[1] == 'x' || text[1] == 'X') &&
         std::all_of(text.begin() + 2, text.begin() + 6, is_hex_digit) && text[6] == '_';
}

std::string column_letters(size_t column) {
  std::string letters;
  for (size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

std::string xlsx_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string_view rest = text.substr(i);
    if (byte < 0x20 && byte != '\n' && byte != '\t') {
      escaped += fmt::format("_x{:04X}_", byte);
    } else if (looks_escaped(rest)) {
      escaped += "_x005F_";
    } else if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      escaped += rest[2] == '\xBE' ? "_xFFFE_" : "_xFFFF_";
      i += 2;
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

std::string sheet_name(const std::string& table, int index) {
  std::string name;
  for (const char c : table) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    name += is_plain ? c : '_';
  }
  // Excel keeps "History" for itself; "Provenance" is ours.
  if (name.empty() || equals_ignoring_case(name, "history") ||
      equals_ignoring_case(name, "provenance")) {
    name += '_';
  }
  const std::string suffix = index == 0 ? "" : fmt::format(" ({})", index + 1);
  name.resize(std::min(name.size(), kSheetNameMax - suffix.size()));
  return name + suffix;
}

std::string column_range(const std::string& sheet, size_t column, int64_t first_row,
                         int64_t last_row) {
  const std::string letters = column_letters(column);
  const std::string prefix = sheet.empty() ? "" : fmt::format("'{}'!", sheet);
  return fmt::format("{0}${1}${2}:${1}${3}", prefix, letters, first_row + 1, last_row + 1);
}

}  // namespace bullion::exports
