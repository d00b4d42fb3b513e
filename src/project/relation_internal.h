// Follows columns through a SELECT: types, origins, and which columns keep one input's partition.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "delta/schema.h"
#include "project/column_lineage.h"
#include "project/project.h"
#include "project/sql_tree_internal.h"

namespace bullion::project {

/// As much of a type as lint needs. Unknown never leads to a finding.
enum class TypeClass {
  Unknown,
  Boolean,
  Integer,
  Decimal,
  Double,
  Text,
  Date,
  Timestamp,
  Interval,
  Other,
};
TypeClass class_of(const delta::DataType& type);
/// From the engine's type name: "DECIMAL", "TIMESTAMP WITH TIME ZONE"...
TypeClass class_of_name(std::string_view name);

/// What is known about the values of an expression or a column.
struct ColumnFacts {
  std::string name = {};  ///< "" for an expression without alias
  TypeClass type = TypeClass::Unknown;
  std::optional<delta::DataType> exact = {};  ///< only when the value provably has this type
  std::optional<ColumnOrigin> origin = {};    ///< plain pass-through of that input column
  /// Each row with value v here depends, as to the tracked input, on its partition v alone; when
  /// units of days are followed, on the partitions of the unit that v is in. All key columns of a
  /// relation hold equal values, or days of one unit, in each row.
  bool key = false;
  /// A key whose value is the first day of the followed unit.
  bool is_first_day = false;
  bool not_null = false;
  std::optional<size_t> float_at = {};  ///< where a binary float enters the value
  std::optional<size_t> offset = {};    ///< of the expression in the SQL
  bool hidden = false;                  ///< the second of two columns merged by USING
  ColumnInputs inputs = {};             ///< only after follow_inputs()
};

/// Adds what is used in another place: values used there become `use`.
void add_as(ColumnInputs& to, const ColumnInputs& from, ColumnUse use);

/// A table, CTE or subquery under its alias.
struct Relation {
  std::string alias;
  std::vector<ColumnFacts> columns;
  bool columns_known = true;    ///< false: there may be more columns than listed
  bool reads = false;           ///< the tracked input is read somewhere in it
  ColumnInputs rows_from = {};  ///< what decides its rows; only after follow_inputs()
};

/// What a FROM clause offers to expressions.
struct Scope {
  std::vector<Relation> relations;
  std::map<std::string, ColumnFacts> merged;  ///< USING columns by lower-case name
  bool reads = false;
  const Scope* outer = nullptr;  ///< of a correlated subquery
};

/// Sees each expression once, with what is known of it and of its direct children.
class ExpressionObserver {
 public:
  ExpressionObserver() = default;
  ExpressionObserver(const ExpressionObserver&) = delete;
  ExpressionObserver& operator=(const ExpressionObserver&) = delete;
  virtual ~ExpressionObserver() = default;

  /// `parents`: the enclosing expressions, outermost first.
  virtual void expression(const Json& node, const ColumnFacts& facts,
                          const std::vector<ColumnFacts>& children,
                          const std::vector<const Json*>& parents) = 0;
  /// An ORDER BY item (of a query, a window or an aggregate).
  virtual void order_item(const Json& order, const ColumnFacts& facts) = 0;
  /// A query node, after its FROM clause is known.
  virtual void query(const Json& node, const Scope& scope) = 0;
};

/// The columns of a project's table; nullopt when it is unknown.
using TableColumns = std::function<std::optional<Relation>(const std::string& table)>;
/// Contract columns plus those that Bullion adds to bronze.
std::optional<Relation> contract_columns(const Contract* contract, const Source* source);

/// Why the tracked partition was lost, for a person.
struct LostKey {
  std::string reason;
  std::optional<size_t> offset;
};

/// Finds a column by its written name ("c" or "t"."c"); nullptr when absent or ambiguous.
const ColumnFacts* resolve(const Scope& scope, const std::vector<std::string>& names);
std::vector<std::string> reference_names(const Json& node);
/// `expression` split at AND.
std::vector<const Json*> conjuncts(const Json& expression);

/// Equal columns of two sides of a join, one of each.
struct JoinEquality {
  const ColumnFacts* left;
  const ColumnFacts* right;
  bool is_using = false;
};
/// Which sides' keys live on after a join; the rules are in alignment.cc.
struct JoinKeys {
  bool left = false;
  bool right = false;
  std::vector<const ColumnFacts*> promoted;  ///< columns that become keys
  bool merged = false;                       ///< FULL JOIN USING: the merged column is the key
};
JoinKeys join_keys(const std::string& join_type, const Scope& left, const Scope& right,
                   const std::vector<JoinEquality>& equalities);
/// Sets keys, nullability and merged columns of both sides as the join leaves them.
void apply_join(const JoinKeys& keys, const std::string& join_type,
                const std::vector<std::string>& shared_columns, Scope& left, Scope& right);

/// One pass over one query. Not thread-safe; use a fresh one per query and tracked input.
class RelationAnalyzer {
 public:
  /// `tracked_table`/`tracked_column`: the input whose partition is followed; "" for none.
  RelationAnalyzer(TableColumns tables, std::string tracked_table, std::string tracked_column,
                   ExpressionObserver* observer);

