// For tests: where the public data lies that is not part of the repository.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace bullion {

/// BULLION_SHARED_DATA, else shared/data beside the repository at `source_dir`
/// (BULLION_SOURCE_DIR). It need not exist; a test without its files is skipped loudly.
inline std::filesystem::path shared_data_folder(const std::filesystem::path& source_dir) {
  const char* named = std::getenv("BULLION_SHARED_DATA");
  return named != nullptr ? std::filesystem::path(named)
                          : source_dir.parent_path() / "shared" / "data";
}

}  // namespace bullion
