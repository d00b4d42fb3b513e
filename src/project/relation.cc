#include <algorithm>

#include <fmt/format.h>

#include "project/relation_select_internal.h"

namespace bullion::project {
namespace {

bool joins_are_inner(const Json& from) {
  if (text_of(from, "type") != "JOIN") return true;
  const std::string ref = text_of(from, "ref_type");
  return text_of(from, "join_type") == "INNER" && (ref == "REGULAR" || ref == "CROSS") &&
         joins_are_inner(child_of(from, "left")) && joins_are_inner(child_of(from, "right"));
}

bool has_key(const std::vector<ColumnFacts>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const ColumnFacts& c) { return c.key; });
}

bool has_key(const Scope& scope) {
  return std::any_of(scope.relations.begin(), scope.relations.end(),
                     [](const Relation& r) { return has_key(r.columns); }) ||
         std::any_of(scope.merged.begin(), scope.merged.end(),
                     [](const auto& entry) { return entry.second.key; });
}

void rename_columns(const Json& names, std::vector<ColumnFacts>& columns) {
  for (size_t i = 0; i < names.size() && i < columns.size(); ++i) {
    if (names[i].is_string()) columns[i].name = names[i].get<std::string>();
  }
}

}  // namespace

RelationAnalyzer::RelationAnalyzer(TableColumns tables, std::string tracked_table,
                                   std::string tracked_column, ExpressionObserver* observer)
    : tables_(std::move(tables)),
      tracked_table_(std::move(tracked_table)),
      tracked_column_(std::move(tracked_column)),
      observer_(observer) {}

void RelationAnalyzer::lose(const std::string& reason, std::optional<size_t> offset) {
  // The first loss is the cause; later ones follow from it.
  if (!lost_) lost_ = LostKey{reason, offset};
}

bool RelationAnalyzer::mentions_tracked(const Json& node, const Ctes& ctes) const {
  if (tracked_table_.empty()) return false;
  for (const TableUse& use : table_uses(Json{{"cte_map", Json::object()}, {"inner", node}})) {
    const auto cte = ctes.find(lower(use.table));
    if (cte != ctes.end() ? cte->second.reads : lower(use.table) == tracked_table_) return true;
  }
  return false;
}

Relation RelationAnalyzer::query_node(const Json& node, Ctes ctes, const Scope* outer) {
  for (const Json& entry : list_of(child_of(node, "cte_map"), "map")) {
    const Json& value = child_of(entry, "value");
    Relation relation = query_node(child_of(child_of(value, "query"), "node"), ctes, outer);
    rename_columns(list_of(value, "aliases"), relation.columns);
    ctes[lower(text_of(entry, "key"))] = std::move(relation);
  }
  const std::string type = text_of(node, "type");
  if (type == "SELECT_NODE") return select_node(node, ctes, outer);
  if (type == "SET_OPERATION_NODE") return set_operation(node, ctes, outer);
  if (type == "RECURSIVE_CTE_NODE") return recursive_cte(node, std::move(ctes), outer);
  Relation unknown;
  unknown.columns_known = false;
  unknown.reads = mentions_tracked(node, ctes);
  if (unknown.reads) lose(fmt::format("a {} cannot be followed", type), offset_of(node));
  return unknown;
}

Relation RelationAnalyzer::recursive_cte(const Json& node, Ctes ctes, const Scope* outer) {
  const bool reads = mentions_tracked(node, ctes);
  if (reads) lose("a recursive query mixes partitions", offset_of(node));
  Relation first = query_node(child_of(node, "left"), ctes, outer);
  first.reads = reads;
  for (ColumnFacts& column : first.columns) {
    column.key = false;
    column.origin.reset();
    column.exact.reset();
    column.not_null = false;
  }
  ctes[lower(text_of(node, "cte_name"))] = first;
  const Relation next = query_node(child_of(node, "right"), ctes, outer);
  for (size_t i = 0; i < first.columns.size() && i < next.columns.size(); ++i) {
    add_as(first.columns[i].inputs, next.columns[i].inputs, ColumnUse::Transformation);
  }
  first.rows_from.insert(next.rows_from.begin(), next.rows_from.end());
  return first;
}

