// Text to rows of cells by a dialect that is being tried: quick, and forgiving where the reader of
// files (records/csv_reader.h) is strict.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bullion::infer {

struct Dialect {
  char delimiter = ',';
  char quote = '"';    ///< '\0': none
  char escape = '\0';  ///< '\0': a quote inside quotes is doubled
  bool operator==(const Dialect&) const = default;
};

struct TextCell {
  std::string_view text;  ///< without its quotes; doubled or escaped quotes stand as they are
  bool quoted = false;
};

/// Splits as records::CsvReader does: a faulty quote costs one line.
class TextRows {
 public:
  enum class Row { Good, Blank, Faulty, End };
  /// `text` is borrowed.
  TextRows(std::string_view text, Dialect dialect);

  /// `cells` of a faulty row are empty.
  Row next(std::vector<TextCell>& cells);
  int64_t line() const { return row_line_; }  ///< 1-based first line of the last row

 private:
  bool take_cells(std::vector<TextCell>& cells);
  bool take_quoted(std::vector<TextCell>& cells, bool& ends_row);
  bool at_line_end() const;
  void pass_line_end();

  std::string_view text_;
  Dialect dialect_;
  bool return_ends_ = false;
  size_t at_ = 0;
  int64_t line_ = 1;
  int64_t row_line_ = 0;
};

/// The cell's content.
std::string plain_text(const TextCell& cell, const Dialect& dialect);

/// Without blanks (also no-break blanks) around it.
std::string_view trimmed(std::string_view text);

}  // namespace bullion::infer
