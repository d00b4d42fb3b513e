// The decompressed bytes of a landed file, with what makes a whole file unreadable found at its
// start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "records/text_record.h"
#include "storage/file_system.h"

namespace bullion::records {

/// Bytes front to back. Not thread-safe.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Reads up to `capacity` bytes; 0 at the end. Corrupt when the bytes of the file are to blame (a
  /// truncated or damaged compressed stream), with a reason that needs no context; else the disk's.
  virtual Result<size_t> read(char* buffer, size_t capacity) = 0;
};

/// Bytes in memory; `bytes` is borrowed. `step_max` bounds one read, for tests of block borders.
std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes, size_t step_max = SIZE_MAX);

/// A text file ready to be split into records, or why it is none.
struct OpenedText {
  std::unique_ptr<ByteSource> bytes;  ///< decompressed, without a UTF-8 byte order mark
  std::optional<FileFault> fault;
};

/// Tells compression by magic bytes (gzip, also of several members; zstd, also of several frames),
/// never by name: a browser may have unpacked a file and kept its ".gz". Then looks at the first
/// decompressed block: empty, binary or not UTF-8 is a fault. `bytes_read`, when not null, counts
/// the compressed bytes taken so far.
Result<OpenedText> open_text(std::unique_ptr<storage::FileReader> file, int64_t* bytes_read);

}  // namespace bullion::records
