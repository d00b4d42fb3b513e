#include <algorithm>
#include <array>

#include "infer/file_look_internal.h"
#include "infer/name_match_internal.h"
#include "infer/sample_internal.h"

namespace bullion::infer {
namespace {

constexpr size_t kHeaderRowsLookedAt = 400;
constexpr size_t kSparseRowsMax = 60;
// A table of fewer columns has no sparse rows.
constexpr size_t kFilledMin = 4;

std::string binary_name(std::string_view bytes) {
  using std::string_view_literals::operator""sv;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kKinds{
      {{"PK\x03\x04"sv, "an Excel workbook (.xlsx) or a ZIP archive"sv},
       {"\xD0\xCF\x11\xE0"sv, "an old Excel workbook (.xls)"sv},
       {"PAR1"sv, "Parquet"sv},
       {"%PDF"sv, "PDF"sv},
       {"<?xml"sv, "XML"sv},
       {"OFXHEADER"sv, "OFX"sv}}};
  for (const auto& [magic, name] : kKinds) {
    if (bytes.starts_with(magic)) return std::string(name);
  }
  return "";
}

std::vector<FirstRow> first_rows(std::string_view text, const Dialect& dialect, char comment) {
  TextRows rows(text, dialect);
  std::vector<FirstRow> first;
  std::vector<TextCell> cells;
  while (first.size() < kHeaderRowsLookedAt) {
    const auto row = rows.next(cells);
    if (row == TextRows::Row::End) break;
    const bool is_blank = std::all_of(cells.begin(), cells.end(), [](const TextCell& cell) {
      return trimmed(cell.text).empty() && !cell.quoted;
    });
    if (row == TextRows::Row::Blank || (row == TextRows::Row::Good && is_blank)) continue;
    if (comment != '\0' && !cells.empty() && cells[0].text.starts_with(comment)) continue;
    first.push_back({rows.line(), cells});
  }
  return first;
}

/// Adds the rows of one piece to the look.
class RowCounter {
 public:
  explicit RowCounter(FileLook& look) : look_(look), names_(look.header.names.size()) {
    while (names_ > 0 && trimmed(look.header.names[names_ - 1]).empty()) --names_;
  }

  void add(std::string_view text, int64_t lines_before, size_t usual_filled) {
    TextRows rows(text, look_.dialect.dialect);
    std::vector<TextCell> cells;
    for (auto row = rows.next(cells); row != TextRows::Row::End; row = rows.next(cells)) {
      if (row == TextRows::Row::Blank) continue;
      if (rows.line() < lines_before) continue;
      if (row == TextRows::Row::Faulty) {
        ++look_.faulty_rows;
        continue;
      }
      if (look_.dialect.comment != '\0' && cells[0].text.starts_with(look_.dialect.comment))
        continue;
      add_row(cells, rows.line(), usual_filled);
    }
    for (SparseRow& row : look_.sparse) row.is_last = row.line > last_usual_;
  }

 private:
  void add_row(const std::vector<TextCell>& cells, int64_t line, size_t usual_filled) {
    size_t filled = 0;
    bool has_label = false;
    for (const TextCell& cell : cells) {
      const std::string_view text = trimmed(cell.text);
      filled += text.empty() ? 0 : 1;
      if (!text.empty()) has_label |= is_total_label(text);
    }
    if (filled == 0) {
      ++look_.blank_rows;
      return;
    }
    const bool is_sparse =
        usual_filled >= kFilledMin &&
        (filled * 4 <= usual_filled || (has_label && filled * 2 <= usual_filled + 1));
    if (is_sparse) {
      keep_sparse(cells, line);
      return;
    }
    last_usual_ = std::max(last_usual_, line);
    ++look_.rows;
    if (names_ > 0 && cells.size() < names_) ++look_.short_rows;
    const size_t limit = look_.header.has_header ? look_.header.names.size() : SIZE_MAX;
    bool is_long = false;
    for (size_t c = limit; c < cells.size(); ++c) is_long |= !trimmed(cells[c].text).empty();
    look_.long_rows += is_long ? 1 : 0;
    // The cells of a row that does not fit stand in other columns, perhaps.
    const bool is_usual = static_cast<int>(cells.size()) == look_.dialect.width && !is_long;
    if (look_.header.has_header && !is_usual && (cells.size() < names_ || is_long)) return;
    if (look_.columns.size() < cells.size()) look_.columns.resize(std::min(cells.size(), limit));
    for (size_t c = 0; c < std::min(cells.size(), look_.columns.size()); ++c)
      look_.columns[c].add(cells[c].text, cells[c].quoted);
  }

