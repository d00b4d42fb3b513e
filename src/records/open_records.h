// The record reader of a file, by its source's format.
#pragma once

#include <string>

#include "engine/engine.h"
#include "project/project.h"
#include "records/text_record.h"
#include "storage/file_system.h"

namespace bullion::records {

/// One file to read.
struct FileToRead {
  std::string path;    ///< in `files`
  std::string member;  ///< path inside an archive; "" for the file itself
  int64_t size = 0;    ///< bytes of the file, or of the member once unpacked
};

/// `bytes_read`, when not null, counts compressed bytes taken from a text file, for progress.
/// `engine` is needed for Parquet only. All are borrowed and must outlive the reader.
Result<OpenedRecords> open_records(const storage::FileSystem& files, engine::Engine* engine,
                                   const project::Source& source, const FileToRead& file,
                                   int64_t* bytes_read);

}  // namespace bullion::records
