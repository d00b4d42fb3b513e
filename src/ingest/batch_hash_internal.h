// The row hash of a whole batch, column by column; equal to RowHasher row by row.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/row_hash.h"
#include "delta/schema.h"
#include "engine/row_source.h"

namespace bullion::ingest {

/// Columns that count as business content: not those that begin with '_', and not `published_at`
/// and `first_published_at`.
bool is_hashed_column(std::string_view name);

/// Adds up the row hashes of batches. Not thread-safe.
class BatchHasher {
 public:
  /// Hashes those of `columns` that is_hashed_column names, in their order.
  explicit BatchHasher(const delta::Schema& columns);

  /// `batch` may hold more columns behind those of the constructor.
  void add(const engine::RowBatch& batch);
  const RowHashSum& sum() const { return sum_; }
  /// Both hashes of a row of the batch that add() was given last.
  std::pair<uint64_t, uint64_t> hash_of(size_t row) const {
    return {hashes_a_[row], hashes_b_[row]};
  }

 private:
  uint64_t hash_rows(const engine::RowBatch& batch, uint64_t seed, std::vector<uint64_t>& hashes);

  std::vector<size_t> hashed_;      // indexes of the hashed columns
  std::vector<uint32_t> masks_;     // null bits: one word per row for each 32 columns
  std::vector<uint64_t> hashes_a_;  // of the rows of the last batch
  std::vector<uint64_t> hashes_b_;
  RowHashSum sum_;
};

}  // namespace bullion::ingest
