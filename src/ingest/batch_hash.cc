#include <bit>

#include "ingest/batch_hash_internal.h"

// Inlined, hashing a value of known size is a handful of instructions.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/assert.h"
#include "base/row_hash.h"

namespace bullion::ingest {
namespace {

using delta::TypeId;
using engine::ColumnBatch;

constexpr size_t kColumnsPerMask = 32;

template <typename T>
uint64_t hash_value(T value, uint64_t hash) {
  return XXH64(&value, sizeof(value), hash);
}

/// Calls `next(row, hash)` for each row that is not NULL.
template <typename Next>
void for_each_value(const ColumnBatch& column, std::vector<uint64_t>& hashes, const Next& next) {
  for (size_t row = 0; row < hashes.size(); ++row) {
    if (column.nulls[row] == 0) hashes[row] = next(row, hashes[row]);
  }
}

void hash_text(const ColumnBatch& column, std::vector<uint64_t>& hashes) {
  for_each_value(column, hashes, [&column](size_t row, uint64_t hash) {
    const uint32_t begin = row == 0 ? 0 : column.ends[row - 1];
    return XXH64(column.bytes.data() + begin, column.ends[row] - begin, hash);
  });
}

void hash_column(const ColumnBatch& column, std::vector<uint64_t>& hashes) {
  const auto each = [&](const auto& next) { for_each_value(column, hashes, next); };
  switch (column.type.id) {
    case TypeId::String:
      return hash_text(column, hashes);
    case TypeId::Boolean:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Date:
      return each([&](size_t row, uint64_t hash) { return hash_value(column.fixed32[row], hash); });
    case TypeId::Float:
      return each([&](size_t row, uint64_t hash) {
        return hash_value(
            std::bit_cast<int32_t>(canonical_float(static_cast<float>(column.doubles[row]))), hash);
      });
    case TypeId::Double:
      return each([&](size_t row, uint64_t hash) {
        return hash_value(std::bit_cast<int64_t>(canonical_float(column.doubles[row])), hash);
      });
    case TypeId::Decimal:
      if (column.type.precision > 18) {
        return each([&](size_t row, uint64_t hash) {
          return hash_wide_decimal(column.fixed128[row], hash);
        });
      }
      [[fallthrough]];
    case TypeId::Long:
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return each([&](size_t row, uint64_t hash) { return hash_value(column.fixed64[row], hash); });
    default:
      BULLION_ASSERT(false && "a bronze column is flat and not binary");
  }
}

}  // namespace

bool is_hashed_column(std::string_view name) {
  return !name.starts_with('_') && name != "published_at" && name != "first_published_at";
}

BatchHasher::BatchHasher(const delta::Schema& columns) {
  for (size_t c = 0; c < columns.size(); ++c) {
    if (is_hashed_column(columns[c].name)) hashed_.push_back(c);
  }
}

void BatchHasher::add(const engine::RowBatch& batch) {
  const size_t words = (hashed_.size() + kColumnsPerMask - 1) / kColumnsPerMask;
  masks_.assign(words * batch.rows, 0);
  for (size_t i = 0; i < hashed_.size(); ++i) {
    const std::vector<uint8_t>& nulls = batch.columns[hashed_[i]].nulls;
    uint32_t* word = masks_.data() + i / kColumnsPerMask * batch.rows;
    for (size_t row = 0; row < batch.rows; ++row) {
      word[row] |= uint32_t{nulls[row]} << (i % kColumnsPerMask);
    }
  }
  sum_.rows += batch.rows;
  sum_.sum_a += hash_rows(batch, kRowHashSeed, hashes_a_);
  sum_.sum_b += hash_rows(batch, kRowHashSalt, hashes_b_);
}

uint64_t BatchHasher::hash_rows(const engine::RowBatch& batch, uint64_t seed,
                                std::vector<uint64_t>& hashes) {
  hashes.assign(batch.rows, seed);
  for (const size_t column : hashed_) hash_column(batch.columns[column], hashes);
  uint64_t sum = 0;
  for (size_t row = 0; row < batch.rows; ++row) {
    uint64_t& hash = hashes[row];
    for (size_t at = row; at < masks_.size(); at += batch.rows) hash = hash_value(masks_[at], hash);
    sum += hash;
  }
  return sum;
}

}  // namespace bullion::ingest
