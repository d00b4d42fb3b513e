// Folds commits, oldest first, into the state of a table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "delta/log.h"

namespace bullion::delta {

/// The state after some commits. A value; not thread-safe.
class Replay {
 public:
  /// Applies the next commit, or the actions of a checkpoint.
  void apply(Commit commit);

  bool is_live(const std::string& path) const { return files_.contains(path); }
  size_t live_count() const { return files_.size(); }
  const std::map<std::string, Txn>& txns() const { return txns_; }
  const std::optional<Protocol>& protocol() const { return protocol_; }
  const std::optional<Metadata>& metadata() const { return metadata_; }

  /// Corrupt without protocol or metaData. Invalid when the table must not be read, or a live file
  /// lies outside the table's folder.
  Status check() const;
  /// Takes the state out, with sorted files. Call check() first.
  Snapshot finish(int64_t version, int64_t checkpoint_version) &&;

 private:
  std::optional<Protocol> protocol_;
  std::optional<Metadata> metadata_;
  std::unordered_map<std::string, AddFile> files_;          ///< by path as in the log
  std::unordered_map<std::string, RemoveFile> tombstones_;  ///< by path as in the log
  std::map<std::string, Txn> txns_;
};

/// Whether the path of an add names a file below the table's folder.
bool is_below_table(const std::string& path);

}  // namespace bullion::delta
