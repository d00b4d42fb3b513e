// A file system whose writes go elsewhere: what `plan` and `verify` work on, so that the lake they
// read stays untouched.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/file_system.h"

namespace bullion::storage {

/// Reads fall through to `base` below the given path prefixes ({""} shows all of it); everything
/// written, and everything read back, is in `scratch`, which hides `base` where both have a path.
/// remove() takes away scratch files only. Borrows both; thread-safe as they are.
std::unique_ptr<FileSystem> overlay_file_system(const FileSystem& base, FileSystem& scratch,
                                                std::vector<std::string> visible_prefixes);

}  // namespace bullion::storage
