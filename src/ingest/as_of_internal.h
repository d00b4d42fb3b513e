// When a snapshot's file was true, as a text whose order is the order of time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/row_source.h"
#include "project/project.h"

namespace bullion::ingest {

/// `text` of a snapshot's `type` (integer of at most 18 digits, date, timestamp; ISO 8601 with or
/// without separators) in a form whose order as text is its order; nullopt when it is none.
std::optional<std::string> ordered_as_of(std::string_view text, const std::string& type);

/// From the name of the file at `path`; Invalid, with what to do, when the name does not tell.
Result<std::string> as_of_file(const project::Snapshot& snapshot, std::string_view path);

/// From a value of a contract column (date, timestamp, integer not below 0, string); not NULL.
std::string as_of_value(const engine::ColumnBatch& column, size_t row);

}  // namespace bullion::ingest
