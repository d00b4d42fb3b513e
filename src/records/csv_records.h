// CSV records against a source's contract.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "project/project.h"
#include "records/byte_source.h"
#include "records/text_record.h"

namespace bullion::records {

/// Reads the header (unless the source has none) and maps it to the contract. A record with another
/// number of fields has the fault "field-count". `source` is borrowed and must outlive the reader.
Result<OpenedRecords> open_csv_records(std::unique_ptr<ByteSource> bytes,
                                       const project::Source& source);

}  // namespace bullion::records
