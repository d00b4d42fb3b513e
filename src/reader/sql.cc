#include "reader/sql.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/decimal.h"
#include "base/nearest_name.h"
#include "reader/condition.h"
#include "reader/sql_guard_internal.h"

namespace bullion::reader {

using Json = nlohmann::json;
using delta::DataType;
using delta::TypeId;

Result<std::string> parameter_literal(const SqlParameter& parameter) {
  if (!parameter.value) return std::string("NULL");
  const std::string& text = *parameter.value;
  const std::string name = "$" + parameter.name;
  const auto typed = [&](TypeId id) { return literal_of(name, {id, 0, 0, {}}, text); };
  if (parameter.type.empty() || parameter.type == "text") return text_literal(text);
  if (parameter.type == "integer") return typed(TypeId::Long);
  if (parameter.type == "date") return typed(TypeId::Date);
  if (parameter.type == "timestamp") return typed(TypeId::Timestamp);
  if (parameter.type == "boolean") return typed(TypeId::Boolean);
  const auto number = decimal_of(text);
  if (!number) return invalid(fmt::format("{} is `{}`; expected a number", name, text));
  return literal_of(name, DataType::decimal(kDecimalPrecisionMax, number->scale), text);
}

Result<Json> tree_of(engine::Engine& engine, const std::string& sql) {
  const auto text = engine.syntax_tree(sql);
  if (!text) {
    // The engine's words for anything that is no SELECT name its own functions.
    const bool is_other = text.error().message().find("serialize") != std::string::npos;
    return is_other ? invalid("one SELECT is expected, and nothing else can be run here")
                    : text.error();
  }
  Json tree = Json::parse(*text, nullptr, false);
  const auto statements = tree.find("statements");
  if (statements == tree.end() || !statements->is_array()) {
    return internal_error("the engine gave a broken syntax tree");
  }
  if (statements->size() == 1) return tree;
  return invalid(statements->empty()
                     ? std::string("one SELECT is expected, and there is none")
                     : fmt::format("one SELECT is expected, not {} of them", statements->size()));
}

Status expect_one_select(engine::Engine& engine, const std::string& sql) {
  BULLION_TRY(tree_of(engine, sql));
  return ok();
}

/// The SQL with literals in the places of its parameters.
Result<std::string> filled_in(engine::Engine& engine, Json tree, const SqlInputs& inputs,
                              const SqlRequest& request) {
  std::map<std::string, Json> values;
  std::vector<std::string> names;
  for (const SqlParameter& parameter : request.parameters) {
    names.push_back(parameter.name);
    BULLION_TRY_ASSIGN(const std::string literal, parameter_literal(parameter));
    BULLION_TRY_ASSIGN(const Json value, tree_of(engine, "SELECT " + literal));
    values[parameter.name] = value.at("statements").at(0).at("node").at("select_list").at(0);
  }
  for (const std::string& name : inputs.parameters) {
    if (values.contains(name)) continue;
    return invalid(
        fmt::format("the parameter ${} has no value{}", name, did_you_mean(name, names)));
  }
  // What is wrapped into another statement must be without a semicolon or a comment at its end.
  if (inputs.parameters.empty() && request.filters.empty()) return request.sql;
  fill_parameters(tree, values);
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     engine.query(fmt::format("SELECT json_deserialize_sql({})",
                                              engine::quote_text(tree.dump()))));
  return engine::to_text(rows.rows.at(0).at(0));
}

