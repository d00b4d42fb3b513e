#include "records/open_records.h"

#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "records/archive.h"
#include "records/csv_records.h"
#include "records/jsonl_records_internal.h"
#include "records/parquet_records_internal.h"
#include "records/random_bytes_internal.h"
#include "records/xlsx_records_internal.h"

namespace bullion::records {

namespace {

/// An archive as a whole: why none of its members is read as a file of its own.
Result<OpenedRecords> refuse_archive(const storage::FileSystem& files,
                                     const project::FileFormat& format, const FileToRead& file) {
  BULLION_TRY_ASSIGN(ArchiveListing listing, list_archive(files, file.path, format, {}));
  if (listing.fault) return OpenedRecords{nullptr, std::move(listing.fault)};
  return faulty("archive",
                fmt::format("the file is an archive of {} files, and it did not land as one; its "
                            "members are files of their own: deliver them unpacked",
                            listing.members.size()));
}

Result<std::unique_ptr<storage::FileReader>> open_bytes(const storage::FileSystem& files,
                                                        const FileToRead& file) {
  if (file.member.empty()) return files.open(file.path);
  return open_member(files, file.path, file.member, file.size);
}

/// Whether the records are JSON lines; of `csv_or_jsonl` the end of the file's name says so.
bool is_jsonl(const project::FileFormat& format, const FileToRead& file) {
  if (format.kind != "csv_or_jsonl") return format.kind == "jsonl";
  std::string name = file.member.empty() ? file.path : file.member;
  for (const char* packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.rfind('.'));
  }
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

Result<OpenedRecords> open_text_records(const storage::FileSystem& files, const FileToRead& file,
                                        const project::Source& source, int64_t* bytes_read) {
  BULLION_TRY_ASSIGN(OpenedText text,
                     open_text([&] { return open_bytes(files, file); }, source.format, bytes_read));
  if (text.fault) return OpenedRecords{nullptr, std::move(text.fault)};
  if (source.format.kind == "json") return open_json_records(std::move(text.bytes), source);
  if (is_jsonl(source.format, file)) return open_jsonl_records(std::move(text.bytes), source);
  return open_csv_records(std::move(text.bytes), source);
}

/// A workbook of its own is read in pieces; one inside an archive is held in memory.
Result<OpenedRecords> open_workbook_file(const storage::FileSystem& files,
                                         const project::Source& source, const FileToRead& file,
                                         int64_t* bytes_read) {
  if (file.member.empty()) {
    BULLION_TRY_ASSIGN(auto bytes, file_random_bytes(files, file.path, bytes_read));
    return open_xlsx_records(std::move(bytes), source);
  }
  if (file.size > kWorkbookMemberMax) {
    return faulty("archive-limit",
                  fmt::format("the workbook has {} MiB; inside an archive at most {} MiB are read: "
                              "deliver it unpacked",
                              file.size >> 20, kWorkbookMemberMax >> 20));
  }
  BULLION_TRY_ASSIGN(const auto reader, open_member(files, file.path, file.member, file.size));
  std::string bytes(static_cast<size_t>(file.size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    BULLION_TRY_ASSIGN(const size_t count, reader->read(bytes.data() + have, bytes.size() - have));
    if (count == 0) return corrupt("the workbook in the archive ends early");
    have += count;
  }
  if (bytes_read != nullptr) *bytes_read += file.size;
  return open_xlsx_records(memory_random_bytes(std::move(bytes)), source);
}

Result<OpenedRecords> open_stream_records(const storage::FileSystem& files,
                                          const project::Source& source, const FileToRead& file,
                                          int64_t* bytes_read) {
  if (source.format.kind == "xlsx") return open_workbook_file(files, source, file, bytes_read);
  return open_text_records(files, file, source, bytes_read);
}

}  // namespace

Result<OpenedRecords> open_records(const storage::FileSystem& files, engine::Engine* engine,
                                   const project::Source& source, const FileToRead& file,
                                   int64_t* bytes_read) {
  if (file.size == 0) return faulty("empty-file", "empty file: it has no bytes");
  const bool is_parquet = source.format.kind == "parquet";
  ContainerKind kind = ContainerKind::None;
  if (file.member.empty()) {
    BULLION_TRY_ASSIGN(kind, container_kind(files, file.path));
  }
  const bool is_packed =
      !file.member.empty() || kind == ContainerKind::Zip || kind == ContainerKind::Tar;
  if (is_parquet && is_packed) {
    return faulty("bad-parquet",
                  "Parquet files are not read inside archives, for they are read in pieces: "
                  "deliver them unpacked");
  }
  if (is_archive_for(source.format, kind)) return refuse_archive(files, source.format, file);
  if (is_parquet) {
    BULLION_ASSERT(engine != nullptr);
    return open_parquet_records(*engine, files.location(file.path), source);
  }
  auto opened = open_stream_records(files, source, file, bytes_read);
  // The stream may turn out damaged while the first line is read.
  if (!opened && opened.error().kind() == ErrorKind::Corrupt) {
    return faulty("bad-compression", opened.error().message());
  }
  return opened;
}

}  // namespace bullion::records
