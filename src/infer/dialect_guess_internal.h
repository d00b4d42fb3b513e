// Delimiter, quote and escape of a text, by how consistent a table each choice makes.
#pragma once

#include <string>
#include <string_view>

#include "infer/text_rows_internal.h"

namespace bullion::infer {

struct DialectGuess {
  Dialect dialect;
  char comment = '\0';
  int width = 0;         ///< cells of most rows
  int same_width = 0;    ///< of 1000 rows, those that have as many
  int score = 0;         ///< of 1000
  int second_score = 0;  ///< of the best choice with another delimiter
  bool is_certain = true;
};

/// Every choice splits the first rows of `text`. Its score is the product of how concentrated the
/// numbers of cells are (the sum of squared shares, weighted by (n - 1) / n for n cells, so that
/// one long column does not win) and of how many cells are of a known kind: the two sides of the
/// data consistency measure of van den Burg, Nazabal and Sutton, "Wrangling messy CSV files by
/// detecting row and type patterns" (2019), with the concentration in place of the count of
/// patterns, so that a few broken rows do not decide. A later choice has to be better than a more
/// usual one.
DialectGuess guess_dialect(std::string_view text);

}  // namespace bullion::infer
