#include "pipeline/verify.h"

#include <algorithm>

#include <fmt/format.h>

#include "ingest/ingest.h"
#include "pipeline/run.h"
#include "pipeline/scratch.h"
#include "pipeline/working_set.h"
#include "release/store.h"

namespace bullion::pipeline {
namespace {

Status same_code(const project::Project& project, const release::Record& record) {
  const auto compare = [&](const std::string& name, const std::string& hash) -> Status {
    const auto table = record.tables.find(name);
    if (table == record.tables.end() || table->second.code_hash != hash) {
      return invalid(fmt::format(
          "{} has changed in the project since release {}; publish it with `bullion run`, or check "
          "out the project as it was, then verify",
          name, record.number));
    }
    return ok();
  };
  for (const auto& source : project.sources)
    BULLION_TRY(compare(source.contract.name, source.hash));
  for (const auto& seed : project.seeds) BULLION_TRY(compare(seed.contract.name, seed.hash));
  for (const auto& model : project.models) {
    BULLION_TRY(compare(model.contract.name, model.code_hash));
  }
  return ok();
}

Result<std::map<std::string, RowHashSum>> hashes_at(const Environment& env,
                                                    const release::TableVersion& table) {
  BULLION_TRY_ASSIGN(const auto snapshot, env.log(table.path).snapshot(table.version));
  return table::partition_hashes(snapshot.files);
}

std::string hash_text(const std::map<std::string, RowHashSum>& hashes, const std::string& key) {
  const auto hash = hashes.find(key);
  return hash == hashes.end() ? "absent" : to_string(hash->second);
}

VerifiedTable compare(const std::string& name, const std::map<std::string, RowHashSum>& published,
                      const std::map<std::string, RowHashSum>& rebuilt) {
  VerifiedTable table;
  table.table = name;
  table.partitions = static_cast<int64_t>(published.size());
  std::map<std::string, RowHashSum> all = published;
  all.insert(rebuilt.begin(), rebuilt.end());
  for (const auto& [key, hash] : all) {
    const std::string before = hash_text(published, key);
    const std::string after = hash_text(rebuilt, key);
    if (before != after) {
      table.different.push_back(fmt::format("{}: published {}, rebuilt {}", key, before, after));
    }
  }
  for (const auto& [key, hash] : published) table.rows += static_cast<int64_t>(hash.rows);
  return table;
}

/// Landed files are read where they are; everything else of the scratch lake is its own.
std::vector<std::string> landing_prefixes(const project::Project& project) {
  std::vector<std::string> paths;
  for (const auto& source : project.sources) {
    paths.push_back("landing/" + source.contract.name + "/");
  }
  return paths;
}

}  // namespace

bool VerifyOutcome::equal() const {
  return std::all_of(tables.begin(), tables.end(),
                     [](const VerifiedTable& table) { return table.different.empty(); });
}

Result<VerifyOutcome> verify(const Environment& env, const project::Project& project) {
  const release::Store store(env.lake, env.clock, &env.codec);
  BULLION_TRY_ASSIGN(const auto record, store.latest());
  if (!record)
    return not_found("the lake has no release to verify; `bullion run` publishes the first");
  BULLION_TRY(same_code(project, *record));
  BULLION_TRY_ASSIGN(const Scratch scratch,
                     Scratch::create(env.lake, env.clock, landing_prefixes(project)));
  const Environment over{scratch.lake(), env.engine, env.clock, env.codec, env.user, env.report};
  RunOptions options;
  options.land = false;
  options.command = "verify";
  for (const auto& [source, consumed] : record->sources) {
    options.through_sequence[source] = consumed.through_sequence;
  }
  BULLION_TRY_ASSIGN(const RunOutcome rebuilt, run(over, project, options));
  if (!rebuilt.record) {
    return internal_error("the rebuilt lake did not publish: a gate that passed before fails now");
  }
  VerifyOutcome outcome{.release = record->number, .tables = {}};
  for (const auto& [name, table] : record->tables) {
    BULLION_TRY_ASSIGN(const auto published, hashes_at(env, table));
    BULLION_TRY_ASSIGN(const auto again, hashes_at(over, rebuilt.record->tables.at(name)));
    outcome.tables.push_back(compare(name, published, again));
  }
  return outcome;
}

}  // namespace bullion::pipeline
