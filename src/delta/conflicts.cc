#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "delta/conflicts_internal.h"

namespace bullion::delta {
namespace {

/// Paths borrowed from the transaction.
using PathSet = std::unordered_set<std::string_view>;

Error conflict_with(const Winner& winner, const std::string& why) {
  const std::string operation = winner.commit.info ? winner.commit.info->operation : "";
  const std::string what = operation.empty() ? "" : fmt::format(" ({})", operation);
  return conflict(fmt::format(
      "version {}{} was committed meanwhile and {}; read the table again and repeat the work",
      winner.version, what, why));
}

/// Whether equal values of the type always have equal partition text, whoever wrote them.
bool has_one_spelling(TypeId id) {
  switch (id) {
    case TypeId::Boolean:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
    case TypeId::String:
    case TypeId::Date:
      return true;
    default:
      return false;
  }
}

bool has_one_spelling(const Metadata& metadata, const std::string& column) {
  for (const Column& candidate : metadata.schema) {
    if (candidate.name == column) return has_one_spelling(candidate.type.id);
  }
  return false;
}

/// Whether a file with these values may hold rows of the partition. What cannot be told may.
bool may_match(const PartitionValues& file, const PartitionValues& partition,
               const Metadata& metadata) {
  for (const auto& [column, wanted] : partition) {
    const auto found = file.find(column);
    if (found == file.end() || found->second == wanted) continue;
    const bool both = found->second.has_value() && wanted.has_value();
    // Null differs from every value; two texts differ for certain only where spelling is unique.
    if (!both || has_one_spelling(metadata, column)) return false;
  }
  return true;
}

bool reads_partition_of(const ReadSet& reads, const PartitionValues& file,
                        const Metadata& metadata) {
  if (reads.whole_table) return true;
  return std::any_of(
      reads.partitions.begin(), reads.partitions.end(),
      [&](const PartitionValues& partition) { return may_match(file, partition, metadata); });
}

bool changes_data(const Commit& actions) {
  const auto changes = [](const auto& file) { return file.data_change; };
  return std::any_of(actions.adds.begin(), actions.adds.end(), changes) ||
         std::any_of(actions.removes.begin(), actions.removes.end(), changes) ||
         (actions.adds.empty() && actions.removes.empty());
}

Status check_txns(const Transaction& transaction, const Winner& winner) {
  for (const Txn& theirs : winner.commit.txns) {
    for (const Txn& ours : transaction.actions.txns) {
      if (ours.app_id != theirs.app_id) continue;
      return conflict_with(winner, fmt::format("moved the writer `{}` to its version {}",
                                               theirs.app_id, theirs.version));
    }
  }
  return ok();
}

Status check_adds(const Transaction& transaction, const Metadata& metadata, const Winner& winner) {
  PathSet ours;
  for (const AddFile& add : transaction.actions.adds) ours.insert(add.path);
  for (const AddFile& add : winner.commit.adds) {
    if (ours.contains(add.path)) {
      return conflict_with(winner, fmt::format("added the same file `{}`", add.path));
    }
  }
  // A transaction that rearranges rows without changing them does not depend on new ones.
  if (!changes_data(transaction.actions)) return ok();
  const bool blind = winner.commit.info && winner.commit.info->is_blind_append;
  if (blind && !is_serializable(transaction, metadata)) return ok();
  for (const AddFile& add : winner.commit.adds) {
    if (!add.data_change) continue;
    if (!reads_partition_of(transaction.reads, add.partition_values, metadata)) continue;
    return conflict_with(winner,
                         fmt::format("added rows this write should have read (`{}`)", add.path));
  }
  return ok();
}

Status check_removes(const Transaction& transaction, const Metadata& metadata,
                     const Winner& winner) {
  const PathSet read(transaction.reads.files.begin(), transaction.reads.files.end());
  PathSet ours;
  for (const RemoveFile& remove : transaction.actions.removes) ours.insert(remove.path);
  for (const RemoveFile& remove : winner.commit.removes) {
    if (ours.contains(remove.path)) {
      return conflict_with(winner,
                           fmt::format("removed a file this write removes (`{}`)", remove.path));
    }
    // Rows that only moved to other files are still there for a reader of their partition.
    const bool was_read =
        read.contains(remove.path) || transaction.reads.whole_table ||
        (remove.data_change &&
         reads_partition_of(transaction.reads, remove.partition_values, metadata));
    if (was_read) {
      return conflict_with(winner,
                           fmt::format("removed a file this write has read (`{}`)", remove.path));
    }
  }
  return ok();
}

}  // namespace

bool is_serializable(const Transaction& transaction, const Metadata& metadata) {
  const auto level = metadata.configuration.find("delta.isolationLevel");
  return transaction.serializable || transaction.actions.metadata.has_value() ||
         (level != metadata.configuration.end() && level->second == "Serializable");
}

Status check_conflict(const Transaction& transaction, const Metadata& metadata,
                      const Winner& winner) {
  if (winner.commit.protocol) return conflict_with(winner, "changed the table's protocol");
  if (winner.commit.metadata) {
    return conflict_with(winner, "changed the table's metadata (columns or properties)");
  }
  BULLION_TRY(check_txns(transaction, winner));
  BULLION_TRY(check_adds(transaction, metadata, winner));
  return check_removes(transaction, metadata, winner);
}

}  // namespace bullion::delta
