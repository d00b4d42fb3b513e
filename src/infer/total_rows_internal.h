// Rows that are no facts: totals that the publisher put below a table, and footers.
#pragma once

#include <string>
#include <vector>

#include "infer/column_merge_internal.h"
#include "project/file_format.h"

namespace bullion::infer {

struct ExcludeGuess {
  project::ExcludeRule rule;
  std::string evidence;  ///< "in 13 of 38 files, e.g. 2013-01.csv line 4210: 12,345.67"
};

/// Rules for the sparse rows of the files: a label such as "Grand Total" in a column; nothing but
/// an amount behind the last usual row; a note behind it. Rows that no rule can mean without
/// touching others are told in `checks`.
std::vector<ExcludeGuess> guess_excludes(const std::vector<FileLook>& looks, const Merged& merged,
                                         const std::string& amount_column,
                                         std::vector<std::string>& checks);

}  // namespace bullion::infer
