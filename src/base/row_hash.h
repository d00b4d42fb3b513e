// The row hash: Spark's xxhash64 over a row's typed columns, so that two engines can agree.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/decimal.h"

namespace bullion {

/// XXH64 of a wide decimal's units as big-endian two's complement of the fewest bytes (as Java's
/// BigInteger.toByteArray), with the running hash as seed.
uint64_t hash_wide_decimal(Int128 units, uint64_t running);

/// What a FLOAT or DOUBLE is hashed as: every NaN alike, -0.0 as 0.0.
template <typename Float>
Float canonical_float(Float value) {
  if (std::isnan(value)) return std::numeric_limits<Float>::quiet_NaN();
  return value == Float{0} ? Float{0} : value;
}

/// Hashes one row, column by column in contract order; equal to Spark 4's
/// xxhash64(c1, .., cn, mask words) with the seed as the running hash.
/// NULL leaves the running hash as it was, so finish() appends one INT of null bits per 32 columns.
/// Formats: BOOLEAN and integers up to 32 bits and DATE as 4 bytes; BIGINT, TIMESTAMP
/// (microseconds) and DECIMAL(p <= 18) as 8 bytes of units; wider decimals as big-endian minimal
/// two's complement.
class RowHasher {
 public:
  explicit RowHasher(uint64_t seed) : hash_(seed) {}

  void add_null();
  void add_int32(int32_t value);        ///< also BOOLEAN (0/1), TINYINT, SMALLINT, DATE (days)
  void add_int64(int64_t value);        ///< also TIMESTAMP (microseconds), DECIMAL(p <= 18)
  void add_wide_decimal(Int128 units);  ///< DECIMAL(p > 18)
  void add_float(float value);
  void add_double(double value);
  void add_string(std::string_view bytes);

  /// The row's hash. Call once, after the last column.
  uint64_t finish();

 private:
  void next_column(bool is_null);
  void flush_mask();

  uint64_t hash_;
  uint32_t mask_ = 0;
  uint32_t columns_ = 0;
  // Mask words of full groups of 32 columns, kept until the last column has been hashed.
  std::u32string masks_;
};

/// Seeds of the two independent row hashes. Spark's xxhash64 always starts at 42; it reaches the
/// second by hashing kRowHashSaltLiteral, as a BIGINT, before the columns.
inline constexpr uint64_t kRowHashSeed = 42;
inline constexpr uint64_t kRowHashSaltLiteral = 0x42756C6C696F6E31;  // "Bullion1" in ASCII
inline constexpr uint64_t kRowHashSalt = 0x49C1CEEA052C0F4F;

/// Row count and the two sums modulo 2^64 of the row hashes: equal for equal multisets of rows,
/// and additive from file to partition to table.
struct RowHashSum {
  uint64_t rows = 0;
  uint64_t sum_a = 0;
  uint64_t sum_b = 0;

  RowHashSum& operator+=(const RowHashSum& other) {
    rows += other.rows;
    sum_a += other.sum_a;
    sum_b += other.sum_b;
    return *this;
  }
  friend bool operator==(const RowHashSum&, const RowHashSum&) = default;
};

/// "rows:hex16:hex16", the form stored in `add.tags` under "bullion.rowHash".
std::string to_string(const RowHashSum& sum);
/// The inverse of to_string; false when `text` has another form.
bool parse_row_hash_sum(std::string_view text, RowHashSum& sum);

}  // namespace bullion
