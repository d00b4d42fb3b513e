#include <algorithm>

#include "infer/text_rows_internal.h"

namespace bullion::infer {
namespace {

// A quote that stays open for longer is none that was meant.
constexpr size_t kQuotedBytesMax = size_t{256} << 10;

bool ends_with_lone_return(std::string_view text, char quote) {
  bool in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0' && text[i] == quote) in_quotes = !in_quotes;
    if (in_quotes) continue;
    if (text[i] == '\n') return false;
    if (text[i] == '\r') return i + 1 == text.size() || text[i + 1] != '\n';
  }
  return false;
}

}  // namespace

TextRows::TextRows(std::string_view text, Dialect dialect)
    : text_(text),
      dialect_(dialect),
      return_ends_(ends_with_lone_return(text.substr(0, size_t{1} << 20), dialect.quote)) {}

bool TextRows::at_line_end() const {
  const char c = text_[at_];
  return c == '\n' ||
         (c == '\r' && (return_ends_ || (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ||
                        at_ + 1 == text_.size()));
}

void TextRows::pass_line_end() {
  if (at_ < text_.size() && text_[at_] == '\r') {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  } else if (at_ < text_.size()) {
    ++at_;
  }
  ++line_;
}

TextRows::Row TextRows::next(std::vector<TextCell>& cells) {
  cells.clear();
  if (at_ >= text_.size()) return Row::End;
  row_line_ = line_;
  const size_t start = at_;
  if (at_line_end()) {
    pass_line_end();
    return Row::Blank;
  }
  if (take_cells(cells)) return Row::Good;
  cells.clear();
  at_ = start;
  line_ = row_line_;
  while (at_ < text_.size() && !at_line_end()) ++at_;
  pass_line_end();
  return Row::Faulty;
}

bool TextRows::take_cells(std::vector<TextCell>& cells) {
  for (;;) {
    if (at_ < text_.size() && dialect_.quote != '\0' && text_[at_] == dialect_.quote) {
      bool ends_row = false;
      if (!take_quoted(cells, ends_row)) return false;
      if (ends_row) return true;
      continue;
    }
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != dialect_.delimiter && text_[at_] != '\n' &&
           !(text_[at_] == '\r' && at_line_end())) {
      ++at_;
    }
    cells.push_back({text_.substr(begin, at_ - begin), false});
    if (at_ >= text_.size()) return true;
    if (text_[at_] != dialect_.delimiter) {
      pass_line_end();
      return true;
    }
    ++at_;
  }
}

bool TextRows::take_quoted(std::vector<TextCell>& cells, bool& ends_row) {
  const size_t begin = ++at_;
  const size_t limit = std::min(text_.size(), begin + kQuotedBytesMax);
  for (; at_ < limit; ++at_) {
    const char c = text_[at_];
    if (c == '\n') ++line_;
    if (dialect_.escape != '\0' && c == dialect_.escape && at_ + 1 < text_.size() &&
        (text_[at_ + 1] == dialect_.quote || text_[at_ + 1] == dialect_.escape)) {
      ++at_;
      continue;
    }
    if (c != dialect_.quote) continue;
    if (at_ + 1 < text_.size() && text_[at_ + 1] == dialect_.quote) {
      ++at_;
      continue;
    }
    cells.push_back({text_.substr(begin, at_ - begin), true});
    ++at_;
    if (at_ >= text_.size()) {
      ends_row = true;
      return true;
    }
    if (text_[at_] == dialect_.delimiter) {
      ++at_;
      return true;
    }
    if (!at_line_end()) return false;
    pass_line_end();
    ends_row = true;
    return true;
  }
  return false;
}

std::string plain_text(const TextCell& cell, const Dialect& dialect) {
  std::string out;
  out.reserve(cell.text.size());
  for (size_t i = 0; i < cell.text.size(); ++i) {
    const char c = cell.text[i];
    const bool has_next = cell.quoted && i + 1 < cell.text.size();
    if (has_next && ((c == dialect.quote && cell.text[i + 1] == dialect.quote) ||
                     (dialect.escape != '\0' && c == dialect.escape &&
                      (cell.text[i + 1] == dialect.quote || cell.text[i + 1] == dialect.escape)))) {
      ++i;
    }
    out += cell.text[i];
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  for (;;) {
    if (!text.empty() && is_blank(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with("\xC2\xA0")) {
      text.remove_prefix(2);
    } else if (!text.empty() && is_blank(text.back())) {
      text.remove_suffix(1);
    } else if (text.ends_with("\xC2\xA0")) {
      text.remove_suffix(2);
    } else {
      return text;
    }
  }
}

}  // namespace bullion::infer