Relation RelationAnalyzer::select_node(const Json& node, const Ctes& ctes, const Scope* outer) {
  Select select;
  select.ctes = &ctes;
  const Json& from_table = child_of(node, "from_table");
  if (joins_are_inner(from_table)) {
    select.where_conjuncts = conjuncts(child_of(node, "where_clause"));
  }
  select.scope = from(from_table, ctes, outer, select);
  select.scope.outer = outer;
  if (observer_ != nullptr) observer_->query(node, select.scope);
  const bool had_key = has_key(select.scope);
  if (!child_of(node, "sample").is_null() && select.scope.reads) {
    select.keys_lost = true;
    lose("TABLESAMPLE picks rows across partitions", offset_of(node));
  }
  const Json& items = list_of(node, "select_list");
  for (const Json& item : items) select_item(item, select);
  for (const Relation& relation : select.scope.relations) {
    select.rows_from.insert(relation.rows_from.begin(), relation.rows_from.end());
  }
  const auto filter = [&](const char* key) {
    add_as(select.rows_from, evaluate_if_present(node, key, select), ColumnUse::Filter);
  };
  filter("where_clause");
  group_by(node, select);
  filter("having");
  filter("qualify");
  if (select.aggregate && !select.grouped && select.scope.reads) {
    select.keys_lost = true;
    lose(fmt::format("an aggregate without GROUP BY `{}` reads all partitions of `{}`",
                     tracked_column_, tracked_table_),
         select.aggregate);
  }
  modifiers(node, select);
  Relation out;
  out.columns = std::move(select.outputs);
  out.columns_known = select.columns_known;
  out.reads = select.scope.reads || select.expression_reads;
  out.rows_from = std::move(select.rows_from);
  if (select.keys_lost) {
    for (ColumnFacts& column : out.columns) column.key = false;
  } else if (had_key && !has_key(out.columns)) {
    lose(fmt::format("the SELECT does not pass `{}` of `{}` on unchanged, by itself or as a column "
                     "joined on it",
                     tracked_column_, tracked_table_),
         items.empty() ? std::nullopt : offset_of(items[0]));
  }
  return out;
}

ColumnInputs RelationAnalyzer::evaluate_if_present(const Json& node, const char* key,
                                                   Select& select) {
  const Json& expression = child_of(node, key);
  return expression.is_null() ? ColumnInputs{} : evaluate(expression, select).inputs;
}

void RelationAnalyzer::select_item(const Json& item, Select& select) {
  if (text_of(item, "class") == "STAR") {
    if (observer_ != nullptr) observer_->expression(item, {}, {}, parents_);
    expand_star(item, select);
    return;
  }
  ColumnFacts facts = evaluate(item, select);
  const std::string alias = text_of(item, "alias");
  if (!alias.empty()) {
    facts.name = alias;
  } else if (text_of(item, "class") != "COLUMN_REF") {
    facts.name.clear();
  }
  facts.hidden = false;
  facts.offset = offset_of(item);
  if (!facts.name.empty()) select.aliases.emplace(lower(facts.name), facts);
  select.outputs.push_back(std::move(facts));
}

void RelationAnalyzer::expand_star(const Json& star, Select& select) {
  const bool plain = list_of(star, "replace_list").empty() &&
                     list_of(star, "rename_list").empty() && list_of(star, "rename").empty() &&
                     !star.value("columns", false) && child_of(star, "expr").is_null();
  const std::string relation_name = lower(text_of(star, "relation_name"));
  std::vector<std::string> excluded;
  for (const char* key : {"exclude_list", "qualified_exclude_list"}) {
    for (const Json& name : list_of(star, key)) {
      excluded.push_back(
          lower(name.is_string() ? name.get<std::string>() : text_of(name, "column")));
    }
  }
  for (const Relation& relation : select.scope.relations) {
    if (!relation_name.empty() && lower(relation.alias) != relation_name) continue;
    if (!relation.columns_known) select.columns_known = false;
    for (const ColumnFacts& column : relation.columns) {
      if (relation_name.empty() && column.hidden) continue;
      if (contains(excluded, lower(column.name))) continue;
      const auto merged = select.scope.merged.find(lower(column.name));
      const bool is_merged = relation_name.empty() && merged != select.scope.merged.end();
      ColumnFacts facts = is_merged ? merged->second : column;
      facts.name = column.name;
      facts.hidden = false;
      facts.offset = offset_of(star);
      if (!plain) {
        ColumnFacts unsure{.name = facts.name, .offset = facts.offset};
        add_as(unsure.inputs, facts.inputs, ColumnUse::Transformation);
        facts = std::move(unsure);
      }
      select.outputs.push_back(std::move(facts));
    }
  }
  if (!plain) select.columns_known = false;
}

