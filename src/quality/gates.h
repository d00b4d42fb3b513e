// Data tests run as gates: on the live tables with the staged files swapped in, before any commit.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "project/project.h"

namespace bullion::quality {

/// Names of the relations (views of the engine) a tested table is seen through.
struct TestedTable {
  std::string live;     ///< all rows as they would be published
  std::string changed;  ///< rows of the files this run staged; "" when none were
  std::string kept;     ///< rows of the files this run leaves alone; "" when there are none
  /// Those of `kept` that stand in a partition with changed rows: where a unique key holds the
  /// partition column, no other row can repeat it. "" when there are none, or no partitions.
  std::string kept_beside;
  std::string partition_column;  ///< "" when the table has none
  /// Columns that cannot hold NULL because every write is refused that would put one there; a
  /// not-null test of them passes without a look at the rows.
  std::set<std::string> never_null = {};
  /// SQL types of columns, as far as they are known: references of one type to one column are
  /// checked together.
  std::map<std::string, std::string> types = {};
};

enum class TestStatus { Pass, Warn, Fail };
std::string to_string(TestStatus status);

struct TestOutcome {
  std::string name;
  std::string kind;
  std::string table;
  TestStatus status = TestStatus::Pass;
  int64_t failures = 0;             ///< failing rows (unique, relationships: failing values)
  std::vector<std::string> sample;  ///< up to three failing rows as text
  project::Location location;
};

struct GateScope {
  std::map<std::string, TestedTable> tables;
  /// Tests whose definition was not part of the last release see whole tables, not only what
  /// changed.
  bool whole_tables = false;
};

/// Runs the tests whose tables are all in scope, in the given order. A test that cannot run (SQL
/// error) is an error. Not-null, accepted-values and relationships tests look only at changed rows
/// when the rest passed before; so do unique tests, which also compare changed with kept rows.
Result<std::vector<TestOutcome>> run_data_tests(engine::Engine& engine,
                                                const std::vector<project::DataTest>& tests,
                                                const GateScope& scope);

/// A SELECT of what fails a test: rows; for unique and relationships the failing values with their
/// row counts.
std::string failing_rows_sql(const project::DataTest& test, const std::string& relation,
                             const std::string& parent_relation);

/// SHA-256 over all test definitions.
std::string tests_hash(const std::vector<project::DataTest>& tests);

}  // namespace bullion::quality
