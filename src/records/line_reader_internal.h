// Text into lines with their numbers; for JSON lines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "records/byte_source.h"

namespace bullion::records {

/// A line without its end (LF or CRLF). The view lives until the next call, and kLinePadding bytes
/// behind it may be read (their content means nothing).
struct Line {
  int64_t number = 0;  ///< 1-based
  std::string_view text;
  bool too_long = false;  ///< longer than kRecordBytesMax; `text` holds its first 64 KiB
};
inline constexpr size_t kLinePadding = 64;

/// Not thread-safe.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source, size_t block_bytes = size_t{256} << 10);

  /// False at the end. Errors are the source's.
  Result<bool> next(Line& line);

 private:
  Status refill();
  Status skip_long_line();

  std::unique_ptr<ByteSource> source_;
  size_t block_bytes_;
  std::string buffer_;  // bytes [0, size_) are valid, kLinePadding more may be read
  size_t size_ = 0;
  size_t start_ = 0;
  size_t searched_ = 0;  // no line end in [start_, searched_)
  bool at_end_ = false;
  int64_t line_ = 0;
  std::string long_line_;
};

}  // namespace bullion::records
