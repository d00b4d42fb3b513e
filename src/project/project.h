// What the user wrote, loaded and checked: bullion.yml, sources, models, seeds and tests.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/decimal.h"
#include "base/result.h"
#include "delta/schema.h"
#include "engine/engine.h"
#include "project/file_format.h"
#include "project/fiscal_calendar.h"

namespace bullion::project {

/// A place in a user's file; line and column count from 1; 0 when unknown.
struct Location {
  std::string file;  ///< relative to the project folder
  int line = 0;
  int column = 0;
};
/// "models/gold/x.sql:3:14", leaving out what is unknown.
std::string to_string(const Location& location);

enum class Severity { Warn, Error };

/// One mistake, written for the person who can fix it: what is wrong, what was expected, what to
/// do.
struct Problem {
  Location location;
  Severity severity = Severity::Error;
  std::string code;  ///< stable id, e.g. "yaml-unknown-key", "sql-decimal-division", "float-money"
  std::string message;
};
std::string to_string(const Problem& problem);

/// What a value must lie between; each end as text in the plain form of the column's type.
struct ValueRange {
  std::optional<std::string> above;     ///< greater than
  std::optional<std::string> at_least;  ///< greater than or equal to
  std::optional<std::string> below;     ///< less than
  std::optional<std::string> at_most;   ///< less than or equal to

  bool is_open() const { return !above && !at_least && !below && !at_most; }
};
/// "above 0 and at most 800"
std::string to_string(const ValueRange& range);

/// A generic data test on a model, source or seed (dbt's names), or a singular SQL test.
struct DataTest {
  std::string name;  ///< unique, e.g. "not_null_billing_events_event_id"
  /// not_null | unique | accepted_values | matches | in_range | relationships | sql
  std::string kind;
  std::string table;                 ///< the table tested; for sql: the first table the query reads
  std::vector<std::string> columns;  ///< unique may name several
  std::vector<std::string> values;   ///< accepted_values
  std::string pattern;               ///< matches
  ValueRange range;                  ///< in_range
  std::string to_table;              ///< relationships
  std::string to_column;
  std::string where;                    ///< optional filter
  std::string sql;                      ///< kind sql: a SELECT that must return no row
  std::vector<std::string> depends_on;  ///< tables read
  Severity severity = Severity::Error;
  Location location;
};

/// Columns, types and keys that every write to a table must satisfy.
struct Contract {
  std::string name;
  std::string description;
  std::string owner;
  delta::Schema columns;  ///< nullable = false for not_null constraints
  std::map<std::string, std::vector<std::string>>
      accepted_values;                          ///< by column, enforced on ingest
  std::map<std::string, std::string> patterns;  ///< by column, enforced on ingest; TextPattern
  std::map<std::string, ValueRange> ranges;     ///< by column, enforced on ingest
  std::map<std::string, std::string> column_descriptions;
  std::vector<std::string> grain;  ///< columns whose values are unique together; may be empty
  std::vector<std::string> partition_by;  ///< at most one DATE or STRING column; may be empty
  std::string currency_column;  ///< column that carries the ISO code; "" when one currency
  std::string amount_column;    ///< the column control totals sum; "" when none
  Location location;
};

struct Source {
  Contract contract;
  std::vector<std::string> files;  ///< globs relative to the project folder, or absolute
  FileFormat format;
  ValueFormat values;                       ///< of columns that are not in `cells`
  std::map<std::string, CellFormat> cells;  ///< by contract column
  Snapshot snapshot;
  Cadence cadence;  ///< not in `hash`: it changes no row
  /// Without a key: equal rows of one file are different rows, equal rows of files that overlap are
  /// the same ("occurrence"); "" for none.
  std::string identity;
  /// The source whose rejected records are the rows of this one, which has no files of its own; ""
  /// for a source of files. Such sources stand behind all others in Project::sources.
  std::string rejects_of;
  std::string hash;  ///< SHA-256 of what the source declares; changes when the parse could change

