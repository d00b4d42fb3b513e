// The SELECT behind an export, and what its columns are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exports/export.h"

namespace bullion::exports {

/// An export tells its progress after every so many rows.
inline constexpr int64_t kProgressRows = 10'000;

/// A checked request.
struct Selection {
  std::string select;            ///< the exported columns, in a stable order of rows
  std::string select_for_cells;  ///< the same with binary and nested values as text, and `currency`
  delta::Schema schema;          ///< of the exported columns
  std::vector<size_t> totals;    ///< indexes into `schema`
  std::optional<size_t> currency;  ///< index into a row of `select_for_cells`
  bool currency_is_shown = false;  ///< `currency` is one of the exported columns
  std::vector<std::string> ordered_by;
};

Result<Selection> select_rows(engine::Engine& engine, const Request& request);

/// Corrupt when every row of the table was asked for, and another number came.
Status check_row_count(const Request& request, int64_t rows);

}  // namespace bullion::exports
