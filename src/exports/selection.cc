#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "exports/selection_internal.h"

namespace bullion::exports {
namespace {

using delta::TypeId;
using engine::quote_name;

constexpr const char* kHiddenCurrency = "_bullion_currency";

Result<delta::Column> find_column(const Request& request, const std::string& name,
                                  const char* option) {
  const delta::Column* found = delta::column_named(request.schema, name);
  if (found != nullptr) return *found;
  const std::vector<std::string> names = delta::column_names(request.schema);
  return invalid(fmt::format("{}: table {} has no column `{}`{}; it has {}", option, request.table,
                             name, did_you_mean(name, names), fmt::join(names, ", ")));
}

bool is_exact_number(const delta::DataType& type) {
  return type.id == TypeId::Decimal || type.id == TypeId::Long || type.id == TypeId::Integer ||
         type.id == TypeId::Short || type.id == TypeId::Byte;
}

Status choose_columns(const Request& request, Selection& selection) {
  if (request.columns.empty()) {
    selection.schema = request.schema;
    return ok();
  }
  for (const std::string& name : request.columns) {
    BULLION_TRY_ASSIGN(delta::Column column, find_column(request, name, "--columns"));
    if (delta::column_named(selection.schema, name) != nullptr) {
      return invalid(fmt::format("--columns: `{}` is named twice", name));
    }
    selection.schema.push_back(std::move(column));
  }
  return ok();
}

Status choose_totals(const Request& request, Selection& selection) {
  for (const std::string& name : request.total_columns) {
    BULLION_TRY_ASSIGN(const delta::Column column, find_column(request, name, "--sum"));
    if (!is_exact_number(column.type)) {
      return invalid(
          fmt::format("--sum: `{}` is {}; only decimals and whole numbers have an exact sum", name,
                      delta::to_string(column.type)));
    }
    const std::vector<std::string> names = delta::column_names(selection.schema);
    const auto at = std::find(names.begin(), names.end(), name);
    if (at != names.end()) selection.totals.push_back(static_cast<size_t>(at - names.begin()));
  }
  std::sort(selection.totals.begin(), selection.totals.end());
  const auto last = std::unique(selection.totals.begin(), selection.totals.end());
  selection.totals.erase(last, selection.totals.end());
  return ok();
}

/// "-name" of a column to sort by, unless a column is called that.
bool descends(const Request& request, const std::string& key) {
  return key.starts_with('-') && delta::column_named(request.schema, key) == nullptr;
}

std::string order_item(const Request& request, const std::string& key) {
  if (descends(request, key)) return quote_name(key.substr(1)) + " DESC NULLS LAST";
  return quote_name(key) + " NULLS FIRST";
}

std::string plain_item(const delta::Column& column) { return quote_name(column.name); }

std::string cell_item(const delta::Column& column) {
  const std::string name = quote_name(column.name);
  if (column.type.id == TypeId::Binary) return fmt::format("to_base64({0}) AS {0}", name);
  if (column.type.is_nested()) return fmt::format("CAST(to_json({0}) AS VARCHAR) AS {0}", name);
  return name;
}

std::string select_of(const Request& request, const std::vector<std::string>& items,
                      const std::vector<std::string>& order) {
  // A line end before each bracket closes what a comment in the condition would swallow.
  const std::string where =
      request.where.empty() ? "" : fmt::format(" WHERE ({}\n)", request.where);
  std::vector<std::string> keys;
  for (const std::string& name : order) keys.push_back(order_item(request, name));
  const std::string sorted = keys.empty() ? "" : fmt::format(" ORDER BY {}", fmt::join(keys, ", "));
  return fmt::format("SELECT {} FROM ({}) AS {}{}{}", fmt::join(items, ", "), request.relation_sql,
                     quote_name(request.table), where, sorted);
}

}  // namespace

Result<Selection> select_rows(engine::Engine& engine, const Request& request) {
  Selection selection;
  BULLION_TRY(choose_columns(request, selection));
  BULLION_TRY(choose_totals(request, selection));
  selection.ordered_by = request.order_by;
  for (const std::string& name : selection.ordered_by) {
    BULLION_TRY(find_column(request, descends(request, name) ? name.substr(1) : name, "order"));
  }
  if (selection.ordered_by.empty()) {
    for (const delta::Column& column : request.schema) {
      if (!column.type.is_nested()) selection.ordered_by.push_back(column.name);
    }
  }
  std::vector<std::string> plain;
  std::vector<std::string> cells;
  for (const delta::Column& column : selection.schema) {
    if (column.name == request.currency_column) {
      selection.currency = cells.size();
      selection.currency_is_shown = true;
    }
    plain.push_back(plain_item(column));
    cells.push_back(cell_item(column));
  }
  if (!request.currency_column.empty() && !selection.currency && !selection.totals.empty()) {
    BULLION_TRY(find_column(request, request.currency_column, "currency_column"));
    selection.currency = cells.size();
    cells.push_back(quote_name(request.currency_column) + " AS " + quote_name(kHiddenCurrency));
  }
  selection.select = select_of(request, plain, selection.ordered_by);
  selection.select_for_cells = select_of(request, cells, selection.ordered_by);
  const auto bound = engine.bind(selection.select_for_cells);
  if (!bound) {
    return request.where.empty() ? bound.error()
                                 : bound.error().within(fmt::format("--where {}", request.where));
  }
  return selection;
}

Status check_row_count(const Request& request, int64_t rows) {
  if (!request.where.empty() || rows == request.provenance.table_rows) return ok();
  return corrupt(fmt::format("table {} has {} rows, but release {} says {}; run `bullion verify`",
                             request.table, rows, request.provenance.release,
                             request.provenance.table_rows));
}

}  // namespace bullion::exports
