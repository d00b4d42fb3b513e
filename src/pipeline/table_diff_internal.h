// Rows and money of one table at two versions, partition by partition.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/log.h"
#include "pipeline/diff.h"
#include "pipeline/environment.h"
#include "pipeline/totals.h"
#include "project/project.h"

namespace bullion::pipeline {

/// A partition's differences and what only the explanation of their causes needs.
struct PartitionTally {
  PartitionDiff diff;
  int64_t moved_in = 0;   ///< keys that come from another partition; among rows_added
  int64_t moved_out = 0;  ///< keys that went to another one; among rows_removed
};

/// What is compared. The snapshots are borrowed; nullopt is an absent table.
struct TableSides {
  std::string path;
  const project::Contract* contract = nullptr;  ///< nullptr: compared by content, without amounts
  std::optional<delta::Snapshot> before;
  std::optional<delta::Snapshot> after;
  bool match_rows = true;        ///< false: rows of added and removed files are only counted
  std::string default_currency;  ///< of a table without a currency column
};

/// Tallies of the partitions whose files differ, by partition text. Reads those files only.
Result<std::map<std::string, PartitionTally>> tally_partitions(const Environment& env,
                                                               const TableSides& sides);

/// The currency's entry, made when missing.
MoneyDiff& money_in(PartitionDiff& diff, const std::string& currency);

}  // namespace bullion::pipeline
