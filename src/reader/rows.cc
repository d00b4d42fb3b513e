#include "reader/rows.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/sha256.h"
#include "reader/condition.h"
#include "reader/cursor.h"

namespace bullion::reader {
namespace {

using engine::quote_name;
using engine::Value;

constexpr const char* kPathColumn = "_path";
constexpr const char* kPositionColumn = "_position";
// A cursor is part of a URL.
constexpr size_t kCursorKeyBytesMax = 1024;

struct SortKey {
  std::string column;
  delta::DataType type;
  bool descending = false;
};

/// A request that was understood: SQL parts and what they mean.
struct RowPlan {
  std::string relation;
  std::vector<ColumnFacts> columns;
  std::vector<SortKey> keys;
  std::string where;  ///< of filters and condition; "" for none
  std::string currency_column;
  std::string currency;
  bool has_money = false;
  std::string question;
};

Result<SortKey> sort_key(const TableFacts& table, const std::string& text) {
  const bool descending = text.starts_with('-') && table.find(text) == nullptr;
  const std::string name = descending ? text.substr(1) : text;
  BULLION_TRY_ASSIGN(const ColumnFacts* column, table.get(name));
  if (column->kind == ColumnKind::Other) {
    return invalid(
        fmt::format("sort: column {} is {}, which has no order", name, column->sql_type));
  }
  return SortKey{name, column->type, descending};
}

/// NULLs are before everything.
std::string order_of(const SortKey& key) {
  return fmt::format("{} {}", quote_name(key.column),
                     key.descending ? "DESC NULLS LAST" : "ASC NULLS FIRST");
}

Status plan_order(Reader& reader, OpenRelease& release, const RowRequest& request,
                  const TableFacts& facts, RowPlan& plan) {
  const auto add = [&](SortKey key) {
    const bool is_there =
        std::ranges::find(plan.keys, key.column, &SortKey::column) != plan.keys.end();
    if (!is_there) plan.keys.push_back(std::move(key));
  };
  for (const std::string& text : request.sort) {
    BULLION_TRY_ASSIGN(SortKey key, sort_key(facts, text));
    add(std::move(key));
  }
  for (const std::string& name : facts.grain) {
    const ColumnFacts* column = facts.find(name);
    if (column->kind != ColumnKind::Other) add({name, column->type, false});
  }
  if (facts.grain_is_unique) return ok();
  BULLION_TRY_ASSIGN(plan.relation, release.relation_with_positions(request.table));
  add({kPathColumn, {delta::TypeId::String, 0, 0, {}}, false});
  add({kPositionColumn, {delta::TypeId::Long, 0, 0, {}}, false});
  [[maybe_unused]] const Reader& unused = reader;
  return ok();
}

std::string question_of(const RowRequest& request) {
  std::string text = request.table + "\n" + request.condition + "\n";
  for (const std::string& key : request.sort) text += key + "\n";
  for (const metrics::Filter& filter : request.filters) text += to_string(filter) + "\n";
  constexpr size_t kDigits = 16;
  return sha256_hex(text).substr(0, kDigits);
}

Result<std::string> where_of(const TableFacts& facts, const RowRequest& request) {
  BULLION_TRY_ASSIGN(std::string where, conditions_of(facts, request.filters));
  if (request.condition.empty()) return where;
  if (!where.empty()) where += " AND ";
  return where + "(" + request.condition + ")";
}

Result<RowPlan> plan_rows(Reader& reader, OpenRelease& release, const RowRequest& request) {
  if (request.limit < 1 || request.limit > kPageRowsMax) {
    return invalid(fmt::format("limit is {}; expected 1 to {}", request.limit, kPageRowsMax));
  }
  BULLION_TRY_ASSIGN(const auto table, release.table(request.table));
  const TableFacts facts = facts_of(reader.project(), *table);
  RowPlan plan;
  plan.relation = table->relation;
  plan.currency_column = facts.currency_column;
  plan.currency = facts.currency;
  plan.question = question_of(request);
  if (request.columns.empty()) plan.columns = facts.columns;
  for (const std::string& name : request.columns) {
    BULLION_TRY_ASSIGN(const ColumnFacts* column, facts.get(name));
    if (std::ranges::find(plan.columns, name, &ColumnFacts::name) != plan.columns.end()) {
      return invalid(fmt::format("columns: `{}` is named twice", name));
    }
    plan.columns.push_back(*column);
  }
  plan.has_money = std::ranges::any_of(plan.columns, &ColumnFacts::money);
  BULLION_TRY_ASSIGN(plan.where, where_of(facts, request));
  BULLION_TRY(plan_order(reader, release, request, facts, plan));
  return plan;
}

std::string cell_sql(const ColumnFacts& column) {
  const std::string name = quote_name(column.name);
  if (column.type.id == delta::TypeId::Binary) return fmt::format("to_base64({})", name);
  if (column.type.is_nested()) return fmt::format("CAST(to_json({}) AS VARCHAR)", name);
  return name;
}

/// What comes after a value of one key: NULLs stand before everything.
Result<std::string> after(const SortKey& key, const std::optional<std::string>& value) {
  const std::string name = quote_name(key.column);
  if (!value) return key.descending ? std::string("false") : name + " IS NOT NULL";
  BULLION_TRY_ASSIGN(const std::string literal, literal_of(key.column, key.type, *value));
  if (!key.descending) return fmt::format("{} > {}", name, literal);
  return fmt::format("({0} < {1} OR {0} IS NULL)", name, literal);
}

Result<std::string> same(const SortKey& key, const std::optional<std::string>& value) {
  const std::string name = quote_name(key.column);
  if (!value) return name + " IS NULL";
  BULLION_TRY_ASSIGN(const std::string literal, literal_of(key.column, key.type, *value));
  return fmt::format("{} = {}", name, literal);
}

/// The rows behind the last one of the page before: greater in the first key that differs.
Result<std::string> behind(const RowPlan& plan, const Cursor& cursor) {
  std::string condition;
  std::string equal;
  for (size_t i = 0; i < plan.keys.size(); ++i) {
    BULLION_TRY_ASSIGN(const std::string later, after(plan.keys[i], cursor.keys[i]));
    condition += fmt::format("{}({}{})", i == 0 ? "" : " OR ", equal, later);
    BULLION_TRY_ASSIGN(const std::string level, same(plan.keys[i], cursor.keys[i]));
    equal += level + " AND ";
  }
  return "(" + condition + ")";
}

Result<std::optional<Cursor>> cursor_of(const RowRequest& request, const RowPlan& plan,
                                        int64_t release) {
  if (request.cursor.empty()) return std::optional<Cursor>();
  BULLION_TRY_ASSIGN(Cursor cursor, parse_cursor(request.cursor));
  const bool fits = cursor.release == release && cursor.question == plan.question &&
                    (cursor.keys.empty() || cursor.keys.size() == plan.keys.size());
  if (!fits) {
    return invalid(
        "the cursor belongs to another release, table, filter or sort; ask for the first page");
  }
  return std::optional(std::move(cursor));
}

Result<std::string> select_of(const RowPlan& plan, const std::optional<Cursor>& cursor,
                              int64_t rows) {
  std::vector<std::string> items;
  for (const ColumnFacts& column : plan.columns) items.push_back(cell_sql(column));
  if (plan.has_money && !plan.currency_column.empty()) {
    items.push_back(quote_name(plan.currency_column));
  }
  std::vector<std::string> order;
  for (const SortKey& key : plan.keys) {
    items.push_back(quote_name(key.column));
    order.push_back(order_of(key));
  }
  std::string where = plan.where;
  std::string offset;
  if (cursor && cursor->keys.empty()) {
    offset = fmt::format(" OFFSET {}", cursor->offset);
  } else if (cursor) {
    BULLION_TRY_ASSIGN(const std::string rest, behind(plan, *cursor));
    where += (where.empty() ? "" : " AND ") + rest;
  }
  // Named by place, because a column may be asked for twice: as a cell and as a key.
  std::vector<std::string> named;
  for (size_t i = 0; i < items.size(); ++i) named.push_back(fmt::format("{} AS c{}", items[i], i));
  return fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT {}{}", fmt::join(named, ", "),
                     plan.relation, where.empty() ? "" : " WHERE " + where, fmt::join(order, ", "),
                     rows, offset);
}

std::string currency_text(const Value& value) {
  const std::string text = engine::to_text(value);
  return text.empty() ? kNoCurrency : text;
}

std::string next_cursor(const RowPlan& plan, const RowRequest& request,
                        const std::optional<Cursor>& before, const std::vector<Value>& last,
                        int64_t release) {
  Cursor cursor{.release = release, .question = plan.question, .keys = {}, .offset = 0};
  size_t bytes = 0;
  for (size_t i = last.size() - plan.keys.size(); i < last.size(); ++i) {
    cursor.keys.push_back(is_null(last[i]) ? std::nullopt
                                           : std::optional(engine::to_text(last[i])));
    bytes += cursor.keys.back().value_or("").size();
  }
  cursor.offset = (before ? before->offset : 0) + request.limit;
  if (bytes > kCursorKeyBytesMax) cursor.keys.clear();
  return cursor_text(cursor);
}

/// Sums of a whole number column are wide integers, which come as decimals without a scale.
Decimal exact(const Value& value) {
  if (const auto* decimal = std::get_if<Decimal>(&value)) return *decimal;
  if (const auto* whole = std::get_if<int64_t>(&value)) return {*whole, 0};
  return {};
}

}  // namespace

