// The `_delta_log` folder of one table: its file names, what a listing means, and its commits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delta/actions.h"
#include "storage/file_system.h"

namespace bullion::delta {

/// "00000000000000000042", the start of every file name of a version.
std::string version_digits(int64_t version);

/// One complete checkpoint: a single file, or all parts of a multi-part one in order.
struct CheckpointFiles {
  int64_t version = -1;
  std::vector<std::string> paths;
};

/// What one listing of the folder shows.
struct LogListing {
  std::vector<int64_t> commits;              ///< ascending
  std::vector<CheckpointFiles> checkpoints;  ///< complete ones only, ascending by version

  /// The newest version that a commit or a checkpoint proves; -1 when there is no table.
  int64_t latest() const;
  /// The oldest version whose state can be told; -1 when there is none.
  int64_t oldest() const;
};

/// Borrows the file system. Thread-safe as long as that is.
class LogFolder {
 public:
  LogFolder(const storage::FileSystem& files, std::string table_path)
      : files_(files), table_path_(std::move(table_path)) {}

  std::string path_of(const std::string& name) const;
  std::string commit_path(int64_t version) const;
  std::string checkpoint_name(int64_t version) const;

  Result<LogListing> list() const;
  /// Corrupt naming the first commit in [first, last] that is absent. A commit that the listing
  /// lacks is looked for once more: a folder may be listed while commits are being made.
  Status check_contiguous(const LogListing& listing, int64_t first, int64_t last) const;

  /// nullopt when absent. Corrupt when it is empty or malformed.
  Result<std::optional<Commit>> read_commit(int64_t version) const;

 private:
  const storage::FileSystem& files_;
  std::string table_path_;
};

}  // namespace bullion::delta
