#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "pipeline/trace_conditions_internal.h"

namespace bullion::pipeline {
namespace {

using engine::quote_text;

std::string text_of(const SqlTree& node, const char* key) {
  if (!node.is_object()) return "";
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_empty(const SqlTree& node, const char* key) {
  const auto found = node.find(key);
  return found == node.end() || found->is_null() || found->empty();
}

bool is_column(const SqlTree& node) { return text_of(node, "class") == "COLUMN_REF"; }

std::vector<std::string> names_of(const SqlTree& column) {
  std::vector<std::string> names;
  for (const SqlTree& name : column.value("column_names", SqlTree::array())) {
    names.push_back(name.is_string() ? name.get<std::string>() : "");
  }
  return names;
}

/// The query node of a SELECT's text.
Result<SqlTree> query_tree(engine::Engine& engine, const std::string& sql) {
  BULLION_TRY_ASSIGN(const std::string text, engine.syntax_tree(sql));
  const SqlTree tree = SqlTree::parse(text, nullptr, false);
  const SqlTree node =
      tree.is_object() ? tree.value("/statements/0/node"_json_pointer, SqlTree()) : SqlTree();
  if (!node.is_object()) return internal_error("the engine gave a broken syntax tree");
  return node;
}

Result<SqlTree> expression_tree(engine::Engine& engine, const std::string& sql) {
  BULLION_TRY_ASSIGN(const SqlTree query, query_tree(engine, "SELECT " + sql));
  return query.at("select_list").at(0);
}

/// `tree` with each column replaced by what `replacement` says of it; false when it says nothing.
template <typename Replacement>
bool replace_columns(SqlTree& tree, const Replacement& replacement) {
  if (is_column(tree)) {
    std::optional<SqlTree> other = replacement(names_of(tree));
    if (!other) return false;
    tree = *std::move(other);
    tree["alias"] = "";
    return true;
  }
  if (!tree.is_structured()) return true;
  return std::all_of(tree.begin(), tree.end(),
                     [&](SqlTree& child) { return replace_columns(child, replacement); });
}

/// Only kinds of expressions that give one value for one row, whatever other rows hold.
bool is_plain_expression(const SqlTree& node, std::set<std::string>& functions) {
  static constexpr auto kPlain =
      std::to_array<std::string_view>({"COLUMN_REF", "CONSTANT", "CAST", "COMPARISON",
                                       "CONJUNCTION", "OPERATOR", "FUNCTION", "CASE", "BETWEEN"});
  if (node.is_object() && node.contains("class")) {
    const std::string kind = text_of(node, "class");
    if (std::find(kPlain.begin(), kPlain.end(), kind) == kPlain.end()) return false;
    if (kind == "FUNCTION") {
      if (!text_of(node, "schema").empty() || !is_empty(node, "filter")) return false;
      functions.insert(lower(text_of(node, "function_name")));
    }
  }
  if (!node.is_structured()) return true;
  return std::all_of(node.begin(), node.end(),
                     [&](const SqlTree& child) { return is_plain_expression(child, functions); });
}

/// Those of the names that are functions of their arguments alone, by the engine's own catalogue.
Result<std::set<std::string>> constant_functions(engine::Engine& engine,
                                                 const std::set<std::string>& names) {
  std::set<std::string> constant;
  if (names.empty()) return constant;
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(quote_text(name));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format(
          "SELECT function_name FROM duckdb_functions() WHERE function_name IN ({}) GROUP BY "
          "function_name HAVING bool_and(function_type = 'scalar' AND stability IS NOT DISTINCT "
          "FROM 'CONSISTENT')",
          fmt::join(quoted, ", "))));
  for (const auto& row : rows.rows) constant.insert(engine::to_text(row.at(0)));
  return constant;
}

/// The tables of a FROM clause by the names that its SELECT calls them; nullopt when it has more
/// than tables joined by conditions.
std::optional<std::vector<std::pair<std::string, std::string>>> tables_from(const SqlTree& from) {
  std::vector<std::pair<std::string, std::string>> tables;
  const std::string type = text_of(from, "type");
  if (type == "BASE_TABLE") {
    const std::string table = text_of(from, "table_name");
    const std::string alias = text_of(from, "alias");
    const bool is_plain = text_of(from, "schema_name").empty() &&
                          is_empty(from, "column_name_alias") && is_empty(from, "sample");
    if (!is_plain) return std::nullopt;
    tables.emplace_back(alias.empty() ? table : alias, table);
    return tables;
  }
  // A column of USING or of a natural join is a column of both sides.
  if (type != "JOIN" || !is_empty(from, "using_columns")) return std::nullopt;
  if (text_of(from, "ref_type") != "REGULAR" && text_of(from, "ref_type") != "CROSS") {
    return std::nullopt;
  }
  for (const char* side : {"left", "right"}) {
    const auto inner = tables_from(from.value(side, SqlTree()));
    if (!inner) return std::nullopt;
    tables.insert(tables.end(), inner->begin(), inner->end());
  }
  return tables;
}

std::vector<SqlTree> conjuncts(const SqlTree& tree) {
  if (text_of(tree, "type") != "CONJUNCTION_AND") return {tree};
  std::vector<SqlTree> parts;
  for (const SqlTree& child : tree.value("children", SqlTree::array())) {
    for (SqlTree& part : conjuncts(child)) parts.push_back(std::move(part));
  }
  return parts;
}

/// The equalities that tables_from() joins by.
std::vector<SqlTree> join_equalities(const SqlTree& from) {
  std::vector<SqlTree> equalities;
  if (text_of(from, "type") != "JOIN") return equalities;
  for (SqlTree& part : conjuncts(from.value("condition", SqlTree()))) {
    if (text_of(part, "type") == "COMPARE_EQUAL") equalities.push_back(std::move(part));
  }
  for (const char* side : {"left", "right"}) {
    for (SqlTree& each : join_equalities(from.value(side, SqlTree()))) {
      equalities.push_back(std::move(each));
    }
  }
  return equalities;
}

/// One SELECT of one level, read for one of its tables.
class SelectReader {
 public:
  SelectReader(std::string alias, const delta::Schema& columns,
               const std::set<std::string>& other_columns, bool qualified_only)
      : alias_(std::move(alias)),
        columns_(columns),
        other_columns_(other_columns),
        qualified_only_(qualified_only) {}

