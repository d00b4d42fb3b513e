// The rows of a landed Parquet file as text cells, read through the engine.
#pragma once

#include <string>

#include "engine/engine.h"
#include "project/project.h"
#include "records/text_record.h"

namespace bullion::records {

/// `location` is what the engine opens. The engine reads on its own thread, a bounded number of
/// rows ahead; each value is taken as its exact text and typed like any other input. A binary
/// floating point column for a DECIMAL column of the contract makes the file unreadable, unless the
/// source takes floats as their shortest decimal; so do bytes that are no Parquet. Columns outside
/// the contract become text (nested ones JSON) in
/// `_extra`. `engine` and `source` are borrowed and must outlive the reader.
Result<OpenedRecords> open_parquet_records(engine::Engine& engine, const std::string& location,
                                           const project::Source& source);

}  // namespace bullion::records
