#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "infer/cell_shape_internal.h"
#include "infer/dialect_guess_internal.h"

namespace bullion::infer {
namespace {

constexpr size_t kBytesMax = size_t{64} << 10;
constexpr int64_t kRowsMax = 400;
// Typical before rare: ties go to the front.
constexpr std::array kDelimiters{',', ';', '\t', '|', ':', '^', '~', ' '};
constexpr std::array kQuotes{'"', '\'', '\0'};
// A rarer choice must win by this many of 1000 points.
constexpr int64_t kMargin = 8;
// What one column of texts is worth.
constexpr int64_t kSingleColumn = 150;
// Blanks and colons stand in texts and times, so a table of them has to be clearer, of 1000.
constexpr int64_t kRareDelimiter = 700;

/// Of 1000: how sure it is that this is one value and not several, or a part of one.
int64_t known_share(const TextCell& cell, const Dialect& dialect) {
  const std::string_view text = trimmed(cell.text);
  if (text.empty() || shape_of(text).kind != CellShape::Kind::Text) return 1000;
  if (cell.quoted) return 1000;
  for (const char quote : {'"', '\''}) {
    if (quote != dialect.quote && quote == '\'' && text.back() == '\'' && text.front() != '\'')
      continue;
    if (text.front() == quote || text.back() == quote) return 0;
  }
  int64_t share = 900;
  for (const char c : text) {
    if (c == '\t' || c == '|' || c == ';' || c == '\x01' || c == '\x1F')
      share = std::min<int64_t>(share, 200);
    if (c == ',' || c == '"') share = std::min<int64_t>(share, 600);
  }
  return share;
}

struct Scored {
  int64_t score = 0;
  int width = 1;
  int same_width = 0;
};

Scored score_of(std::string_view text, const Dialect& dialect) {
  TextRows rows(text, dialect);
  std::vector<TextCell> cells;
  std::map<size_t, int64_t> widths;
  int64_t total = 0;
  int64_t faulty = 0;
  int64_t cell_count = 0;
  int64_t known = 0;
  for (auto row = rows.next(cells); row != TextRows::Row::End && total < kRowsMax;
       row = rows.next(cells)) {
    if (row == TextRows::Row::Blank) continue;
    ++total;
    if (row == TextRows::Row::Faulty) {
      ++faulty;
      continue;
    }
    ++widths[cells.size()];
    for (const TextCell& cell : cells) known += known_share(cell, dialect);
    cell_count += static_cast<int64_t>(cells.size());
  }
  Scored scored;
  if (total == 0 || cell_count == 0) return scored;
  int64_t pattern = 0;  // of 1000 * total * total
  int64_t most = 0;
  for (const auto& [width, count] : widths) {
    const auto w = static_cast<int64_t>(width);
    pattern += count * count * (w == 1 ? kSingleColumn : 1000 * (w - 1) / w);
    if (count > most || (count == most && w > scored.width)) {
      most = count;
      scored.width = static_cast<int>(w);
    }
  }
  const int64_t concentration = pattern / (total * total);
  scored.same_width = static_cast<int>(1000 * most / total);
  const int64_t types = known / cell_count;
  // Faulty rows already count as rows of no width; they are also a sign of the wrong quote.
  const int64_t sound = 1000 - 500 * faulty / total;
  const bool is_usual = std::string_view(",;\t|").find(dialect.delimiter) != std::string_view::npos;
  scored.score = concentration * (300 + 700 * types / 1000) / 1000 * sound / 1000 *
                 (is_usual || scored.width == 1 ? 1000 : kRareDelimiter) / 1000;
  return scored;
}

bool has_escaped_quotes(std::string_view text, char quote) {
  return text.find(std::string{'\\', quote}) != std::string_view::npos;
}

/// '#' when lines begin with it that are no rows of the table.
char guess_comment(std::string_view text, const DialectGuess& guess) {
  TextRows rows(text, guess.dialect);
  std::vector<TextCell> cells;
  int64_t marked = 0;
  int64_t fitting = 0;
  for (auto row = rows.next(cells); row != TextRows::Row::End && rows.line() < kRowsMax;
       row = rows.next(cells)) {
    if (cells.empty() || cells[0].quoted || !cells[0].text.starts_with('#') ||
        is_null_word(cells[0].text)) {
      continue;
    }
    ++marked;
    fitting += static_cast<int>(cells.size()) == guess.width ? 1 : 0;
  }
  return marked > 0 && fitting == 0 ? '#' : '\0';
}

std::string_view first_lines(std::string_view text) {
  if (text.size() <= kBytesMax) return text;
  text = text.substr(0, kBytesMax);
  const size_t end = text.find_last_of("\r\n");
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

DialectGuess guess_dialect(std::string_view text) {
  text = first_lines(text);
  DialectGuess guess;
  std::map<char, int> best_of_delimiter;
  bool is_first = true;
  for (const char delimiter : kDelimiters) {
    if (delimiter != ',' && text.find(delimiter) == std::string_view::npos) continue;
    for (const char quote : kQuotes) {
      if (quote == '\'' && text.find('\'') == std::string_view::npos) continue;
      if (quote == '\0' && text.find('"') == std::string_view::npos) continue;
      for (const char escape : {'\0', '\\'}) {
        if (escape != '\0' && (quote == '\0' || !has_escaped_quotes(text, quote))) continue;
        const Dialect dialect{delimiter, quote, escape};
        const Scored scored = score_of(text, dialect);
        int& best = best_of_delimiter[delimiter];
        best = std::max(best, static_cast<int>(scored.score));
        if (!is_first &&
            scored.score <= guess.score + kMargin * (delimiter == guess.dialect.delimiter ? 0 : 1))
          continue;
        is_first = false;
        guess.dialect = dialect;
        guess.score = static_cast<int>(scored.score);
        guess.width = scored.width;
        guess.same_width = scored.same_width;
      }
    }
  }
  for (const auto& [delimiter, score] : best_of_delimiter) {
    if (delimiter != guess.dialect.delimiter)
      guess.second_score = std::max(guess.second_score, score);
  }
  guess.is_certain = guess.second_score * 10 < guess.score * 9;
  guess.comment = guess_comment(text, guess);
  return guess;
}

}  // namespace bullion::infer
