// The row hash of a whole batch, column by column; equal to RowHasher row by row.
#pragma once

#include <string_view>
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

 private:
  uint64_t sum_of_hashes(const engine::RowBatch& batch, uint64_t seed);

  std::vector<size_t> hashed_;   // indexes of the hashed columns
  std::vector<uint32_t> masks_;  // null bits: one word per row for each 32 columns
  std::vector<uint64_t> hashes_;
  RowHashSum sum_;
};

}  // namespace bullion::ingest
