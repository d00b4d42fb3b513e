// Where an add's file is, and which columns it has.
#pragma once

#include <string>

#include "table/table.h"

namespace bullion::table {

/// What the engine opens for an add: below the table folder, or where an absolute path says.
std::string file_location(const storage::FileSystem& files, const std::string& table_path,
                          const delta::AddFile& add);

/// The engine takes a path for a pattern; this makes it match itself only.
std::string literal_pattern(const std::string& location);

/// The value of kSchemaTag: equal for equal column names and types in equal order.
std::string schema_tag(const delta::Schema& schema);

}  // namespace bullion::table
