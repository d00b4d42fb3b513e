// The files that a source's patterns name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"

namespace bullion::ingest {

/// A file outside the lake, as it was when it was listed.
struct FoundFile {
  std::string path;  ///< absolute
  int64_t size = 0;
  int64_t modified_us = 0;
};

/// Files that any pattern names (records::matches_pattern, letter case counts), each once, sorted
/// by path. A pattern is absolute or relative to `folder`; a part "**" stands for any number of
/// folders; a pattern that names a folder means the files directly in it. Left out: whatever is
/// below `excluded` (the lake), and names that begin with '.' or end with ".tmp" or ".part", which
/// are still being written.
Result<std::vector<FoundFile>> find_files(const std::vector<std::string>& patterns,
                                          const std::string& folder, const std::string& excluded);

/// The whole machine's files as one tree, and an absolute path as a path in it.
std::unique_ptr<storage::FileSystem> machine_files();
std::string machine_path(std::string_view absolute);

}  // namespace bullion::ingest
