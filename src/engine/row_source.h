// Rows that do not come from SQL (a parsed file), handed to an engine in typed batches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "delta/schema.h"

namespace bullion::engine {

/// One column of a batch. Which vector is in use follows from `type`:
/// fixed32: Boolean (0/1), Byte, Short, Integer, Date; fixed64: Long, Timestamp, Decimal(p <= 18);
/// fixed128: Decimal(p > 18); doubles: Float, Double; text: String (offsets into `bytes`).
struct ColumnBatch {
  delta::DataType type;
  std::vector<int32_t> fixed32;
  std::vector<int64_t> fixed64;
  std::vector<Int128> fixed128;
  std::vector<double> doubles;
  std::string bytes;
  std::vector<uint32_t>
      ends;  ///< end offset of row i's text in `bytes`; its start is the end of i - 1
  std::vector<uint8_t> nulls;  ///< 1 = NULL; the value slot is still present (0 or empty)

  /// Adds a text, but not what `nulls` says of it.
  void append_text(std::string_view text) {
    bytes.append(text);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
};

/// Up to kBatchRows rows, all columns equally long.
struct RowBatch {
  std::vector<ColumnBatch> columns;
  size_t rows = 0;
};
inline constexpr size_t kBatchRows = 2048;

/// A source of rows in order. The engine calls next() from one thread at a time.
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  virtual const delta::Schema& schema() const = 0;
  /// Clears and refills `batch` with at most kBatchRows rows; rows == 0 means the end.
  virtual Status next(RowBatch& batch) = 0;
};

}  // namespace bullion::engine
