#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "delta/validation_internal.h"

namespace bullion::delta {
namespace {

Status check_columns(const Schema& schema) {
  std::set<std::string> seen;
  for (const Column& column : schema) {
    if (column.name.empty() || column.name.find_first_of(" ,;{}()\n\t=") != std::string::npos) {
      return invalid(
          fmt::format("a column cannot be named `{}`: Delta allows no blank, tab, line break or "
                      "any of ,;{{}}()= in a name",
                      column.name));
    }
    if (!seen.insert(lower(column.name)).second) {
      return invalid(
          fmt::format("two columns are named `{}` (upper and lower case are one)", column.name));
    }
  }
  return ok();
}

Status check_metadata(const Metadata& metadata) {
  if (metadata.id.empty()) return invalid("the table has no id");
  BULLION_TRY(check_columns(metadata.schema));
  if (!metadata.schema_string.empty()) {
    const auto parsed = schema_from_json(metadata.schema_string);
    if (!parsed || !(*parsed == metadata.schema)) {
      return invalid(
          "the schema differs from the schema text that would be written; clear schema_string when "
          "changing columns");
    }
  }
  const std::vector<std::string> names = column_names(metadata.schema);
  std::set<std::string> seen;
  for (const std::string& column : metadata.partition_columns) {
    if (std::find(names.begin(), names.end(), column) == names.end()) {
      return invalid(fmt::format("partition column `{}` is not in the schema{}", column,
                                 did_you_mean(column, names)));
    }
    if (!seen.insert(column).second) {
      return invalid(fmt::format("partition column `{}` is named twice", column));
    }
  }
  if (!names.empty() && seen.size() == names.size()) {
    return invalid("every column is a partition column; at least one must be stored in the files");
  }
  return ok();
}

/// A metaData action replaces the old one whole, so what it does not repeat is lost.
Status check_carried_over(const Metadata& before, const Metadata& after, bool keeps_files) {
  if (before.id != after.id) {
    return invalid(fmt::format("the table's id would change from {} to {}", before.id, after.id));
  }
  for (const auto& [key, value] : before.configuration) {
    if (!after.configuration.contains(key)) {
      return invalid(fmt::format("the table property `{}` = `{}` would be lost", key, value));
    }
  }
  if (keeps_files && before.partition_columns != after.partition_columns) {
    return invalid("the partition columns would change while files of the old ones stay");
  }
  return ok();
}

Status check_partition_values(const std::string& path, const PartitionValues& values,
                              const Metadata& metadata) {
  const std::vector<std::string>& columns = metadata.partition_columns;
  for (const auto& [column, value] : values) {
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
    return invalid(fmt::format("file `{}` has a value for `{}`, which is no partition column{}",
                               path, column, did_you_mean(column, columns)));
  }
  for (const std::string& column : columns) {
    if (values.contains(column)) continue;
    return invalid(
        fmt::format("file `{}` has no value for the partition column `{}`", path, column));
  }
  return ok();
}

Status check_adds(const Commit& actions, const Replay& state, const Metadata& metadata) {
  std::unordered_set<std::string_view> removed;
  for (const RemoveFile& remove : actions.removes) removed.insert(remove.path);
  std::unordered_set<std::string_view> seen;
  for (const AddFile& add : actions.adds) {
    if (!is_below_table(add.path)) {
      return invalid(fmt::format("`{}` is no path below the table's folder", add.path));
    }
    if (!seen.insert(add.path).second) {
      return invalid(fmt::format("file `{}` is added twice", add.path));
    }
    if (removed.contains(add.path)) {
      return invalid(fmt::format("file `{}` is added and removed in one commit", add.path));
    }
    if (add.data_change && state.is_live(add.path)) {
      return invalid(fmt::format("file `{}` is part of the table already", add.path));
    }
    if (!add.deletion_vector_json.empty()) {
      return invalid(fmt::format("file `{}` has a deletion vector", add.path));
    }
    if (add.size < 0) {
      return invalid(fmt::format("file `{}` has the size {}", add.path, add.size));
    }
    BULLION_TRY(check_partition_values(add.path, add.partition_values, metadata));
  }
  return ok();
}

Status check_removes(const Commit& actions, const Replay& state, const Metadata& metadata) {
  const auto append_only = metadata.configuration.find("delta.appendOnly");
  const bool keeps_rows =
      append_only != metadata.configuration.end() && lower(append_only->second) == "true";
  std::unordered_set<std::string_view> seen;
  for (const RemoveFile& remove : actions.removes) {
    if (!seen.insert(remove.path).second) {
      return invalid(fmt::format("file `{}` is removed twice", remove.path));
    }
    if (!state.is_live(remove.path)) {
      return invalid(
          fmt::format("file `{}` cannot be removed: it is not part of the table at the "
                      "version that was read",
                      remove.path));
    }
    if (keeps_rows && remove.data_change) {
      return invalid(
          fmt::format("the table is append-only (delta.appendOnly), so file `{}` cannot be removed",
                      remove.path));
    }
  }
  return ok();
}

Status check_txns(const Commit& actions) {
  std::set<std::string> seen;
  for (const Txn& txn : actions.txns) {
    if (txn.app_id.empty()) return invalid("a txn has no application id");
    if (!seen.insert(txn.app_id).second) {
      return invalid(fmt::format("two txns of `{}` in one commit", txn.app_id));
    }
  }
  return ok();
}

}  // namespace

Status validate_actions(const Commit& actions, const Replay& state) {
  const auto& protocol = actions.protocol ? actions.protocol : state.protocol();
  const auto& metadata = actions.metadata ? actions.metadata : state.metadata();
  if (!protocol || !metadata) {
    return invalid("the first commit of a table needs a protocol and a metaData action");
  }
  BULLION_TRY(check_writable(*protocol, *metadata));
  if (actions.metadata) {
    BULLION_TRY(check_metadata(*actions.metadata));
    if (state.metadata()) {
      const bool keeps_files = actions.removes.size() < state.live_count();
      BULLION_TRY(check_carried_over(*state.metadata(), *actions.metadata, keeps_files));
    }
  }
  if (actions.protocol && state.protocol() &&
      (actions.protocol->min_reader_version < state.protocol()->min_reader_version ||
       actions.protocol->min_writer_version < state.protocol()->min_writer_version)) {
    return invalid("the table's protocol versions would go down");
  }
  BULLION_TRY(check_adds(actions, state, *metadata));
  BULLION_TRY(check_removes(actions, state, *metadata));
  return check_txns(actions);
}

}  // namespace bullion::delta