const char* const kNoCurrency = "XXX";

Result<int64_t> release_of_cursor(const std::string& cursor) {
  BULLION_TRY_ASSIGN(const Cursor parsed, parse_cursor(cursor));
  return parsed.release;
}

Result<std::vector<std::string>> checked_sort(const TableFacts& table,
                                              const std::vector<std::string>& sort) {
  for (const std::string& text : sort) BULLION_TRY(sort_key(table, text));
  return sort;
}

Result<RowPage> read_rows(Reader& reader, OpenRelease& release, const RowRequest& request,
                          const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const RowPlan plan, plan_rows(reader, release, request));
  BULLION_TRY_ASSIGN(const auto cursor, cursor_of(request, plan, release.number()));
  BULLION_TRY_ASSIGN(const std::string sql, select_of(plan, cursor, request.limit + 1));
  BULLION_TRY_ASSIGN(engine::Rows found,
                     reader.engine().query(sql, {.limits = limits, .schema = {}}));
  RowPage page;
  page.columns = plan.columns;
  const auto limit = static_cast<size_t>(request.limit);
  if (found.rows.size() > limit) {
    found.rows.resize(limit);
    page.next_cursor = next_cursor(plan, request, cursor, found.rows.back(), release.number());
  }
  const bool by_row = plan.has_money && !plan.currency_column.empty();
  for (std::vector<Value>& row : found.rows) {
    page.currencies.push_back(by_row ? currency_text(row[plan.columns.size()]) : plan.currency);
    row.resize(plan.columns.size());
    page.rows.push_back(std::move(row));
  }
  return page;
}