  /// How the values of a column are written: as `cells` says, else as all others.
  const ValueFormat& values_of(const std::string& column) const;
};

/// Columns that Bullion adds to the rows of a source, all STRING: `_batch_id`, `_file_id` (not
/// null),
/// `_extra` (a JSON object of unknown columns as text; NULL when none), `_as_of` of snapshots (not
/// null; texts in the order of time) and `_row_id` of sources with an identity (not null).
delta::Schema ingest_columns(const Source& source);
/// The contract's columns, then ingest_columns().
delta::Schema bronze_schema(const Source& source);

enum class ModelKind { Append, Latest, Snapshot, Aggregate, Full };
std::string to_string(ModelKind kind);

/// Output column -> the input column it plainly passes on.
struct ColumnOrigin {
  std::string table;
  std::string column;
};

/// How an output's partitions depend on those of an input.
struct AlignedInput {
  std::string column;  ///< the input's partition column
  /// Absent: the output's partition has the same value. Else it is the first day of the unit that
  /// the input's partition, a date, is in.
  std::optional<DateUnit> unit = {};

  /// The output's partition, as text, that depends on this partition of the input.
  std::string output_of(const std::string& partition) const;
};

struct Model {
  Contract contract;
  std::string layer;  ///< "silver" | "gold": the folder below models/; "findings": a detector
  ModelKind kind = ModelKind::Full;
  std::string sql;                      ///< one SELECT, templates already resolved
  std::set<std::string> macros;         ///< used in it, by itself or through others
  std::vector<std::string> unique_key;  ///< latest: the key
  std::vector<std::string> version_by;  ///< latest: newest is the largest, compared in this order
  std::string withdrawn_column;  ///< latest: BOOLEAN column; a true newest version hides the key
  std::map<std::string, std::string>
      conserves;                        ///< output amount column -> column of the first input
  std::vector<std::string> depends_on;  ///< tables read, in order of first appearance in the SQL
  /// By name, the inputs whose partition column provably determines the output's. An aggregate is
  /// partition-aligned when each partitioned input is here.
  std::map<std::string, AlignedInput> aligned_inputs;
  std::string not_aligned_reason;  ///< why not, with file:line, when aligned_inputs misses one
  std::map<std::string, ColumnOrigin> origins;  ///< for trace
  std::string code_hash;  ///< SHA-256 of kind, keys, contract and normalised SQL
  Location location;      ///< of the .sql file
};

/// A value of {{ param('name') }}, and where it is written.
struct Param {
  std::string value;
  Location location;
};

/// A SELECT that finds what somebody should look at. It is also a model of layer "findings" with
/// the contract of detector_columns(), so it is computed, gated and published like every other
/// table.
struct Detector {
  std::string name;  ///< of the model, too
  std::string title;
  std::string description;
  std::string severity;        ///< low | medium | high
  Decimal weight;              ///< 0 to 1, four places: multiplies the strength of each finding
  bool opens_cases = true;     ///< false: its findings join cases, and alone are none
  std::string evidence_table;  ///< holds the rows that findings name by row_id
  std::string evidence_key;    ///< its column that row_id holds; STRING
  std::map<std::string, Param> params;  ///< by name
  Location location;
};

/// What each detector yields, one row per piece of evidence: docs/detectors.md.
delta::Schema detector_columns();
/// The table of all findings, generated from the detectors of a project that has any.
inline constexpr const char* kFindingsTable = "findings";
/// detector_columns() with detector, severity and weight before them.
delta::Schema findings_columns();

/// A source whose landed files are rows of a table.
struct FilesOf {
  std::string source;
  std::string day_column;  ///< says which month a file is of; "" when nothing does
};

struct Seed {
  Contract contract;
  std::string file;  ///< relative to the project folder
  std::string hash;  ///< SHA-256 of the file and its contract
  std::string
      made;  ///< the CSV of a table that Bullion makes from `file`; "" when `file` is the CSV
  /// Of a table of landed files, which each run fills: their sources. Empty for other seeds.
  std::vector<FilesOf> files_of;
};

/// A table of the landed files of sources (`files_table`), one row for each name under which bytes
/// came: docs/guides/files-that-change.md.
delta::Schema landed_file_columns();

/// Rows given as text by column; nullopt is NULL. Columns left out are NULL.
using TextRow = std::map<std::string, std::optional<std::string>>;

/// Rows in, rows out: of a model, or of a SELECT that stands in the test to try macros by
/// themselves.
struct UnitTest {
  std::string name;
  std::string model;                                  ///< "" when `sql` is given
  std::string sql;                                    ///< templates resolved; "" when `model` is
  std::vector<std::string> reads;                     ///< tables that `sql` reads
  std::set<std::string> macros;                       ///< used in `sql`
  std::map<std::string, std::vector<TextRow>> given;  ///< by input table
  std::vector<TextRow> expect;                        ///< columns named in any row are compared
  Location location;
  Location sql_location;
};

/// A piece of SQL with a name, from macros/*.sql: {% macro name(a, b='1') %} ... {% endmacro %}.
struct Macro {
  struct Parameter {
    std::string name;
    std::optional<std::string> value;  ///< when a call gives none; nullopt: a call must
  };
  std::string name;
  std::vector<Parameter> parameters;
  std::string body;    ///< with its templates; parameters stand in it as {{ name }}
  std::string hash;    ///< SHA-256 of parameters and body
  Location location;   ///< of the macro
  Location body_from;  ///< of the first byte of the body
};

/// Names of the tables of sources, seeds or models, in their order.
template <typename T>
std::vector<std::string> names_of(const std::vector<T>& tables) {
  std::vector<std::string> names;
  names.reserve(tables.size());
  for (const T& table : tables) names.push_back(table.contract.name);
  return names;
}

struct Project {
  std::string folder;  ///< absolute
  std::string name;
  std::string currency;
  std::string time_zone = "UTC";
  FiscalCalendar fiscal_calendar;
  std::string lake;  ///< absolute path of the chosen target's lake
  std::string target;
  std::map<std::string, std::string> vars;
  std::map<std::string, Macro> macros;  ///< by name
  std::vector<Source> sources;
  std::vector<Seed> seeds;
  std::vector<Model> models;        ///< in dependency order; ties by name
  std::vector<Detector> detectors;  ///< by name; each is also in models
  std::vector<DataTest> data_tests;
  std::vector<UnitTest> unit_tests;

