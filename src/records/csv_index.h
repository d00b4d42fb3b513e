// Finds the few bytes that matter in CSV text, 64 at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bullion::records {

/// The bytes that end a field or change its meaning.
struct CsvSpecials {
  char delimiter = ',';
  char quote = '"';                   ///< '\n' when there is none
  bool carriage_return_ends = false;  ///< '\r' alone ends a line (old Macintosh files)
};

/// Offsets of special bytes in a buffer, in order. Grows as needed; never shrinks.
class CsvIndex {
 public:
  size_t size() const { return size_; }
  uint32_t operator[](size_t i) const { return positions_[i]; }
  const uint32_t* begin() const { return positions_.data(); }

  void clear() { size_ = 0; }
  /// Drops the first `count` positions and moves the others `offset` bytes towards the front.
  void drop_front(size_t count, uint32_t offset);
  /// Appends the positions of delimiters, quotes and line ends in buffer[from, to). True when a NUL
  /// byte was seen. `to` is below 2^32.
  bool append(const char* buffer, size_t from, size_t to, CsvSpecials specials);

 private:
  std::vector<uint32_t> positions_;  // only the first size_ are in use
  size_t size_ = 0;
};

}  // namespace bullion::records
