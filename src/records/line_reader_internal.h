// Text into pieces with their line numbers; for JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "records/byte_source.h"

namespace bullion::records {

/// A line without its end (LF or CRLF), or an element of an array with its first line. The view
/// lives until the next call, and kLinePadding bytes behind it may be read (their content means
/// nothing).
struct Line {
  int64_t number = 0;  ///< 1-based
  std::string_view text;
  bool too_long = false;  ///< longer than kRecordBytesMax; `text` holds its first 64 KiB
};
inline constexpr size_t kLinePadding = 64;

/// Pieces of a text, front to back: its lines, or the elements of a JSON array. Not thread-safe.
class LineSource {
 public:
  LineSource() = default;
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;
  virtual ~LineSource() = default;

  /// False at the end. Corrupt when the rest of the text cannot be split; else the source's errors.
  virtual Result<bool> next(Line& line) = 0;
};

class LineReader final : public LineSource {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source, size_t block_bytes = size_t{256} << 10);

  Result<bool> next(Line& line) override;

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
