#include "pipeline/run_marker.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace bullion::pipeline {
namespace {

constexpr std::string_view kSuffix = ".lock";

/// True when some process holds the lock of an existing marker.
bool is_held(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

Result<std::vector<std::string>> markers(storage::FileSystem& lake, bool held) {
  BULLION_TRY_ASSIGN(const auto entries, lake.list("runs"));
  std::vector<std::string> found;
  for (const storage::FileInfo& entry : entries) {
    if (!entry.name().ends_with(kSuffix)) continue;
    if (is_held(lake.location(entry.path)) == held) found.push_back(entry.path);
  }
  return found;
}

}  // namespace

Result<RunMarker> RunMarker::hold(storage::FileSystem& lake, const std::string& run_id) {
  BULLION_TRY(lake.make_folder("runs"));
  // By the folder's place: in a lake laid over another the marker belongs into the upper one.
  const std::string path = lake.location("runs") + "/" + run_id + std::string(kSuffix);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return io_error(
        fmt::format("{}: {}: a run needs to write in the lake", path, std::strerror(errno)));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return io_error(fmt::format("{}: cannot lock: {}", path, std::strerror(errno)));
  }
  return RunMarker(path, descriptor);
}

RunMarker::RunMarker(RunMarker&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

RunMarker::~RunMarker() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

Result<std::vector<std::string>> live_runs(storage::FileSystem& lake) {
  BULLION_TRY_ASSIGN(const auto paths, markers(lake, true));
  std::vector<std::string> runs;
  for (const std::string& path : paths) {
    const std::string name = path.substr(path.rfind('/') + 1);
    runs.push_back(name.substr(0, name.size() - kSuffix.size()));
  }
  return runs;
}

Result<std::vector<std::string>> dead_markers(storage::FileSystem& lake) {
  return markers(lake, false);
}

}  // namespace bullion::pipeline
