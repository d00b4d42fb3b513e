// Columns of several files that are one column, by their names and by what they hold.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "infer/column_stats_internal.h"
#include "infer/file_look_internal.h"

namespace bullion::infer {

/// A header that was taken for a column although it is spelt otherwise.
struct TakenName {
  std::string header;
  std::string reason;  ///< "a misspelling", "812 of 1000 values are the same", ...
  bool is_certain = true;
};

/// One column of the source.
struct MergedColumn {
  std::string name;                      ///< the contract's
  std::string title;                     ///< its best spelling in the files; "" without a header
  std::map<std::string, int> spellings;  ///< header as it stands -> files
  std::map<size_t, size_t> cell_of_file;
  std::vector<TakenName> taken;
  ColumnStats stats;
  size_t place = 0;  ///< of 1000, how far right it stands, for the order
};

struct Merged {
  std::vector<size_t> files;   ///< indexes of the looks that belong together
  std::vector<size_t> others;  ///< indexes of readable looks that do not
  std::vector<MergedColumn> columns;
  bool has_header = true;
  bool has_duplicate_names = false;  ///< in the header of one file
};

/// Files whose headers share at least half of their names belong together, and those most of whose
/// columns can be found by likeness. Each group is one family, the one with most rows first.
/// `looks` without a table are left out.
std::vector<Merged> merge_columns(const std::vector<FileLook>& looks);

}  // namespace bullion::infer