  /// The input's column of a written name.
  const delta::Column* column(const std::vector<std::string>& names) const {
    const bool is_qualified = names.size() == 2;
    if (is_qualified ? lower(names[0]) != lower(alias_) : names.size() != 1) return nullptr;
    const std::string name = lower(names.back());
    if (!is_qualified && (qualified_only_ || other_columns_.contains(name))) return nullptr;
    const auto found = std::ranges::find_if(
        columns_, [&](const delta::Column& each) { return lower(each.name) == name; });
    return found == columns_.end() ? nullptr : &*found;
  }

  /// The expression over the input's columns by their plain names; nullopt when it needs more.
  std::optional<SqlTree> plain(SqlTree tree) const {
    const bool is_all =
        replace_columns(tree, [&](const std::vector<std::string>& names) -> std::optional<SqlTree> {
          const delta::Column* found = column(names);
          if (found == nullptr) return std::nullopt;
          return column_tree(found->name);
        });
    if (!is_all) return std::nullopt;
    tree["alias"] = "";
    return tree;
  }

  /// The column that `CAST(sum(column) AS ...)` sums; "" when the item is something else.
  std::string summed(const SqlTree& item) const {
    const SqlTree* node = &item;
    while (text_of(*node, "class") == "CAST" && node->contains("child")) node = &node->at("child");
    const bool is_sum = text_of(*node, "class") == "FUNCTION" &&
                        lower(text_of(*node, "function_name")) == "sum" &&
                        !node->value("distinct", false) && is_empty(*node, "filter") &&
                        node->value("children", SqlTree::array()).size() == 1;
    if (!is_sum || !is_column(node->at("children").at(0))) return "";
    const delta::Column* found = column(names_of(node->at("children").at(0)));
    return found == nullptr ? "" : found->name;
  }