void RelationAnalyzer::group_by(const Json& node, Select& select) {
  const Json& groups = list_of(node, "group_expressions");
  bool keeps = false;
  std::optional<size_t> offset;
  for (const Json& group : groups) {
    if (!offset) offset = offset_of(group);
    const ColumnFacts facts = evaluate(group, select);
    add_as(select.rows_from, facts.inputs, ColumnUse::GroupBy);
    const Json& value = child_of(group, "value");
    if (text_of(group, "class") == "CONSTANT" && value.contains("value") &&
        value["value"].is_number_integer()) {
      const auto position = value["value"].get<int64_t>();
      if (position >= 1 && static_cast<size_t>(position) <= select.outputs.size()) {
        const ColumnFacts& output = select.outputs[static_cast<size_t>(position) - 1];
        keeps = keeps || output.key;
        add_as(select.rows_from, output.inputs, ColumnUse::GroupBy);
      }
    }
    keeps = keeps || facts.key;
  }
  const bool group_by_all = text_of(node, "aggregate_handling") == "FORCE_AGGREGATES";
  if (group_by_all) keeps = has_key(select.outputs);
  select.grouped = !groups.empty() || group_by_all;
  if (list_of(node, "group_sets").size() > 1) keeps = false;
  if (select.grouped && !keeps && select.scope.reads) {
    select.keys_lost = true;
    lose(fmt::format("GROUP BY does not hold `{}` of `{}` as a plain column (in one grouping set)",
                     tracked_column_, tracked_table_),
         offset);
  }
}

void RelationAnalyzer::modifiers(const Json& node, Select& select) {
  for (const Json& modifier : list_of(node, "modifiers")) {
    const std::string type = text_of(modifier, "type");
    if (type == "ORDER_MODIFIER") {
      add_as(select.rows_from, evaluate_orders(list_of(modifier, "orders"), select),
             ColumnUse::Sort);
      continue;
    }
    if (type == "DISTINCT_MODIFIER") {
      bool keeps = false;
      const Json& targets = list_of(modifier, "distinct_on_targets");
      for (const Json& target : targets) {
        const ColumnFacts facts = evaluate(target, select);
        keeps = facts.key || keeps;
        add_as(select.rows_from, facts.inputs, ColumnUse::GroupBy);
      }
      // A plain DISTINCT compares whole rows, and so keeps whatever key the rows hold.
      if (targets.empty() || keeps || !select.scope.reads) continue;
      select.keys_lost = true;
      lose(fmt::format("DISTINCT ON leaves out `{}` of `{}`", tracked_column_, tracked_table_),
           offset_of(targets[0]));
      continue;
    }
    for (const char* key : {"limit", "offset"}) evaluate_if_present(modifier, key, select);
    if (!select.scope.reads) continue;
    select.keys_lost = true;
    lose("LIMIT picks rows across partitions", offset_of(child_of(modifier, "limit")));
  }
}

Relation RelationAnalyzer::set_operation(const Json& node, const Ctes& ctes, const Scope* outer) {
  const Relation left = query_node(child_of(node, "left"), ctes, outer);
  const Relation right = query_node(child_of(node, "right"), ctes, outer);
  Relation out;
  out.reads = left.reads || right.reads;
  out.columns_known = left.columns_known && right.columns_known;
  out.rows_from = left.rows_from;
  out.rows_from.insert(right.rows_from.begin(), right.rows_from.end());
  const bool by_name = text_of(node, "setop_type") == "UNION_BY_NAME";
  const bool comparable =
      out.columns_known && !by_name && left.columns.size() == right.columns.size();
  bool key_taken = false;
  for (size_t i = 0; i < left.columns.size(); ++i) {
    ColumnFacts column = left.columns[i];
    const ColumnFacts other = comparable ? right.columns[i] : ColumnFacts{};
    column.inputs.insert(other.inputs.begin(), other.inputs.end());
    column.type = common_class(column.type, other.type);
    if (!(column.exact && other.exact && *column.exact == *other.exact)) column.exact.reset();
    const bool same_origin = column.origin && other.origin &&
                             column.origin->table == other.origin->table &&
                             column.origin->column == other.origin->column;
    if (!same_origin) column.origin.reset();
    column.not_null = column.not_null && other.not_null;
    if (!column.float_at) column.float_at = other.float_at;
    // A branch that does not read the input depends on none of its partitions. Its columns need not
    // be equal to each other, so only one of the other branch's keys may stay.
    column.is_first_day =
        (column.is_first_day || !left.reads) && (other.is_first_day || !right.reads);
    const bool key = (left.columns[i].key || !left.reads) && (other.key || !right.reads) &&
                     column.exact && comparable && out.reads;
    column.key = key && (!key_taken || (left.reads && right.reads));
    key_taken = key_taken || key;
    out.columns.push_back(std::move(column));
  }
  if ((has_key(left.columns) || has_key(right.columns)) && !has_key(out.columns)) {
    lose(fmt::format("the branches of {} do not hold `{}` of `{}` at the same position with the "
                     "same type",
                     by_name ? "UNION BY NAME" : text_of(node, "setop_type"), tracked_column_,
                     tracked_table_),
         out.columns.empty() ? std::nullopt : out.columns[0].offset);
  }
  Select select;
  select.ctes = &ctes;
  select.scope.reads = out.reads;
  for (const ColumnFacts& column : out.columns) select.aliases.emplace(lower(column.name), column);
  modifiers(node, select);
  if (select.keys_lost) {
    for (ColumnFacts& column : out.columns) column.key = false;
  }
  return out;
}

