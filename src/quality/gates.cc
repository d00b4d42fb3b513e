#include "quality/gates.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/sha256.h"

namespace bullion::quality {
namespace {

using engine::quote_name;
using engine::quote_text;
using project::DataTest;

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(quote_name(name));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

/// The ends as texts, which the engine casts to the column's type.
std::string range_condition(const std::string& column, const project::ValueRange& range) {
  std::vector<std::string> ends;
  const auto add = [&](const char* sign, const std::optional<std::string>& end) {
    if (end) ends.push_back(fmt::format("{} {} {}", column, sign, quote_text(*end)));
  };
  add(">", range.above);
  add(">=", range.at_least);
  add("<", range.below);
  add("<=", range.at_most);
  return fmt::format("{}", fmt::join(ends, " AND "));
}

/// The condition a row of a row-wise test fails on.
std::string failing_condition(const DataTest& test) {
  const std::string column = quote_name(test.columns.at(0));
  std::string condition;
  if (test.kind == "not_null") {
    condition = column + " IS NULL";
  } else if (test.kind == "matches") {
    condition = fmt::format("{} IS NOT NULL AND NOT regexp_full_match({}, {})", column, column,
                            quote_text(test.pattern));
  } else if (test.kind == "in_range") {
    condition =
        fmt::format("{} IS NOT NULL AND NOT ({})", column, range_condition(column, test.range));
  } else {
    std::vector<std::string> values;
    for (const std::string& value : test.values) values.push_back(quote_text(value));
    condition = fmt::format("{} IS NOT NULL AND CAST({} AS VARCHAR) NOT IN ({})", column, column,
                            fmt::join(values, ", "));
  }
  return test.where.empty() ? condition : fmt::format("({}) AND ({})", test.where, condition);
}

bool is_row_wise(const DataTest& test) {
  return test.kind == "not_null" || test.kind == "accepted_values" || test.kind == "matches" ||
         test.kind == "in_range";
}

Result<int64_t> count_of(engine::Engine& engine, const std::string& sql, const DataTest& test) {
  auto rows = engine.query(sql);
  if (!rows) {
    return std::move(rows).error().within(
        fmt::format("{}: test {}", to_string(test.location), test.name));
  }
  const engine::Value& value = rows->rows.at(0).at(0);
  if (const auto* count = std::get_if<int64_t>(&value)) return *count;
  if (const auto* count = std::get_if<Decimal>(&value)) return static_cast<int64_t>(count->units);
  return internal_error("a count was not an integer: " + sql);
}

/// The kept rows that a changed row could repeat the key of; "" when there are none.
const std::string& kept_rows(const DataTest& test, const TestedTable& table) {
  const bool is_local =
      !table.partition_column.empty() && std::find(test.columns.begin(), test.columns.end(),
                                                   table.partition_column) != test.columns.end();
  return is_local ? table.kept_beside : table.kept;
}

/// Number of keys of changed rows that kept rows have as well. The changed rows, which are few, are
/// what is held in memory; NULL equals NULL, as in a GROUP BY.
Result<int64_t> shared_keys(engine::Engine& engine, const DataTest& test, const TestedTable& table,
                            const std::string& kept) {
  const std::string where = test.where.empty() ? "" : " WHERE " + test.where;
  const std::string keys = quoted_list(test.columns);
  return count_of(engine,
                  fmt::format("SELECT count(*) FROM (SELECT DISTINCT * FROM (SELECT {0} FROM "
                              "{1}{3}) AS kept SEMI JOIN (SELECT {0} FROM {2}{3}) AS changed ON "
                              "{4})",
                              keys, kept, table.changed, where,
                              engine::same_columns(test.columns, "kept", "changed")),
                  test);
}

/// Number of keys that occur more than once. Distinct 64-bit hashes as many as rows prove there are
/// none; only otherwise the keys themselves are grouped.
Result<int64_t> duplicated_keys(engine::Engine& engine, const DataTest& test,
                                const TestedTable& table, bool whole) {
  const std::string keys = quoted_list(test.columns);
  const std::string where = test.where.empty() ? "" : " WHERE " + test.where;
  const bool split = !whole && !table.changed.empty() && !table.kept.empty();
  const std::string& relation = split ? table.changed : table.live;
  BULLION_TRY_ASSIGN(
      const int64_t repeated,
      count_of(engine,
               fmt::format("SELECT count(*) - count(DISTINCT row_hash(42::UBIGINT, {})) FROM {}{}",
                           keys, relation, where),
               test));
  int64_t failures = 0;
  if (repeated > 0) {
    BULLION_TRY_ASSIGN(
        failures, count_of(engine,
                           fmt::format("SELECT count(*) FROM (SELECT {0} FROM {1}{2} GROUP BY {0} "
                                       "HAVING count(*) > 1)",
                                       keys, relation, where),
                           test));
  }
  const std::string& kept = kept_rows(test, table);
  if (split && !kept.empty()) {
    BULLION_TRY_ASSIGN(const int64_t shared, shared_keys(engine, test, table, kept));
    failures += shared;
  }
  return failures;
}

Result<std::vector<std::string>> sample_rows(engine::Engine& engine, const std::string& sql) {
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     engine.query(fmt::format("SELECT * FROM ({}\n) AS failing LIMIT 3", sql)));
  std::vector<std::string> sample;
  for (const auto& row : rows.rows) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(fmt::format("{}={}", rows.schema[i].name,
                                  engine::is_null(row[i]) ? "NULL" : engine::to_text(row[i])));
    }
    sample.push_back(fmt::format("{}", fmt::join(cells, ", ")));
  }
  return sample;
}

