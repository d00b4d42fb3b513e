// DuckDB's types next to Delta's.
#pragma once

#include <optional>
#include <string>

#include "delta/schema.h"
#include "engine/duckdb/handles_internal.h"

namespace bullion::engine {

/// A copy of the parts of a logical type that we decide by; needs no release.
struct SqlType {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  duckdb_type internal = DUCKDB_TYPE_INVALID;  ///< what a DECIMAL is stored as
  int precision = 0;                           ///< DECIMAL only
  int scale = 0;                               ///< DECIMAL only

  bool is_decimal() const { return id == DUCKDB_TYPE_DECIMAL; }
  bool is_float() const { return id == DUCKDB_TYPE_FLOAT || id == DUCKDB_TYPE_DOUBLE; }
};

SqlType describe(duckdb_logical_type type);

/// As SQL spells it: "DECIMAL(38,2)", "INTEGER[]", "STRUCT(a INTEGER)".
std::string type_name(duckdb_logical_type type);

/// The Delta type that holds every value of `type`; nullopt when there is none (HUGEINT, TIME..).
std::optional<delta::DataType> delta_type(duckdb_logical_type type);

/// The type of a column of a RowSource; flat types only.
LogicalType logical_type(const delta::DataType& type);

/// Decimal digits that values of an integer or DECIMAL(p,s) may have before the point; nullopt for
/// other types.
std::optional<int> digits_before_point(const SqlType& type);

}  // namespace bullion::engine
