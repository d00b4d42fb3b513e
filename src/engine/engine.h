// SQL over pinned inputs: the interface every engine implements (DuckDB here, Spark later).
// Engines compute and write data files that nobody sees; they never commit.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "engine/row_source.h"
#include "engine/value.h"

namespace bullion::engine {

/// Exact statistics of one column of one staged file, as the writer saw them.
struct ColumnStats {
  Value min;  ///< NULL when all values are NULL, or when the type has no order we may publish
  Value max;
  int64_t null_count = 0;
  bool has_nan = false;
};

/// A data file an engine wrote. Not yet durable, not yet visible.
struct StagedFile {
  std::string path;  ///< relative to StageRequest::directory, '/' separated, not encoded
  int64_t rows = 0;
  int64_t bytes = 0;
  delta::PartitionValues partition_values;   ///< as Delta text; empty when not partitioned
  std::map<std::string, ColumnStats> stats;  ///< flat columns only, partition columns left out
};

/// Where and how to write the rows of a SELECT or a RowSource.
struct StageRequest {
  std::string directory;    ///< absolute local path of the table folder
  std::string file_prefix;  ///< unique in the table, e.g. "part-<run>-<n>"; letters, digits, '-'
  delta::Schema schema;     ///< the contract: output columns, order and types; SELECT is cast to it
  /// Hive folders `<column>=<value>`; the column is kept in the files as well. Values that are not
  /// [A-Za-z0-9._-]+ go to a folder that does not name them; the truth is partition_values.
  std::vector<std::string> partition_columns;
  /// Columns to sort each file by. Empty keeps the input order in a file without partitions and
  /// promises none in partitioned ones, which several threads write. Sorting partitioned files
  /// writes them on one thread.
  std::vector<std::string> order_by;
};

struct EngineOptions {
  int64_t memory_limit_bytes = 0;  ///< 0: the engine's default (see duckdb_engine)
  int threads = 0;                 ///< 0: all cores
  std::string temp_folder;  ///< where larger work spills; "" : a folder in the system's temp dir
  /// When set, SQL reaches no file outside of these folders (absolute paths) and its own spill
  /// folder (2 GiB at most), no network, no setting: for SQL of strangers. Empty: no file at all.
  std::optional<std::vector<std::string>> only_folders;
};

/// Ends one call, and no other.
struct QueryLimits {
  int64_t timeout_us = 0;  ///< of the whole call, visitors included; 0: none
  int64_t rows_max = 0;    ///< rows handed out before the call ends; 0: all
  /// Ends the call soon after it becomes true. Borrowed; null: nobody can.
  const std::atomic<bool>* cancelled = nullptr;
};

/// How one SELECT is run.
struct QueryOptions {
  QueryLimits limits;
  /// Where names without a schema are looked for, before the schema `main`; "": only there.
  std::string schema;
};

enum class StreamEnd {
  Complete,  ///< every row was handed out
  RowLimit,  ///< there are more rows than QueryLimits::rows_max
};

/// The columns a SELECT yields.
struct BoundColumn {
  std::string name;
  std::string sql_type;                 ///< the engine's own name, e.g. "DECIMAL(38,2)", "DOUBLE"
  std::optional<delta::DataType> type;  ///< nullopt when Delta has no such type (HUGEINT, TIME...)
};

using RowVisitor = std::function<Status(const std::vector<Value>&)>;

/// One engine session. Thread-safe unless a function says otherwise; each call runs on its own
/// connection to one shared database. Errors keep the engine's own message with "LINE n" pointers.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  /// Runs statements whose rows do not matter. Tables and views are seen by every call and live in
  /// memory; TEMP ones would end with the call.
  virtual Status execute(const std::string& sql) = 0;
  /// The same within a time and as long as the caller waits; Interrupted otherwise.
  virtual Status execute(const std::string& sql, const QueryLimits& limits) = 0;
  /// A whole small result.
  virtual Result<Rows> query(const std::string& sql) = 0;
  /// Rows one by one, streamed; the schema first. Stops at the first error a visitor returns, and
  /// at a limit: Interrupted when it is the time or the caller, RowLimit when it is the rows.
  virtual Result<StreamEnd> stream(const std::string& sql, const QueryOptions& options,
                                   const std::function<Status(const delta::Schema&)>& on_schema,
                                   const RowVisitor& on_row) = 0;
  /// The same without limits.
  virtual Status stream(const std::string& sql,
                        const std::function<Status(const delta::Schema&)>& on_schema,
                        const RowVisitor& on_row) = 0;
  /// A whole small result within limits; rows beyond `rows_max` are left out.
  virtual Result<Rows> query(const std::string& sql, const QueryOptions& options) = 0;
  /// Column names and types of a SELECT without running it. Invalid with the engine's message.
  virtual Result<std::vector<BoundColumn>> bind(const std::string& select) = 0;
  /// The engine's JSON syntax tree of a SELECT (DuckDB: json_serialize_sql). Invalid with the
  /// message, which ends with " (position n)", a 0-based byte position, when that is known.
  virtual Result<std::string> syntax_tree(const std::string& select) = 0;

  /// Writes the rows of a SELECT as Parquet files. Each column is cast to the contract's type; a
  /// DOUBLE or FLOAT reaching a Decimal column is Invalid, and so is a cast that would lose digits
  /// of a DECIMAL (a larger scale with non-zero digits, or too many digits). Columns are matched by
  /// name; a missing or extra one is Invalid, and so is a NULL the contract forbids (docs/sql.md).
  /// A failed call removes its files; a killed one may leave `_staging-<file_prefix>` folders.
  virtual Result<std::vector<StagedFile>> stage(const std::string& select,
                                                const StageRequest& request) = 0;
  /// Writes the rows of `source`, in its order, as one file (none when there are no rows).
  virtual Result<std::vector<StagedFile>> stage_rows(RowSource& source,
                                                     const StageRequest& request) = 0;

  /// Interrupts everything that runs; callable from a signal-watching thread.
  virtual void interrupt() = 0;
};

/// `engine`, each call of which has these limits: for code that knows of none. Borrows `engine`;
/// binding, parsing and staging are not limited.
std::unique_ptr<Engine> limited_engine(Engine& engine, const QueryLimits& limits);

/// Quotes an identifier or a string literal for SQL.
std::string quote_name(std::string_view name);
std::string quote_text(std::string_view text);
/// Join condition: the rows of two relations, by their aliases, are the same in all `columns`. NULL
/// equals NULL. "true" for no columns.
std::string same_columns(const std::vector<std::string>& columns, std::string_view left,
                         std::string_view right);
/// The engine-neutral SQL name of a type: "DECIMAL(18,2)", "BIGINT", "TIMESTAMP WITH TIME ZONE"...
std::string sql_type(const delta::DataType& type);

/// Where the rows of NULL go in a table partitioned by folders.
inline constexpr const char* kNullFolder = "__HIVE_DEFAULT_PARTITION__";
/// Whether a text consists of [A-Za-z0-9._-], at least one of them.
bool is_file_name_text(std::string_view text);
/// The folder of a partition value, in Delta's text: "day=2024-01-31". A column or value that
/// cannot name a file is replaced by a digest of it.
std::string partition_folder(const std::string& column, const std::optional<std::string>& value);

}  // namespace bullion::engine