 private:
  std::string alias_;
  const delta::Schema& columns_;
  const std::set<std::string>& other_columns_;
  bool qualified_only_;
};

/// The tree as the contract types the output column.
Result<SqlTree> typed(engine::Engine& engine, SqlTree tree, const delta::Column& output,
                      const delta::Schema& input) {
  if (is_column(tree)) {
    const delta::Column* column = delta::column_named(input, names_of(tree).back());
    if (column != nullptr && column->type == output.type) return tree;
  }
  BULLION_TRY_ASSIGN(
      SqlTree cast,
      expression_tree(engine, fmt::format("CAST(value AS {})", engine::sql_type(output.type))));
  const bool is_cast_already = text_of(tree, "class") == "CAST" &&
                               tree.at("cast_type") == cast.at("cast_type") &&
                               !tree.value("try_cast", false);
  if (is_cast_already) return tree;
  cast["child"] = std::move(tree);
  return cast;
}

const delta::Column* output_column(const project::Model& model, const std::string& name) {
  const auto found = std::ranges::find_if(model.contract.columns, [&](const delta::Column& column) {
    return lower(column.name) == lower(name);
  });
  return found == model.contract.columns.end() ? nullptr : &*found;
}

std::string name_of(const SqlTree& item) {
  const std::string alias = text_of(item, "alias");
  if (!alias.empty() || !is_column(item)) return alias;
  return names_of(item).back();
}

SqlTree ctes_of(const SqlTree& query) {
  return query.value("/cte_map/map"_json_pointer, SqlTree::array());
}

/// Whether the query calls a part of itself by the name.
bool has_cte(const SqlTree& query, const std::string& name) {
  const SqlTree ctes = ctes_of(query);
  return std::ranges::any_of(
      ctes, [&](const SqlTree& cte) { return lower(text_of(cte, "key")) == lower(name); });
}

/// What one SELECT of one level says; nullopt when the query is more than that.
std::optional<SelectReader> reader_of(const SqlTree& query, const std::string& input,
                                      const delta::Schema& input_schema,
                                      const std::set<std::string>& other_columns) {
  if (text_of(query, "type") != "SELECT_NODE") return std::nullopt;
  // A row belongs to more than one group when there are grouping sets.
  if (query.value("group_sets", SqlTree::array()).size() > 1) return std::nullopt;
  if (has_cte(query, input)) return std::nullopt;
  const auto tables = tables_from(query.value("from_table", SqlTree()));
  if (!tables) return std::nullopt;
  std::vector<std::string> aliases;
  for (const auto& [alias, table] : *tables) {
    if (lower(table) == lower(input)) aliases.push_back(alias);
  }
  if (aliases.size() != 1) return std::nullopt;
  // What a CTE calls its columns is not known here.
  return SelectReader(aliases.front(), input_schema, other_columns, !ctes_of(query).empty());
}

/// Appends the SELECTs of a UNION ALL; false when the query has more to it.
bool take_arms(const SqlTree& query, std::vector<SqlTree>& arms) {
  if (text_of(query, "type") == "SELECT_NODE") {
    arms.push_back(query);
    return true;
  }
  const bool is_union = text_of(query, "setop_type") == "UNION" &&
                        query.value("setop_all", false) && is_empty(query, "modifiers") &&
                        ctes_of(query).empty();
  return is_union && query.contains("left") && query.contains("right") &&
         take_arms(query.at("left"), arms) && take_arms(query.at("right"), arms);
}

/// The item as a column of another table that is joined to the input; nullopt for anything else.
std::optional<JoinedColumn> joined_column(const SqlTree& item, const SqlTree& from,
                                          const SelectReader& reader) {
  const std::vector<std::string> names =
      is_column(item) ? names_of(item) : std::vector<std::string>();
  const auto tables = tables_from(from);
  if (names.size() != 2 || !tables || reader.column(names) != nullptr) return std::nullopt;
  const auto of_alias = std::ranges::find_if(
      *tables, [&](const auto& table) { return lower(table.first) == lower(names[0]); });
  if (of_alias == tables->end()) return std::nullopt;
  JoinedColumn joined{.table = of_alias->second, .column = names[1], .on = {}};
  for (const SqlTree& equality : join_equalities(from)) {
    for (const auto& [mine, other] : {std::pair("left", "right"), std::pair("right", "left")}) {
      const std::vector<std::string> key =
          is_column(equality.at(mine)) ? names_of(equality.at(mine)) : std::vector<std::string>();
      if (key.size() != 2 || lower(key[0]) != lower(names[0])) continue;
      std::set<std::string> functions;
      auto tree = reader.plain(equality.at(other));
      // Functions may be of chance.
      if (!tree || !is_plain_expression(*tree, functions) || !functions.empty()) continue;
      joined.on.emplace_back(key[1], *std::move(tree));
    }
  }
  if (joined.on.empty()) return std::nullopt;
  return joined;
}

/// Fills expressions, sums and the condition of rows of a SELECT of one level.
Status read_select(engine::Engine& engine, const project::Model& model, const SqlTree& query,
                   const SelectReader& reader, const delta::Schema& input_schema,
                   PassedColumns& passed) {
  std::set<std::string> functions;
  std::vector<std::pair<const delta::Column*, SqlTree>> items;
  for (const SqlTree& item : query.at("select_list")) {
    const delta::Column* output = output_column(model, name_of(item));
    if (output == nullptr) continue;
    const std::string summed = reader.summed(item);
    if (!summed.empty()) passed.sums[output->name] = summed;
    auto joined = joined_column(item, query.at("from_table"), reader);
    if (joined && !has_cte(query, joined->table)) {
      passed.joined[lower(output->name)] = *std::move(joined);
    }
    std::optional<SqlTree> tree = reader.plain(item);
    if (tree && is_plain_expression(*tree, functions)) items.emplace_back(output, *std::move(tree));
  }
  std::vector<SqlTree> conditions;
  if (!is_empty(query, "where_clause")) {
    for (SqlTree& part : conjuncts(query.at("where_clause"))) {
      std::optional<SqlTree> tree = reader.plain(std::move(part));
      const bool is_plain = tree && is_plain_expression(*tree, functions);
      if (is_plain) conditions.push_back(*std::move(tree));
      passed.whole_where = passed.whole_where && is_plain;
    }
  }
  BULLION_TRY_ASSIGN(const std::set<std::string> constant, constant_functions(engine, functions));
  const auto is_constant = [&](const SqlTree& tree) {
    std::set<std::string> used;
    is_plain_expression(tree, used);
    return std::ranges::includes(constant, used);
  };
  for (auto& [output, tree] : items) {
    if (!is_constant(tree)) continue;
    BULLION_TRY_ASSIGN(SqlTree typed_tree, typed(engine, std::move(tree), *output, input_schema));
    passed.expressions[lower(output->name)] = std::move(typed_tree);
  }
  for (SqlTree& condition : conditions) {
    if (is_constant(condition)) {
      passed.where.push_back(std::move(condition));
    } else {
      passed.whole_where = false;
    }
  }
  return ok();
}

}  // namespace

