// A file system that fails on purpose: the n-th mutating call errs, writes short, or ends the
// process.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "storage/file_system.h"

namespace bullion::storage {

enum class Fault {
  IoError,      ///< EIO before anything happened
  NoSpace,      ///< ENOSPC before anything happened
  ShortWrite,   ///< half of the bytes reach a temporary file, then ENOSPC; the name stays absent
  CrashBefore,  ///< the process ends (SIGKILL) before the call takes effect
  CrashAfter,   ///< the process ends (SIGKILL) right after the call took effect
  ErrorAfter,   ///< the call takes effect, and still reports EIO (an ambiguous answer)
};

struct FaultPlan {
  Fault fault = Fault::IoError;
  int64_t at_call = 0;  ///< 1-based number of the mutating call that fails; 0 never
};

/// Wraps `inner` (borrowed; must outlive the result). Counts mutating calls (create,
/// create_stream's finish, replace, make_durable, make_folder, remove). Thread-safe.
class FaultInjectingFileSystem;
std::unique_ptr<FileSystem> fault_injecting_file_system(FileSystem& inner, FaultPlan plan,
                                                        std::atomic<int64_t>* calls);

/// Reads "<fault>:<n>" as in BULLION_FAULT=crash-after:17 (names: io-error, no-space, short-write,
/// crash-before, crash-after, error-after).
Result<FaultPlan> parse_fault_plan(std::string_view text);

}  // namespace bullion::storage
