// Rows in Delta tables: scan a set of files, stage files with stats and row hashes, and the simple
// writes (create, append, replace, upsert, delete). The bridge between `delta` and `engine`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/row_hash.h"
#include "delta/log.h"
#include "engine/engine.h"

namespace bullion::table {

/// Tag keys on `add`: the sums of the row hashes, and a fingerprint of the columns of the file.
inline constexpr const char* kRowHashTag = "bullion.rowHash";
inline constexpr const char* kSchemaTag = "bullion.schema";

/// The engine-backed codec of classic checkpoints (delta.md 1.7). Borrows the engine.
std::unique_ptr<delta::CheckpointCodec> checkpoint_codec(engine::Engine& engine);

/// A set of data files seen as a relation.
struct Relation {
  delta::Schema schema;
  std::vector<std::string> partition_columns;
  std::vector<delta::AddFile> files;
  std::string table_path;  ///< relative to the file system
};

/// All live files of a snapshot.
Relation relation_of(const delta::Snapshot& snapshot, std::string table_path);

/// SQL of a SELECT over these files with exactly the schema's columns, types and order; an empty
/// set gives no rows. Partition values come from the log, never from folder names. With
/// `positions`, also
/// `_path` (the add's path) and `_position` (0-based row in its file, BIGINT).
/// Columns missing in a file are NULL; nested and foreign types are read as they are.
std::string relation_sql(const storage::FileSystem& files, const Relation& relation,
                         bool positions = false);

/// Columns that take part in the row hash: all but those that begin with `_`, `published_at` and
/// `first_published_at`.
std::vector<std::string> hashed_columns(const delta::Schema& schema);

/// Makes staged files durable, computes their row hashes in one scan, and turns them into adds with
/// stats (delta.md 1.5), kRowHashTag and kSchemaTag. Invalid when a column that is not nullable has
/// a NULL; Corrupt when a file has other rows than the engine said. `known_hashes` (by staged path)
/// spares the scan of a file whose rows were hashed while they were written.
Result<std::vector<delta::AddFile>> seal_staged_files(
    storage::FileSystem& files, engine::Engine& engine, const Clock& clock,
    const std::string& table_path, const engine::StageRequest& request,
    const std::vector<engine::StagedFile>& staged,
    const std::map<std::string, RowHashSum>& known_hashes = {});

/// Sum of the row hash tags of files, per partition (key: partition values as JSON object text).
/// Corrupt when a file has no tag.
Result<std::map<std::string, RowHashSum>> partition_hashes(
    const std::vector<delta::AddFile>& files);
/// The key used above.
std::string partition_key(const delta::PartitionValues& values);

/// A new table's commit 0 actions for a flat schema: protocol (1,2) and metaData with the long
/// retention properties of managed tables.
delta::Commit create_actions(const std::string& name, const delta::Schema& schema,
                             const std::vector<std::string>& partition_columns, const Clock& clock);

}  // namespace bullion::table
