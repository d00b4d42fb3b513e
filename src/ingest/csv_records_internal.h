// CSV records against a source's contract.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "ingest/byte_source_internal.h"
#include "ingest/text_record_internal.h"
#include "project/project.h"

namespace bullion::ingest {

/// A reader, or why the whole file is unreadable.
struct OpenedRecords {
  std::unique_ptr<RecordReader> reader;
  std::optional<FileFault> fault;
};

/// Reads the header (unless the source has none) and maps it to the contract. A record with another
/// number of fields has the fault "field-count". `source` is borrowed and must outlive the reader.
Result<OpenedRecords> open_csv_records(std::unique_ptr<ByteSource> bytes,
                                       const project::Source& source);

}  // namespace bullion::ingest
