// Pages of the rows of a table at a release: chosen, sorted, and with the total of all that fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "engine/engine.h"
#include "metrics/request.h"
#include "reader/reader.h"
#include "reader/tables.h"

namespace bullion::reader {

/// Rows beyond this are on the next page.
inline constexpr int64_t kPageRowsMax = 10'000;

struct RowRequest {
  std::string table;
  std::vector<std::string> columns;      ///< empty: all
  std::vector<std::string> sort;         ///< names, "-name" for descending; the grain breaks ties
  std::vector<metrics::Filter> filters;  ///< all must hold
  std::string condition;                 ///< one more, in SQL that we wrote; "" for none
  int64_t limit = 100;                   ///< 1 to kPageRowsMax
  std::string cursor;                    ///< of the page before; "" for the first
};

struct RowPage {
  std::vector<ColumnFacts> columns;
  std::vector<std::vector<engine::Value>> rows;
  /// By row, the currency of its amounts; as kNoCurrency when it says none.
  std::vector<std::string> currencies;
  std::string next_cursor;  ///< "" on the last page
};

/// The ISO 4217 code of no currency.
extern const char* const kNoCurrency;

/// The exact sum of a column over the rows of one currency.
struct ColumnSum {
  std::string column;
  std::string currency;
  Decimal sum;
  int64_t rows = 0;  ///< of that currency
};

struct RowTotal {
  int64_t rows = 0;
  std::vector<ColumnSum> sums;  ///< by column, then currency
};

/// The release a cursor belongs to. Invalid when it is none.
Result<int64_t> release_of_cursor(const std::string& cursor);

/// A page. Rows have one order, which the grain (or, without a unique one, the place in the files)
/// completes, so that pages neither repeat nor miss a row. Invalid for unknown columns, values of
/// the wrong type and cursors of another question; Interrupted at the limits.
Result<RowPage> read_rows(Reader& reader, OpenRelease& release, const RowRequest& request,
                          const engine::QueryLimits& limits);

/// Over every row that fits the filters and the condition, whatever the page.
Result<RowTotal> read_total(Reader& reader, OpenRelease& release, const RowRequest& request,
                            const engine::QueryLimits& limits);

/// The order of a request as names of columns, for exports; "-name" for descending.
Result<std::vector<std::string>> checked_sort(const TableFacts& table,
                                              const std::vector<std::string>& sort);

}  // namespace bullion::reader
