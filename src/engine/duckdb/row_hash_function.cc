#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "engine/duckdb/row_hash_function_internal.h"

// The hash is inlined: a call per cell would cost more than the hash of eight bytes.
#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/row_hash.h"
#include "engine/duckdb/sql_types_internal.h"

namespace bullion::engine {

namespace {

/// NULL bits of this many columns share one mask word.
constexpr size_t kMaskColumns = 32;
/// Decimals up to this precision are hashed as 8 bytes, as Spark does.
constexpr int kLongDecimalPrecision = 18;

/// Hashes one column into the running hashes of all rows of a chunk.
class ColumnHasher {
 public:
  ColumnHasher(duckdb_vector vector, size_t rows, uint64_t* hashes, uint32_t* masks, size_t column)
      : data_(duckdb_vector_get_data(vector)),
        validity_(duckdb_vector_get_validity(vector)),
        rows_(rows),
        hashes_(hashes),
        masks_(masks),
        bit_(uint32_t{1} << (column % kMaskColumns)) {}

  template <typename Stored, typename Hash>
  void each(Hash hash) {
    const auto* cells = static_cast<const Stored*>(data_);
    if (validity_ == nullptr) {
      for (size_t row = 0; row < rows_; ++row) hashes_[row] = hash(cells[row], hashes_[row]);
      return;
    }
    for (size_t row = 0; row < rows_; ++row) {
      if ((validity_[row / 64] >> (row % 64) & 1) == 0) {
        masks_[row] |= bit_;
      } else {
        hashes_[row] = hash(cells[row], hashes_[row]);
      }
    }
  }

  /// Integers of any stored width, widened to `Wide` before hashing.
  template <typename Stored, typename Wide>
  void each_integer() {
    each<Stored>([](Stored cell, uint64_t running) {
      const auto wide = static_cast<Wide>(cell);
      return XXH64(&wide, sizeof(wide), running);
    });
  }

  template <typename Float, typename Bits>
  void each_float() {
    each<Float>([](Float cell, uint64_t running) {
      const auto bits = std::bit_cast<Bits>(canonical_float(cell));
      return XXH64(&bits, sizeof(bits), running);
    });
  }

 private:
  const void* data_;
  const uint64_t* validity_;
  size_t rows_;
  uint64_t* hashes_;
  uint32_t* masks_;
  uint32_t bit_;
};

uint64_t hash_hugeint(const duckdb_hugeint& cell, uint64_t running) {
  const auto units = static_cast<UInt128>(static_cast<uint64_t>(cell.upper)) << 64 | cell.lower;
  return hash_wide_decimal(static_cast<Int128>(units), running);
}

uint64_t hash_text(const duckdb_string_t& cell, uint64_t running) {
  const uint32_t length = cell.value.inlined.length;
  constexpr uint32_t kInlinedMax = sizeof(cell.value.inlined.inlined);
  const char* bytes = length <= kInlinedMax ? cell.value.inlined.inlined : cell.value.pointer.ptr;
  return XXH64(bytes, length, running);
}

void hash_decimal(ColumnHasher& column, const SqlType& type) {
  switch (type.internal) {
    case DUCKDB_TYPE_SMALLINT:
      return column.each_integer<int16_t, int64_t>();
    case DUCKDB_TYPE_INTEGER:
      return column.each_integer<int32_t, int64_t>();
    case DUCKDB_TYPE_BIGINT:
      return column.each_integer<int64_t, int64_t>();
    default:
      return column.each<duckdb_hugeint>(hash_hugeint);
  }
}

bool is_hashable(const SqlType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_STRING_LITERAL:
    case DUCKDB_TYPE_INTEGER_LITERAL:
    case DUCKDB_TYPE_BLOB:
      return true;
    default:
      return false;
  }
}

void hash_column(ColumnHasher& column, const SqlType& type) {
  BULLION_ASSERT(!type.is_decimal() || (type.internal == DUCKDB_TYPE_HUGEINT) ==
                                           (type.precision > kLongDecimalPrecision));
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN:
      return column.each_integer<bool, int32_t>();
    case DUCKDB_TYPE_TINYINT:
      return column.each_integer<int8_t, int32_t>();
    case DUCKDB_TYPE_SMALLINT:
      return column.each_integer<int16_t, int32_t>();
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
      return column.each_integer<int32_t, int32_t>();
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return column.each_integer<int64_t, int64_t>();
    case DUCKDB_TYPE_FLOAT:
      return column.each_float<float, int32_t>();
    case DUCKDB_TYPE_DOUBLE:
      return column.each_float<double, int64_t>();
    case DUCKDB_TYPE_DECIMAL:
      return hash_decimal(column, type);
    default:
      return column.each<duckdb_string_t>(hash_text);
  }
}

