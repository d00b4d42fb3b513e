#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "project/engine_message_internal.h"
#include "project/sql_tree_internal.h"

namespace bullion::project {
namespace {

const Json kNothing;
const Json kEmptyList = Json::array();

class TableUses {
 public:
  void query(const Json& node, std::set<std::string> ctes, bool in_expression) {
    for (const Json& entry : list_of(child_of(node, "cte_map"), "map")) {
      const std::string name = lower(text_of(entry, "key"));
      const Json& inner = child_of(child_of(child_of(entry, "value"), "query"), "node");
      query(inner, ctes, in_expression);
      ctes.insert(name);
    }
    const std::string recursive = text_of(node, "cte_name");
    if (!recursive.empty()) ctes.insert(lower(recursive));
    for (const auto& [key, value] : node.items()) {
      if (key != "cte_map") walk(value, ctes, in_expression);
    }
  }

  std::vector<TableUse> take() {
    std::stable_sort(uses_.begin(), uses_.end(), [](const TableUse& a, const TableUse& b) {
      return a.offset.value_or(0) < b.offset.value_or(0);
    });
    return std::move(uses_);
  }

 private:
  void walk(const Json& value, const std::set<std::string>& ctes, bool in_expression) {
    if (value.is_array()) {
      for (const Json& item : value) walk(item, ctes, in_expression);
      return;
    }
    if (!value.is_object()) return;
    if (value.contains("cte_map")) return query(value, ctes, in_expression);
    if (text_of(value, "type") == "BASE_TABLE") {
      const std::string name = text_of(value, "table_name");
      const std::string schema = text_of(value, "schema_name");
      if (schema.empty() && ctes.count(lower(name)) != 0) return;
      uses_.push_back({name, schema, offset_of(value), in_expression});
      return;
    }
    const bool expression = in_expression || text_of(value, "class") == "SUBQUERY";
    for (const auto& [key, child] : value.items()) walk(child, ctes, expression);
  }

  std::vector<TableUse> uses_;
};

void drop_positions(Json& value) {
  if (value.is_object()) value.erase("query_location");
  if (!value.is_structured()) return;
  for (Json& child : value) drop_positions(child);
}

}  // namespace

std::optional<size_t> offset_of(const Json& node) {
  if (!node.is_object()) return std::nullopt;
  const auto found = node.find("query_location");
  if (found == node.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto offset = found->get<uint64_t>();
  if (offset > (1ULL << 40U)) return std::nullopt;  // The engine's mark of "unknown" is 2^64 - 1.
  return static_cast<size_t>(offset);
}

std::string text_of(const Json& node, const char* key) {
  if (!node.is_object()) return "";
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& list_of(const Json& node, const char* key) {
  if (!node.is_object()) return kEmptyList;
  const auto found = node.find(key);
  return found != node.end() && found->is_array() ? *found : kEmptyList;
}

const Json& child_of(const Json& node, const char* key) {
  if (!node.is_object()) return kNothing;
  const auto found = node.find(key);
  return found != node.end() && found->is_object() ? *found : kNothing;
}

std::optional<Json> parse_select(const ResolvedSql& sql, engine::Engine& engine,
                                 ProblemSink& problems) {
  const auto text = engine.syntax_tree(sql.text);
  if (!text) {
    const EngineMessage message = read_engine_message(text.error().message(), sql);
    const bool other = message.text.find("Only SELECT") != std::string::npos;
    problems.error(
        message.mark, other ? "sql-not-select" : "sql-syntax",
        other ? "the file must hold one SELECT statement and nothing else" : message.text);
    return std::nullopt;
  }
  const Json tree = Json::parse(*text, nullptr, false);
  const Json& statements = tree.is_array() ? tree : list_of(tree, "statements");
  if (statements.size() == 1) {
    const Json& node = child_of(statements[0], "node");
    if (node.is_object()) return node;
  }
  if (statements.size() > 1) {
    const auto second = offset_of(list_of(child_of(statements[1], "node"), "select_list").empty()
                                      ? kNothing
                                      : child_of(statements[1], "node")["select_list"][0]);
    problems.error(second ? sql.mark_at(*second) : Mark{1, 1}, "sql-not-select",
                   fmt::format("the file holds {} statements; it must hold one SELECT, so split "
                               "them into files or CTEs",
                               statements.size()));
  } else {
    problems.error({1, 1}, "sql-not-select", "the file holds no SELECT; write one");
  }
  return std::nullopt;
}

std::vector<TableUse> table_uses(const Json& query) {
  TableUses uses;
  uses.query(query, {}, false);
  return uses.take();
}

std::string normalised_sql(const Json& query) {
  Json copy = query;
  drop_positions(copy);
  return copy.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bullion::project
