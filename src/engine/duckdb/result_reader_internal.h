// Cells of DuckDB's data chunks as Values.
#pragma once

#include <string_view>
#include <vector>

#include "engine/duckdb/handles_internal.h"
#include "engine/duckdb/sql_types_internal.h"
#include "engine/value.h"

namespace bullion::engine {

/// True when a column of this type can be read as Values; others must be cast to VARCHAR first.
bool is_readable(duckdb_type id);

/// The schema type of Values read from a column of this (readable) type.
delta::DataType value_type(duckdb_logical_type type);

/// One column vector of a chunk. Borrows the chunk.
class ColumnReader {
 public:
  ColumnReader(duckdb_vector vector, const SqlType& type);

  bool is_null(idx_t row) const;
  Value at(idx_t row) const;
  /// The bytes of a VARCHAR or BLOB that is not NULL, as long as the chunk lives.
  std::string_view text(idx_t row) const;
  /// Units of an integer or DECIMAL that is not NULL.
  Int128 units(idx_t row) const;

 private:
  SqlType type_;
  const void* data_;
  const uint64_t* validity_;
};

/// A MAP column's entries of one row, for the statistics that COPY returns.
class MapReader {
 public:
  /// `value_type`: the type of the map's values.
  MapReader(duckdb_vector vector, const SqlType& value_type);

  /// Half-open range of entry numbers of `row`; empty when the map is NULL.
  std::pair<idx_t, idx_t> entries(idx_t row) const;
  const ColumnReader& keys() const { return keys_; }
  const ColumnReader& values() const { return values_; }
  duckdb_vector values_vector() const;

 private:
  duckdb_vector vector_;
  const duckdb_list_entry* lists_;
  const uint64_t* validity_;
  ColumnReader keys_;
  ColumnReader values_;
};

}  // namespace bullion::engine
