// Reads a finished XLSX back: whether every row is there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bullion::exports {

/// The library does not notice when its temporary file could not take a row (a full disk). Io when
/// a sheet of rows is not whole or has fewer rows than its header and `filled_rows`. Bounded
/// memory.
Status check_xlsx(const std::string& path, const std::vector<int64_t>& filled_rows);

}  // namespace bullion::exports
