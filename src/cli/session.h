// The one place that wires concrete parts together: project, lake, engine, clock.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/options.h"
#include "engine/engine.h"
#include "pipeline/environment.h"
#include "project/project.h"
#include "release/record.h"
#include "storage/file_system.h"

namespace bullion::cli {

/// --threads and --memory-limit. Invalid for a size that cannot be read.
Result<engine::EngineOptions> engine_options(const GlobalOptions& options);

/// What a verb works with. Not movable: parts point at each other.
class Session {
 public:
  /// Loads the project and opens its lake. Problems of the project are printed; the error then only
  /// counts them.
  static Result<std::unique_ptr<Session>> open(const GlobalOptions& options);
  /// open(), and nothing that `bullion check` calls an error: for verbs that compute.
  static Result<std::unique_ptr<Session>> open_checked(const GlobalOptions& options);
  /// Engine and clock only, for verbs that need no project.
  static Result<std::unique_ptr<Session>> open_without_project(const GlobalOptions& options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  const project::Project& project() const { return *project_; }
  const pipeline::Environment& env() const { return *env_; }
  engine::Engine& engine() { return *engine_; }
  const Clock& clock() const { return clock_; }
  delta::CheckpointCodec* codec() { return codec_.get(); }

  /// The record of release `number`, or of the newest one.
  Result<release::Record> release(std::optional<int64_t> number) const;

 private:
  /// Lets std::make_unique reach the constructor, and nobody outside.
  struct Passkey {};

 public:
  explicit Session(Passkey) {}

 private:
  Status start_engine(const GlobalOptions& options);

  SystemClock clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<project::Project> project_;
  std::unique_ptr<storage::FileSystem> disk_;
  std::unique_ptr<storage::FileSystem> faulty_;
  std::unique_ptr<delta::CheckpointCodec> codec_;
  std::optional<pipeline::Environment> env_;
};

}  // namespace bullion::cli
