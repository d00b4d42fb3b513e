// Where an engine writes what its memory does not hold.
#pragma once

#include <string>

#include "base/result.h"

namespace bullion::engine {

/// A folder of one engine, removed with it. What processes that were killed left in the same place
/// is removed by the next engine: a folder belongs to a living process as long as its lock is held.
class SpillFolder {
 public:
  SpillFolder() = default;
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;
  ~SpillFolder();

  /// In `parent`, which is made when it is not there; "": the system's folder for temporary files.
  Status create(const std::string& parent);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace bullion::engine
