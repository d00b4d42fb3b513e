// The sheets of an Excel workbook against a source's contract.
#pragma once

#include <memory>

#include "project/project.h"
#include "records/random_bytes_internal.h"
#include "records/text_record.h"

namespace bullion::records {

/// Reads the sheets that FileFormat::sheet matches, in the workbook's order, each with a header of
/// its own; without a pattern the first visible sheet that holds anything. A pattern without '*'
/// and '?' also names a hidden sheet. RecordReader::cell_of_column() may change with the record.
/// A file that is no workbook, an encrypted one, an old .xls, and a sheet whose header does not fit
/// are faults of the file. `source` is borrowed.
Result<OpenedRecords> open_xlsx_records(std::shared_ptr<RandomBytes> bytes,
                                        const project::Source& source);

}  // namespace bullion::records
