// JSON lines (one object per line) against a source's contract.
#pragma once

#include <memory>

#include "project/project.h"
#include "records/byte_source.h"
#include "records/text_record.h"

namespace bullion::records {

/// Numbers are taken as their text, so that no digit is lost. Keys match columns like CSV headers
/// do. Keys outside the contract go to `_extra` with their JSON value; a key that comes twice in
/// one object, a malformed line, and a nested value for a column are faults of that record. A file
/// that is one JSON document over many lines is unreadable. `source` is borrowed.
Result<OpenedRecords> open_jsonl_records(std::unique_ptr<ByteSource> bytes,
                                         const project::Source& source);

}  // namespace bullion::records
