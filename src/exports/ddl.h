// SQL that makes a table of the lake a table of a cloud warehouse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exports/export.h"

namespace bullion::exports {

enum class Dialect { Snowflake, Athena, Redshift, BigQuery };

/// "snowflake", "athena", "redshift" or "bigquery"; Invalid names them.
Result<Dialect> parse_dialect(std::string_view text);
std::string_view to_string(Dialect dialect);

struct DdlRequest {
  std::string table;
  delta::Schema schema;                        ///< of the table, with what may not be NULL
  std::vector<std::string> columns;            ///< with `load`: those of the file; empty: all
  std::vector<std::string> partition_columns;  ///< of the Delta table
  Provenance provenance;
  /// URL of the Delta table's folder, or with `load` of the folder with the Parquet file; "": a
  /// placeholder, which a comment names.
  std::string location;
  std::string schema_name;  ///< database, schema or dataset to put the table in; "" the current one
  bool load = false;        ///< CREATE TABLE with typed columns, and the load of a Parquet file
};

/// Statements that end in ";" and comments that say what must exist first. By default the table is
/// the live Delta table, whatever its release; with `load` it is a copy. Invalid for a type or name
/// the platform does not have, and for a location of a scheme it does not read.
Result<std::string> ddl(Dialect dialect, const DdlRequest& request);

}  // namespace bullion::exports
