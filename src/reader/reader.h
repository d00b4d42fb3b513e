// What can be read of a lake at a release, side by side with other releases: the tables as
// relations of an engine.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"

namespace bullion::reader {

/// An engine of its own for reading: its SQL reaches the lake's tables and no other file, no
/// network and no setting. Without a memory limit in the options it gets 896 MiB.
Result<std::unique_ptr<engine::Engine>> reading_engine(const pipeline::Environment& env,
                                                       engine::EngineOptions options);

/// A table of a release by name; NotFound with the nearest name.
Result<release::TableVersion> find_table(const release::Record& record, const std::string& name);

/// One table at a release. Immutable.
struct OpenTable {
  std::string name;
  release::TableVersion version;
  delta::Snapshot snapshot;  ///< of version.version
  std::string relation;      ///< what stands for it in FROM
};

/// The tables of one release as views in a schema of their own. Made on first use, dropped with the
/// last owner. Thread-safe.
class OpenRelease {
 public:
  /// `schema` is a name that nothing else uses.
  OpenRelease(const pipeline::Environment& env, engine::Engine& engine, release::Record record,
              std::string schema)
      : env_(env), engine_(engine), record_(std::move(record)), schema_(std::move(schema)) {}
  OpenRelease(const OpenRelease&) = delete;
  OpenRelease& operator=(const OpenRelease&) = delete;
  ~OpenRelease();

  const release::Record& record() const { return record_; }
  int64_t number() const { return record_.number; }
  /// For QueryOptions::schema: there the tables that table() was asked for have their plain names.
  const std::string& schema() const { return schema_; }
  /// Makes sure that schema() exists, also when no table was asked for.
  Status make_schema();
  /// NotFound with the nearest name.
  Result<std::shared_ptr<const OpenTable>> table(const std::string& name);
  /// The rows of a table with two more columns that tell them apart: `_path` and `_position`.
  Result<std::string> relation_with_positions(const std::string& name);

 private:
  Status make_schema_locked();
  Status create_view(const std::string& name, const std::string& sql);

  const pipeline::Environment& env_;
  engine::Engine& engine_;
  const release::Record record_;
  const std::string schema_;
  std::mutex mutex_;
  bool has_schema_ = false;
  std::map<std::string, std::shared_ptr<const OpenTable>> tables_;
  std::map<std::string, std::string> with_positions_;
};

/// How much of the path of a source file readers see.
enum class Paths {
  Whole,   ///< as it was landed: on the machine of the project
  Hidden,  ///< relative to the project, or the name alone: for those who are elsewhere
};

/// Thread-safe. Borrows what it is made of.
class Reader {
 public:
  /// `engine` may be the environment's own (the CLI) or a reading_engine (a server).
  Reader(const pipeline::Environment& env, const project::Project& project, engine::Engine& engine,
         Paths paths = Paths::Whole)
      : env_(env), project_(project), engine_(engine), paths_(paths) {}

  const pipeline::Environment& env() const { return env_; }
  const project::Project& project() const { return project_; }
  engine::Engine& engine() const { return engine_; }

  /// The path of a source file as readers may see it.
  std::string shown_path(const std::string& path) const;

  /// The number of the newest release; nullopt in a lake without one.
  Result<std::optional<int64_t>> newest() const;
  /// Release `number`, or the newest. NotFound, also in a lake without any. The last few stay open.
  Result<std::shared_ptr<OpenRelease>> release(std::optional<int64_t> number);

  /// The rows of tables/<layer>/<name> (ops, quarantine) at their newest version as a SELECT;
  /// nullopt when there is no such table yet. Paths in its columns are as
  /// readers may see them.
  Result<std::optional<std::string>> outside_rows(const std::string& layer,
                                                  const std::string& name) const;
  /// Makes <layer>.<name> stand for those rows in the engine, for none when no run has written that
  /// table yet; false when no run of this project would.
  Result<bool> open_outside(const std::string& layer, const std::string& name);

 private:
  /// The columns of a table that runs write; nullopt for any other.
  std::optional<delta::Schema> outside_schema(const std::string& layer,
                                              const std::string& name) const;
  std::string shown_rows(const delta::Schema& schema, const std::string& rows) const;

  const pipeline::Environment& env_;
  const project::Project& project_;
  engine::Engine& engine_;
  const Paths paths_;
  std::mutex mutex_;
  int64_t schemas_made_ = 0;
  std::list<std::shared_ptr<OpenRelease>> open_;  ///< most recently used first
  std::map<std::string, int64_t> outside_versions_;
};

}  // namespace bullion::reader
