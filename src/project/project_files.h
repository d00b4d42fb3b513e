// Reading the project folder: whole files, and listings in a fixed order.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace bullion::project {

/// The nearest folder at or above `folder` that holds bullion.yml, absolute; "" when there is none.
std::string find_project_folder(const std::string& folder);

/// The bytes of a file, without a UTF-8 byte order mark. NotFound or Io with the system's reason.
Result<std::string> read_text_file(const std::string& path);

/// Files below `folder`/`below` whose name ends with one of `suffixes`, relative to `folder` with
/// '/' separators, sorted. Hidden names are left out; empty when the folder does not exist.
std::vector<std::string> list_files(const std::string& folder, const std::string& below,
                                    const std::vector<std::string>& suffixes);

bool folder_exists(const std::string& path);
/// "silver/billing.sql" -> "billing".
std::string stem_of(const std::string& path);

}  // namespace bullion::project
