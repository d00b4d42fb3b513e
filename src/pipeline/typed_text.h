// Values that people write as text (filters of trace, rows of unit tests), read as a contract types
// them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/value.h"

namespace bullion::pipeline {

/// The text as a value of the column's type; nullopt is NULL. Invalid names the column, the text
/// and what the type takes. Never rounds.
Result<engine::Value> parse_typed_text(const delta::Column& column,
                                       const std::optional<std::string>& text);

/// The same as an SQL expression of exactly the column's type.
Result<std::string> typed_literal(const delta::Column& column,
                                  const std::optional<std::string>& text);

}  // namespace bullion::pipeline