/// Counts failing rows of all row-wise tests of one table in one scan.
Status count_row_wise(engine::Engine& engine, const std::vector<const DataTest*>& tests,
                      const std::string& relation, std::map<std::string, int64_t>& failures) {
  std::vector<std::string> counts;
  for (const DataTest* test : tests) {
    counts.push_back(fmt::format("count(*) FILTER (WHERE {})", failing_condition(*test)));
  }
  auto rows = engine.query(fmt::format("SELECT {} FROM {}", fmt::join(counts, ", "), relation));
  if (!rows) {
    return std::move(rows).error().within("data tests of " + tests.front()->table);
  }
  for (size_t i = 0; i < tests.size(); ++i) {
    failures[tests[i]->name] = std::get<int64_t>(rows->rows.at(0).at(i));
  }
  return ok();
}

bool all_in_scope(const DataTest& test, const GateScope& scope) {
  if (test.kind == "relationships" && !scope.tables.contains(test.to_table)) return false;
  if (test.kind == "sql") {
    return std::all_of(test.depends_on.begin(), test.depends_on.end(),
                       [&](const std::string& name) { return scope.tables.contains(name); });
  }
  return scope.tables.contains(test.table);
}

/// Whether a not-null test only repeats what writing the table has enforced.
bool holds_by_contract(const DataTest& test, const GateScope& scope) {
  return test.kind == "not_null" &&
         scope.tables.at(test.table).never_null.contains(test.columns.at(0));
}

/// The relation a row-wise test reads; "" when nothing it could fail on has changed.
std::string row_wise_relation(const DataTest& test, const GateScope& scope) {
  const TestedTable& table = scope.tables.at(test.table);
  if (scope.whole_tables) return table.live;
  if (test.kind == "relationships" && !scope.tables.at(test.to_table).changed.empty()) {
    return table.live;
  }
  return table.changed;
}

/// Relationships tests by what they refer to, and by the type of what refers to it. Tests with
/// nothing to look at, or a column of unknown type, are left out.
std::map<std::vector<std::string>, std::vector<const DataTest*>> references(
    const std::vector<DataTest>& tests, const GateScope& scope) {
  std::map<std::vector<std::string>, std::vector<const DataTest*>> groups;
  for (const DataTest& test : tests) {
    if (test.kind != "relationships" || !all_in_scope(test, scope)) continue;
    const auto& types = scope.tables.at(test.table).types;
    const auto type = types.find(test.columns.at(0));
    if (type == types.end() || row_wise_relation(test, scope).empty()) continue;
    groups[{test.to_table, test.to_column, type->second}].push_back(&test);
  }
  return groups;
}

/// Counts the failing values of tests that refer to one column in one scan of it: the evidence of
/// twelve detectors is read once, not twelve times.
void count_orphans(engine::Engine& engine, const std::vector<const DataTest*>& tests,
                   const GateScope& scope, std::map<std::string, int64_t>& failures) {
  std::vector<std::string> children;
  for (size_t i = 0; i < tests.size(); ++i) {
    const DataTest& test = *tests[i];
    const std::string where = test.where.empty() ? "" : fmt::format(" AND ({})", test.where);
    children.push_back(fmt::format(
        "SELECT CAST({0} AS BIGINT) AS test, {1} AS value FROM {2} WHERE {1} IS NOT NULL{3}", i,
        quote_name(test.columns.at(0)), row_wise_relation(test, scope), where));
  }
  const auto rows = engine.query(fmt::format(
      "SELECT test, count(DISTINCT value) FROM ({}) AS child WHERE NOT EXISTS (SELECT 1 FROM {} AS "
      "parent WHERE parent.{} = child.value) GROUP BY test",
      fmt::join(children, " UNION ALL "), quote_name(tests.front()->to_table),
      quote_name(tests.front()->to_column)));
  // What is wrong with one of them is said when it runs alone.
  if (!rows) return;
  for (const DataTest* test : tests) failures[test->name] = 0;
  for (const std::vector<engine::Value>& row : rows->rows) {
    const auto index = static_cast<size_t>(std::get<int64_t>(row.at(0)));
    failures[tests.at(index)->name] = std::get<int64_t>(row.at(1));
  }
}