  /// Follows weeks, months, quarters or years of the tracked column, a date, in place of its days.
  void follow_unit(DateUnit unit) { unit_ = unit; }
  /// Also fills `inputs` and `rows_from`.
  void follow_inputs() { follows_inputs_ = true; }
  Relation analyze(const Json& query) { return query_node(query, {}, nullptr); }
  /// The last step that lost the key, if any.
  const std::optional<LostKey>& lost() const { return lost_; }

 private:
  using Ctes = std::map<std::string, Relation>;
  struct Select;  ///< state of one SELECT being read

  Relation query_node(const Json& node, Ctes ctes, const Scope* outer);
  Relation select_node(const Json& node, const Ctes& ctes, const Scope* outer);
  Relation set_operation(const Json& node, const Ctes& ctes, const Scope* outer);
  Relation recursive_cte(const Json& node, Ctes ctes, const Scope* outer);
  void select_item(const Json& item, Select& select);
  void expand_star(const Json& star, Select& select);
  void group_by(const Json& node, Select& select);
  void modifiers(const Json& node, Select& select);

  Scope from(const Json& node, const Ctes& ctes, const Scope* outer, Select& select);
  Scope join(const Json& node, const Ctes& ctes, const Scope* outer, Select& select);
  Relation base_table(const Json& node, const Ctes& ctes);
  Relation values_list(const Json& node, Select& select);
  Relation table_function(const Json& node, Select& select);
  static std::vector<std::string> shared_columns(const Json& node, const Scope& left,
                                                 const Scope& right, std::string& type);
  static std::vector<JoinEquality> equalities_of(const Json& node,
                                                 const std::vector<std::string>& shared,
                                                 const Scope& left, const Scope& right,
                                                 const Select& select);
  bool mentions_tracked(const Json& node, const Ctes& ctes) const;

  ColumnFacts evaluate(const Json& node, Select& select);
  ColumnInputs evaluate_if_present(const Json& node, const char* key, Select& select);
  std::vector<ColumnFacts> evaluate_children(const Json& node, Select& select, ColumnInputs& aside);
  ColumnInputs evaluate_orders(const Json& orders, Select& select);
  ColumnInputs evaluate_rest(const Json& value, Select& select);
  void evaluate_window(const Json& node, Select& select, ColumnInputs& aside);
  void take_inputs(const Json& node, const std::vector<ColumnFacts>& children,
                   const ColumnInputs& aside, ColumnFacts& facts) const;
  void truncation_facts(const Json& node, const std::vector<ColumnFacts>& children,
                        ColumnFacts& facts) const;
  static ColumnFacts column_reference(const Json& node, const Select& select);
  ColumnFacts subquery(const Json& node, Select& select);
  void lose(const std::string& reason, std::optional<size_t> offset);

  TableColumns tables_;
  std::string tracked_table_;
  std::string tracked_column_;
  ExpressionObserver* observer_;
  std::optional<LostKey> lost_;
  std::vector<const Json*> parents_;
  std::optional<DateUnit> unit_;
  bool follows_inputs_ = false;
};

/// Type and nullability of a function call from those of its arguments.
void function_facts(const std::string& name, const std::vector<ColumnFacts>& children,
                    std::optional<size_t> offset, ColumnFacts& facts);
/// Type of a value that is one of several (CASE, COALESCE, UNION).
TypeClass common_class(TypeClass a, TypeClass b);
bool is_aggregate_function(const std::string& name);

}  // namespace bullion::project
