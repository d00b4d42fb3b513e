// What every step of the pipeline works with: a lake, an engine, a clock, and who acts.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "project/project.h"
#include "release/record.h"
#include "storage/file_system.h"
#include "table/table.h"

namespace bullion::pipeline {

/// Lines and counters for people; the CLI shows them, tests ignore them. Called from many threads.
using Report =
    std::function<void(std::string_view phase, std::string_view item, int64_t done, int64_t total)>;

/// Borrowed parts, alive for the whole command.
struct Environment {
  storage::FileSystem& lake;
  engine::Engine& engine;
  const Clock& clock;
  delta::CheckpointCodec& codec;
  std::string user;
  Report report;

  delta::Log log(const std::string& table_path) const {
    return delta::Log(lake, table_path, clock, &codec);
  }
};

inline constexpr const char* kProgramVersion = "0.1.0";

/// "tables/<layer>/<name>".
std::string table_path(std::string_view layer, std::string_view name);

/// SQL of a table's rows at a version.
Result<std::string> table_sql_at(const Environment& env, const std::string& path, int64_t version,
                                 bool positions = false);

/// Names the relation of every table of a release as a view (models by plain name), and the ops and
/// quarantine tables as ops.<name> and quarantine.<name> at their latest version; those that no run
/// has written yet are empty.
Status create_release_views(const Environment& env, const release::Record& record);

/// CREATE OR REPLACE VIEW "name" AS sql, quoting the name.
Status create_view(engine::Engine& engine, const std::string& name, const std::string& sql);

/// The relation of a set of files of one table.
std::string files_sql(const Environment& env, const std::string& path, const delta::Schema& schema,
                      const std::vector<std::string>& partition_columns,
                      const std::vector<delta::AddFile>& files, bool positions = false);

/// Total of numRecords over files; Corrupt when a file carries none.
Result<int64_t> row_count(const std::vector<delta::AddFile>& files);

}  // namespace bullion::pipeline
