#include "records/open_records.h"

#include <utility>

#include "base/assert.h"
#include "records/csv_records.h"
#include "records/jsonl_records_internal.h"
#include "records/parquet_records_internal.h"

namespace bullion::records {

Result<OpenedRecords> open_records(const storage::FileSystem& files, engine::Engine* engine,
                                   const project::Source& source, const FileToRead& file,
                                   int64_t* bytes_read) {
  if (file.size == 0) {
    return OpenedRecords{nullptr, FileFault{"empty-file", "empty file: it has no bytes", 0, ""}};
  }
  if (source.format.kind == "parquet") {
    BULLION_ASSERT(engine != nullptr);
    return open_parquet_records(*engine, files.location(file.path), source);
  }
  BULLION_TRY_ASSIGN(OpenedText text,
                     open_text([&] { return files.open(file.path); }, source.format, bytes_read));
  if (text.fault) return OpenedRecords{nullptr, std::move(text.fault)};
  auto opened = source.format.kind == "jsonl" ? open_jsonl_records(std::move(text.bytes), source)
                                              : open_csv_records(std::move(text.bytes), source);
  // The stream may turn out damaged while the first line is read.
  if (!opened && opened.error().kind() == ErrorKind::Corrupt) {
    return OpenedRecords{nullptr, FileFault{"bad-compression", opened.error().message(), 0, ""}};
  }
  return opened;
}

}  // namespace bullion::records
