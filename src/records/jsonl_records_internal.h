// JSON lines (one object per line) and JSON arrays against a source's contract.
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

/// The same for a document whose records are the objects of one array, at the top or at
/// FileFormat::json_path; an object there is one record. Lines are those where objects begin. A
/// document that ends early or is no JSON between its objects is unreadable as a whole.
Result<OpenedRecords> open_json_records(std::unique_ptr<ByteSource> bytes,
                                        const project::Source& source);

}  // namespace bullion::records
