// What the cells of one column look like together.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "infer/cell_shape_internal.h"

namespace bullion::infer {

/// How often a date style was seen, and what tells day and month apart.
struct DateCount {
  int64_t count = 0;
  int first_max = 0;   ///< YearLast
  int second_max = 0;  ///< YearLast
  std::string example;
};

/// Numbers under one decimal mark.
struct NumberCount {
  int64_t fits = 0;
  int64_t grouped = 0;
  int64_t proves = 0;  ///< that fit this mark and not the other
  int whole_max = 0;
  int fraction_max = 0;
};

/// The smallest hashes of a column's distinct texts: two columns that share values share hashes.
class ValueSketch {
 public:
  static constexpr size_t kSize = 256;
  void add(std::string_view text);
  void merge(const ValueSketch& other);
  /// About how many different values there are; exact below kSize.
  int64_t distinct() const;
  /// Of 1000: how much of the smaller one's values the other has as well.
  int overlap(const ValueSketch& other) const;
  const std::vector<uint64_t>& hashes() const { return hashes_; }

 private:
  void insert(uint64_t hash);
  std::vector<uint64_t> hashes_;  // ascending
};

struct ColumnStats {
  int64_t cells = 0;
  int64_t empty = 0;
  int64_t numbers = 0;
  int64_t dates = 0;
  int64_t times = 0;
  int64_t booleans = 0;
  int64_t texts = 0;
  int64_t null_words = 0;
  int64_t padded = 0;  ///< unquoted texts with blanks around them
  std::map<std::string, int64_t> null_texts;
  std::array<NumberCount, 2> marks;  ///< decimal point, decimal comma
  std::map<char, int64_t> thousands[2];
  int64_t negatives = 0;
  int64_t parentheses = 0;
  int64_t trailing_minus = 0;
  int64_t exponents = 0;
  int64_t leading_zeros = 0;
  int64_t plain_digits = 0;
  int64_t compact_dates = 0;  ///< numbers of eight digits that are days
  std::map<std::string, int64_t> signs;
  std::map<DateStyle, DateCount> styles;
  size_t length_max = 0;
  std::vector<std::string> examples;      ///< the first different ones
  std::vector<std::string> odd_examples;  ///< texts among numbers or dates: filled by kinds' rarity
  std::vector<std::string> number_examples;
  ValueSketch values;

  void add(std::string_view text, bool quoted);
  void merge(const ColumnStats& other);
  int64_t filled() const { return cells - empty - null_words; }

 private:
  void add_number(const CellShape& shape, std::string_view text);
};

}  // namespace bullion::infer
