#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "metrics/expression_internal.h"

namespace bullion::metrics {
namespace {

using Json = nlohmann::json;

// The aggregates whose answer does not depend on the order of rows, and is exact on decimals. avg
// is named so that its message can say what to write instead.
constexpr std::array<std::string_view, 9> kAggregates{
    "sum", "count", "count_star", "min", "max", "bool_and", "bool_or", "avg", "mean"};

constexpr std::array<std::string_view, 14> kUnsteady{"now",
                                                     "current_date",
                                                     "current_timestamp",
                                                     "current_time",
                                                     "today",
                                                     "get_current_time",
                                                     "transaction_timestamp",
                                                     "localtimestamp",
                                                     "random",
                                                     "uuid",
                                                     "gen_random_uuid",
                                                     "uuidv4",
                                                     "current_user",
                                                     "get_current_timestamp"};

constexpr std::array<std::string_view, 10> kIntegers{"TINYINT", "SMALLINT", "INTEGER",   "BIGINT",
                                                     "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                                     "UBIGINT", "UHUGEINT"};

template <size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string member(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Walks the tree and remembers the first thing a metric may not hold.
class Walk {
 public:
  explicit Walk(Expression& out) : out_(out) {}

  void node(const Json& value) {
    if (value.is_array()) {
      for (const Json& item : value) node(item);
      return;
    }
    if (!value.is_object()) return;
    const std::string kind = member(value, "class");
    if (kind == "SUBQUERY") refuse("a subquery; a metric reads one table, so join in a model");
    if (kind == "WINDOW") refuse("a window function; write it in a model, or ask for a `window`");
    if (kind == "STAR") refuse("`*`; name one column, or write count(*)");
    if (kind == "PARAMETER") refuse("a parameter");
    if (kind == "COLUMN_REF") column(value);
    if (kind == "FUNCTION") function(value);
    for (const auto& [key, child] : value.items()) node(child);
  }

  const std::optional<std::string>& refused() const { return refused_; }

 private:
  void refuse(std::string what) {
    if (!refused_) refused_ = std::move(what);
  }

  void column(const Json& value) {
    const auto names = value.find("column_names");
    if (names == value.end() || !names->is_array() || names->empty()) return;
    const std::string name = names->back().get<std::string>();
    // The parser takes clocks without parentheses for columns.
    if (is_one_of(lower_case(name), kUnsteady)) return clock(name);
    if (std::find(out_.columns.begin(), out_.columns.end(), name) == out_.columns.end()) {
      out_.columns.push_back(name);
    }
  }

  void function(const Json& value) {
    const std::string name = lower_case(member(value, "function_name"));
    if (is_one_of(name, kUnsteady)) return clock(name);
    if (is_one_of(name, kAggregates)) out_.aggregates.push_back(name);
  }

  void clock(const std::string& name) {
    refuse(fmt::format("`{}`, whose answer changes while the release stays the same", name));
  }

  Expression& out_;
  std::optional<std::string> refused_;
};

/// Fills `combine` and `sum_column` from the outermost call.
void find_combine(const Json& node, Expression& out) {
  if (member(node, "class") != "FUNCTION") return;
  const std::string name = lower_case(member(node, "function_name"));
  const auto distinct = node.find("distinct");
  const bool is_distinct = distinct != node.end() && distinct->is_boolean() && *distinct;
  if (name == "min") out.combine = Combine::Min;
  if (name == "max") out.combine = Combine::Max;
  if (is_distinct) return;
  if (name == "sum" || name == "count" || name == "count_star") out.combine = Combine::Sum;
  const auto filter = node.find("filter");
  const bool filtered = filter != node.end() && !filter->is_null();
  out.adds_rows = !filtered && (name == "sum" || name == "count_star");
  const auto children = node.find("children");
  if (name != "sum" || filtered || children == node.end() || children->size() != 1) return;
  const Json& argument = (*children)[0];
  if (member(argument, "class") == "COLUMN_REF" && out.columns.size() == 1) {
    out.sum_column = out.columns[0];
  }
}

/// "Parser Error: syntax error ... (position 12)" without the position, which counts in our text.
std::string without_position(const std::string& message) {
  const size_t at = message.rfind(" (position ");
  return at == std::string::npos ? message : message.substr(0, at);
}

}  // namespace

Result<Expression> parse_expression(engine::Engine& engine, const std::string& text) {
  const auto tree_text = engine.syntax_tree("SELECT " + in_parentheses(text));
  if (!tree_text) {
    return invalid(fmt::format("`{}` is no SQL expression: {}", text,
                               without_position(tree_text.error().message())));
  }
  const Json tree = Json::parse(*tree_text, nullptr, false);
  const Json* statements = &tree;
  if (tree.is_object() && tree.contains("statements")) statements = &tree["statements"];
  const auto one = [&]() -> const Json* {
    if (!statements->is_array() || statements->size() != 1) return nullptr;
    const Json node = (*statements)[0].value("node", Json());
    if (member(node, "type") != "SELECT_NODE") return nullptr;
    const Json from = node.value("from_table", Json());
    if (from.is_object() && member(from, "type") != "EMPTY") return nullptr;
    const Json where = node.value("where_clause", Json());
    if (!where.is_null()) return nullptr;
    const Json& list = (*statements)[0]["node"]["select_list"];
    return list.is_array() && list.size() == 1 ? &list[0] : nullptr;
  }();
  if (one == nullptr) return invalid(fmt::format("`{}` is more than one SQL expression", text));
  Expression out;
  Walk walk(out);
  walk.node(*one);
  if (walk.refused()) return invalid(fmt::format("`{}` holds {}", text, *walk.refused()));
  find_combine(*one, out);
  return out;
}

std::string in_parentheses(const std::string& text) { return "(\n" + text + "\n)"; }

std::string empty_relation(const delta::Schema& schema) {
  std::vector<std::string> columns;
  for (const delta::Column& column : schema) {
    columns.push_back(fmt::format("CAST(NULL AS {}) AS {}", engine::sql_type(column.type),
                                  engine::quote_name(column.name)));
  }
  return fmt::format("(SELECT {} WHERE false)", fmt::join(columns, ", "));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& character : out) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return out;
}

const delta::Column* find_column(const delta::Schema& schema, std::string_view name) {
  const std::string wanted = lower_case(name);
  const auto found = std::find_if(schema.begin(), schema.end(), [&](const delta::Column& column) {
    return lower_case(column.name) == wanted;
  });
  return found == schema.end() ? nullptr : &*found;
}

bool is_binary_float(std::string_view sql_type) {
  return sql_type == "DOUBLE" || sql_type == "FLOAT";
}

bool is_exact_number(std::string_view sql_type) {
  return sql_type.starts_with("DECIMAL") || is_one_of(sql_type, kIntegers);
}

bool is_groupable(std::string_view sql_type) {
  return is_exact_number(sql_type) || sql_type == "VARCHAR" || sql_type == "BOOLEAN" ||
         sql_type == "DATE" || sql_type.starts_with("TIMESTAMP");
}

}  // namespace bullion::metrics
