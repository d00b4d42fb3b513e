#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reader/sql_guard_internal.h"

namespace bullion::reader {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 1500;
/// The engine says the largest number for a place it does not know.
constexpr uint64_t kPositionMax = 1 << 30;

/// Every kind of node that may stand in a tree; DuckDB's names.
constexpr auto kNodes = std::to_array<std::string_view>(
    {// Queries and what stands in FROM. SHOW_REF (DESCRIBE, SUMMARIZE) is left out.
     "SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE", "BASE_TABLE",
     "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT", "ORDER_MODIFIER",
     "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING",
     "DESCENDING"});

/// Classes of expressions that may stand in a tree.
constexpr auto kExpressions = std::to_array<std::string_view>(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
     "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "PARAMETER", "POSITIONAL_REFERENCE", "STAR",
     "SUBQUERY", "WINDOW"});

/// Members that hold types and values, not code.
bool is_inert(const std::string& member) {
  return member == "cast_type" || member == "value" || member == "sample" ||
         member == "expected_types";
}

std::string text_of(const Json& node, const char* member) {
  const auto found = node.find(member);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Says where, as the engine's own messages do: a 0-based byte position.
Error invalid_at(const Json& node, std::string message) {
  const auto place = node.find("query_location");
  const bool is_known =
      place != node.end() && place->is_number_unsigned() && place->get<uint64_t>() <= kPositionMax;
  if (is_known) message += fmt::format(" (position {})", place->get<uint64_t>());
  return invalid(std::move(message));
}

/// Names that WITH has given, from the outside in.
using Scope = std::set<std::string>;

class Walk {
 public:
  Status visit(const Json& node, const Scope& scope, int depth);
  SqlInputs take() { return std::move(inputs_); }

 private:
  Status visit_object(const Json& node, const Scope& scope, int depth);
  Status visit_query(const Json& node, const Scope& scope, int depth);
  Status check_function(const Json& node, bool in_from) const;
  Status take_table(const Json& node, const Scope& scope);

  SqlInputs inputs_;
};

Status Walk::check_function(const Json& node, bool in_from) const {
  const std::string name = lower(text_of(node, "function_name"));
  const std::string schema = lower(text_of(node, "schema"));
  const bool is_plain = (schema.empty() || schema == "main") && text_of(node, "catalog").empty();
  const bool is_allowed = in_from ? is_allowed_table_function(name) : is_allowed_function(name);
  if (is_plain && is_allowed) return ok();
  return invalid_at(
      node,
      fmt::format("{} `{}` is not available in SQL over a release; it reads tables of the release "
                  "and computes, nothing else",
                  in_from ? "the table function" : "the function", name));
}

Status Walk::take_table(const Json& node, const Scope& scope) {
  const std::string name = text_of(node, "table_name");
  const std::string schema = lower(text_of(node, "schema_name"));
  if (!text_of(node, "catalog_name").empty()) {
    return invalid_at(
        node, fmt::format("`{}` names a database; tables of the release have plain names", name));
  }
  const auto clause = node.find("at_clause");
  if (clause != node.end() && !clause->is_null()) {
    return invalid_at(node,
                      "AT (...) is not available; choose the release of the whole query instead");
  }
  if (schema.empty()) {
    if (!scope.contains(lower(name))) inputs_.tables.insert(name);
    return ok();
  }
  if (schema != "ops" && schema != "quarantine") {
    return invalid_at(
        node, fmt::format("there is no schema `{}`; tables of the release have plain names, "
                          "and there are ops.NAME and quarantine.SOURCE",
                          schema));
  }
  inputs_.outside.emplace(schema, name);
  return ok();
}

/// WITH gives names to the query it belongs to and to the later ones of its own list.
Status Walk::visit_query(const Json& node, const Scope& scope, int depth) {
  Scope inner = scope;
  for (const Json& entry : node["cte_map"].value("map", Json::array())) {
    const std::string name = lower(text_of(entry, "key"));
    const Json& value = entry["value"];
    // A recursive one knows itself; walking it puts its name into its own scope.
    BULLION_TRY(visit(value, inner, depth + 1));
    inner.insert(name);
  }
  if (text_of(node, "type") == "RECURSIVE_CTE_NODE") inner.insert(lower(text_of(node, "cte_name")));
  for (const auto& [member, value] : node.items()) {
    if (member != "cte_map") BULLION_TRY(visit(value, inner, depth + 1));
  }
  return ok();
}

Status Walk::visit_object(const Json& node, const Scope& scope, int depth) {
  const std::string type = text_of(node, "type");
  const auto expression = node.find("class");
  if (expression != node.end()) {
    const std::string kind = text_of(node, "class");
    if (std::ranges::find(kExpressions, kind) == kExpressions.end()) {
      return invalid_at(node, fmt::format("an expression of the kind {} is not available", kind));
    }
    if (kind == "FUNCTION" || kind == "WINDOW") BULLION_TRY(check_function(node, false));
    if (kind == "PARAMETER") inputs_.parameters.insert(text_of(node, "identifier"));
  } else if (!type.empty() && std::ranges::find(kNodes, type) == kNodes.end()) {
    return invalid_at(node,
                      fmt::format("{} is not available in SQL over a release; a SELECT over its "
                                  "tables is expected",
                                  type == "SHOW_REF" ? "DESCRIBE, SHOW or SUMMARIZE" : type));
  }
  if (node.contains("cte_map")) return visit_query(node, scope, depth);
  if (type == "BASE_TABLE") return take_table(node, scope);
  for (const auto& [member, value] : node.items()) {
    if (is_inert(member)) continue;
    if (type == "TABLE_FUNCTION" && member == "function") {
      BULLION_TRY(check_function(value, true));
      BULLION_TRY(visit(value["children"], scope, depth + 1));
      continue;
    }
    BULLION_TRY(visit(value, scope, depth + 1));
  }
  return ok();
}

Status Walk::visit(const Json& node, const Scope& scope, int depth) {
  if (depth > kDepthMax) return invalid("the query is nested too deeply");
  if (node.is_object()) return visit_object(node, scope, depth);
  if (!node.is_array()) return ok();
  for (const Json& item : node) BULLION_TRY(visit(item, scope, depth + 1));
  return ok();
}

}  // namespace

Result<SqlInputs> inputs_of(const Json& tree) {
  Walk walk;
  BULLION_TRY(walk.visit(tree.at("statements").at(0).value("node", Json()), {}, 0));
  return walk.take();
}

void fill_parameters(Json& tree, const std::map<std::string, Json>& values) {
  if (tree.is_array()) {
    for (Json& item : tree) fill_parameters(item, values);
    return;
  }
  if (!tree.is_object()) return;
  if (text_of(tree, "class") == "PARAMETER") {
    const auto value = values.find(text_of(tree, "identifier"));
    if (value == values.end()) return;
    const std::string alias = text_of(tree, "alias");
    tree = value->second;
    tree["alias"] = alias;
    return;
  }
  if (tree.contains("named_param_map")) tree["named_param_map"] = Json::array();
  for (auto& [member, value] : tree.items()) fill_parameters(value, values);
}

}  // namespace bullion::reader