  void keep_sparse(const std::vector<TextCell>& cells, int64_t line) {
    SparseRow sparse;
    sparse.line = line;
    for (size_t c = 0; c < cells.size(); ++c) {
      const std::string_view text = trimmed(cells[c].text);
      if (!text.empty()) sparse.cells.emplace_back(c, std::string(text.substr(0, 200)));
    }
    // The last ones of a file say most.
    if (look_.sparse.size() >= kSparseRowsMax)
      look_.sparse.erase(look_.sparse.begin() + kSparseRowsMax / 2);
    look_.sparse.push_back(std::move(sparse));
  }

  FileLook& look_;
  size_t names_;
  int64_t last_usual_ = 0;
};

size_t usual_filled_from(const std::vector<FirstRow>& rows, size_t from) {
  std::vector<size_t> counts;
  for (size_t i = from; i < rows.size(); ++i) {
    const auto filled =
        std::count_if(rows[i].cells.begin(), rows[i].cells.end(),
                      [](const TextCell& cell) { return !trimmed(cell.text).empty(); });
    if (filled > 0) counts.push_back(static_cast<size_t>(filled));
  }
  // Two rows cannot say what is usual.
  if (counts.size() < 3) return 0;
  std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2),
                   counts.end());
  return counts[counts.size() / 2];
}

}  // namespace

uint64_t digest_of(const Sample& sample) {
  uint64_t digest = 0xCBF29CE484222325U ^ static_cast<uint64_t>(sample.size);
  for (const std::string& piece : sample.pieces) {
    for (const char c : piece) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return digest;
}

bool is_total_label(std::string_view text) {
  if (text.size() > 60) return false;
  const auto words = words_of(text);
  if (words.empty() || words.size() > 6) return false;
  static constexpr std::array<std::string_view, 12> kTotals{
      "total",  "totals", "subtotal", "sum",         "summe", "gesamt",
      "totaal", "suma",   "totale",   "gesamtsumme", "razem", "yhteensa"};
  const auto is_total = [](const std::string& word) {
    return std::find(kTotals.begin(), kTotals.end(), word) != kTotals.end();
  };
  return is_total(words[0]) ||
         (words.size() > 1 && (words[0] == "grand" || words[0] == "sub" || words[0] == "overall") &&
          is_total(words[1]));
}

void look_at_text(const std::vector<std::string>& pieces, FileLook& look, const KnownNames& known) {
  const std::string_view first = pieces.front();
  if (look.format == "csv") look.dialect = guess_dialect(first);
  const std::vector<FirstRow> rows = first_rows(first, look.dialect.dialect, look.dialect.comment);
  if (rows.empty()) {
    look.fault = "it has no rows";
    return;
  }
  if (look.format == "csv" || look.format == "xlsx") {
    look.header = guess_header(rows, look.dialect.dialect, known);
  }
  const size_t behind =
      look.header.at + (look.header.has_header ? static_cast<size_t>(look.header.rows) : 0);
  look.header_line = look.header.at < rows.size() ? rows[look.header.at].line : 0;
  const int64_t data_line = behind < rows.size() ? rows[behind].line : INT64_MAX;
  RowCounter counter(look);
  const size_t filled = usual_filled_from(rows, behind);
  for (size_t i = 0; i < pieces.size(); ++i) counter.add(pieces[i], i == 0 ? data_line : 0, filled);
  if (look.header.has_header && look.columns.size() < look.header.names.size())
    look.columns.resize(look.header.names.size());
}

Status look_at_sample(const Sample& sample, FileLook& look, const KnownNames& known) {
  look.size = sample.size;
  look.is_whole = sample.is_whole;
  look.digest = digest_of(sample);
  if (sample.pieces.empty() || sample.pieces.front().empty()) {
    look.fault = sample.fault.empty() ? "it is empty" : sample.fault;
    return ok();
  }
  const std::string kind = binary_name(sample.pieces.front());
  if (!kind.empty()) {
    look.fault = "it is " + kind;
    return ok();
  }
  std::vector<std::string> pieces = sample.pieces;
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  look.encoding = guess_encoding(all);
  all.clear();
  // Later pieces of wide characters may begin within one.
  if (look.encoding.name.starts_with("utf-16") || look.encoding.name.starts_with("utf-32"))
    pieces.resize(1);
  for (std::string& piece : pieces) piece = to_utf8(piece, look.encoding.name);
  if (std::count(pieces.front().begin(), pieces.front().end(), '\0') * 100 >
      static_cast<std::ptrdiff_t>(pieces.front().size())) {
    look.fault = "it is no text";
    return ok();
  }
  look_at_text(pieces, look, known);
  return ok();
}

Result<FileLook> look_at_file(const std::string& path, const KnownNames& known) {
  BULLION_TRY_ASSIGN(const Sample sample, take_sample(path));
  FileLook look;
  look.path = path;
  BULLION_TRY(look_at_sample(sample, look, known));
  return look;
}

}  // namespace bullion::infer
