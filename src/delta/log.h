// The Delta log of one table: snapshots at a version, and commits with conflict checks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/actions.h"
#include "storage/file_system.h"

namespace bullion::delta {

/// The state of a table at a version. A value; safe to share.
struct Snapshot {
  int64_t version = -1;
  Protocol protocol;
  Metadata metadata;
  std::vector<AddFile> files;  ///< live files, sorted by path
  std::vector<RemoveFile> tombstones;
  std::map<std::string, Txn> txns;  ///< by appId
  int64_t checkpoint_version = -1;  ///< newest checkpoint it was read from; -1 when none
};

/// Writes and reads the Parquet of a classic checkpoint. Implemented above, by `table`, with an
/// engine.
class CheckpointCodec {
 public:
  CheckpointCodec() = default;
  CheckpointCodec(const CheckpointCodec&) = delete;
  CheckpointCodec& operator=(const CheckpointCodec&) = delete;
  virtual ~CheckpointCodec() = default;

  /// Rows of a checkpoint file (or part) as actions; `path` is relative to the file system.
  virtual Result<Commit> read(const storage::FileSystem& files, const std::string& path) = 0;
  /// Writes the actions as one checkpoint file at `path` (a temporary name the caller renames).
  virtual Status write(storage::FileSystem& files, const std::string& path,
                       const Commit& actions) = 0;
};

/// What a transaction has read, for the conflict check.
struct ReadSet {
  bool whole_table = false;
  /// Partition predicates: rows of any of these partitions were read. Values as in PartitionValues.
  std::vector<PartitionValues> partitions;
  std::vector<std::string> files;  ///< paths of the adds that were read
};

/// A commit to be: actions and the version they were computed from.
struct Transaction {
  int64_t read_version = -1;  ///< -1: the table is created
  Commit actions;
  ReadSet reads;
  bool serializable = false;  ///< count blind appends too (overwrite, upsert by key)
  /// Commit at exactly read_version + 1, or Conflict, without any rebase (release publishing).
  bool exact_version = false;
};

/// Options of a log, the same for every caller of one lake.
struct LogOptions {
  int64_t checkpoint_interval = 10;
  int retries_max = 15;
};

/// One table's log. Thread-safe as long as its file system is. Borrows all constructor arguments.
class Log {
 public:
  Log(storage::FileSystem& files, std::string table_path, const Clock& clock,
      CheckpointCodec* codec, LogOptions options = {});

  const std::string& table_path() const { return table_path_; }

  /// nullopt when there is no table at the path. Comes from a listing alone: `_last_checkpoint` is
  /// written for others and never believed. Corrupt when a commit in between is missing.
  Result<std::optional<int64_t>> latest_version() const;
  /// State at `version` (latest when empty). NotFound names the versions that exist.
  /// Invalid when the table needs reader features we do not have.
  Result<Snapshot> snapshot(std::optional<int64_t> version = std::nullopt) const;
  /// One commit as written. NotFound when it is absent.
  Result<Commit> read_commit(int64_t version) const;

  /// Commits, rebasing over non-conflicting winners up to retries_max; returns the version written.
  /// Idempotent by txn: when the snapshot already has (app_id, >= version) of a txn in `actions`,
  /// returns the existing latest version without writing. Conflict names the winner's version and
  /// why. Invalid when the table lists a writer feature we do not implement, or the actions break
  /// a rule. What commitInfo lacks is filled in (time, readVersion, isolationLevel, txnId); whether
  /// it is a blind append follows from the actions and the read set. A txnId that is given marks
  /// the commit as ours: repeating it returns the version that has it.
  /// Writes a classic checkpoint every checkpoint_interval versions when there is a codec; a failed
  /// checkpoint never fails the commit.
  Result<int64_t> commit(const Transaction& transaction);

 private:
  Result<int64_t> newest_version() const;

  storage::FileSystem& files_;
  std::string table_path_;
  const Clock& clock_;
  CheckpointCodec* codec_;
  LogOptions options_;
};

/// Fails with Invalid naming the feature when we must not read (or write) such a table.
Status check_readable(const Protocol& protocol, const Metadata& metadata);
Status check_writable(const Protocol& protocol, const Metadata& metadata);

}  // namespace bullion::delta
