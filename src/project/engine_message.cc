#include <charconv>
#include <optional>
#include <vector>

#include "project/engine_message_internal.h"

namespace bullion::project {
namespace {

std::optional<size_t> number_at(std::string_view text) {
  size_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

/// [begin, end) of the n-th line, from 1.
std::pair<size_t, size_t> line_range(std::string_view text, size_t number) {
  size_t begin = 0;
  for (size_t line = 1; line < number; ++line) {
    const size_t next = text.find('\n', begin);
    if (next == std::string_view::npos) return {text.size(), text.size()};
    begin = next + 1;
  }
  const size_t end = text.find('\n', begin);
  return {begin, end == std::string_view::npos ? text.size() : end};
}

/// Offset in `line` of the caret, by the excerpt's text around it: the engine may cut long lines
/// and may have put words of its own before the statement.
size_t caret_in_line(std::string_view line, std::string_view excerpt, size_t caret) {
  if (caret >= excerpt.size()) return line.size();
  std::string_view rest = excerpt.substr(caret);
  if (rest.size() > 3 && rest.ends_with("...")) rest.remove_suffix(3);
  for (size_t before = caret + 1; before-- > 0;) {
    const std::string_view wanted = excerpt.substr(caret - before, before + rest.size());
    const size_t found = line.find(wanted);
    if (found != std::string_view::npos) return found + before;
  }
  return 0;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\t' || c == '\r') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// `message` without the place that it names, which is put into `place` as an offset in sql.text.
std::string without_place(std::string_view message, const ResolvedSql& sql,
                          std::optional<size_t>& place) {
  const size_t pointer = message.rfind("LINE ");
  const size_t colon = pointer == std::string_view::npos ? pointer : message.find(": ", pointer);
  if (colon != std::string_view::npos) {
    if (const auto number = number_at(message.substr(pointer + 5))) {
      const size_t excerpt_begin = colon + 2;
      const size_t excerpt_end = message.find('\n', excerpt_begin);
      const auto [begin, end] = line_range(sql.text, *number);
      size_t offset = begin;
      if (excerpt_end != std::string_view::npos) {
        const std::string_view excerpt = message.substr(excerpt_begin, excerpt_end - excerpt_begin);
        const size_t indent = message.find('^', excerpt_end) - (excerpt_end + 1);
        const size_t shift = excerpt_begin - pointer;
        if (indent >= shift && indent < message.size()) {
          offset += caret_in_line(std::string_view(sql.text).substr(begin, end - begin), excerpt,
                                  indent - shift);
        }
      }
      place = offset;
    }
    return one_line(message.substr(0, pointer));
  }
  constexpr std::string_view kPosition = "position ";
  const size_t position = message.rfind(kPosition);
  if (position != std::string_view::npos) {
    if (const auto offset = number_at(message.substr(position + kPosition.size()))) {
      place = *offset;
      // The byte position helps nobody once line and column are known.
      size_t cut = position;
      while (cut > 0 &&
             (message[cut - 1] == ' ' || message[cut - 1] == '(' || message[cut - 1] == ',')) {
        --cut;
      }
      if (cut > 3 && message.substr(0, cut).ends_with(" at")) cut -= 3;
      if (cut > 5 && message.substr(0, cut).ends_with(" byte")) cut -= 5;
      return one_line(message.substr(0, cut));
    }
  }
  return one_line(message);
}

}  // namespace

EngineMessage read_engine_message(std::string_view message, const ResolvedSql& sql) {
  EngineMessage out;
  std::optional<size_t> place;
  out.text = without_place(message, sql, place);
  if (!place) return out;
  out.mark = sql.mark_at(*place);
  const std::string value = sql.value_at(*place);
  if (!value.empty()) out.text += "; it is in " + value;
  return out;
}

}  // namespace bullion::project