namespace {

/// Makes every table that the SQL names readable. A name that is nobody's table would be taken for
/// a file.
Status open_inputs(Reader& reader, OpenRelease& release, const SqlInputs& inputs) {
  for (const std::string& name : inputs.tables) {
    const auto& tables = release.record().tables;
    const auto found = std::ranges::find_if(
        tables, [&](const auto& table) { return lower(table.first) == lower(name); });
    const auto opened = release.table(found == tables.end() ? name : found->first);
    if (!opened && opened.error().kind() == ErrorKind::NotFound) {
      return invalid(opened.error().message());
    }
    BULLION_TRY(opened);
  }
  for (const auto& [schema, name] : inputs.outside) {
    // A name is a folder below the lake here.
    const bool is_plain =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (is_plain && !name.empty()) {
      BULLION_TRY_ASSIGN(const bool is_there, reader.open_outside(schema, name));
      if (is_there) continue;
    }
    return invalid(fmt::format("there is no table {}.{} in this lake", schema, name));
  }
  return ok();
}

size_t bytes_of(const std::vector<engine::Value>& row) {
  constexpr size_t kFixed = 16;
  size_t bytes = 0;
  for (const engine::Value& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    bytes += kFixed + (text == nullptr ? 0 : text->size());
  }
  return bytes;
}

/// The SELECT with only those rows that fit. Columns of equal names are told apart by the engine.
Result<std::string> filtered(engine::Engine& engine, const std::string& sql,
                             const std::vector<metrics::Filter>& filters,
                             const engine::QueryOptions& options) {
  if (filters.empty()) return sql;
  const std::string from = fmt::format("SELECT * FROM (\n{}\n) AS _bullion_result", sql);
  TableFacts result;
  BULLION_TRY(engine.stream(
      from + " LIMIT 0", options,
      [&](const delta::Schema& schema) {
        for (const delta::Column& column : schema) result.columns.push_back(facts_of(column));
        return ok();
      },
      [](const std::vector<engine::Value>&) { return ok(); }));
  BULLION_TRY_ASSIGN(const std::string conditions, conditions_of(result, filters));
  return fmt::format("{} WHERE {}", from, conditions);
}

/// What the engine says of its memory is for those who run it.
Error end_of(const Error& error) {
  if (!is_out_of_memory(error)) return error;
  return interrupted(
      "the query was stopped, because it needs more memory than one may have; read fewer rows or "
      "columns, or group by fewer values");
}

}  // namespace

bool is_out_of_memory(const Error& error) {
  constexpr auto kWords =
      std::to_array<const char*>({"Out of Memory", "bad_alloc", "bad allocation"});
  return std::ranges::any_of(
      kWords, [&](const char* words) { return error.message().find(words) != std::string::npos; });
}

Result<std::string> fill_parameters(engine::Engine& engine, const SqlRequest& request) {
  BULLION_TRY_ASSIGN(Json tree, tree_of(engine, request.sql));
  BULLION_TRY_ASSIGN(const SqlInputs inputs, inputs_of(tree));
  return filled_in(engine, std::move(tree), inputs, request);
}

Result<SqlAnswer> run_sql(Reader& reader, OpenRelease& release, const SqlRequest& request,
                          const engine::QueryLimits& limits) {
  if (request.rows_max < 1 || request.rows_max > kSqlRowsMax) {
    return invalid(fmt::format("limit is {}; expected 1 to {}", request.rows_max, kSqlRowsMax));
  }
  if (request.sql.size() > kSqlBytesMax) {
    return invalid(
        fmt::format("the SQL has {} bytes; at most {} are read", request.sql.size(), kSqlBytesMax));
  }
  if (request.sql.find('\0') != std::string::npos) return invalid("the SQL holds a NUL byte");
  BULLION_TRY(text_literal(request.sql));
  engine::Engine& engine = reader.engine();
  BULLION_TRY_ASSIGN(Json tree, tree_of(engine, request.sql));
  BULLION_TRY_ASSIGN(const SqlInputs inputs, inputs_of(tree));
  BULLION_TRY_ASSIGN(std::string sql, filled_in(engine, std::move(tree), inputs, request));
  BULLION_TRY(open_inputs(reader, release, inputs));
  SqlAnswer answer;
  engine::QueryOptions options{.limits = limits, .schema = release.schema()};
  options.limits.rows_max = request.rows_max;
  BULLION_TRY(release.make_schema());
  BULLION_TRY_ASSIGN(sql, filtered(engine, sql, request.filters, options));
  size_t bytes = 0;
  bool is_full = false;
  const auto end = engine.stream(
      sql, options,
      [&](const delta::Schema& schema) {
        for (const delta::Column& column : schema) answer.columns.push_back(facts_of(column));
        return ok();
      },
      [&](const std::vector<engine::Value>& row) -> Status {
        bytes += bytes_of(row);
        is_full = bytes > kSqlResultBytesMax;
        if (is_full) return invalid("the limit of bytes");
        answer.rows.push_back(row);
        return ok();
      });
  if (!end && !is_full) return end_of(end.error());
  answer.truncated = is_full || *end == engine::StreamEnd::RowLimit;
  return answer;
}

}  // namespace bullion::reader
