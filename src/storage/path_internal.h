// Checks on the relative paths that every file system takes.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace bullion::storage {

/// Internal when `path` is empty, absolute, or has an empty, "." or ".." part.
Status check_path(const std::string& path);
/// check_path, and the empty path, which is the root.
Status check_folder(const std::string& path);
/// Internal when the path is wrong, or an offset or a length is negative.
Status check_range(const std::string& path, int64_t offset, int64_t length);

}  // namespace bullion::storage
