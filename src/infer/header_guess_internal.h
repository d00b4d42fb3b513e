// Where the table of a text begins and which of its rows name the columns.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "infer/text_rows_internal.h"

namespace bullion::infer {

/// One of the first rows of a text.
struct FirstRow {
  int64_t line = 0;
  std::vector<TextCell> cells;  ///< empty when the row is faulty
};

struct HeaderGuess {
  bool has_header = false;
  size_t at = 0;  ///< index of the header's first row, or of the first row of data
  int rows = 1;   ///< rows that make the header
  int score = 0;  ///< of 1000, how much the row is unlike those below it
  bool is_certain = true;
  std::vector<std::string> names;  ///< by cell; of several rows joined by a blank
};

/// Compact names that headers of neighbouring files have.
using KnownNames = std::set<std::string>;

/// `rows` are the first ones that are not blank. A header is a row of names (texts that are no
/// numbers or dates, each once) above columns of another kind; where all is text, the words of the
/// row must not come again below it. Rows above it are a preamble. A row of `known` names is
/// preferred to others.
HeaderGuess guess_header(const std::vector<FirstRow>& rows, const Dialect& dialect,
                         const KnownNames& known = {});

}  // namespace bullion::infer