std::string TraceCondition::column() const {
  return is_column(subject) ? names_of(subject).back() : "";
}

const project::ColumnInput* only_input(const project::ColumnInputs& inputs,
                                       const std::string& table) {
  const project::ColumnInput* only = nullptr;
  for (const project::ColumnInput& each : inputs) {
    if (each.table != table || !project::makes_values(each.use)) continue;
    if (only != nullptr) return nullptr;
    only = &each;
  }
  return only;
}

SqlTree column_tree(const std::string& name) {
  return {{"class", "COLUMN_REF"},
          {"type", "COLUMN_REF"},
          {"alias", ""},
          {"query_location", 0},
          {"column_names", SqlTree::array({name})}};
}

Result<std::vector<SqlTree>> union_arms(engine::Engine& engine, const project::Model& model) {
  BULLION_TRY_ASSIGN(const SqlTree query, query_tree(engine, model.sql));
  std::vector<SqlTree> arms;
  if (!take_arms(query, arms) || arms.size() < 2) return std::vector<SqlTree>();
  std::vector<std::string> names;
  for (const SqlTree& item : arms.front().at("select_list")) names.push_back(name_of(item));
  for (SqlTree& arm : arms) {
    SqlTree& items = arm.at("select_list");
    const bool is_listed =
        items.size() == names.size() && std::ranges::none_of(items, [](const SqlTree& item) {
          return text_of(item, "class") == "STAR";
        });
    if (!is_listed || tables_of(arm).empty()) return std::vector<SqlTree>();
    for (size_t i = 0; i < names.size(); ++i) items[i]["alias"] = names[i];
  }
  return arms;
}

