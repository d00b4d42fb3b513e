// Tells whether a run is alive: a locked file that the operating system lets go of when the process
// ends.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"

namespace bullion::pipeline {

/// Held for the length of a run under runs/<run_id>.lock in the lake. Movable, not copyable.
class RunMarker {
 public:
  static Result<RunMarker> hold(storage::FileSystem& lake, const std::string& run_id);
  RunMarker(RunMarker&& other) noexcept;
  RunMarker& operator=(RunMarker&&) = delete;
  RunMarker(const RunMarker&) = delete;
  RunMarker& operator=(const RunMarker&) = delete;
  ~RunMarker();

 private:
  RunMarker(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_ = -1;
};

/// Run ids whose marker exists and is held by a living process.
Result<std::vector<std::string>> live_runs(storage::FileSystem& lake);
/// Markers that nobody holds, relative to the lake.
Result<std::vector<std::string>> dead_markers(storage::FileSystem& lake);

}  // namespace bullion::pipeline
