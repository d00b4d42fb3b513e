// Where a page of rows ended, as a text that only means something to the same question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bullion::reader {

struct Cursor {
  int64_t release = 0;
  std::string question;  ///< fingerprint of table, filters and sort
  /// The sort keys of the last row as text; nullopt is NULL. Empty: `offset` says it.
  std::vector<std::optional<std::string>> keys;
  int64_t offset = 0;  ///< rows before the page, when the keys are too long for a URL
};

/// Letters, digits, '-' and '_'.
std::string cursor_text(const Cursor& cursor);
/// Invalid for anything cursor_text() did not make.
Result<Cursor> parse_cursor(std::string_view text);

}  // namespace bullion::reader
