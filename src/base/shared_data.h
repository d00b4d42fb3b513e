// For tests: the public data that is not part of the repository.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace bullion {

/// The repository that the tests were built from.
std::filesystem::path source_folder();

/// BULLION_SHARED_DATA, else shared/data beside the repository. It need not exist; a test without
/// its files is skipped loudly.
std::filesystem::path shared_data_folder();

/// All bytes of a file; none when it cannot be read.
inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace bullion