Relation RelationAnalyzer::base_table(const Json& node, const Ctes& ctes) {
  const std::string name = lower(text_of(node, "table_name"));
  Relation relation;
  const auto cte = ctes.find(name);
  if (text_of(node, "schema_name").empty() && cte != ctes.end()) {
    relation = cte->second;
  } else {
    auto known = tables_(name);
    relation.columns_known = known.has_value();
    if (known) relation = std::move(*known);
    relation.reads = !tracked_table_.empty() && name == tracked_table_;
    for (ColumnFacts& column : relation.columns) {
      column.key = relation.reads && lower(column.name) == lower(tracked_column_);
      if (follows_inputs_ && column.origin) {
        column.inputs = {{column.origin->table, column.origin->column, ColumnUse::Identity}};
      }
    }
  }
  relation.alias = text_of(node, "alias");
  if (relation.alias.empty()) relation.alias = text_of(node, "table_name");
  rename_columns(list_of(node, "column_name_alias"), relation.columns);
  return relation;
}

Scope RelationAnalyzer::from(const Json& node, const Ctes& ctes, const Scope* outer,
                             Select& select) {
  Scope scope;
  scope.outer = outer;
  const std::string type = text_of(node, "type");
  if (type == "JOIN") return join(node, ctes, outer, select);
  if (type == "EMPTY" || type.empty()) return scope;
  Relation relation;
  if (type == "BASE_TABLE") {
    relation = base_table(node, ctes);
  } else if (type == "SUBQUERY") {
    relation = query_node(child_of(child_of(node, "subquery"), "node"), ctes, outer);
    relation.alias = text_of(node, "alias");
    rename_columns(list_of(node, "column_name_alias"), relation.columns);
  } else if (type == "EXPRESSION_LIST") {
    relation = values_list(node, select);
  } else if (type == "TABLE_FUNCTION") {
    relation = table_function(node, select);
  } else {
    relation.alias = text_of(node, "alias");
    relation.columns_known = false;
    relation.reads = mentions_tracked(node, ctes);
    if (relation.reads) lose(fmt::format("a {} cannot be followed", type), offset_of(node));
  }
  if (!child_of(node, "sample").is_null() && relation.reads) {
    lose("TABLESAMPLE picks rows across partitions", offset_of(node));
    for (ColumnFacts& column : relation.columns) column.key = false;
  }
  scope.reads = relation.reads;
  scope.relations.push_back(std::move(relation));
  return scope;
}

Relation RelationAnalyzer::values_list(const Json& node, Select& select) {
  Relation relation;
  relation.alias = text_of(node, "alias");
  bool first = true;
  for (const Json& row : list_of(node, "values")) {
    for (size_t i = 0; i < row.size(); ++i) {
      ColumnFacts facts = evaluate(row[i], select);
      if (first) {
        facts.name = fmt::format("col{}", i);
        relation.columns.push_back(std::move(facts));
      } else if (i < relation.columns.size()) {
        ColumnFacts& column = relation.columns[i];
        column.type = common_class(column.type, facts.type);
        column.inputs.insert(facts.inputs.begin(), facts.inputs.end());
        column.not_null = column.not_null && facts.not_null;
        if (!column.float_at) column.float_at = facts.float_at;
        if (!(column.exact && facts.exact && *column.exact == *facts.exact)) column.exact.reset();
      }
    }
    first = false;
  }
  return relation;
}

Relation RelationAnalyzer::table_function(const Json& node, Select& select) {
  Relation relation;
  const Json& function = child_of(node, "function");
  const std::string name = lower(text_of(function, "function_name"));
  ColumnInputs inputs;
  if (!function.is_null()) inputs = evaluate(function, select).inputs;
  relation.alias = text_of(node, "alias").empty() ? name : text_of(node, "alias");
  const bool is_range = name == "range";
  relation.columns_known = is_range;
  relation.columns.push_back({.name = name,
                              .type = is_range ? TypeClass::Integer : TypeClass::Unknown,
                              .not_null = is_range,
                              .inputs = std::move(inputs)});
  rename_columns(list_of(node, "column_name_alias"), relation.columns);
  if (select.expression_reads) relation.reads = true;
  return relation;
}

