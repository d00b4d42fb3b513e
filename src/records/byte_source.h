// The decompressed bytes of a landed file, with what makes a whole file unreadable found at its
// start.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "project/file_format.h"
#include "records/text_record.h"
#include "storage/file_system.h"

namespace bullion::records {

/// Where a byte of a text comes from, for messages.
struct ByteOrigin {
  std::string_view encoding;  ///< of the file; lives as long as the source
  int64_t offset = -1;        ///< in the decompressed file; -1: not known
};

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

  /// The origin of the byte `at` of all that read() gives, when that byte is not valid UTF-8.
  virtual ByteOrigin origin_of(int64_t at) const { return {"utf-8", at}; }
};

/// Bytes in memory; `bytes` is borrowed. `step_max` bounds one read, for tests of block borders.
std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes, size_t step_max = SIZE_MAX);

/// A text file ready to be split into records, or why it is none.
struct OpenedText {
  std::unique_ptr<ByteSource> bytes;  ///< decompressed, in UTF-8, without byte order marks
  std::optional<FileFault> fault;
};

/// Opens the file's bytes from the start; called again when several encodings have to be tried.
using OpenFile = std::function<Result<std::unique_ptr<storage::FileReader>>()>;

/// Tells compression by magic bytes (gzip, also of several members; zstd, also of several frames),
/// never by name: a browser may have unpacked a file and kept its ".gz". The encoding is what a
/// byte order mark says; else the only one of `format.encodings`, or of several the first in which
/// every byte of the file is a character. A byte that is no character comes out as one that is not
/// valid UTF-8. Then looks at the first block: empty or binary is a fault, and so is UTF-16 that is
/// not declared. `bytes_read`, when not null, counts the compressed bytes taken so far.
Result<OpenedText> open_text(const OpenFile& open, const project::FileFormat& format,
                             int64_t* bytes_read);

}  // namespace bullion::records
