// Rows of a query as lines and wide columns, for both forms of a wide sheet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "exports/wide_sheet.h"

namespace bullion::exports {

struct WideTable {
  delta::Schema keys;       ///< what a line is
  std::string name_column;  ///< whose values became columns
  std::string value_column;
  int scale = 0;                   ///< of the values
  std::vector<std::string> names;  ///< of the wide columns, in order
  struct Line {
    std::vector<engine::Value> keys;
    std::vector<std::optional<Decimal>> values;  ///< one for each of `names`
  };
  std::vector<Line> lines;
  std::optional<size_t> currency;  ///< place in `keys`

  /// "" without a currency column.
  std::string currency_of(const Line& line) const;
};

/// Fails as export_wide_xlsx() does, but for values that are too long for a cell.
Result<WideTable> wide_table(engine::Engine& engine, const WideRequest& request);
WideSummary summary_of(const WideTable& table);

}  // namespace bullion::exports
