#include "exports/wide_sheet.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/csv_text.h"
#include "exports/csv_internal.h"
#include "exports/exact_sum_internal.h"
#include "exports/wide_sheet_internal.h"

namespace bullion::exports {
namespace {

using engine::Value;

constexpr size_t kWideColumns = 2;

/// Whole numbers sort as numbers, everything else as its text, which for dates is their order.
std::vector<std::string> ordered_names(const engine::Rows& rows, size_t at) {
  std::set<std::pair<int64_t, std::string>> names;
  for (const auto& row : rows.rows) {
    const auto* whole = std::get_if<int64_t>(&row[at]);
    names.emplace(whole == nullptr ? 0 : *whole, engine::to_text(row[at]));
  }
  std::vector<std::string> ordered;
  for (const auto& [whole, name] : names) ordered.push_back(name);
  return ordered;
}

std::vector<std::string> texts_of(const std::vector<Value>& values, size_t count) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) texts.push_back(engine::to_text(values[i]));
  return texts;
}

Status check_columns(const engine::Rows& rows) {
  if (rows.schema.size() <= kWideColumns) {
    return invalid(
        "a wide sheet needs columns that tell what a line is, and as its last two a name and a "
        "value");
  }
  const delta::Column& value = rows.schema.back();
  const bool is_exact = value.type.id == delta::TypeId::Decimal ||
                        value.type.id == delta::TypeId::Long ||
                        value.type.id == delta::TypeId::Integer;
  if (!is_exact) {
    return invalid(
        fmt::format("the last column, {}, has the type {}; expected the decimal that is filled in",
                    value.name, delta::to_string(value.type)));
  }
  if (rows.rows.empty()) return invalid("there are no lines to fill in: the query gives no row");
  return ok();
}

}  // namespace

std::string WideTable::currency_of(const Line& line) const {
  return currency ? engine::to_text(line.keys[*currency]) : "";
}

Result<WideTable> wide_table(engine::Engine& engine, const WideRequest& request) {
  BULLION_TRY_ASSIGN(const engine::Rows rows, engine.query(request.sql));
  BULLION_TRY(check_columns(rows));
  const size_t keys = rows.schema.size() - kWideColumns;
  WideTable table;
  const auto first_wide = rows.schema.begin() + static_cast<std::ptrdiff_t>(keys);
  table.keys.assign(rows.schema.begin(), first_wide);
  table.name_column = rows.schema[keys].name;
  table.value_column = rows.schema.back().name;
  table.scale = rows.schema.back().type.scale;
  table.names = ordered_names(rows, keys);
  for (size_t i = 0; i < keys; ++i) {
    if (table.keys[i].name == request.currency_column) table.currency = i;
  }
  std::map<std::string, size_t> places;
  for (const std::string& name : table.names) places.emplace(name, places.size());
  std::map<std::vector<std::string>, size_t> lines;
  for (const auto& row : rows.rows) {
    const auto [line, is_new] = lines.try_emplace(texts_of(row, keys), table.lines.size());
    if (is_new) {
      if (static_cast<int64_t>((table.lines.size() + 1) * table.names.size()) > kWideCellsMax) {
        return invalid(
            fmt::format("more than {} cells to fill in; choose fewer lines", kWideCellsMax));
      }
      table.lines.push_back({{row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys)}, {}});
      table.lines.back().values.resize(table.names.size());
    }
    const std::string name = engine::to_text(row[keys]);
    std::optional<Decimal>& cell = table.lines[line->second].values[places.at(name)];
    if (cell) {
      return invalid(fmt::format("two values for {} {} of the line {}", table.name_column, name,
                                 fmt::join(line->first, ", ")));
    }
    cell = exact_number(row.back());
  }
  return table;
}

WideSummary summary_of(const WideTable& table) {
  std::map<std::string, std::pair<ExactSum, int64_t>> sums;
  for (const WideTable::Line& line : table.lines) {
    auto& [sum, rows] = sums[table.currency_of(line)];
    ++rows;
    for (const auto& value : line.values) {
      if (value) sum.add(*value);
    }
  }
  WideSummary summary;
  summary.lines = static_cast<int64_t>(table.lines.size());
  summary.columns = static_cast<int64_t>(table.names.size());
  for (const auto& [currency, sum] : sums) {
    summary.totals.push_back({.column = table.value_column,
                              .currency = table.currency ? std::optional(currency) : std::nullopt,
                              .sum = sum.first.text(table.scale),
                              .rows = sum.second});
  }
  return summary;
}

Result<WideSummary> export_wide_csv(engine::Engine& engine, const WideRequest& request,
                                    const ByteSink& sink) {
  BULLION_TRY_ASSIGN(const WideTable table, wide_table(engine, request));
  std::string out = "# " + request.title + "\r\n";
  for (const std::string& note : request.notes) out += "# " + note + "\r\n";
  const auto put = [&out](const std::string& text, bool first) {
    if (!first) out += ',';
    append_csv_text(out, starts_like_formula(text) ? "'" + text : text, ',');
  };
  for (size_t i = 0; i < table.keys.size(); ++i) put(table.keys[i].name, i == 0);
  for (const std::string& name : table.names) put(name, false);
  out += "\r\n";
  for (const WideTable::Line& line : table.lines) {
    for (size_t i = 0; i < line.keys.size(); ++i) put(engine::to_text(line.keys[i]), i == 0);
    for (const auto& value : line.values) out += "," + (value ? to_string(*value) : "");
    out += "\r\n";
  }
  BULLION_TRY(sink(out));
  return summary_of(table);
}

}  // namespace bullion::exports