Scope RelationAnalyzer::join(const Json& node, const Ctes& ctes, const Scope* outer,
                             Select& select) {
  Scope left = from(child_of(node, "left"), ctes, outer, select);
  Scope right = from(child_of(node, "right"), ctes, outer, select);
  const std::string ref = text_of(node, "ref_type");
  std::string type = text_of(node, "join_type");
  if (ref == "ASOF" || ref == "POSITIONAL") type = ref;
  const std::vector<std::string> shared = shared_columns(node, left, right, type);
  const auto equalities = equalities_of(node, shared, left, right, select);
  const bool had_key = has_key(left) || has_key(right);
  const JoinKeys keys = join_keys(type, left, right, equalities);
  apply_join(keys, type, shared, left, right);

  const bool left_only = type == "SEMI" || type == "ANTI";
  Scope all;
  all.outer = outer;
  all.reads = left.reads || right.reads;
  all.relations = left.relations;
  all.merged = left.merged;
  all.relations.insert(all.relations.end(), right.relations.begin(), right.relations.end());
  all.merged.insert(right.merged.begin(), right.merged.end());
  select.scope = all;
  add_as(select.rows_from, evaluate_if_present(node, "condition", select), ColumnUse::Join);
  for (const JoinEquality& equality : equalities) {
    if (!equality.is_using) continue;
    add_as(select.rows_from, equality.left->inputs, ColumnUse::Join);
    add_as(select.rows_from, equality.right->inputs, ColumnUse::Join);
  }
  if (left_only) {
    for (const Relation& relation : right.relations) {
      select.rows_from.insert(relation.rows_from.begin(), relation.rows_from.end());
    }
  }
  if (left_only) {
    all.relations = left.relations;
    all.merged = left.merged;
  }
  if (had_key && !has_key(all)) {
    lose(left.reads && right.reads
             ? fmt::format("the join does not equate `{0}` of both sides, which each read `{1}`",
                           tracked_column_, tracked_table_)
             : fmt::format("the {} JOIN keeps rows whose match depends on all partitions of `{}`",
                           type, tracked_table_),
         offset_of(node) ? offset_of(node) : offset_of(child_of(node, "condition")));
  }
  return all;
}

std::vector<std::string> RelationAnalyzer::shared_columns(const Json& node, const Scope& left,
                                                          const Scope& right, std::string& type) {
  std::vector<std::string> shared;
  for (const Json& name : list_of(node, "using_columns")) {
    if (name.is_string()) shared.push_back(lower(name.get<std::string>()));
  }
  if (text_of(node, "ref_type") != "NATURAL") return shared;
  for (const Scope* side : {&left, &right}) {
    for (const Relation& relation : side->relations) {
      if (!relation.columns_known) type = "NATURAL";  // Nothing is proven about unknown columns.
    }
  }
  for (const Relation& relation : left.relations) {
    for (const ColumnFacts& column : relation.columns) {
      const std::string name = lower(column.name);
      if (resolve(right, {name}) != nullptr && !contains(shared, name)) shared.push_back(name);
    }
  }
  return shared;
}

std::vector<JoinEquality> RelationAnalyzer::equalities_of(const Json& node,
                                                          const std::vector<std::string>& shared,
                                                          const Scope& left, const Scope& right,
                                                          const Select& select) {
  std::vector<JoinEquality> out;
  for (const std::string& name : shared) {
    const ColumnFacts* l = resolve(left, {name});
    const ColumnFacts* r = resolve(right, {name});
    if (l != nullptr && r != nullptr) out.push_back({l, r, true});
  }
  std::vector<const Json*> parts = conjuncts(child_of(node, "condition"));
  parts.insert(parts.end(), select.where_conjuncts.begin(), select.where_conjuncts.end());
  for (const Json* part : parts) {
    const std::string type = text_of(*part, "type");
    if (type != "COMPARE_EQUAL" && type != "COMPARE_NOT_DISTINCT_FROM") continue;
    const auto a = reference_names(child_of(*part, "left"));
    const auto b = reference_names(child_of(*part, "right"));
    if (a.empty() || b.empty()) continue;
    for (const auto& [first, second] : {std::pair(a, b), std::pair(b, a)}) {
      const ColumnFacts* l = resolve(left, first);
      const ColumnFacts* r = resolve(right, second);
      if (l != nullptr && r != nullptr) out.push_back({l, r});
    }
  }
  return out;
}

}  // namespace bullion::project
