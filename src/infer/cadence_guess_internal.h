// How often files come, by the dates in their names.
#pragma once

#include <string>
#include <vector>

namespace bullion::infer {

struct CadenceGuess {
  std::string every;     ///< day | month | year; "" when the names do not tell, or are irregular
  std::string evidence;  ///< "11 of 12 months between 2024-01 and 2024-12 have a file"
};

/// At least three files, each with a date in its name (2024-01-31, 20240131, 2024-01, 202401, 2024;
/// also with '_' or '.' in place of '-'), of which four in five periods in between have one.
CadenceGuess guess_cadence(const std::vector<std::string>& file_names);

}  // namespace bullion::infer
