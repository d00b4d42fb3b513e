// Files whose tables do not stand in them as plain text: workbooks, JSON, and archives of text
// files. Their rows are read by the reader that will read them, and looked at as text.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "infer/file_look_internal.h"
#include "infer/sample_internal.h"

namespace bullion::infer {

/// One look for each table of the file at `path`: one, or one per member of an archive.
Result<std::vector<FileLook>> look_at_path(const std::string& path);

/// The beginning of a member of an archive, whole up to kWholeBytesMax.
Result<Sample> member_sample(const std::string& archive, const std::string& member, int64_t size);

}  // namespace bullion::infer
