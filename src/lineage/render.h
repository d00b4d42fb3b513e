// Lineage as text, JSON and Mermaid.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "lineage/graph.h"

namespace bullion::lineage {

enum class Format { Text, Json, Mermaid };
/// Invalid with what there is.
Result<Format> parse_format(const std::string& name);

/// "table" or "table.column"; "" is every table. NotFound with the nearest name.
Result<std::string> rendered(const Graph& graph, const std::string& about, Direction direction,
                             Format format);

/// "raw.amount (aggregation)"
std::string shown(const project::ColumnInput& input);
/// [{"table": "raw", "column": "amount", "use": "aggregation"}]
nlohmann::ordered_json json_of(const project::ColumnInputs& inputs);

}  // namespace bullion::lineage
