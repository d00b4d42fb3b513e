// What changed between two releases: rows and money per table and partition, and why.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "engine/value.h"
#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::pipeline {

/// The amount column in one currency. after = before + added - removed + changed, exactly.
struct MoneyDiff {
  std::string currency;
  Decimal before;  ///< of the whole partition, as the earlier release has it
  Decimal after;
  Decimal added;    ///< of rows whose key is new here
  Decimal removed;  ///< of rows whose key is gone from here
  Decimal changed;  ///< new minus old amount of rows whose key stayed and whose content differs
};

/// Causes seen, with the number of keys each explains; kCountUnknown when only the cause is known.
/// new | late | corrected | moved | withdrawn | logic | mapping | input | recomputed
using Causes = std::map<std::string, int64_t>;
inline constexpr int64_t kCountUnknown = -1;

struct PartitionDiff {
  std::string partition;  ///< "" in a table without partitions
  int64_t rows_before = 0;
  int64_t rows_after = 0;
  int64_t rows_added = 0;
  int64_t rows_removed = 0;
  int64_t rows_changed = 0;
  std::vector<MoneyDiff> money;  ///< by currency; empty in a table without an amount column
  Causes causes;

  bool empty() const { return rows_added == 0 && rows_removed == 0 && rows_changed == 0; }
};

struct TableDiff {
  std::string table;
  std::string layer;
  int64_t version_before = -1;  ///< -1: the earlier release has no such table
  int64_t version_after = -1;   ///< -1: the later release has no such table
  int64_t files_added = 0;      ///< data files; of a bronze table: one per landed file
  int64_t files_removed = 0;
  bool logic_changed = false;             ///< both releases have the table, made by different code
  std::vector<PartitionDiff> partitions;  ///< only those whose rows differ, sorted
  /// Over the listed partitions. A moved key is one here and one in each of its two partitions.
  PartitionDiff total;
};

struct DiffOutcome {
  int64_t before = 0;  ///< release numbers; 0 is the empty lake before the first release
  int64_t after = 0;
  std::vector<TableDiff> tables;  ///< whose versions differ; sources, seeds, models in order
};

/// Compares two releases; a default Record as `before` stands for the empty lake. Rows are matched
/// by the contract's grain (by content in a table without one) and compared by their business
/// columns. Of each table only the partitions whose files differ are read. In aggregates, causes
/// are those of the partitions of the inputs that make up a partition; a count there is a count of
/// input keys.
Result<DiffOutcome> diff_releases(const Environment& env, const project::Project& project,
                                  const release::Record& before, const release::Record& after);

/// One row per table, partition and currency for printing. Row counts and causes stand in the first
/// row of a partition only, so that sums over a column are right.
engine::Rows diff_rows(const DiffOutcome& outcome);

/// "corrected 2, late 1, logic".
std::string to_string(const Causes& causes);

}  // namespace bullion::pipeline
