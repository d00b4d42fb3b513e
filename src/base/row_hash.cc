#include "base/row_hash.h"

#include <array>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <xxhash.h>

namespace bullion {

void RowHasher::next_column(bool is_null) {
  if (columns_ == 32) {
    masks_.push_back(static_cast<char32_t>(mask_));
    mask_ = 0;
    columns_ = 0;
  }
  if (is_null) mask_ |= uint32_t{1} << columns_;
  ++columns_;
}

void RowHasher::add_null() { next_column(true); }

void RowHasher::add_int32(int32_t value) {
  next_column(false);
  hash_ = XXH64(&value, sizeof(value), hash_);
}

void RowHasher::add_int64(int64_t value) {
  next_column(false);
  hash_ = XXH64(&value, sizeof(value), hash_);
}

uint64_t hash_wide_decimal(Int128 units, uint64_t running) {
  std::array<unsigned char, 16> bytes{};
  auto rest = static_cast<UInt128>(units);
  for (size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = static_cast<unsigned char>(rest & 0xFF);
    rest >>= 8;
  }
  // Bytes that only repeat the sign are dropped.
  const unsigned char sign = units < 0 ? 0xFF : 0x00;
  size_t start = 0;
  while (start + 1 < bytes.size() && bytes[start] == sign &&
         ((bytes[start + 1] ^ sign) & 0x80) == 0) {
    ++start;
  }
  return XXH64(bytes.data() + start, bytes.size() - start, running);
}

void RowHasher::add_wide_decimal(Int128 units) {
  next_column(false);
  hash_ = hash_wide_decimal(units, hash_);
}

void RowHasher::add_float(float value) {
  next_column(false);
  const auto bits = std::bit_cast<int32_t>(canonical_float(value));
  hash_ = XXH64(&bits, sizeof(bits), hash_);
}

void RowHasher::add_double(double value) {
  next_column(false);
  const auto bits = std::bit_cast<int64_t>(canonical_float(value));
  hash_ = XXH64(&bits, sizeof(bits), hash_);
}

void RowHasher::add_string(std::string_view bytes) {
  next_column(false);
  hash_ = XXH64(bytes.data(), bytes.size(), hash_);
}

void RowHasher::flush_mask() {
  for (const char32_t mask : masks_) {
    const auto word = static_cast<uint32_t>(mask);
    hash_ = XXH64(&word, sizeof(word), hash_);
  }
  if (columns_ > 0) hash_ = XXH64(&mask_, sizeof(mask_), hash_);
}

uint64_t RowHasher::finish() {
  flush_mask();
  return hash_;
}

std::string to_string(const RowHashSum& sum) {
  return fmt::format("{}:{:016x}:{:016x}", sum.rows, sum.sum_a, sum.sum_b);
}

bool parse_row_hash_sum(std::string_view text, RowHashSum& sum) {
  const size_t first = text.find(':');
  if (first == std::string_view::npos || text.size() != first + 34 || text[first + 17] != ':') {
    return false;
  }
  const auto read = [](std::string_view part, uint64_t& value, int radix) {
    const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), value, radix);
    return fault == std::errc{} && end == part.data() + part.size();
  };
  return read(text.substr(0, first), sum.rows, 10) &&
         read(text.substr(first + 1, 16), sum.sum_a, 16) &&
         read(text.substr(first + 18), sum.sum_b, 16);
}

}  // namespace bullion
