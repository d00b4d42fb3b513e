// Classic checkpoints: when one is due, what it holds, and how it is published.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "delta/log.h"
#include "delta/log_folder_internal.h"

namespace bullion::delta {

/// Milliseconds of "interval 3650 days", "interval 1 week 12 hours"...; nullopt when it is no such
/// text or too long for 64 bits.
std::optional<int64_t> parse_interval_ms(std::string_view text);

/// Whether this version gets a checkpoint: the table's delta.checkpointInterval wins over ours.
bool is_checkpoint_due(int64_t version, const Metadata& metadata, int64_t interval_default);

/// The actions of a checkpoint of this state: all live files, and the tombstones that other readers
/// may still need.
Commit checkpoint_actions(const Snapshot& snapshot, int64_t now_ms);

/// Reads all files of a checkpoint. Corrupt when protocol or metaData is missing.
Result<Commit> read_checkpoint(const storage::FileSystem& files, CheckpointCodec& codec,
                               const CheckpointFiles& checkpoint);

/// What a checkpoint is written with.
struct CheckpointWriter {
  storage::FileSystem& files;
  const LogFolder& folder;
  CheckpointCodec& codec;
  const Clock& clock;

  /// Writes, reads back, publishes, then points `_last_checkpoint` to it.
  Status publish(const Snapshot& snapshot) const;
};

}  // namespace bullion::delta
