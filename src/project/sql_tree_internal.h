// The engine's syntax tree of one SELECT, and what can be read off it without names being resolved.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "project/problem_internal.h"
#include "project/templates_internal.h"

namespace bullion::project {

using Json = nlohmann::json;

/// One table named in a FROM clause (CTE names are resolved away).
struct TableUse {
  std::string table;
  std::string qualifier;         ///< "silver" of silver.x; "" for plain names
  std::optional<size_t> offset;  ///< byte offset in the SQL
  bool in_expression = false;    ///< inside a subquery of an expression (IN, EXISTS, scalar)
};

/// Parses one SELECT; reports syntax errors, other statements and several statements. The result
/// is the query node ("type" SELECT_NODE, SET_OPERATION_NODE...).
std::optional<Json> parse_select(const ResolvedSql& sql, engine::Engine& engine,
                                 ProblemSink& problems);

/// All uses of tables, in the order of the SQL text.
std::vector<TableUse> table_uses(const Json& query);

/// Where a node begins in the SQL, when the engine knows.
std::optional<size_t> offset_of(const Json& node);
/// A text member; "" when absent.
std::string text_of(const Json& node, const char* key);
/// An array member; an empty array when absent.
const Json& list_of(const Json& node, const char* key);
/// An object member; a null value when absent or null.
const Json& child_of(const Json& node, const char* key);

/// The tree as text without positions: equal for SQL that differs in comments and spaces only.
std::string normalised_sql(const Json& query);

}  // namespace bullion::project
