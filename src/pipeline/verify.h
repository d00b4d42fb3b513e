// `bullion verify`: rebuilds the latest release from the files it consumed, by full recomputation
// in a scratch lake, and compares every partition's row hash. `bullion clean`: removes what crashed
// runs left.
#pragma once

#include <string>
#include <vector>

#include "pipeline/environment.h"
#include "project/project.h"

namespace bullion::pipeline {

struct VerifiedTable {
  std::string table;
  int64_t partitions = 0;
  int64_t rows = 0;
  std::vector<std::string> different;  ///< partitions whose hashes differ, each with both hashes
};

struct VerifyOutcome {
  int64_t release = 0;
  std::vector<VerifiedTable> tables;
  bool equal() const;
};

/// Invalid when the project's code is not the code the release was made with.
Result<VerifyOutcome> verify(const Environment& env, const project::Project& project);

struct CleanOutcome {
  std::vector<std::string> removed;  ///< paths in the lake
  int64_t bytes = 0;
  std::vector<int64_t> finished_releases;  ///< claimed by a crashed run, finished now
};

/// Finishes claimed releases, then removes data files and landing files that nothing refers to and
/// no living run may still refer to. With dry_run nothing is removed or finished.
Result<CleanOutcome> clean(const Environment& env, const project::Project& project, bool dry_run);

/// Takes back foreign commits to a table: commits the file set of the last release again.
Result<int64_t> revert_table(const Environment& env, const project::Project& project,
                             const std::string& table);

}  // namespace bullion::pipeline
