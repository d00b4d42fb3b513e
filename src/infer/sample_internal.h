// The bytes of a file that inference looks at: all of a small one, parts of a big one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bullion::infer {

/// A file up to this many decompressed bytes is looked at whole.
inline constexpr size_t kWholeBytesMax = size_t{16} << 20;
/// Of a bigger one: its beginning, and as much as this of its middle and its end.
inline constexpr size_t kFirstBytes = size_t{4} << 20;
inline constexpr size_t kLaterBytes = size_t{2} << 20;
/// The end of a compressed file is looked for in this many decompressed bytes.
inline constexpr size_t kUnpackedBytesMax = size_t{512} << 20;

/// What was taken of one file. The pieces are in the file's order; the first begins where the file
/// begins, the others behind a line end. All end behind a line end or at the file's end.
struct Sample {
  std::string path;                 ///< absolute
  int64_t size = 0;                 ///< bytes on disk
  std::vector<std::string> pieces;  ///< decompressed; none for an empty file
  bool is_whole = true;
  std::string fault;  ///< why the file cannot be read further; "" when it can
};

/// Reads gzip and zstd by their magic bytes. Io when the disk fails; damage is in `fault`.
Result<Sample> take_sample(const std::string& path);

/// What is behind the last "/" of a path.
inline std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace bullion::infer
