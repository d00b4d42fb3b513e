#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/duckdb/spill_folder_internal.h"

namespace bullion::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "bullion-spill-";
constexpr const char* kLock = "lock";
/// Between making a folder and locking it, it looks as if nobody owned it.
constexpr std::chrono::minutes kTimeToLock{1};
/// Earlier versions of the program locked nothing; no query of theirs takes so long.
constexpr std::chrono::hours kTimeWithoutLock{24};

int lock_of(const fs::path& folder, int flags) {
  const int file = open((folder / kLock).c_str(), flags | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0 || flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  close(file);
  return -1;
}

/// Removes the folders of processes that no longer live. What cannot be removed is somebody else's.
void remove_abandoned(const fs::path& base) {
  std::error_code fault;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator entry(base, fault), end; !fault && entry != end;
       entry.increment(fault)) {
    if (!entry->path().filename().string().starts_with(kName)) continue;
    std::error_code ignored;
    const auto changed = fs::last_write_time(entry->path(), ignored);
    if (ignored || now - changed < kTimeToLock) continue;
    const int lock = lock_of(entry->path(), 0);
    const bool is_locked = lock < 0 && fs::exists(entry->path() / kLock, ignored);
    if (is_locked || (lock < 0 && now - changed < kTimeWithoutLock)) continue;
    fs::remove_all(entry->path(), ignored);
    if (lock >= 0) close(lock);
  }
}

}  // namespace

SpillFolder::~SpillFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

Status SpillFolder::create(const std::string& parent) {
  std::error_code fault;
  const fs::path base = parent.empty() ? fs::temp_directory_path(fault) : fs::path(parent);
  if (!fault) fs::create_directories(base, fault);
  if (!fault) remove_abandoned(base);
  std::string pattern = (base / (std::string(kName) + "XXXXXX")).string();
  if (fault || mkdtemp(pattern.data()) == nullptr) {
    return io_error(fmt::format(
        "cannot create a folder for larger work in {}: {}", base.string(),
        fault ? fault.message() : std::error_code(errno, std::generic_category()).message()));
  }
  path_ = pattern;
  lock_ = lock_of(path_, O_CREAT);
  return ok();
}

}  // namespace bullion::engine
