#include "pipeline/working_set.h"

#include <algorithm>

#include <fmt/format.h>

#include "ingest/ingest.h"
#include "release/store.h"

namespace bullion::pipeline {
namespace {

bool by_path(const delta::AddFile& a, const delta::AddFile& b) { return a.path < b.path; }

std::string text_of(const delta::AddFile& file, const std::string& column) {
  const auto value = file.partition_values.find(column);
  if (value == file.partition_values.end() || !value->second) return "";
  return *value->second;
}

/// Fails when a commit above the released version was not made by a release of ours.
Status refuse_foreign_commits(const Environment& env, const WorkingTable& table) {
  for (int64_t version = table.released_version + 1; version <= table.head_version; ++version) {
    BULLION_TRY_ASSIGN(const delta::Commit commit, env.log(table.path).read_commit(version));
    const bool ours =
        std::any_of(commit.txns.begin(), commit.txns.end(),
                    [](const delta::Txn& txn) { return txn.app_id == release::kReleaseAppId; });
    if (ours) continue;
    return conflict(fmt::format(
        "table {} has a foreign commit: version {} ({}) at {} was not made by a release. Nothing "
        "was changed. To throw the foreign commit away, run `bullion table revert {}`; to keep "
        "its rows, bring them in through a source",
        table.name, version, commit.info ? commit.info->operation : "unknown operation",
        env.lake.location(table.path), table.name));
  }
  return ok();
}

Status read_head(const Environment& env, const std::optional<release::Record>& last,
                 WorkingTable& table) {
  const delta::Log log = env.log(table.path);
  auto head = log.snapshot();
  if (!head && head.error().kind() != ErrorKind::NotFound) {
    return std::move(head).error().within("table " + table.name);
  }
  if (head) {
    table.head_version = head->version;
    table.head = head->files;
    table.head_schema = head->metadata.schema;
    table.head_metadata = head->metadata;
  }
  if (last && last->tables.contains(table.name)) {
    const release::TableVersion& released = last->tables.at(table.name);
    if (!head || head->version < released.version) {
      return corrupt(fmt::format("table {} of release {} has lost version {} of its log at {}",
                                 table.name, last->number, released.version,
                                 env.lake.location(table.path)));
    }
    table.released_version = released.version;
    table.released_code_hash = released.code_hash;
    table.released_macros = released.macros;
    table.inputs = released.inputs;
    table.released = head->files;
    table.released_schema = head->metadata.schema;
    if (head->version != released.version) {
      BULLION_TRY_ASSIGN(const delta::Snapshot at_release, log.snapshot(released.version));
      table.released = at_release.files;
      table.released_schema = at_release.metadata.schema;
    }
  }
  table.files = table.released;
  return ok();
}

std::vector<delta::AddFile> sorted(std::vector<delta::AddFile> files) {
  std::sort(files.begin(), files.end(), by_path);
  return files;
}

}  // namespace

FileChange compare_files(const std::vector<delta::AddFile>& before,
                         const std::vector<delta::AddFile>& after) {
  FileChange change;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(change.added), by_path);
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(change.removed), by_path);
  return change;
}

Result<WorkingSet> WorkingSet::open(const Environment& env, const project::Project& project,
                                    const std::optional<release::Record>& last,
                                    const std::string& tolerated_table) {
  WorkingSet set;
  const auto add = [&](const project::Contract& contract, delta::Schema schema,
                       const std::string& code_hash) -> Status {
    WorkingTable table;
    table.name = contract.name;
    table.layer = project.layer_of(contract.name);
    table.path = table_path(table.layer, table.name);
    table.schema = std::move(schema);
    table.partition_columns = contract.partition_by;
    table.code_hash = code_hash;
    BULLION_TRY(read_head(env, last, table));
    if (table.name != tolerated_table) BULLION_TRY(refuse_foreign_commits(env, table));
    set.tables_.emplace(contract.name, std::move(table));
    return ok();
  };
  for (const project::Source& source : project.sources) {
    BULLION_TRY(add(source.contract, project::bronze_schema(source), source.hash));
  }
  for (const project::Seed& seed : project.seeds) {
    BULLION_TRY(add(seed.contract, seed.contract.columns, seed.hash));
  }
  for (const project::Model& model : project.models) {
    BULLION_TRY(add(model.contract, model.contract.columns, model.code_hash));
    WorkingTable& table = set.at(model.contract.name);
    for (const std::string& name : model.macros) {
      table.macros[name] = project.macros.at(name).hash;
    }
  }
  return set;
}

Result<FileChange> WorkingSet::input_change(const Environment& env, const std::string& model,
                                            const std::string& input) const {
  const WorkingTable& table = at(input);
  const auto& seen = at(model).inputs;
  const auto version = seen.find(input);
  if (version == seen.end()) return compare_files({}, table.files);
  if (version->second == table.released_version) return compare_files(table.released, table.files);
  BULLION_TRY_ASSIGN(const delta::Snapshot before, env.log(table.path).snapshot(version->second));
  return compare_files(before.files, table.files);
}

