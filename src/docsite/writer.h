// Pages to a folder.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "docsite/pages.h"

namespace bullion::docsite {

/// Writes the pages and a list of them, bullion-docs.txt; pages of an earlier site that are no more
/// are removed. Conflict when the folder holds files and no such list.
Status write_site(const std::string& folder, const std::vector<Page>& pages);

}  // namespace bullion::docsite
