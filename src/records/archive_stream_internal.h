// The entries of a ZIP or TAR archive, front to back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "records/random_bytes_internal.h"

namespace bullion::records {

/// One entry, as the archive lists it. The name is untrusted text and is never used as a path.
struct ArchiveEntry {
  std::string name;  ///< valid UTF-8
  bool is_file = false;
  bool is_encrypted = false;
};

/// ZIP by its directory; TAR, also inside gzip or zstd. Corrupt when the archive's bytes are to
/// blame, with a reason that needs no context; else the disk's errors. Not thread-safe.
class ArchiveStream {
 public:
  ArchiveStream() = default;
  ArchiveStream(const ArchiveStream&) = delete;
  ArchiveStream& operator=(const ArchiveStream&) = delete;
  virtual ~ArchiveStream() = default;

  /// Goes to the next entry; false behind the last one.
  virtual Result<bool> next(ArchiveEntry& entry) = 0;
  /// Unpacked bytes of the current entry; 0 at its end.
  virtual Result<size_t> read(char* buffer, size_t capacity) = 0;
};

Result<std::unique_ptr<ArchiveStream>> open_archive_stream(std::shared_ptr<RandomBytes> bytes);

}  // namespace bullion::records
