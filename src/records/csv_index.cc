#include "records/csv_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bullion::records {
namespace {

constexpr size_t kBlockBytes = 64;

/// Bits of a block's special bytes, and whether it holds a NUL.
struct BlockBits {
  uint64_t specials = 0;
  bool has_nul = false;
};

#if defined(__SSE2__)

class BlockScanner {
 public:
  explicit BlockScanner(CsvSpecials specials)
      : delimiter_(_mm_set1_epi8(specials.delimiter)),
        quote_(_mm_set1_epi8(specials.quote)),
        newline_(_mm_set1_epi8('\n')),
        carriage_return_(_mm_set1_epi8(specials.carriage_return_ends ? '\r' : '\n')) {}

  BlockBits scan(const char* block) const {
    BlockBits bits;
    __m128i smallest = _mm_set1_epi8(-1);
    for (unsigned part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + part * 16));
      const __m128i ends =
          _mm_or_si128(_mm_cmpeq_epi8(bytes, newline_), _mm_cmpeq_epi8(bytes, carriage_return_));
      const __m128i marks =
          _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter_), _mm_cmpeq_epi8(bytes, quote_));
      const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(ends, marks)));
      bits.specials |= uint64_t{mask} << (part * 16);
      smallest = _mm_min_epu8(smallest, bytes);
    }
    bits.has_nul = _mm_movemask_epi8(_mm_cmpeq_epi8(smallest, _mm_setzero_si128())) != 0;
    return bits;
  }

 private:
  __m128i delimiter_;
  __m128i quote_;
  __m128i newline_;
  __m128i carriage_return_;
};

#else

/// The same with 64-bit words: a byte of `word ^ repeated` is zero where the byte is equal.
class BlockScanner {
 public:
  explicit BlockScanner(CsvSpecials specials)
      : delimiter_(repeat(specials.delimiter)),
        quote_(repeat(specials.quote)),
        carriage_return_(repeat(specials.carriage_return_ends ? '\r' : '\n')) {}

  BlockBits scan(const char* block) const {
    BlockBits bits;
    for (unsigned part = 0; part < 8; ++part) {
      uint64_t word = 0;
      std::memcpy(&word, block + part * 8, sizeof(word));
      const uint64_t hits = zero_bytes(word ^ delimiter_) | zero_bytes(word ^ quote_) |
                            zero_bytes(word ^ repeat('\n')) | zero_bytes(word ^ carriage_return_);
      // Gathers the top bit of each byte into the low eight bits.
      bits.specials |= (((hits >> 7) * 0x0102040810204080U) >> 56) << (part * 8);
      bits.has_nul |= zero_bytes(word) != 0;
    }
    return bits;
  }

 private:
  static constexpr uint64_t repeat(char c) {
    return 0x0101010101010101U * static_cast<unsigned char>(c);
  }
  static constexpr uint64_t zero_bytes(uint64_t word) {
    constexpr uint64_t kLow = 0x7F7F7F7F7F7F7F7FU;
    return ~(((word & kLow) + kLow) | word | kLow);
  }

  uint64_t delimiter_;
  uint64_t quote_;
  uint64_t carriage_return_;
};

#endif

/// Writes the positions of the set bits and returns the place behind the last one.
uint32_t* write_positions(uint64_t bits, uint32_t base, uint32_t* out) {
  while (bits != 0) {
    *out++ = base + static_cast<uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
  }
  return out;
}

}  // namespace

void CsvIndex::drop_front(size_t count, uint32_t offset) {
  for (size_t i = count; i < size_; ++i) positions_[i - count] = positions_[i] - offset;
  size_ -= count;
}

bool CsvIndex::append(const char* buffer, size_t from, size_t to, CsvSpecials specials) {
  const size_t needed = size_ + (to - from) + kBlockBytes;
  if (positions_.size() < needed) positions_.resize(std::max(needed, positions_.size() * 2));
  const BlockScanner scanner(specials);
  uint32_t* out = positions_.data() + size_;
  bool has_nul = false;
  size_t at = from;
  for (; at + kBlockBytes <= to; at += kBlockBytes) {
    const BlockBits bits = scanner.scan(buffer + at);
    has_nul |= bits.has_nul;
    out = write_positions(bits.specials, static_cast<uint32_t>(at), out);
  }
  if (at < to) {
    // The rest is padded with a letter, which is never special.
    char block[kBlockBytes];
    std::memset(block, 'a', sizeof(block));
    std::memcpy(block, buffer + at, to - at);
    BlockBits bits = scanner.scan(block);
    bits.specials &= (uint64_t{1} << (to - at)) - 1;
    has_nul |= bits.has_nul;
    out = write_positions(bits.specials, static_cast<uint32_t>(at), out);
  }
  size_ = static_cast<size_t>(out - positions_.data());
  return has_nul;
}

}  // namespace bullion::records
