// Files found, landed unchanged, and parsed into typed bronze rows; what cannot be parsed goes to
// quarantine with every reason, its record, its line and its raw text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/row_hash.h"
#include "engine/engine.h"
#include "project/project.h"
#include "records/text_record.h"
#include "storage/file_system.h"

namespace bullion::ingest {

/// A file of a landed batch. `file_id` is the first 16 hex digits of its SHA-256.
struct LandedFile {
  std::string file_id;
  std::string sha256;
  std::string landed_path;    ///< relative to the lake
  std::string member;         ///< path inside the landed archive; "" for the landed file itself
  std::string original_path;  ///< absolute; of a member the archive's, '/' and the member's
  int64_t size = 0;           ///< bytes; of a member once unpacked
  int64_t modified_us = 0;    ///< of a member the archive's
};

/// An archive whose members are landed files; or that is refused as a whole, and then it is a
/// landed file itself.
struct LandedArchive {
  std::string original_path;  ///< absolute
  std::string sha256;
  std::string landed_path;  ///< relative to the lake; "" when every member was landed before
  int64_t size = 0;
  int64_t modified_us = 0;
  std::vector<std::string> patterns;  ///< the source's `members` when it was listed
};

/// A file whose bytes were landed before, under this or another name.
struct DuplicateFile {
  std::string original_path;
  std::string sha256;
  std::string first_seen_as;  ///< original path of the landed one
  std::string batch_id;       ///< batch that landed it
  int64_t size = 0;
  int64_t modified_us = 0;
};

/// A landed file taken back, or put into force again. A batch of its own, so that every rebuild
/// sees it at the same place.
struct Withdrawal {
  std::string file_id;
  std::string original_path;
  std::string batch_id;  ///< that landed the file
  std::string reason;
  std::string user;
  bool restores = false;  ///< undoes an earlier withdrawal
};

/// One landing manifest (docs/formats/landing.md): landing/<source>/<sequence %020d>.json.
struct Batch {
  std::string source;
  std::string batch_id;  ///< "<source>-<sequence>"
  int64_t sequence = 0;  ///< 1, 2, ... per source without gaps
  int64_t received_at_us = 0;
  std::string source_hash;
  std::vector<LandedFile> files;  ///< sorted by original name
  std::vector<DuplicateFile> duplicates;
  std::vector<Withdrawal> withdrawals;
  std::vector<LandedArchive> archives;
};

std::string batch_to_json(const Batch& batch);
Result<Batch> batch_from_json(std::string_view json);

/// All manifests of a source, by sequence.
Result<std::vector<Batch>> read_batches(const storage::FileSystem& lake, const std::string& source);

/// Ids of the files that are withdrawn once all of `batches` have happened, in their order.
std::set<std::string> withdrawn_files(const std::vector<Batch>& batches);

/// A landed file with the batch that landed it, and whether it is withdrawn now.
struct LandedEntry {
  std::string source;
  std::string batch_id;
  LandedFile file;
  bool withdrawn = false;
};
/// The files that `name` means: a batch id (all its files), a file id or a SHA-256 or at least 8 of
/// its first digits, a path as it was landed, or the end of one at a '/'. An archive's path means
/// all its members.
std::vector<LandedEntry> find_landed(const std::vector<Batch>& batches, const std::string& name);

/// Lands a batch that withdraws `files`, or restores them. `files` are of one source and not empty.
Result<Batch> land_withdrawal(storage::FileSystem& lake, const project::Source& source,
                              const Clock& clock, const std::vector<LandedEntry>& files,
                              const std::string& reason, const std::string& user, bool restores);

struct LandOutcome {
  std::optional<Batch> batch;             ///< nullopt when there was nothing new
  std::vector<DuplicateFile> duplicates;  ///< found this time
  int64_t files_seen = 0;
  int64_t bytes_landed = 0;
};
/// Called from the threads that work, one call at a time per function that was given it.
using Progress =
    std::function<void(std::string_view phase, std::string_view item, int64_t done, int64_t total)>;

/// Copies files that are not landed yet into landing/<source>/<uuid>/ (hashing on the way; an
/// archive as it is, its members are landed files), makes them durable and claims the next
/// sequence. Path, size and mtime known from a manifest save re-hashing. Loses no race: on a
/// sequence conflict it re-reads the manifests and tries again.
Result<LandOutcome> land(storage::FileSystem& lake, const project::Project& project,
                         const project::Source& source, const Clock& clock,
                         const Progress& progress);

/// One rejected record (a row of the quarantine table).
struct Rejected {
  int64_t record =
      0;             ///< 1-based data record number (the header is not a record); 0: the whole file
  int64_t line = 0;  ///< 1-based first line of the record in the decompressed file; 0 when unknown
  /// Every reason: "cost: `0.129` has digits that DECIMAL(18,2) cannot hold", ...
  std::vector<std::string> reasons;
  std::vector<std::string>
      codes;        ///< parallel stable ids: "lost-digits", "bad-date", "field-count"...
  std::string raw;  ///< the record's text, invalid UTF-8 shown as U+FFFD, at most 64 KiB
  /// Of Contract::amount_column when it can be read; at its scale, or at a larger one when the text
  /// has more digits than the column holds.
  std::optional<Decimal> amount;
};

/// What became of one landed file. records == kept + rejected.size(), checked; excluded records are
/// no records and have no number.
struct ParsedFile {
  LandedFile file;
  std::string batch_id;
  int64_t records = 0;  ///< data records in the file
  int64_t kept = 0;
  Decimal kept_amount;             ///< sum of amount_column over kept rows
  std::vector<Rejected> rejected;  ///< a whole unreadable file is one entry with record 0
  records::ExcludedRecords excluded;
  bool unreadable = false;  ///< the whole file is quarantined; records is 0
  std::vector<std::string>
      columns;  ///< the header's names in order; empty for JSON and files without
  std::vector<std::string> unknown_columns;  ///< kept in `_extra`
  std::vector<std::string> missing_columns;  ///< nullable contract columns the file does not have
  std::vector<engine::StagedFile> staged;    ///< at most one
  RowHashSum row_hash;                       ///< of the kept rows, contract columns
};

/// The amount that a text of the source's amount column names: of a control total, for example. At
/// the column's scale when that holds it, else at the smallest that does; nullopt when it is no
/// amount, or the source has no amount column.
std::optional<Decimal> read_amount(const project::Source& source, std::string_view text);

/// Parses one landed file and stages its kept rows, in file order, as one Parquet file in
/// `table_location` (absolute). Bad content is never an error of this function: it is in the
/// outcome. An error means disk, engine or our own mistake. Row k of the staged file (0-based) is
/// record k + 1 + (number of rejected records before it).
Result<ParsedFile> parse_file(const storage::FileSystem& lake, engine::Engine& engine,
                              const project::Source& source, const Batch& batch,
                              const LandedFile& file, const std::string& table_location,
                              const std::string& file_prefix, const Progress& progress);

/// The rejected records of one file as rows of a source that keeps them (Source::rejects_of).
struct StagedRejects {
  std::vector<engine::StagedFile> staged;  ///< at most one
  RowHashSum row_hash;
};
/// Stages them in their order as one Parquet file in `table_location` (absolute); nothing without
/// any. `received_at_us`: when the batch of the file was landed. An amount that the column cannot
/// hold exactly is NULL.
Result<StagedRejects> stage_rejected(engine::Engine& engine, const project::Source& rejects,
                                     const ParsedFile& parsed, int64_t received_at_us,
                                     const std::string& table_location,
                                     const std::string& file_prefix);

/// First line (1-based, decompressed) of each asked 1-based record of a landed file, in one pass,
/// with the record's raw text, in ascending order. Invalid when the file is unreadable, NotFound
/// when it has fewer records. Parquet has neither lines nor texts (0 and ""). For `trace`.
struct RecordText {
  int64_t record = 0;
  int64_t line = 0;
  std::string raw;
};
Result<std::vector<RecordText>> find_records(const storage::FileSystem& lake,
                                             const project::Source& source, const LandedFile& file,
                                             const std::vector<int64_t>& records);

}  // namespace bullion::ingest
