#include <utility>

#include "base/assert.h"
#include "ingest/jsonl_records_internal.h"
#include "ingest/open_records_internal.h"
#include "ingest/parquet_records_internal.h"

namespace bullion::ingest {

Result<OpenedRecords> open_records(const storage::FileSystem& lake, engine::Engine* engine,
                                   const project::Source& source, const LandedFile& file,
                                   int64_t* bytes_read) {
  if (file.size == 0) {
    return OpenedRecords{nullptr, FileFault{"empty-file", "empty file: it has no bytes", 0, ""}};
  }
  if (source.format == "parquet") {
    BULLION_ASSERT(engine != nullptr);
    return open_parquet_records(*engine, lake.location(file.landed_path), source);
  }
  BULLION_TRY_ASSIGN(auto reader, lake.open(file.landed_path));
  BULLION_TRY_ASSIGN(OpenedText text, open_text(std::move(reader), bytes_read));
  if (text.fault) return OpenedRecords{nullptr, std::move(text.fault)};
  auto opened = source.format == "jsonl" ? open_jsonl_records(std::move(text.bytes), source)
                                         : open_csv_records(std::move(text.bytes), source);
  // The stream may turn out damaged while the first line is read.
  if (!opened && opened.error().kind() == ErrorKind::Corrupt) {
    return OpenedRecords{nullptr, FileFault{"bad-compression", opened.error().message(), 0, ""}};
  }
  return opened;
}

}  // namespace bullion::ingest
