#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "ingest/ingest.h"
#include "pipeline/publish.h"
#include "pipeline/run_marker.h"
#include "pipeline/verify.h"
#include "pipeline/working_set.h"
#include "release/store.h"

namespace bullion::pipeline {
namespace {

/// Files below a table folder that any version of its log has named.
Result<std::set<std::string>> referenced_files(const Environment& env, const std::string& path) {
  std::set<std::string> paths;
  const delta::Log log = env.log(path);
  BULLION_TRY_ASSIGN(const auto latest, log.latest_version());
  if (!latest) return paths;
  BULLION_TRY_ASSIGN(const auto entries, env.lake.list(path + "/_delta_log"));
  for (const storage::FileInfo& entry : entries) {
    if (!entry.name().ends_with(".json") || entry.name().size() != 25) continue;
    BULLION_TRY_ASSIGN(const delta::Commit commit,
                       log.read_commit(std::stoll(std::string(entry.name().substr(0, 20)))));
    for (const delta::AddFile& add : commit.adds) {
      paths.insert(storage::join_path(path, delta::decoded_path(add)));
    }
    for (const delta::RemoveFile& remove : commit.removes) {
      delta::AddFile named;
      named.path = remove.path;
      paths.insert(storage::join_path(path, delta::decoded_path(named)));
    }
  }
  return paths;
}

bool belongs_to_live_run(const storage::FileInfo& file, const std::vector<std::string>& live) {
  return std::any_of(live.begin(), live.end(), [&](const std::string& run) {
    return file.path.find(run) != std::string::npos;
  });
}

bool is_temporary(const storage::FileInfo& file) {
  return file.name().starts_with('.') && file.name().ends_with(".tmp");
}

/// Collects what may go; removes it unless dry.
///
/// The order makes it safe beside living runs: first all files are listed, then the living runs,
/// then claimed releases are finished, and only then is it read what logs and manifests refer to. A
/// file in the list whose run is not alive afterwards was committed before that, or never will be.
class Cleaner {
 public:
  Cleaner(const Environment& env, bool dry_run) : env_(env), dry_run_(dry_run) {}

  Result<CleanOutcome> run(const project::Project& project) {
    BULLION_TRY(list_files(project));
    BULLION_TRY_ASSIGN(live_, live_runs(env_.lake));
    if (!dry_run_) BULLION_TRY(finish_releases());
    for (const auto& [path, files] : table_files_) BULLION_TRY(clean_table(path, files));
    if (live_.empty()) {
      for (const auto& [source, files] : landing_files_) BULLION_TRY(clean_landing(source, files));
    }
    // Dead before and still dead: not a run that was just about to lock its new marker.
    BULLION_TRY_ASSIGN(const auto still_dead, dead_markers(env_.lake));
    for (const std::string& marker : dead_markers_) {
      if (std::find(still_dead.begin(), still_dead.end(), marker) == still_dead.end()) continue;
      BULLION_TRY(remove({.path = marker, .size = 0, .modified_us = 0, .is_directory = false}));
    }
    return std::move(outcome_);
  }

 private:
  using Files = std::vector<storage::FileInfo>;

  Status list_files(const project::Project& project) {
    BULLION_TRY_ASSIGN(dead_markers_, dead_markers(env_.lake));
    BULLION_TRY_ASSIGN(const auto layers, env_.lake.list("tables"));
    for (const storage::FileInfo& layer : layers) {
      BULLION_TRY_ASSIGN(const auto tables, env_.lake.list(layer.path));
      for (const storage::FileInfo& table : tables) {
        BULLION_TRY_ASSIGN(table_files_[table.path], env_.lake.list_recursive(table.path));
      }
    }
    for (const project::Source& source : project.sources) {
      const std::string& name = source.contract.name;
      BULLION_TRY_ASSIGN(landing_files_[name], env_.lake.list_recursive("landing/" + name));
    }
    return ok();
  }

  Status finish_releases() {
    release::Store store(env_.lake, env_.clock, &env_.codec);
    BULLION_TRY_ASSIGN(const auto finished, store.recover());
    for (const release::Record& record : finished) {
      outcome_.finished_releases.push_back(record.number);
    }
    return ok();
  }

  Status clean_table(const std::string& path, const Files& files) {
    BULLION_TRY_ASSIGN(const auto referenced, referenced_files(env_, path));
    for (const storage::FileInfo& file : files) {
      const bool in_log = file.path.starts_with(path + "/_delta_log/");
      if (in_log && !(is_temporary(file) && live_.empty())) continue;
      if (!in_log && (referenced.contains(file.path) || belongs_to_live_run(file, live_))) continue;
      BULLION_TRY(remove(file));
    }
    return ok();
  }

  /// Landed copies that no manifest names are of runs that died before their manifest.
  Status clean_landing(const std::string& source, const Files& files) {
    std::set<std::string> named;
    BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(env_.lake, source));
    for (const ingest::Batch& batch : batches) {
      for (const ingest::LandedFile& file : batch.files) named.insert(file.landed_path);
    }
    const std::string folder = "landing/" + source;
    for (const storage::FileInfo& file : files) {
      const bool manifest = file.path.find('/', folder.size() + 1) == std::string::npos &&
                            file.name().ends_with(".json");
      if (!manifest && !named.contains(file.path)) BULLION_TRY(remove(file));
    }
    return ok();
  }

  Status remove(const storage::FileInfo& file) {
    outcome_.removed.push_back(file.path);
    outcome_.bytes += file.size;
    if (dry_run_) return ok();
    return env_.lake.remove(file.path);
  }

  const Environment& env_;
  bool dry_run_;
  CleanOutcome outcome_;
  std::map<std::string, Files> table_files_;
  std::map<std::string, Files> landing_files_;
  std::vector<std::string> dead_markers_;
  std::vector<std::string> live_;
};

}  // namespace

Result<CleanOutcome> clean(const Environment& env, const project::Project& project, bool dry_run) {
  return Cleaner(env, dry_run).run(project);
}

Result<int64_t> revert_table(const Environment& env, const project::Project& project,
                             const std::string& table) {
  release::Store store(env.lake, env.clock, &env.codec);
  BULLION_TRY_ASSIGN(const int64_t number, store.next_number());
  BULLION_TRY(store.recover());
  BULLION_TRY_ASSIGN(const auto last, store.latest());
  if (!last || !last->tables.contains(table)) {
    return not_found(
        fmt::format("no release has a table {}; there is nothing to go back to", table));
  }
  BULLION_TRY_ASSIGN(WorkingSet set, WorkingSet::open(env, project, last, table));
  if (compare_files(set.at(table).head, set.at(table).released).empty()) {
    return invalid(fmt::format("table {} is as release {} left it; there is nothing to revert",
                               table, last->number));
  }
  StepContext ctx{.env = env,
                  .project = project,
                  .set = set,
                  .run_id = "revert-" + env.clock.uuid(),
                  .run_at_us = env.clock.now_us()};
  // The table goes back to the schema of the release, whatever the project says by now.
  set.at(table).schema = set.at(table).released_schema;
  BULLION_TRY_ASSIGN(release::Intent intent, make_intent(ctx, last, number, {}, {}, {}));
  intent.record.tests_hash = last->tests_hash;
  intent.record.ledgers = last->ledgers;
  intent.record.summary = fmt::format("table {} reverted to release {}", table, last->number);
  BULLION_TRY(store.claim(intent));
  BULLION_TRY_ASSIGN(const release::Record record, store.finish(intent));
  if (record.is_void) return conflict("the release is void: " + record.void_reason);
  return record.number;
}

}  // namespace bullion::pipeline
