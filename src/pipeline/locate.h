// Where rows of a bronze table were read: file, record and line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

/// A row of a bronze table: `_file_id` and its 0-based position in its data file.
struct BronzePosition {
  std::string file_id;
  int64_t position = 0;
};

struct RecordPlace {
  std::string file;    ///< original path; "" when its manifest is gone
  int64_t record = 0;  ///< 1-based data record
  int64_t line = 0;    ///< 1-based first line; 0 when the file could not be read again
};

/// The places of `rows`, in their order. Reads each landed file once.
Result<std::vector<RecordPlace>> locate_records(const Environment& env,
                                                const project::Source& source,
                                                const release::Record& release,
                                                const std::vector<BronzePosition>& rows);

}  // namespace bullion::pipeline
