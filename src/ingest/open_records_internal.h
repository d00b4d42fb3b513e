// The record reader of a landed file, by the source's format.
#pragma once

#include "ingest/csv_records_internal.h"
#include "ingest/ingest.h"

namespace bullion::ingest {

/// `bytes_read`, when not null, counts compressed bytes taken from a text file, for progress.
/// `engine` is needed for Parquet only. All are borrowed and must outlive the reader.
Result<OpenedRecords> open_records(const storage::FileSystem& lake, engine::Engine* engine,
                                   const project::Source& source, const LandedFile& file,
                                   int64_t* bytes_read);

}  // namespace bullion::ingest
