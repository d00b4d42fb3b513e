// The stats of an add: bounds that hold for every row, or no bounds at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/schema.h"
#include "engine/engine.h"

namespace bullion::table {

/// A text not above any text it bounds: its first 32 UTF-16 units, a pair never split.
/// nullopt when `text` is not UTF-8.
std::optional<std::string> lower_text_bound(std::string_view text);
/// A text not below `text` in UTF-8 order: itself up to 32 units, else a prefix of 32 to 64 units
/// and U+10FFFF; nullopt when there is no such prefix, or `text` is not UTF-8.
std::optional<std::string> upper_text_bound(std::string_view text);

/// The `stats` JSON of a staged file: counts and bounds of the first 32 columns that are no
/// partition columns. What cannot be said exactly is left out.
std::string stats_json(const delta::Schema& schema,
                       const std::vector<std::string>& partition_columns,
                       const engine::StagedFile& file);

/// Appends `text` as a JSON string; bytes that are not UTF-8 become U+FFFD.
void append_json_text(std::string& json, std::string_view text);

}  // namespace bullion::table
