#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quality/rule_sql_internal.h"

namespace bullion::quality {
namespace {

using engine::quote_name;
using engine::quote_text;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_numeric(const std::string& sql_type) {
  static const std::set<std::string> kTypes = {"TINYINT",  "SMALLINT", "INTEGER", "BIGINT",
                                               "HUGEINT",  "UTINYINT", "FLOAT",   "USMALLINT",
                                               "UINTEGER", "UBIGINT",  "DOUBLE",  "UHUGEINT"};
  return sql_type.starts_with("DECIMAL") || kTypes.contains(sql_type);
}

bool is_instant(const std::string& sql_type) {
  return sql_type.starts_with("TIMESTAMP") || sql_type == "DATE";
}

/// A declared column read as its type. Numbers go through their text, so that a binary float is
/// read as the digits it shows, and no arithmetic is ever done in floats.
std::string converted(const std::string& column, const std::string& declared,
                      const std::string& sql_type) {
  const std::string name = quote_name(column);
  if (declared == "decimal") {
    return fmt::format("TRY_CAST(CAST({} AS VARCHAR) AS DECIMAL(38,18))", name);
  }
  if (declared == "datetime") {
    return is_instant(sql_type) ? fmt::format("CAST({} AS TIMESTAMP WITH TIME ZONE)", name)
                                : fmt::format("TRY_CAST({} AS TIMESTAMP WITH TIME ZONE)", name);
  }
  if (declared == "string") return fmt::format("CAST({} AS VARCHAR)", name);
  return name;
}

// One number of any size, exponents as mEn; signs only where they are needed (FOCUS NumericFormat,
// and what most readers of numbers agree on).
constexpr const char* kNumeric = "-?(\\d+(\\.\\d+)?|\\.\\d+)([eE]-?\\d+)?";
// What can be read as one number, however its signs are written.
constexpr const char* kReadableNumber = "[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?";
constexpr const char* kDate = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
constexpr const char* kTimeWithSeconds = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?";
constexpr const char* kTime = "([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?";

/// NOT of a regular expression over the whole text; NULL passes.
std::string no_full_match(const std::string& text, const std::string& pattern) {
  return fmt::format("NOT regexp_full_match({}, {})", text, quote_text(pattern));
}

/// The amount of a column in units of 10^-18, as an integer.
std::string units_of(const std::string& column) {
  return fmt::format("CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT)", quote_name(column));
}

/// a x b differs from c by more than `within`, in integers of 10^-18: whole and broken parts are
/// multiplied apart, for the product of two DECIMAL(38,18) fits no type. Beyond 10^19 nothing
/// matches, since no DECIMAL(38,18) holds it.
std::string product_violation(const RuleCheck& check) {
  const std::string one = "1000000000000000000::HUGEINT";
  const std::string a = units_of(check.values.at(0));
  const std::string b = units_of(check.values.at(1));
  const std::string c = units_of(check.values.at(2));
  const std::string limit = "10000000000000000000::HUGEINT";
  const std::string whole = fmt::format("(({0}) // {2}) * (({1}) // {2})", a, b, one);
  const std::string fits =
      fmt::format("abs(({0}) // {3}) < {4} AND abs(({1}) // {3}) < {4} AND abs({2}) < {4}", a, b,
                  whole, one, limit);
  const std::string broken = fmt::format("(({0}) % {2}) * (({1}) % {2})", a, b, one);
  const std::string difference = fmt::format(
      "({4}) * {3} + (({0}) // {3}) * (({1}) % {3}) + (({1}) // {3}) * (({0}) % {3}) + ({5}) // "
      "{3} - ({2})",
      a, b, c, one, whole, broken);
  const std::string differs =
      check.within.units == 0 ? fmt::format("({}) <> 0 OR ({}) % {} <> 0", difference, broken, one)
                              : fmt::format("abs({}) > {}::HUGEINT", difference,
                                            to_string(Decimal{check.within.units, 0}));
  std::vector<std::string> present;
  for (const std::string& column : check.values) {
    present.push_back(quote_name(column) + " IS NOT NULL");
  }
  return fmt::format("{} AND CASE WHEN {} THEN {} ELSE true END", fmt::join(present, " AND "), fits,
                     differs);
}

std::string value_violation(const std::string& text, std::string_view relation,
                            const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back(quote_text(value));
  if (quoted.empty()) return relation == "IN" ? "false" : text + " IS NOT NULL";
  return fmt::format("{} {} ({})", text, relation, fmt::join(quoted, ", "));
}

}  // namespace

std::string text_column(const std::string& column) { return column + "!text"; }

bool is_row_check(CheckKind kind) {
  switch (kind) {
    case CheckKind::Type:
    case CheckKind::NotNull:
    case CheckKind::IsNull:
    case CheckKind::AcceptedValues:
    case CheckKind::RejectedValues:
    case CheckKind::Format:
    case CheckKind::Matches:
    case CheckKind::Row:
    case CheckKind::Product:
      return true;
    default:
      return false;
  }
}

bool is_cell_check(CheckKind kind) {
  return is_row_check(kind) && kind != CheckKind::Row && kind != CheckKind::Product;
}

Result<RuleView> RuleView::open(engine::Engine& engine, const RuleSet& set, const RuleData& data) {
  RuleView view;
  std::vector<engine::BoundColumn> columns;
  std::string from = data.relation;
  if (data.relation.empty()) {
    std::vector<std::string> empty;
    for (const auto& [name, type] : set.columns) {
      columns.push_back({.name = name, .sql_type = "VARCHAR", .type = {}});
      empty.push_back(fmt::format("CAST(NULL AS VARCHAR) AS {}", quote_name(name)));
    }
    from = fmt::format("(SELECT {} WHERE false)", fmt::join(empty, ", "));
  } else {
    BULLION_TRY_ASSIGN(columns, engine.bind("SELECT * FROM " + data.relation));
  }
  std::map<std::string, std::string> declared(set.columns.begin(), set.columns.end());
  std::vector<std::string> items;
  for (const engine::BoundColumn& column : columns) {
    if (column.name == data.row_column || column.name == data.file_column) {
      items.push_back(quote_name(column.name));
      continue;
    }
    const std::string sql_type = upper(column.sql_type);
    view.names_.push_back(column.name);
    view.types_[column.name] = sql_type;
    const std::string type = declared.contains(column.name) ? declared.at(column.name) : "";
    const std::string name = quote_name(column.name);
    items.push_back(fmt::format("{} AS {}", converted(column.name, type, sql_type), name));
    items.push_back(
        fmt::format("CAST({} AS VARCHAR) AS {}", name, quote_name(text_column(column.name))));
  }
  view.rows_sql_ = fmt::format("SELECT {} FROM {} AS came", fmt::join(items, ", "), from);
  return view;
}

std::string RuleView::with_clause(const RuleData& data) const {
  std::string names = "SELECT CAST(NULL AS VARCHAR) AS name, 0 AS position WHERE false";
  if (!names_.empty()) {
    std::vector<std::string> rows;
    for (size_t i = 0; i < names_.size(); ++i) {
      rows.push_back(fmt::format("({}, {})", quote_text(names_[i]), i + 1));
    }
    names = fmt::format("SELECT * FROM (VALUES {}) AS v(name, position)", fmt::join(rows, ", "));
  }
  std::string text = fmt::format("WITH data AS ({}), columns_of_data AS ({})", rows_sql_, names);
  for (const auto& [name, relation] : data.inputs) {
    text += fmt::format(", {} AS (SELECT * FROM {})", quote_name(name), relation);
  }
  return text;
}

std::string RuleView::near(const std::string& column) const {
  for (const std::string& name : names_) {
    if (upper(name) == upper(column)) {
      return fmt::format(" (there is `{}`; names are compared letter by letter)", name);
    }
  }
  return "";
}

std::string RuleView::type_violation(const std::string& column, const std::string& type) const {
  const std::string& sql_type = types_.at(column);
  const std::string text = quote_name(text_column(column));
  const bool is_text = sql_type == "VARCHAR";
  if (type == "string") return is_text ? "false" : fmt::format("{} IS NOT NULL", text);
  if (type == "decimal") {
    if (is_numeric(sql_type)) return "false";
    return is_text ? fmt::format(
                         "{0} IS NOT NULL AND ({1} OR TRY_CAST({0} AS DECIMAL(38,18)) IS "
                         "NULL)",
                         text, no_full_match(text, kReadableNumber))
                   : fmt::format("{} IS NOT NULL", text);
  }
  if (is_instant(sql_type)) return "false";
  return is_text
             ? fmt::format("{0} IS NOT NULL AND TRY_CAST({0} AS TIMESTAMP WITH TIME ZONE) IS NULL",
                           text)
             : fmt::format("{} IS NOT NULL", text);
}

std::string RuleView::format_violation(const std::string& column, const std::string& format) const {
  const std::string text = quote_name(text_column(column));
  if (format.starts_with("datetime")) {
    // A typed instant is UTC by the table's own word.
    if (is_instant(types_.at(column))) return "false";
    std::string pattern = fmt::format("{}[T ]{}(Z|[+-]00:?00)", kDate, kTime);
    if (format == "datetime_iso") {
      pattern = fmt::format("{}T{}(Z|[+-]\\d{{2}}:?\\d{{2}})?", kDate, kTime);
    } else if (format == "datetime_utc_z") {
      pattern = fmt::format("{}T{}Z", kDate, kTimeWithSeconds);
    }
    return fmt::format(
        "({} OR TRY_CAST({} AS TIMESTAMP WITH TIME ZONE) IS NULL) AND {} IS NOT NULL",
        no_full_match(text, pattern), text, text);
  }
  if (format == "numeric") {
    return is_numeric(types_.at(column)) ? "false" : no_full_match(text, kNumeric);
  }
  if (format.starts_with("json") || format == "key_value") {
    std::string holds = fmt::format("json_type({}) = 'OBJECT'", text);
    if (format == "json_unique" || format == "key_value") {
      holds += fmt::format(" AND len(json_keys({0})) = len(list_distinct(json_keys({0})))", text);
    }
    if (format == "json_flat" || format == "key_value") {
      holds += fmt::format(
          " AND len(list_filter(json_extract({0}, '$.*'), x -> json_type(x) IN ('OBJECT', "
          "'ARRAY'))) = 0",
          text);
    }
    return fmt::format("{0} IS NOT NULL AND NOT CASE WHEN json_valid({0}) THEN {1} ELSE false END",
                       text, holds);
  }
  // Text: no replacement characters, which earlier readers left in place of broken ones, and no
  // control characters but line breaks and tabs.
  return fmt::format("regexp_matches({}, '[\\x{{FFFD}}\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]')", text);
}

std::string RuleView::column_violation(const std::string& column, const RuleCheck& check) const {
  const std::string text = quote_name(text_column(column));
  const std::string& sql_type = types_.at(column);
  switch (check.kind) {
    case CheckKind::NotNull:
      return text + " IS NULL";
    case CheckKind::IsNull:
      return text + " IS NOT NULL";
    case CheckKind::Type:
      return type_violation(column, check.argument);
    case CheckKind::Format:
      return format_violation(column, check.argument);
    case CheckKind::Matches:
      // How a typed number or instant is written is the reader's choice.
      return is_numeric(sql_type) || is_instant(sql_type) ? "false"
                                                          : no_full_match(text, check.argument);
    case CheckKind::AcceptedValues:
      return value_violation(text, "NOT IN", check.values);
    case CheckKind::RejectedValues:
      return value_violation(text, "IN", check.values);
    default:
      return "false";
  }
}

std::string RuleView::violation(const Rule& rule) const {
  const RuleCheck& check = rule.check;
  std::vector<std::string> parts;
  if (check.kind == CheckKind::Row) {
    parts.push_back(fmt::format("({}) IS NOT TRUE", check.argument));
  } else if (check.kind == CheckKind::Product) {
    parts.push_back(product_violation(check));
  } else {
    for (const std::string& column : rule.columns) {
      // Columns that are not there are left out, or the rule is not run at all.
      if (has(column)) parts.push_back(column_violation(column, check));
    }
  }
  if (parts.empty()) return "";
  std::string any = parts.front();
  if (parts.size() > 1) any = fmt::format("({})", fmt::join(parts, ") OR ("));
  return rule.when.empty() ? any : fmt::format("({}) AND ({})", rule.when, any);
}

}  // namespace bullion::quality
