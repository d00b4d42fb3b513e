// A table for people to fill in: one row for each line, one column for each month or other name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "exports/export.h"

namespace bullion::exports {

/// What is laid out. The last two columns of `sql` are the name of a wide column (a date, a text or
/// a whole number) and its value, an exact number or NULL; the others tell what a line is.
struct WideRequest {
  std::string sql;                 ///< one SELECT; lines come in the order of its rows
  std::string title;               ///< above the table
  std::vector<std::string> notes;  ///< below the title, one row each
  std::string sheet = "Sheet";     ///< name of the sheet, at most 31 characters
  std::string currency_column;     ///< totals are kept apart by it; "": one total
  /// What the last sheet says beside the release: key and text.
  std::vector<std::pair<std::string, std::string>> facts;
  Provenance provenance;  ///< project, lake, user, program and release are used
};

struct WideSummary {
  int64_t lines = 0;
  int64_t columns = 0;        ///< wide ones
  std::vector<Total> totals;  ///< of all values, by currency; `column` is the value's name
};

/// More cells than this are refused: nobody fills them in.
inline constexpr int64_t kWideCellsMax = 1'000'000;

// Both: Invalid when `sql` does not bind, has fewer than three columns, a value that is no exact
// number, no row, more cells than kWideCellsMax, or two values for one cell. The same rows give the
// same bytes. Wide columns stand in the order of their names.

/// Writes to `path`, which may exist: title and notes, a merged header above the names, typed
/// cells that take numbers only, live totals to the right and below, a sheet "Provenance". A value
/// of more than 15 significant digits is refused, for a cell would change it.
Result<WideSummary> export_wide_xlsx(engine::Engine& engine, const WideRequest& request,
                                     const std::string& path);

/// RFC 4180 with title and notes as lines that begin with "# ". No totals. Texts a spreadsheet
/// would run get an apostrophe in front.
Result<WideSummary> export_wide_csv(engine::Engine& engine, const WideRequest& request,
                                    const ByteSink& sink);

}  // namespace bullion::exports
