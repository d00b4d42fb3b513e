// Simple row writes: each computes data files and answers the transaction that would publish them.
// Nothing is visible before delta::Log::commit(); files of a transaction that is never committed
// stay behind unreferenced, for `clean` to remove.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace bullion::table {

/// What a write reads and where it goes. Borrows everything; the snapshot is the one that was read.
struct TableWrite {
  storage::FileSystem& files;
  engine::Engine& engine;
  const Clock& clock;
  const delta::Snapshot& snapshot;
  std::string table_path;             ///< relative to the file system
  std::vector<std::string> order_by;  ///< columns to sort each file by; empty keeps the input order
};

// Each `select` must have the table's columns, by name, in any order; contracts are enforced as
// engine::Engine::stage and seal_staged_files say. All fail with Invalid for a table that lists a
// feature we do not write. A write that would change nothing has no adds and no removes.

/// Adds rows. A blind append: it conflicts with nothing but changes of the table itself.
Result<delta::Transaction> append_rows(const TableWrite& write, const std::string& select);

/// Replaces all rows of these partitions (one value per partition column each; `{}` alone means the
/// whole of a table without partitions). Invalid when a new row belongs to another partition.
/// Serializable.
Result<delta::Transaction> replace_partitions(const TableWrite& write,
                                              const std::vector<delta::PartitionValues>& partitions,
                                              const std::string& select);

/// Replaces the rows whose key is that of a new row, and adds the others: files with such rows are
/// rewritten. Invalid when two new rows have one key, or a key is NULL. Serializable.
Result<delta::Transaction> upsert_rows(const TableWrite& write,
                                       const std::vector<std::string>& key_columns,
                                       const std::string& select);

/// Removes the rows whose key is one of `select_keys`, which needs the key columns only; equal keys
/// may repeat. Serializable.
Result<delta::Transaction> remove_rows(const TableWrite& write,
                                       const std::vector<std::string>& key_columns,
                                       const std::string& select_keys);

}  // namespace bullion::table