std::set<std::string> partition_texts(const std::vector<delta::AddFile>& files,
                                      const std::string& column) {
  std::set<std::string> texts;
  for (const delta::AddFile& file : files) texts.insert(text_of(file, column));
  return texts;
}

std::vector<delta::AddFile> files_in(const std::vector<delta::AddFile>& files,
                                     const std::string& column, const std::set<std::string>& texts,
                                     bool inside) {
  std::vector<delta::AddFile> chosen;
  for (const delta::AddFile& file : files) {
    if (texts.contains(text_of(file, column)) == inside) chosen.push_back(file);
  }
  return chosen;
}

Result<std::vector<delta::AddFile>> replace_partitions(WorkingTable& table,
                                                       const std::set<std::string>& texts,
                                                       std::vector<delta::AddFile> staged) {
  const std::string& column = table.partition_columns.at(0);
  std::vector<delta::AddFile> result = files_in(table.files, column, texts, false);
  const std::vector<delta::AddFile> old_files = files_in(table.files, column, texts);
  BULLION_TRY_ASSIGN(const auto old_hashes, table::partition_hashes(old_files));
  BULLION_TRY_ASSIGN(const auto new_hashes, table::partition_hashes(staged));
  std::set<std::string> equal;
  for (const auto& [key, hash] : new_hashes) {
    const auto old_hash = old_hashes.find(key);
    if (old_hash != old_hashes.end() && old_hash->second == hash) equal.insert(key);
  }
  std::vector<delta::AddFile> unneeded;
  for (delta::AddFile& file : staged) {
    const bool same = equal.contains(table::partition_key(file.partition_values));
    (same ? unneeded : result).push_back(std::move(file));
  }
  for (const delta::AddFile& file : old_files) {
    if (equal.contains(table::partition_key(file.partition_values))) result.push_back(file);
  }
  table.files = sorted(std::move(result));
  return unneeded;
}

Result<std::vector<delta::AddFile>> replace_all(WorkingTable& table,
                                                std::vector<delta::AddFile> staged) {
  if (!table.partition_columns.empty()) {
    // Without the schema's consent no file of the old table can be kept.
    const std::string& column = table.partition_columns.at(0);
    std::set<std::string> texts = partition_texts(table.files, column);
    texts.merge(partition_texts(staged, column));
    return replace_partitions(table, texts, std::move(staged));
  }
  BULLION_TRY_ASSIGN(const auto old_hashes, table::partition_hashes(table.files));
  BULLION_TRY_ASSIGN(const auto new_hashes, table::partition_hashes(staged));
  if (old_hashes == new_hashes) return staged;
  table.files = sorted(std::move(staged));
  return std::vector<delta::AddFile>();
}

void append_files(WorkingTable& table, std::vector<delta::AddFile> staged) {
  for (delta::AddFile& file : staged) table.files.push_back(std::move(file));
  table.files = sorted(std::move(table.files));
}

release::TableCommit commit_of(const WorkingTable& table, const Environment& env,
                               const std::string& operation) {
  release::TableCommit commit{
      .table = table.name, .path = table.path, .base_version = table.head_version, .actions = {}};
  if (table.head_version < 0) {
    commit.actions =
        table::create_actions(table.name, table.schema, table.partition_columns, env.clock);
  } else if (table.head_schema != table.schema) {
    delta::Metadata metadata = *table.head_metadata;
    metadata.schema = table.schema;
    metadata.schema_string.clear();
    metadata.partition_columns = table.partition_columns;
    commit.actions.metadata = std::move(metadata);
  }
  FileChange change = compare_files(table.head, table.files);
  const int64_t now_ms = env.clock.now_us() / 1000;
  commit.actions.adds = std::move(change.added);
  for (const delta::AddFile& file : change.removed) {
    commit.actions.removes.push_back(delta::removal_of(file, now_ms));
  }
  delta::CommitInfo info;
  info.timestamp_ms = now_ms;
  info.operation = table.head_version < 0 ? "CREATE TABLE AS SELECT" : "WRITE";
  info.operation_parameters = {{"mode", "\"Overwrite\""},
                               {"bullionOperation", "\"" + operation + "\""}};
  if (table.head_version >= 0) info.read_version = table.head_version;
  info.is_blind_append = commit.actions.removes.empty() && table.layer == "bronze";
  info.engine_info = fmt::format("Bullion/{}", kProgramVersion);
  info.txn_id = env.clock.uuid();
  commit.actions.info = std::move(info);
  return commit;
}

}  // namespace bullion::pipeline
