// ASCII characters, whatever the locale; text as names are compared, without case.
#pragma once

#include <string>
#include <string_view>

namespace bullion {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Of a name: a letter, a digit or "_".
constexpr bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
/// Blanks between tokens of JSON, YAML and SQL.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Without the blanks at both ends; a part of `text`.
std::string_view trimmed(std::string_view text);

/// The text with A to Z as a to z; every other byte stays, whatever the locale.
std::string lower(std::string_view text);

}  // namespace bullion