Result<RowTotal> read_total(Reader& reader, OpenRelease& release, const RowRequest& request,
                            const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const auto table, release.table(request.table));
  const TableFacts facts = facts_of(reader.project(), *table);
  BULLION_TRY_ASSIGN(const std::string where, where_of(facts, request));
  if (where.empty() && facts.sums.empty()) return RowTotal{table->version.rows, {}};
  std::vector<std::string> items = {facts.currency_column.empty() || facts.sums.empty()
                                        ? std::string("NULL")
                                        : quote_name(facts.currency_column),
                                    "count(*)"};
  for (const std::string& column : facts.sums) {
    items.push_back(fmt::format("sum({})", quote_name(column)));
  }
  const std::string sql = fmt::format("SELECT {} FROM {}{}{}", fmt::join(items, ", "),
                                      table->relation, where.empty() ? "" : " WHERE " + where,
                                      facts.currency_column.empty() || facts.sums.empty()
                                          ? ""
                                          : " GROUP BY 1 ORDER BY 1 NULLS LAST");
  BULLION_TRY_ASSIGN(const engine::Rows groups,
                     reader.engine().query(sql, {.limits = limits, .schema = {}}));
  RowTotal total;
  for (const auto& group : groups.rows) total.rows += std::get<int64_t>(group.at(1));
  for (size_t i = 0; i < facts.sums.size(); ++i) {
    for (const auto& group : groups.rows) {
      Decimal sum = exact(group.at(i + 2));
      const delta::DataType& type = facts.find(facts.sums[i])->type;
      // Over no row at all the sum is NULL; zero with the column's digits is what that means.
      if (is_null(group.at(i + 2)) && type.id == delta::TypeId::Decimal) sum.scale = type.scale;
      total.sums.push_back(
          {facts.sums[i],
           facts.currency_column.empty() ? facts.currency : currency_text(group.at(0)), sum,
           std::get<int64_t>(group.at(1))});
    }
  }
  return total;
}

}  // namespace bullion::reader
