// Rows of a bronze table traced back to the records of the files they were read from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/environment.h"
#include "pipeline/trace.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

/// Where a bronze row lies; `traced` gets what is found out about it.
struct BronzeRow {
  int64_t position = 0;  ///< 0-based row in its data file, which holds one landed file's kept rows
  TracedRecord traced;   ///< file_id is set
};

/// Fills file, record number, line and raw text, in one pass over each file. Files that cannot be
/// read again leave line and raw empty and a note.
Status find_source_records(const Environment& env, const project::Source& source,
                           const release::Record& release, std::vector<BronzeRow>& rows,
                           std::vector<std::string>& notes);

/// The 1-based record number of the row at `position`, when records `rejected` (sorted, distinct)
/// of its file were not kept.
int64_t record_number(int64_t position, const std::vector<int64_t>& rejected);

}  // namespace bullion::pipeline
