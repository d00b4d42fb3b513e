// From published rows down to the records of the files they were made of, with the money at every
// level.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "engine/value.h"
#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

/// One table on the way down.
struct TraceLevel {
  std::string table;
  int64_t above = -1;  ///< place in TraceOutcome::levels of what is made of it; -1: the asked table
  std::vector<std::string> inputs;  ///< of the table's model, all that `through` may name
  std::string layer;
  int64_t version = 0;                        ///< the Delta version that was read
  std::map<std::string, std::string> filter;  ///< by columns of this table
  std::vector<std::string> conditions;        ///< SQL over its columns: the rest of the filter
  bool by_key = false;        ///< all versions of the keys of the level above, instead of a filter
  int64_t rows = 0;           ///< all of them, also beyond the limit
  std::string amount_column;  ///< "" when the table has none
  std::optional<Decimal> amount;       ///< exact sum over `rows`
  int64_t rows_kept = 0;               ///< with by_key: rows the level above shows
  std::optional<Decimal> amount_kept;  ///< with by_key: exact sum over rows_kept
  /// The (kept) amount equals the one of the level above; nullopt at the first level and when the
  /// row sets cannot be compared, which a note explains.
  std::optional<bool> agrees;
  bool is_together = false;  ///< `agrees` is said of it and of its siblings, taken together
  std::vector<std::string> notes;
  engine::Rows sample;  ///< at most `limit` rows
};

enum class RecordState {
  Kept,        ///< the version the level above shows
  Superseded,  ///< a newer version of its key won
  Withdrawn,   ///< the newest version, and it withdraws its key
  Excluded,    ///< the model's own filter leaves it out
  Rejected,    ///< never read as a row: an entry of the quarantine
};
std::string to_string(RecordState state);

/// One record of a source file.
struct TracedRecord {
  std::vector<std::string> key;  ///< the model's key columns (grain of a source) as text
  RecordState state = RecordState::Kept;
  std::string file;  ///< original path of the landed file; "" when its manifest is gone
  std::string file_id;
  int64_t record = 0;  ///< 1-based data record of the file
  int64_t line = 0;    ///< 1-based first line; 0 when the file could not be read again
  std::string raw;     ///< the record's text; "" when the file could not be read again
  std::optional<Decimal> amount;
};

/// What comparing the sums of a trace's levels came to.
enum class TraceVerdict {
  Agrees,      ///< every level was compared with the one above, and agrees
  Differs,     ///< a level was compared with the one above, and differs
  Uncompared,  ///< not every level could be compared; notes say why
  NoAmount,    ///< no level has an amount
  NoRows,      ///< no row of the asked table fits, so nothing is shown of those below it
};
std::string to_string(TraceVerdict verdict);

struct TraceOutcome {
  int64_t release = 0;
  std::vector<TraceLevel> levels;     ///< the asked table first, each followed by what is below it
  std::vector<TracedRecord> records;  ///< by key, newest version first; at most `limit`
  bool limited = false;               ///< there are more records than `records` holds
  TraceVerdict verdict = TraceVerdict::Uncompared;
  std::vector<std::string> notes;

  bool sums_agree() const { return verdict == TraceVerdict::Agrees; }
};

/// Follows the rows of `table` whose columns equal the filter's values (read as the columns' types;
/// "" is NULL for a column that is not text) down to files, at the versions the release pinned:
/// into the input that makes a model's amount or tells its rows best, into each SELECT of a UNION
/// ALL that rows came from, and from findings to the rows that they flag. On the way down a
/// condition on a column becomes one on the expression that the model makes it of, as long as one
/// row of the input decides it (docs/sql.md), else the grain of the chosen rows is followed; where
/// nothing is told the trace ends. `limit` bounds rows and records shown; negative: no limit. A
/// model that reads a table of `through` is followed into it. Invalid names an unknown table,
/// column or a value of the wrong type, and what no model on the way reads.
Result<TraceOutcome> trace(const Environment& env, const project::Project& project,
                           const release::Record& record, const std::string& table,
                           const std::map<std::string, std::string>& filter, int64_t limit,
                           const std::vector<std::string>& through = {});

}  // namespace bullion::pipeline