/// The running hashes start at the seed of each row; a NULL seed is our caller's mistake.
bool start_hashes(duckdb_vector seeds, size_t rows, uint64_t* hashes) {
  const uint64_t* validity = duckdb_vector_get_validity(seeds);
  for (size_t row = 0; validity != nullptr && row < rows; ++row) {
    if ((validity[row / 64] >> (row % 64) & 1) == 0) return false;
  }
  std::copy_n(static_cast<const uint64_t*>(duckdb_vector_get_data(seeds)), rows, hashes);
  return true;
}

void row_hash(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto rows = static_cast<size_t>(duckdb_data_chunk_get_size(input));
  const auto columns = static_cast<size_t>(duckdb_data_chunk_get_column_count(input)) - 1;
  // The result is BIGINT, the same 64 bits read as a signed number; C++ lets the two alias.
  auto* hashes = static_cast<uint64_t*>(duckdb_vector_get_data(output));
  if (!start_hashes(duckdb_data_chunk_get_vector(input, 0), rows, hashes)) {
    duckdb_scalar_function_set_error(info, "row_hash: the seed must not be NULL");
    return;
  }
  const size_t words = (columns + kMaskColumns - 1) / kMaskColumns;
  std::vector<uint32_t> masks(words * rows, 0);
  for (size_t i = 0; i < columns; ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, i + 1);
    const LogicalType type(duckdb_vector_get_column_type(vector));
    ColumnHasher column(vector, rows, hashes, masks.data() + i / kMaskColumns * rows, i);
    hash_column(column, describe(type.get()));
  }
  for (size_t word = 0; word < words; ++word) {
    for (size_t row = 0; row < rows; ++row) {
      hashes[row] = XXH64(&masks[word * rows + row], sizeof(uint32_t), hashes[row]);
    }
  }
}

void bind_row_hash(duckdb_bind_info info) {
  const idx_t arguments = duckdb_scalar_function_bind_get_argument_count(info);
  if (arguments < 2) {
    duckdb_scalar_function_bind_set_error(info, "row_hash needs a seed and at least one column");
    return;
  }
  for (idx_t i = 1; i < arguments; ++i) {
    const Expression argument(duckdb_scalar_function_bind_get_argument(info, i));
    const LogicalType type(duckdb_expression_return_type(argument.get()));
    if (is_hashable(describe(type.get()))) continue;
    const std::string message = fmt::format(
        "row_hash cannot hash column {} of type {}: cast it to the type of its contract", i,
        type_name(type.get()));
    duckdb_scalar_function_bind_set_error(info, message.c_str());
    return;
  }
}

}  // namespace

Status register_row_hash(duckdb_connection connection) {
  const ScalarFunction function(duckdb_create_scalar_function());
  const LogicalType seed(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  const LogicalType any(duckdb_create_logical_type(DUCKDB_TYPE_ANY));
  const LogicalType result(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_scalar_function_set_name(function.get(), "row_hash");
  duckdb_scalar_function_add_parameter(function.get(), seed.get());
  duckdb_scalar_function_set_varargs(function.get(), any.get());
  duckdb_scalar_function_set_special_handling(function.get());
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_bind(function.get(), bind_row_hash);
  duckdb_scalar_function_set_function(function.get(), row_hash);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBError) {
    return internal_error("row_hash could not be registered with the engine");
  }
  return ok();
}

}  // namespace bullion::engine
