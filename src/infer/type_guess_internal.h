// The type of a column and how its values are written, with the evidence.
#pragma once

#include <string>
#include <vector>

#include "delta/schema.h"
#include "infer/column_merge_internal.h"

namespace bullion::infer {

/// How numbers are written in a source.
struct NumberStyle {
  char decimal_mark = '.';
  char thousands_mark = '\0';
  bool parentheses = false;
  bool trailing_minus = false;
  std::vector<std::string> signs;  ///< currency signs, the most frequent first
  std::string check;               ///< what is not sure; "" when all is
};

/// The decimal mark of which more values are proof over all columns of numbers; '.' when none is.
NumberStyle guess_number_style(const std::vector<MergedColumn>& columns);

/// Whether 02/03/2024 is the second of March, by all columns: some value has a day above 12.
enum class DayOrder { DayFirst, MonthFirst, Unknown, Both };
DayOrder guess_day_order(const std::vector<MergedColumn>& columns);

struct ColumnType {
  delta::DataType type;
  std::string text;  ///< as a contract says it: "decimal(18,2)"
  std::vector<std::string> date_formats;
  std::vector<std::string> null_words;  ///< beyond the empty text
  std::string evidence;                 ///< a comment: counts and examples
  std::vector<std::string> checks;
};

/// A number type only when (nearly) all values are numbers and the column is no identity: what has
/// leading zeros, or is called a code, stays text. Amounts are decimals, never doubles, with room
/// for three digits more than were seen.
ColumnType guess_type(const MergedColumn& column, const NumberStyle& style, DayOrder order);

/// 1234567 -> "1,234,567".
std::string with_commas(int64_t number);

}  // namespace bullion::infer
