// Bytes that can be read at any place: a ZIP archive has its directory at the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"

namespace bullion::records {

/// Not thread-safe.
class RandomBytes {
 public:
  RandomBytes() = default;
  RandomBytes(const RandomBytes&) = delete;
  RandomBytes& operator=(const RandomBytes&) = delete;
  virtual ~RandomBytes() = default;

  virtual int64_t size() const = 0;
  /// Up to `length` bytes from `offset` (at least 0), fewer only at the end. Errors are the disk's.
  virtual Result<std::string> read_at(int64_t offset, int64_t length) = 0;
};

/// The file `path` of `files` (borrowed). `bytes_read`, when not null, counts what was read, each
/// byte of the file once at most, for progress.
Result<std::unique_ptr<RandomBytes>> file_random_bytes(const storage::FileSystem& files,
                                                       const std::string& path,
                                                       int64_t* bytes_read);
std::unique_ptr<RandomBytes> memory_random_bytes(std::string bytes);

}  // namespace bullion::records
