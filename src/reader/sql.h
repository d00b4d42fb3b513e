// Read-only SQL over a release, and the saved queries of a project.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "metrics/request.h"
#include "reader/reader.h"
#include "reader/tables.h"

namespace bullion::reader {

/// Rows beyond this are cut off, and said to be.
inline constexpr int64_t kSqlRowsMax = 10'000;
inline constexpr size_t kSqlBytesMax = 64 << 10;
/// Cells beyond this many bytes of text are cut off as rows are.
inline constexpr size_t kSqlResultBytesMax = 32 << 20;

struct SqlParameter {
  std::string name;
  /// text | integer | decimal | date | timestamp | boolean; "" : a literal without a type
  std::string type;
  std::optional<std::string> value;  ///< nullopt is NULL
};

struct SqlRequest {
  std::string sql;  ///< one SELECT; parameters are $name
  std::vector<SqlParameter> parameters;
  int64_t rows_max = 1000;  ///< 1 to kSqlRowsMax
  /// On the columns of the result: rows that do not fit are left out, whatever the SQL counted.
  std::vector<metrics::Filter> filters = {};
};

struct SqlAnswer {
  std::vector<ColumnFacts> columns;
  std::vector<std::vector<engine::Value>> rows;
  bool truncated = false;
};

/// Ok for one SELECT, whatever it reads or calls; else Invalid.
Status expect_one_select(engine::Engine& engine, const std::string& sql);

/// The SELECT with literals in the places of its parameters. Invalid when it is no SELECT, or when
/// a parameter has no value or one that is not of its type.
Result<std::string> fill_parameters(engine::Engine& engine, const SqlRequest& request);

/// The engine had no more memory to give.
bool is_out_of_memory(const Error& error);

/// Runs one SELECT that strangers wrote: it sees the tables of the release by their names, and
/// ops.NAME and quarantine.SOURCE at their newest version. Invalid with the reason for everything
/// else; no file, network, setting or catalog is reached. Interrupted at the limits.
Result<SqlAnswer> run_sql(Reader& reader, OpenRelease& release, const SqlRequest& request,
                          const engine::QueryLimits& limits);

/// queries/NAME.sql of a project: a SELECT under a head of comments
/// (`-- title: TEXT`, `-- description: TEXT`,
/// `-- parameter: NAME TYPE [of A|B|C] [from TABLE.COLUMN] [= DEFAULT][; TEXT]`). The type is one
/// of SqlParameter, or day, month or year: a text that names a time, or one of the words A, B, C.
struct SavedQuery {
  struct Parameter {
    std::string name;
    std::string type;
    std::optional<std::string> default_value;
    /// The only values, but for those of `table`; of a time, words beside it. Empty, and no
    /// table: any value of the type.
    std::vector<std::string> choices;
    /// Not empty: what stands in its `column` is a choice too; of a time, what lies between its
    /// first and last value.
    std::string table;
    std::string column;
    std::string description;
    int line = 0;  ///< of the file, from 1
  };
  std::string name;
  std::string title;
  std::string description;
  std::string sql;  ///< without the head
  int line = 1;     ///< of the file, where `sql` begins
  std::vector<Parameter> parameters;
};

struct SavedQueries {
  std::vector<SavedQuery> queries;         ///< those without mistakes, by name
  std::vector<project::Problem> problems;  ///< of the others
};
/// Reads the folder again each time, so that an edited query is seen at once.
SavedQueries load_queries(const project::Project& project);

/// Everything that is wrong with the saved queries, by file and line: what load_queries() finds,
/// and what run_sql() would refuse. Makes tables of its own in `engine`, those of ops and
/// quarantine among them, which runs make in a lake.
std::vector<project::Problem> check_queries(const project::Project& project,
                                            engine::Engine& engine);

/// A saved query with values for its parameters; a parameter without value takes its default.
/// Invalid for unknown names, for missing values, for those that are no choice and for texts that
/// are no time. What tables decide is left to check_listed_values().
Result<SqlRequest> request_of(const SavedQuery& query,
                              const std::map<std::string, std::optional<std::string>>& values);

/// The relation of a table at a release.
using TableLookup = std::function<Result<std::string>(const std::string& table)>;

/// Invalid, with what is known, when a parameter whose choices stand in a table has another one, or
/// a time that lies outside of the table's.
Status check_listed_values(engine::Engine& engine, const SavedQuery& query,
                           const SqlRequest& request, const TableLookup& relation_of);

}  // namespace bullion::reader