std::vector<std::string> tables_of(const SqlTree& arm) {
  std::vector<std::string> names;
  const auto tables = tables_from(arm.value("from_table", SqlTree()));
  if (!tables) return names;
  for (const auto& [alias, table] : *tables) names.push_back(table);
  return names;
}

Result<PassedColumns> passed_columns(engine::Engine& engine, const TracedSelect& select,
                                     const std::string& input, const delta::Schema& input_schema,
                                     const std::set<std::string>& other_columns) {
  PassedColumns passed;
  const project::Model& model = select.model;
  SqlTree query;
  if (select.arm != nullptr) {
    query = *select.arm;
  } else {
    BULLION_TRY_ASSIGN(query, query_tree(engine, model.sql));
  }
  if (const auto reader = reader_of(query, input, input_schema, other_columns)) {
    BULLION_TRY(read_select(engine, model, query, *reader, input_schema, passed));
  } else {
    passed.whole_where = false;
  }
  if (select.arm != nullptr) return passed;
  const auto pass_on = [&](const std::string& name, const std::string& column) -> Status {
    const delta::Column* output = output_column(model, name);
    if (output == nullptr || delta::column_named(input_schema, column) == nullptr) return ok();
    BULLION_TRY_ASSIGN(SqlTree tree, typed(engine, column_tree(column), *output, input_schema));
    passed.expressions[lower(name)] = std::move(tree);
    return ok();
  };
  for (const auto& [name, origin] : model.origins) {
    if (origin.table == input) BULLION_TRY(pass_on(name, origin.column));
  }
  for (const auto& [name, inputs] : select.lineage.columns) {
    const project::ColumnInput* made_of = only_input(inputs, input);
    if (made_of == nullptr || passed.expressions.contains(lower(name))) continue;
    if (made_of->use == project::ColumnUse::Identity) {
      BULLION_TRY(pass_on(name, made_of->column));
      passed.is_loose = true;
    } else if (made_of->use == project::ColumnUse::Aggregation && !passed.sums.contains(name)) {
      passed.sums[name] = made_of->column;
      passed.is_loose = true;
    }
  }
  return passed;
}

std::optional<TraceCondition> carried_down(const TraceCondition& condition,
                                           const PassedColumns& passed, std::string& missing) {
  TraceCondition below = condition;
  const bool is_all = replace_columns(
      below.subject, [&](const std::vector<std::string>& names) -> std::optional<SqlTree> {
        const auto found = passed.expressions.find(lower(names.back()));
        if (found != passed.expressions.end()) return found->second;
        missing = names.back();
        return std::nullopt;
      });
  if (!is_all) return std::nullopt;
  return below;
}

Result<std::string> expression_sql(engine::Engine& engine, const SqlTree& expression) {
  if (is_column(expression)) return engine::quote_name(names_of(expression).back());
  BULLION_TRY_ASSIGN(const std::string text, engine.syntax_tree("SELECT value"));
  SqlTree statement = SqlTree::parse(text, nullptr, false);
  if (!statement.is_object()) return internal_error("the engine gave a broken syntax tree");
  statement["statements"][0]["node"]["select_list"][0] = expression;
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT json_deserialize_sql({})", quote_text(statement.dump()))));
  const std::string select = engine::to_text(rows.rows.at(0).at(0));
  constexpr std::string_view kSelect = "SELECT ";
  if (!select.starts_with(kSelect)) return internal_error("the engine gave no SELECT: " + select);
  return select.substr(kSelect.size());
}

Result<std::string> condition_sql(engine::Engine& engine, const TraceCondition& condition) {
  const std::string column = condition.column();
  if (!column.empty()) {
    return fmt::format("{} IS NOT DISTINCT FROM {}", engine::quote_name(column), condition.literal);
  }
  BULLION_TRY_ASSIGN(SqlTree whole,
                     expression_tree(engine, "value IS NOT DISTINCT FROM " + condition.literal));
  whole["left"] = condition.subject;
  return expression_sql(engine, whole);
}

}  // namespace bullion::pipeline