Result<int64_t> count_failures(engine::Engine& engine, const DataTest& test,
                               const GateScope& scope) {
  if (test.kind == "sql") {
    const bool touched =
        scope.whole_tables ||
        std::any_of(test.depends_on.begin(), test.depends_on.end(), [&](const std::string& name) {
          return !scope.tables.at(name).changed.empty();
        });
    if (!touched) return 0;
    return count_of(engine, fmt::format("SELECT count(*) FROM ({}\n) AS failing", test.sql), test);
  }
  const TestedTable& table = scope.tables.at(test.table);
  if (test.kind == "unique") {
    if (!scope.whole_tables && table.changed.empty()) return 0;
    return duplicated_keys(engine, test, table, scope.whole_tables);
  }
  const std::string relation = row_wise_relation(test, scope);
  if (relation.empty()) return 0;
  return count_of(engine,
                  fmt::format("SELECT count(*) FROM ({}) AS failing",
                              failing_rows_sql(test, relation, quote_name(test.to_table))),
                  test);
}

}  // namespace

std::string to_string(TestStatus status) {
  switch (status) {
    case TestStatus::Pass:
      return "pass";
    case TestStatus::Warn:
      return "warn";
    case TestStatus::Fail:
      return "fail";
  }
  return "fail";
}

std::string failing_rows_sql(const DataTest& test, const std::string& relation,
                             const std::string& parent_relation) {
  if (test.kind == "sql") return test.sql;
  const std::string where = test.where.empty() ? "" : fmt::format(" AND ({})", test.where);
  if (test.kind == "unique") {
    return fmt::format(
        "SELECT {0}, count(*) AS rows FROM {1} WHERE true{2} GROUP BY {0} HAVING count(*) > 1",
        quoted_list(test.columns), relation, where);
  }
  if (test.kind == "relationships") {
    const std::string column = quote_name(test.columns.at(0));
    return fmt::format(
        "SELECT {0}, count(*) AS rows FROM {1} AS child WHERE {0} IS NOT NULL{4} AND NOT EXISTS "
        "(SELECT 1 FROM {2} AS parent WHERE parent.{3} = child.{0}) GROUP BY {0}",
        column, relation, parent_relation, quote_name(test.to_column), where);
  }
  return fmt::format("SELECT * FROM {} WHERE {}", relation, failing_condition(test));
}

Result<std::vector<TestOutcome>> run_data_tests(engine::Engine& engine,
                                                const std::vector<DataTest>& tests,
                                                const GateScope& scope) {
  std::map<std::string, std::vector<const DataTest*>> row_wise;
  for (const DataTest& test : tests) {
    if (!is_row_wise(test) || !all_in_scope(test, scope)) continue;
    if (!holds_by_contract(test, scope)) row_wise[test.table].push_back(&test);
  }
  std::map<std::string, int64_t> failures;
  for (const auto& [table, group] : row_wise) {
    const std::string relation = row_wise_relation(*group.front(), scope);
    if (!relation.empty()) BULLION_TRY(count_row_wise(engine, group, relation, failures));
  }
  for (const auto& [reference, group] : references(tests, scope)) {
    if (group.size() > 1) count_orphans(engine, group, scope, failures);
  }
  std::vector<TestOutcome> outcomes;
  for (const DataTest& test : tests) {
    if (!all_in_scope(test, scope)) continue;
    TestOutcome outcome{.name = test.name,
                        .kind = test.kind,
                        .table = test.table,
                        .status = TestStatus::Pass,
                        .failures = 0,
                        .sample = {},
                        .location = test.location};
    const auto counted = failures.find(test.name);
    if (counted != failures.end()) {
      outcome.failures = counted->second;
    } else if (!is_row_wise(test)) {
      BULLION_TRY_ASSIGN(outcome.failures, count_failures(engine, test, scope));
    }
    if (outcome.failures > 0) {
      outcome.status =
          test.severity == project::Severity::Warn ? TestStatus::Warn : TestStatus::Fail;
      const std::string relation = test.kind == "sql" ? "" : scope.tables.at(test.table).live;
      BULLION_TRY_ASSIGN(
          outcome.sample,
          sample_rows(engine, failing_rows_sql(test, relation, quote_name(test.to_table))));
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::string tests_hash(const std::vector<DataTest>& tests) {
  Sha256 hash;
  for (const DataTest& test : tests) {
    hash.update(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}\n", test.name, test.kind,
                            test.table, fmt::join(test.columns, ","), fmt::join(test.values, ","),
                            test.to_table, test.to_column, test.where, test.sql,
                            static_cast<int>(test.severity), test.pattern,
                            test.kind == "in_range" ? to_string(test.range) : ""));
  }
  return hash.finish_hex();
}

}  // namespace bullion::quality
