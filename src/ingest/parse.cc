#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "ingest/as_of_internal.h"
#include "ingest/ingest.h"
#include "ingest/typed_rows_internal.h"
#include "records/display_text.h"
#include "records/open_records.h"

namespace bullion::ingest {
namespace {

constexpr int64_t kProgressBytes = int64_t{4} << 20;

/// The outcome of a file of which nothing is kept.
ParsedFile unreadable(const Batch& batch, const LandedFile& file, records::FileFault fault) {
  ParsedFile parsed;
  parsed.file = file;
  parsed.batch_id = batch.batch_id;
  parsed.unreadable = true;
  Rejected rejected;
  rejected.line = fault.line;
  rejected.codes.push_back(std::move(fault.code));
  rejected.reasons.push_back(std::move(fault.reason));
  rejected.raw = std::move(fault.raw);
  parsed.rejected.push_back(std::move(rejected));
  return parsed;
}

records::FileToRead file_to_read(const LandedFile& file) {
  return {.path = file.landed_path, .member = file.member, .size = file.size};
}

void assert_accounted(const ParsedFile& parsed) {
  int64_t staged = 0;
  for (const engine::StagedFile& file : parsed.staged) staged += file.rows;
  BULLION_ASSERT(parsed.staged.size() <= 1);
  BULLION_ASSERT(staged == parsed.kept);
  BULLION_ASSERT(parsed.records == parsed.kept + static_cast<int64_t>(parsed.rejected.size()));
  BULLION_ASSERT(parsed.row_hash.rows == static_cast<uint64_t>(parsed.kept));
}

}  // namespace

Result<ParsedFile> parse_file(const storage::FileSystem& lake, engine::Engine& engine,
                              const project::Source& source, const Batch& batch,
                              const LandedFile& file, const std::string& table_location,
                              const std::string& file_prefix, const Progress& progress) {
  int64_t bytes_read = 0;
  BULLION_TRY_ASSIGN(records::OpenedRecords opened,
                     records::open_records(lake, &engine, source, file_to_read(file), &bytes_read));
  if (opened.fault) return unreadable(batch, file, *std::move(opened.fault));

  std::optional<std::string> as_of;
  if (source.snapshot.covers != project::Snapshot::Covers::None &&
      source.snapshot.as_of == "file_name") {
    auto from_name = as_of_file(source.snapshot, file.original_path);
    if (!from_name) {
      return unreadable(batch, file, {"no-as-of", from_name.error().message(), 0, ""});
    }
    as_of = *std::move(from_name);
  }

  ParsedFile parsed;
  parsed.file = file;
  parsed.batch_id = batch.batch_id;
  int64_t reported = 0;
  const auto on_batch = [&] {
    if (!progress || bytes_read < reported + kProgressBytes) return;
    reported = bytes_read;
    progress("parse", file.original_path, bytes_read, file.size);
  };
  TypedRows rows(*opened.reader, source, std::move(as_of), parsed, on_batch);
  const engine::StageRequest request{.directory = table_location,
                                     .file_prefix = file_prefix,
                                     .schema = rows.schema(),
                                     .partition_columns = {},
                                     .order_by = {}};
  auto staged = engine.stage_rows(rows, request);
  if (rows.content_error()) {
    return unreadable(batch, file, {"damaged-file", rows.content_error()->message(), 0, ""});
  }
  if (!staged)
    return staged.error().within(
        fmt::format("source {}, {}", source.contract.name, file.original_path));
  BULLION_ASSERT(rows.is_finished());
  parsed.staged = *std::move(staged);
  parsed.columns = opened.reader->column_names();
  parsed.unknown_columns = opened.reader->unknown_columns();
  parsed.missing_columns = opened.reader->missing_columns();
  parsed.excluded = opened.reader->excluded();
  assert_accounted(parsed);
  if (progress) progress("parse", file.original_path, file.size, file.size);
  return parsed;
}

Result<std::vector<RecordText>> find_records(const storage::FileSystem& lake,
                                             const project::Source& source, const LandedFile& file,
                                             const std::vector<int64_t>& records) {
  std::vector<int64_t> wanted = records;
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<RecordText> found;
  if (source.format.kind == "parquet") {
    for (const int64_t record : wanted) found.push_back({.record = record, .line = 0, .raw = ""});
    return found;
  }
  BULLION_TRY_ASSIGN(records::OpenedRecords opened,
                     records::open_records(lake, nullptr, source, file_to_read(file), nullptr));
  if (opened.fault) return invalid(fmt::format("{}: {}", file.original_path, opened.fault->reason));
  records::TextRecord record;
  int64_t number = 0;
  while (found.size() < wanted.size()) {
    BULLION_TRY_ASSIGN(const bool more, opened.reader->next(record));
    if (!more) break;
    if (++number != wanted[found.size()]) continue;
    found.push_back(
        {.record = number,
         .line = record.line,
         .raw = records::display_text(opened.reader->raw_text(record), records::kRawBytesMax)});
  }
  if (found.size() < wanted.size()) {
    return not_found(fmt::format("{}: there is no record {}; the file has {}", file.original_path,
                                 wanted[found.size()], number));
  }
  return found;
}

}  // namespace bullion::ingest
