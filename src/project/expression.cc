#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "project/name_list_internal.h"
#include "project/relation_select_internal.h"

namespace bullion::project {
namespace {

// Dumped from the engine's catalog of aggregate functions, plus its window-only synonyms.
constexpr std::array<std::string_view, 93> kAggregates = {"any_value",
                                                          "approx_count_distinct",
                                                          "approx_quantile",
                                                          "approx_top_k",
                                                          "arbitrary",
                                                          "arg_max",
                                                          "arg_max_null",
                                                          "arg_max_nulls_last",
                                                          "arg_min",
                                                          "arg_min_null",
                                                          "arg_min_nulls_last",
                                                          "argmax",
                                                          "argmin",
                                                          "array_agg",
                                                          "avg",
                                                          "bit_and",
                                                          "bit_or",
                                                          "bit_xor",
                                                          "bitstring_agg",
                                                          "bool_and",
                                                          "bool_or",
                                                          "corr",
                                                          "count",
                                                          "count_if",
                                                          "count_star",
                                                          "countif",
                                                          "covar_pop",
                                                          "covar_samp",
                                                          "entropy",
                                                          "favg",
                                                          "first",
                                                          "fsum",
                                                          "geomean",
                                                          "geometric_mean",
                                                          "group_concat",
                                                          "histogram",
                                                          "histogram_exact",
                                                          "histogram_values",
                                                          "json_group_array",
                                                          "json_group_object",
                                                          "json_group_structure",
                                                          "kahan_sum",
                                                          "kurtosis",
                                                          "kurtosis_pop",
                                                          "last",
                                                          "list",
                                                          "listagg",
                                                          "mad",
                                                          "max",
                                                          "max_by",
                                                          "mean",
                                                          "median",
                                                          "min",
                                                          "min_by",
                                                          "mode",
                                                          "product",
                                                          "quantile",
                                                          "quantile_cont",
                                                          "quantile_disc",
                                                          "regr_avgx",
                                                          "regr_avgy",
                                                          "regr_count",
                                                          "regr_intercept",
                                                          "regr_r2",
                                                          "regr_slope",
                                                          "regr_sxx",
                                                          "regr_sxy",
                                                          "regr_syy",
                                                          "reservoir_quantile",
                                                          "sem",
                                                          "skewness",
                                                          "stddev",
                                                          "stddev_pop",
                                                          "stddev_samp",
                                                          "string_agg",
                                                          "sum",
                                                          "sum_no_overflow",
                                                          "sumkahan",
                                                          "summary",
                                                          "var_pop",
                                                          "var_samp",
                                                          "variance",
                                                          "percentile_cont",
                                                          "percentile_disc",
                                                          "every",
                                                          "grouping",
                                                          "grouping_id",
                                                          "bitwise_and_agg",
                                                          "any",
                                                          "some",
                                                          "list_agg",
                                                          "nanmax",
                                                          "nanmin"};

constexpr std::array<std::string_view, 27> kSameType = {
    "min",    "max",    "any_value",   "first",      "last",      "arbitrary",      "abs",
    "round",  "ceil",   "ceiling",     "floor",      "trunc",     "nullif",         "ifnull",
    "lag",    "lead",   "first_value", "last_value", "nth_value", "arg_max",        "arg_min",
    "max_by", "min_by", "mode",        "date_trunc", "sum",       "sum_no_overflow"};

constexpr std::array<std::string_view, 43> kIntegers = {"count",
                                                        "count_star",
                                                        "count_if",
                                                        "countif",
                                                        "row_number",
                                                        "rank",
                                                        "dense_rank",
                                                        "ntile",
                                                        "length",
                                                        "len",
                                                        "strlen",
                                                        "date_part",
                                                        "year",
                                                        "month",
                                                        "day",
                                                        "quarter",
                                                        "week",
                                                        "weekofyear",
                                                        "dayofmonth",
                                                        "dayofyear",
                                                        "dayofweek",
                                                        "weekday",
                                                        "isodow",
                                                        "yearweek",
                                                        "hour",
                                                        "minute",
                                                        "second",
                                                        "date_diff",
                                                        "datediff",
                                                        "date_sub",
                                                        "datesub",
                                                        "position",
                                                        "instr",
                                                        "strpos",
                                                        "epoch",
                                                        "epoch_ms",
                                                        "approx_count_distinct",
                                                        "sign",
                                                        "hash",
                                                        "row_hash",
                                                        "ascii",
                                                        "unicode",
                                                        "isoyear"};

constexpr std::array<std::string_view, 41> kDoubles = {"avg",
                                                       "mean",
                                                       "median",
                                                       "stddev",
                                                       "stddev_pop",
                                                       "stddev_samp",
                                                       "variance",
                                                       "var_pop",
                                                       "var_samp",
                                                       "corr",
                                                       "covar_pop",
                                                       "covar_samp",
                                                       "quantile_cont",
                                                       "percentile_cont",
                                                       "sqrt",
                                                       "ln",
                                                       "log",
                                                       "log2",
                                                       "log10",
                                                       "exp",
                                                       "power",
                                                       "pow",
                                                       "**",
                                                       "^",
                                                       "cbrt",
                                                       "sin",
                                                       "cos",
                                                       "tan",
                                                       "pi",
                                                       "random",
                                                       "percent_rank",
                                                       "cume_dist",
                                                       "favg",
                                                       "fsum",
                                                       "kahan_sum",
                                                       "skewness",
                                                       "kurtosis",
                                                       "regr_slope",
                                                       "geomean",
                                                       "product",
                                                       "entropy"};

constexpr std::array<std::string_view, 31> kTexts = {"concat",
                                                     "concat_ws",
                                                     "||",
                                                     "lower",
                                                     "upper",
                                                     "substr",
                                                     "substring",
                                                     "left",
                                                     "right",
                                                     "trim",
                                                     "ltrim",
                                                     "rtrim",
                                                     "lpad",
                                                     "rpad",
                                                     "replace",
                                                     "translate",
                                                     "reverse",
                                                     "repeat",
                                                     "split_part",
                                                     "regexp_replace",
                                                     "regexp_extract",
                                                     "md5",
                                                     "sha256",
                                                     "strftime",
                                                     "string_agg",
                                                     "group_concat",
                                                     "format",
                                                     "printf",
                                                     "uuid",
                                                     "chr",
                                                     "json_extract_string"};

bool is_interval_function(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames = {
      "to_years",        "to_months",       "to_days",    "to_hours",
      "to_minutes",      "to_seconds",      "to_weeks",   "to_quarters",
      "to_milliseconds", "to_microseconds", "to_decades", "to_centuries"};
  return is_one_of(name, kNames);
}

bool is_number(TypeClass type) {
  return type == TypeClass::Integer || type == TypeClass::Decimal || type == TypeClass::Double;
}

TypeClass arithmetic(const std::string& name, TypeClass a, TypeClass b) {
  using enum TypeClass;
  if (a == Double || b == Double) return Double;
  if (is_number(a) && is_number(b)) return a == Decimal || b == Decimal ? Decimal : Integer;
  const bool dates = a == Date || b == Date;
  if (a == Date && b == Date && name == "-") return Integer;
  if (dates && (a == Integer || b == Integer)) return Date;
  if ((dates || a == Timestamp || b == Timestamp) && (a == Interval || b == Interval)) {
    return Timestamp;
  }
  if (a == Timestamp && b == Timestamp) return Interval;
  if (a == Interval && b == Interval) return Interval;
  return Unknown;
}

std::optional<delta::DataType> exact_cast_type(const Json& type) {
  const std::string id = text_of(type, "id");
  if (id == "DATE") return plain_type(delta::TypeId::Date);
  if (id == "VARCHAR") return plain_type(delta::TypeId::String);
  if (id == "TIMESTAMP WITH TIME ZONE") return plain_type(delta::TypeId::Timestamp);
  if (id != "DECIMAL") return std::nullopt;
  const Json& info = child_of(type, "type_info");
  if (!info.is_object()) return std::nullopt;
  return delta::DataType::decimal(info.value("width", 0), info.value("scale", 0));
}

void cast_facts(const Json& node, const std::vector<ColumnFacts>& children, ColumnFacts& facts) {
  const Json& type = child_of(node, "cast_type");
  facts.type = class_of_name(text_of(type, "id"));
  facts.exact = exact_cast_type(type);
  if (children.empty()) return;
  const ColumnFacts& child = children[0];
  facts.not_null = child.not_null && !node.value("try_cast", false);
  // The first day of a unit, whether it was a date or midnight of it.
  if (child.is_first_day && facts.exact && facts.exact->id == delta::TypeId::Date) {
    facts.key = true;
    facts.is_first_day = true;
  }
  if (child.exact && facts.exact && *child.exact == *facts.exact) {
    facts.key = child.key;  // A cast to the same type changes nothing.
    facts.is_first_day = child.is_first_day;
    facts.origin = child.origin;
    facts.name = child.name;
  }
  if (facts.type == TypeClass::Double && !facts.float_at) {
    facts.float_at = facts.offset ? facts.offset : child.offset;
  }
}

void constant_facts(const Json& node, ColumnFacts& facts) {
  const Json& value = child_of(node, "value");
  facts.not_null = !value.value("is_null", false);
  if (facts.not_null) facts.type = class_of_name(text_of(child_of(value, "type"), "id"));
  if (facts.type == TypeClass::Double) facts.float_at = facts.offset;
}

/// Values whose float past is over: a comparison or a text is no amount.
bool carries_no_amount(TypeClass type) {
  return type == TypeClass::Boolean || type == TypeClass::Text || type == TypeClass::Date ||
         type == TypeClass::Timestamp || type == TypeClass::Interval;
}

}  // namespace

bool is_aggregate_function(const std::string& name) { return is_one_of(name, kAggregates); }

TypeClass common_class(TypeClass a, TypeClass b) {
  if (a == b) return a;
  if (is_number(a) && is_number(b)) return arithmetic("+", a, b);
  return TypeClass::Unknown;
}

TypeClass class_of(const delta::DataType& type) {
  using delta::TypeId;
  switch (type.id) {
    case TypeId::Boolean:
      return TypeClass::Boolean;
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      return TypeClass::Integer;
    case TypeId::Float:
    case TypeId::Double:
      return TypeClass::Double;
    case TypeId::Decimal:
      return TypeClass::Decimal;
    case TypeId::String:
      return TypeClass::Text;
    case TypeId::Date:
      return TypeClass::Date;
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return TypeClass::Timestamp;
    default:
      return TypeClass::Other;
  }
}

TypeClass class_of_name(std::string_view name) {
  if (name.starts_with("DECIMAL")) return TypeClass::Decimal;
  if (name.starts_with("TIMESTAMP")) return TypeClass::Timestamp;
  if (name == "VARCHAR" || name == "STRING_LITERAL" || name == "CHAR") return TypeClass::Text;
  if (name == "DOUBLE" || name == "FLOAT") return TypeClass::Double;
  if (name == "BOOLEAN") return TypeClass::Boolean;
  if (name == "DATE") return TypeClass::Date;
  if (name == "INTERVAL") return TypeClass::Interval;
  if (name.ends_with("INT") || name == "INTEGER" || name == "INTEGER_LITERAL") {
    return TypeClass::Integer;
  }
  if (name.empty() || name == "NULL" || name == "\"NULL\"" || name == "UNKNOWN") {
    return TypeClass::Unknown;
  }
  return TypeClass::Other;
}

void function_facts(const std::string& name, const std::vector<ColumnFacts>& children,
                    std::optional<size_t> offset, ColumnFacts& facts) {
  using enum TypeClass;
  const auto child = [&](size_t i) { return i < children.size() ? children[i].type : Unknown; };
  const bool all_not_null =
      !children.empty() && std::all_of(children.begin(), children.end(),
                                       [](const ColumnFacts& c) { return c.not_null; });
  if (name == "+" || name == "-" || name == "*" || name == "%" || name == "mod" || name == "add" ||
      name == "subtract" || name == "multiply") {
    facts.type = children.size() == 1 ? child(0) : arithmetic(name, child(0), child(1));
    facts.not_null = all_not_null;
  } else if (name == "/" || name == "divide") {
    facts.type = Double;
    // Division of decimals is its own finding; of integers, it is where a float begins.
    if (child(0) == Integer && child(1) == Integer) facts.float_at = offset;
  } else if (name == "//") {
    facts.type = arithmetic("+", child(0), child(1));
  } else if (is_one_of(name, kSameType)) {
    facts.type = child(name == "date_trunc" ? 1 : 0);
    facts.not_null = all_not_null && (name == "abs" || name == "round" || name == "floor" ||
                                      name == "ceil" || name == "date_trunc");
  } else if (name == "if") {
    facts.type = common_class(child(1), child(2));
  } else if (name == "greatest" || name == "least") {
    facts.type = child(0);
    for (const ColumnFacts& c : children) facts.type = common_class(facts.type, c.type);
    facts.not_null = all_not_null;
  } else if (name == "ratio" || name == "allocate" || name.starts_with("ratio_") ||
             name.starts_with("allocate_")) {
    facts.type = Decimal;
  } else if (is_one_of(name, kIntegers)) {
    facts.type = Integer;
    facts.not_null =
        name.starts_with("count") || name == "row_number" || name.ends_with("rank") || all_not_null;
    if (name.starts_with("count") || name.ends_with("rank")) facts.float_at.reset();
  } else if (is_one_of(name, kDoubles)) {
    facts.type = Double;
    // Averages of decimals are their own finding.
    if (child(0) != Decimal && child(0) != Unknown && !facts.float_at) facts.float_at = offset;
  } else if (is_one_of(name, kTexts)) {
    facts.type = Text;
    facts.not_null = all_not_null && name != "string_agg" && name != "group_concat";
  } else if (name == "make_date" || name == "last_day" || name == "to_date") {
    facts.type = Date;
    facts.not_null = all_not_null;
  } else if (name == "strptime" || name == "make_timestamp") {
    facts.type = Timestamp;
  } else if (is_interval_function(name)) {
    facts.type = Interval;
    facts.not_null = true;
  }
}

std::vector<std::string> reference_names(const Json& node) {
  std::vector<std::string> names;
  if (text_of(node, "class") != "COLUMN_REF") return names;
  for (const Json& name : list_of(node, "column_names")) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<const Json*> conjuncts(const Json& expression) {
  if (expression.is_null()) return {};
  if (text_of(expression, "type") != "CONJUNCTION_AND") return {&expression};
  std::vector<const Json*> out;
  for (const Json& child : list_of(expression, "children")) {
    const auto inner = conjuncts(child);
    out.insert(out.end(), inner.begin(), inner.end());
  }
  return out;
}

const ColumnFacts* resolve(const Scope& scope, const std::vector<std::string>& names) {
  if (names.empty() || names.size() > 2) return nullptr;
  const std::string column = lower(names.back());
  if (names.size() == 1) {
    const auto merged = scope.merged.find(column);
    if (merged != scope.merged.end()) return &merged->second;
  }
  const ColumnFacts* found = nullptr;
  for (const Relation& relation : scope.relations) {
    if (names.size() == 2 && lower(relation.alias) != lower(names[0])) continue;
    for (const ColumnFacts& candidate : relation.columns) {
      if (lower(candidate.name) != column) continue;
      if (found != nullptr) return nullptr;
      found = &candidate;
    }
  }
  return found;
}

/// date_trunc of a key to the followed unit is a key. Engines differ in the type of its value, a
/// date or an instant, so a cast has to say that it is a date.
void RelationAnalyzer::truncation_facts(const Json& node, const std::vector<ColumnFacts>& children,
                                        ColumnFacts& facts) const {
  const Json& arguments = list_of(node, "children");
  if (!unit_ || children.size() != 2 || !children[1].key) return;
  const std::string unit = lower(text_of(child_of(arguments[0], "value"), "value"));
  if (unit != to_string(*unit_)) return;
  facts.key = true;
  facts.is_first_day = true;
}

ColumnFacts RelationAnalyzer::column_reference(const Json& node, const Select& select) {
  const auto names = reference_names(node);
  ColumnFacts facts;
  if (const ColumnFacts* found = resolve(select.scope, names)) {
    facts = *found;
  } else if (names.size() == 1 && select.aliases.count(lower(names[0])) != 0) {
    facts = select.aliases.at(lower(names[0]));
    // A table of unknown columns may hold this name, and would then be meant.
    for (const Relation& relation : select.scope.relations) {
      if (!relation.columns_known) facts.key = false;
    }
  } else {
    for (const Scope* scope = select.scope.outer; scope != nullptr; scope = scope->outer) {
      const ColumnFacts* outer = resolve(*scope, names);
      if (outer == nullptr) continue;
      facts = *outer;
      facts.key = false;
      facts.origin.reset();
      break;
    }
  }
  facts.hidden = false;
  facts.offset = offset_of(node);
  facts.name = names.empty() ? "" : names.back();
  if (facts.type == TypeClass::Double && !facts.float_at) facts.float_at = facts.offset;
  return facts;
}

ColumnFacts RelationAnalyzer::subquery(const Json& node, Select& select) {
  ColumnFacts facts;
  facts.offset = offset_of(node);
  const Scope outer = select.scope;
  const Json& inner = child_of(child_of(node, "subquery"), "node");
  const auto lost_before = lost_;
  const Relation relation = query_node(inner, *select.ctes, &outer);
  if (relation.reads) {
    lost_ = lost_before;  // What the subquery does inside matters less than where it stands.
    select.expression_reads = true;
    select.keys_lost = true;
    lose(fmt::format("a subquery inside an expression reads `{}`; join it on `{}` instead",
                     tracked_table_, tracked_column_),
         facts.offset);
  }
  const bool is_scalar = text_of(node, "subquery_type") == "SCALAR";
  for (const ColumnFacts& column : relation.columns) {
    add_as(facts.inputs, column.inputs,
           is_scalar ? ColumnUse::Transformation : ColumnUse::Conditional);
  }
  facts.inputs.insert(relation.rows_from.begin(), relation.rows_from.end());
  if (!is_scalar) {
    facts.type = TypeClass::Boolean;
  } else if (!relation.columns.empty()) {
    facts.type = relation.columns[0].type;
    facts.float_at = relation.columns[0].float_at;
  }
  const Json& child = child_of(node, "child");
  if (!child.is_null()) {
    add_as(facts.inputs, evaluate(child, select).inputs, ColumnUse::Conditional);
  }
  return facts;
}

ColumnInputs RelationAnalyzer::evaluate_orders(const Json& orders, Select& select) {
  ColumnInputs inputs;
  for (const Json& order : orders) {
    const Json& expression = child_of(order, "expression");
    if (expression.is_null()) continue;
    const ColumnFacts facts = evaluate(expression, select);
    inputs.insert(facts.inputs.begin(), facts.inputs.end());
    if (observer_ != nullptr) observer_->order_item(order, facts);
  }
  return inputs;
}

/// Evaluates every expression below a value of a shape that is not known here.
ColumnInputs RelationAnalyzer::evaluate_rest(const Json& value, Select& select) {
  if (value.is_object() && value.contains("class")) return evaluate(value, select).inputs;
  ColumnInputs inputs;
  if (value.is_structured()) {
    for (const Json& child : value) inputs.merge(evaluate_rest(child, select));
  }
  return inputs;
}

void RelationAnalyzer::evaluate_window(const Json& node, Select& select, ColumnInputs& aside) {
  bool keeps = false;
  for (const Json& partition : list_of(node, "partitions")) {
    const ColumnFacts facts = evaluate(partition, select);
    keeps = facts.key || keeps;
    add_as(aside, facts.inputs, ColumnUse::Window);
  }
  for (const char* key : {"orders", "arg_orders"}) {
    add_as(aside, evaluate_orders(list_of(node, key), select), ColumnUse::Window);
  }
  add_as(aside, evaluate_if_present(node, "default_expr", select), ColumnUse::Transformation);
  add_as(aside, evaluate_if_present(node, "filter_expr", select), ColumnUse::Conditional);
  for (const char* key : {"start_expr", "end_expr", "offset_expr"}) {
    add_as(aside, evaluate_if_present(node, key, select), ColumnUse::Window);
  }
  if (keeps || !select.scope.reads) return;
  select.keys_lost = true;
  lose(fmt::format("the window has no plain `{}` of `{}` in its PARTITION BY", tracked_column_,
                   tracked_table_),
       offset_of(node));
}

std::vector<ColumnFacts> RelationAnalyzer::evaluate_children(const Json& node, Select& select,
                                                             ColumnInputs& aside) {
  const std::string kind = text_of(node, "class");
  std::vector<ColumnFacts> out;
  const auto add = [&](const Json& child) {
    if (child.is_object()) out.push_back(evaluate(child, select));
  };
  if (kind == "FUNCTION") {
    if (is_interval_function(text_of(node, "function_name"))) return out;
    for (const Json& child : list_of(node, "children")) add(child);
    add_as(aside, evaluate_if_present(node, "filter", select), ColumnUse::Conditional);
    add_as(aside, evaluate_orders(list_of(child_of(node, "order_bys"), "orders"), select),
           ColumnUse::Sort);
  } else if (kind == "WINDOW") {
    for (const Json& child : list_of(node, "children")) add(child);
    evaluate_window(node, select, aside);
  } else if (kind == "CASE") {
    for (const Json& check : list_of(node, "case_checks")) {
      add_as(aside, evaluate_if_present(check, "when_expr", select), ColumnUse::Conditional);
      add(child_of(check, "then_expr"));
    }
    add(child_of(node, "else_expr"));
  } else if (kind == "CAST") {
    add(child_of(node, "child"));
  } else if (kind == "COMPARISON") {
    add(child_of(node, "left"));
    add(child_of(node, "right"));
  } else if (kind == "OPERATOR" || kind == "CONJUNCTION") {
    for (const Json& child : list_of(node, "children")) add(child);
  } else if (kind != "CONSTANT" && kind != "COLUMN_REF") {
    for (const auto& [key, value] : node.items()) {
      add_as(aside, evaluate_rest(value, select), ColumnUse::Transformation);
    }
  }
  return out;
}

void RelationAnalyzer::take_inputs(const Json& node, const std::vector<ColumnFacts>& children,
                                   const ColumnInputs& aside, ColumnFacts& facts) const {
  if (!follows_inputs_) return;
  const std::string kind = text_of(node, "class");
  const bool is_call = kind == "FUNCTION" || kind == "WINDOW";
  ColumnUse use = ColumnUse::Transformation;
  if (is_call && is_aggregate_function(lower(text_of(node, "function_name")))) {
    use = ColumnUse::Aggregation;
  }
  // A cast to the type that a value has changes nothing.
  if (kind == "CAST" && facts.origin) use = ColumnUse::Identity;
  for (const ColumnFacts& child : children) add_as(facts.inputs, child.inputs, use);
  facts.inputs.insert(aside.begin(), aside.end());
}

ColumnFacts RelationAnalyzer::evaluate(const Json& node, Select& select) {
  const std::string kind = text_of(node, "class");
  ColumnFacts facts;
  std::vector<ColumnFacts> children;
  if (kind == "COLUMN_REF") {
    facts = column_reference(node, select);
  } else if (kind == "SUBQUERY") {
    facts = subquery(node, select);
  } else {
    facts.offset = offset_of(node);
    parents_.push_back(&node);
    ColumnInputs aside;
    children = evaluate_children(node, select, aside);
    parents_.pop_back();
    for (const ColumnFacts& child : children) {
      if (!facts.float_at) facts.float_at = child.float_at;
    }
    const std::string type = text_of(node, "type");
    if (kind == "FUNCTION" || kind == "WINDOW") {
      const std::string name = lower(text_of(node, "function_name"));
      if (kind == "FUNCTION" && is_aggregate_function(name) && !select.aggregate) {
        select.aggregate = facts.offset.value_or(0);
      }
      function_facts(name, children, facts.offset, facts);
      if (kind == "FUNCTION" && name == "date_trunc") truncation_facts(node, children, facts);
    } else if (kind == "CAST") {
      cast_facts(node, children, facts);
    } else if (kind == "CONSTANT") {
      constant_facts(node, facts);
    } else if (kind == "CASE" || type == "OPERATOR_COALESCE" || type == "OPERATOR_TRY") {
      if (!children.empty()) facts.type = children[0].type;
      facts.not_null = kind == "CASE" && !children.empty();
      for (const ColumnFacts& child : children) {
        facts.type = common_class(facts.type, child.type);
        facts.not_null =
            kind == "CASE" ? facts.not_null && child.not_null : facts.not_null || child.not_null;
      }
    } else if (kind == "COMPARISON" || kind == "CONJUNCTION" || kind == "BETWEEN" ||
               kind == "OPERATOR") {
      facts.type = TypeClass::Boolean;
    }
    if (carries_no_amount(facts.type)) facts.float_at.reset();
    take_inputs(node, children, aside, facts);
  }
  if (observer_ != nullptr) observer_->expression(node, facts, children, parents_);
  return facts;
}

}  // namespace bullion::project