  const Source* find_source(const std::string& table) const;
  /// Ok when there is a source of that name; else NotFound, with those there are.
  Status expect_source(const std::string& table) const;
  const Model* find_model(const std::string& table) const;
  const Seed* find_seed(const std::string& table) const;
  const Detector* find_detector(const std::string& detector) const;
  /// Contract of any table of the project; nullptr when unknown.
  const Contract* find_contract(const std::string& table) const;
  /// Names of all tables: sources, then seeds, then models, so that each stands behind its inputs.
  std::vector<std::string> table_names() const;
  /// "bronze" for sources, Model::layer for models, "seeds" for seeds.
  std::string layer_of(const std::string& table) const;
};

struct LoadOptions {
  std::string folder = ".";                 ///< a folder that holds bullion.yml, or any below it
  std::string target;                       ///< "": the project's default
  std::string lake_override;                ///< --lake
  std::map<std::string, std::string> vars;  ///< --vars, over the file's
};

/// A loaded project, or every problem found in it (not only the first). Warnings never fail a load.
struct LoadOutcome {
  std::optional<Project> project;
  std::vector<Problem> problems;
};

/// Reads the files and parses the SQL (through the engine's parser); binds nothing, runs nothing.
LoadOutcome load_project(const LoadOptions& options, engine::Engine& engine);

/// `bullion check`: binds every model and test against empty tables of the contracts, compares
/// columns and types with the contract, and lints portability and floats on money paths.
std::vector<Problem> check_project(const Project& project, engine::Engine& engine);

}  // namespace bullion::project
