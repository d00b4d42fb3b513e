#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "infer/cell_shape_internal.h"
#include "infer/header_guess_internal.h"
#include "infer/name_match_internal.h"
#include "records/header.h"

namespace bullion::infer {
namespace {

constexpr size_t kCandidatesMax = 60;
constexpr size_t kBodyRowsMax = 200;
constexpr size_t kNameBytesMax = 120;
constexpr int kHeaderRowsMax = 3;
// A header of several rows begins here at the latest.
constexpr size_t kSpannedRowsMax = 2;

using Kind = CellShape::Kind;

Kind kind_of(const TextCell& cell) { return shape_of(trimmed(cell.text)).kind; }

size_t filled_cells(const FirstRow& row) {
  return static_cast<size_t>(
      std::count_if(row.cells.begin(), row.cells.end(),
                    [](const TextCell& cell) { return !trimmed(cell.text).empty(); }));
}

/// The most frequent number of cells; of equals the larger.
size_t usual_width(const std::vector<FirstRow>& rows) {
  std::map<size_t, size_t> counts;
  for (const FirstRow& row : rows) {
    if (!row.cells.empty()) ++counts[row.cells.size()];
  }
  size_t width = 0;
  size_t most = 0;
  for (const auto& [cells, count] : counts) {
    if (count < most) continue;
    most = count;
    width = cells;
  }
  return width;
}

size_t usual_filled(const std::vector<FirstRow>& rows, size_t width) {
  std::vector<size_t> filled;
  for (const FirstRow& row : rows) {
    if (row.cells.size() == width) filled.push_back(filled_cells(row));
  }
  if (filled.empty()) return 0;
  std::nth_element(filled.begin(), filled.begin() + static_cast<std::ptrdiff_t>(filled.size() / 2),
                   filled.end());
  return filled[filled.size() / 2];
}

/// What stands below a row in one column.
struct Below {
  std::array<int, 7> kinds{};
  int filled = 0;
  std::map<std::string_view, int> texts;
};

Below look_below(const std::vector<FirstRow>& rows, size_t at, size_t column, size_t width) {
  Below below;
  size_t seen = 0;
  for (size_t i = at + 1; i < rows.size() && seen < kBodyRowsMax; ++i) {
    if (rows[i].cells.size() != width || column >= width) continue;
    ++seen;
    const TextCell& cell = rows[i].cells[column];
    const Kind kind = kind_of(cell);
    if (kind == Kind::Empty) continue;
    ++below.filled;
    ++below.kinds[static_cast<size_t>(kind)];
    ++below.texts[trimmed(cell.text)];
  }
  return below;
}

bool is_value_kind(Kind kind) {
  return kind == Kind::Number || kind == Kind::Date || kind == Kind::Time;
}

/// The kind of most values below; Text when there is none.
Kind usual_kind(const Below& below) {
  for (const Kind kind : {Kind::Number, Kind::Date, Kind::Time}) {
    if (below.kinds[static_cast<size_t>(kind)] * 10 >= below.filled * 7 && below.filled > 0)
      return kind;
  }
  return Kind::Text;
}

/// "1976" above amounts, where few values are years themselves.
bool is_year_above(std::string_view text, const Below& below) {
  const auto is_year = [](std::string_view one) { return one.size() == 4 && names_period(one); };
  if (!is_year(text)) return false;
  int years = 0;
  for (const auto& [value, count] : below.texts) years += is_year(value) ? count : 0;
  return years * 2 < below.filled;
}

/// Points of one cell for being a name and not a value, from -1000 to 1000.
int points_of(const TextCell& cell, const Below& below) {
  const std::string_view text = trimmed(cell.text);
  const Kind kind = kind_of(cell);
  if (is_value_kind(kind)) {
    if (is_year_above(text, below)) return 500;
    return usual_kind(below) == kind ? -1000 : -400;
  }
  if (kind == Kind::NullWord || text.size() > kNameBytesMax) return -500;
  const int known = is_known_header(text) ? 300 : 0;
  if (is_value_kind(usual_kind(below))) return 1000;
  if (below.filled == 0) return 200 + known;
  const auto again = below.texts.find(text);
  if (again != below.texts.end()) return again->second * 2 > below.filled ? known : known - 300;
  return 300 + known;
}

/// Points of a whole row. A table whose columns are `usual` many in use has as many names.
int score_row(const std::vector<FirstRow>& rows, size_t at, size_t width, size_t usual) {
  const FirstRow& row = rows[at];
  int64_t points = 0;
  int64_t filled = 0;
  std::set<std::string> names;
  for (size_t c = 0; c < row.cells.size(); ++c) {
    const std::string_view text = trimmed(row.cells[c].text);
    if (text.empty()) continue;
    ++filled;
    if (!names.insert(records::folded_name(text)).second) points -= 300;
    points += points_of(row.cells[c], look_below(rows, at, c, width));
  }
  return filled == 0 ? -1000
                     : static_cast<int>(points / std::max(filled, static_cast<int64_t>(usual)));
}

/// Of 1000: how many cells of a row are names that other files have in their headers.
int known_share(const FirstRow& row, const KnownNames& known) {
  if (known.empty()) return 0;
  int filled = 0;
  int found = 0;
  for (const TextCell& cell : row.cells) {
    if (trimmed(cell.text).empty()) continue;
    ++filled;
    found += known.contains(compact_name(cell.text)) ? 1 : 0;
  }
  return filled == 0 ? 0 : 1000 * found / filled;
}

/// Whether a row can name the columns of a table of `width` cells, `filled` of them in use.
bool may_be_header(const FirstRow& row, size_t width, size_t filled) {
  if (row.cells.empty()) return false;
  const size_t names = filled_cells(row);
  const size_t wanted = std::max<size_t>(1, (filled * 6 + 9) / 10);
  return names >= std::min(wanted, width) && row.cells.size() * 10 >= width * 6;
}

std::vector<std::string> names_of(const std::vector<FirstRow>& rows, const HeaderGuess& guess,
                                  const Dialect& dialect) {
  std::vector<std::vector<std::string>> texts;
  for (size_t i = guess.at; i < guess.at + static_cast<size_t>(guess.rows) && i < rows.size();
       ++i) {
    std::vector<std::string>& row = texts.emplace_back();
    for (const TextCell& cell : rows[i].cells) row.push_back(plain_text(cell, dialect));
  }
  std::vector<std::string> names;
  for (const records::HeaderName& name : records::join_header_rows(texts))
    names.push_back(name.text);
  return names;
}

/// Rows right below the header that are names as well: all of their cells are text where the rows
/// further below have values.
int count_header_rows(const std::vector<FirstRow>& rows, const HeaderGuess& guess, size_t width) {
  int count = 1;
  while (count < kHeaderRowsMax) {
    const size_t at = guess.at + static_cast<size_t>(count);
    if (at + 1 >= rows.size() || rows[at].cells.size() != width) return count;
    if (filled_cells(rows[at]) * 2 < filled_cells(rows[guess.at])) return count;
    int contrasts = 0;
    int values = 0;
    for (size_t c = 0; c < width; ++c) {
      const std::string_view text = trimmed(rows[at].cells[c].text);
      if (text.empty()) continue;
      const bool is_value = is_value_kind(kind_of(rows[at].cells[c]));
      const bool below_is_value = is_value_kind(usual_kind(look_below(rows, at, c, width)));
      contrasts += below_is_value && !is_value && kind_of(rows[at].cells[c]) == Kind::Text ? 1 : 0;
      values += is_value ? 1 : 0;
    }
    if (contrasts == 0 || values > 0) return count;
    ++count;
  }
  return count;
}

/// Whether the row above a header is a part of it: the same names again, or names that span several
/// columns, which stand once and leave blanks or are repeated side by side.
bool spans(const FirstRow& above, const FirstRow& header) {
  if (above.cells.size() != header.cells.size()) return false;
  size_t filled = 0;
  bool is_same = true;
  bool repeats = false;
  for (size_t c = 0; c < above.cells.size(); ++c) {
    const std::string_view text = trimmed(above.cells[c].text);
    is_same &= text == trimmed(header.cells[c].text);
    if (is_value_kind(kind_of(above.cells[c]))) return false;
    if (text.empty()) continue;
    ++filled;
    repeats |= c > 0 && text == trimmed(above.cells[c - 1].text);
  }
  return is_same || (repeats && filled * 10 >= header.cells.size() * 6);
}

}  // namespace

HeaderGuess guess_header(const std::vector<FirstRow>& rows, const Dialect& dialect,
                         const KnownNames& known) {
  HeaderGuess best;
  const size_t width = usual_width(rows);
  const size_t filled = usual_filled(rows, width);
  best.score = -1000;
  size_t table = rows.size();
  for (size_t i = 0; i < std::min(rows.size(), kCandidatesMax); ++i) {
    if (!may_be_header(rows[i], width, filled)) continue;
    table = std::min(table, i);
    const int score =
        score_row(rows, i, width, std::min(filled, width)) + 2 * known_share(rows[i], known);
    if (score <= best.score) continue;
    best.score = score;
    best.at = i;
  }
  // Behind the first rows of data, a row of names would be the header of another table.
  constexpr int kNameScore = 150;
  best.has_header = table < rows.size() && best.score >= kNameScore;
  best.is_certain = best.score >= 350 || best.score <= 0;
  if (!best.has_header) {
    best.at = std::min(table, rows.size());
    best.rows = 1;
    return best;
  }
  best.rows = count_header_rows(rows, best, width);
  // Further down, rows above the header are a preamble.
  while (best.at > 0 && best.at <= kSpannedRowsMax && best.rows < kHeaderRowsMax &&
         spans(rows[best.at - 1], rows[best.at])) {
    --best.at;
    ++best.rows;
  }
  best.names = names_of(rows, best, dialect);
  return best;
}

}  // namespace bullion::infer
