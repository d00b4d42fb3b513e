// Conditions on a model's rows, said of the rows of its input that they were made of.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/engine.h"
#include "project/column_lineage.h"
#include "project/project.h"

namespace bullion::pipeline {

/// An expression in the engine's syntax tree; its column references are plain column names.
using SqlTree = nlohmann::json;

/// One condition on the rows of one table: `subject` is `literal`, NULL being equal to NULL.
struct TraceCondition {
  SqlTree subject;      ///< over the table's columns
  std::string literal;  ///< SQL of exactly the subject's type
  std::string text;     ///< the value as a person wrote it

  /// The column that the subject is; "" when it is more than one column by itself.
  std::string column() const;
};

/// A column of another table that is joined to the input.
struct JoinedColumn {
  std::string table;
  std::string column;
  /// Columns of `table` and the expressions over the input's columns that they are equal to; at
  /// least one.
  std::vector<std::pair<std::string, SqlTree>> on;
};

/// What one row of a model's input says by itself about the model's rows that it went into.
struct PassedColumns {
  /// By lower-case output column: the same value in each row it was made of, over the input's
  /// columns, of the contract's type.
  std::map<std::string, SqlTree> expressions;
  std::map<std::string, JoinedColumn> joined;  ///< by lower-case output column
  std::map<std::string, std::string> sums;     ///< output column -> the input column it sums
  std::vector<SqlTree> where;                  ///< true of each row that the model reads
  bool whole_where = true;  ///< false: the model leaves out rows for other reasons, too
  /// Some of it is known from the lineage of columns alone: other rows of the input may have gone
  /// into the same rows of the model in another way.
  bool is_loose = false;
};

/// What is followed from a model into one of its inputs.
struct TracedSelect {
  const project::Model& model;
  /// One SELECT of the model's UNION ALL; else the whole of it is followed, by the SELECT, the
  /// origins of its columns and their lineage.
  const SqlTree* arm = nullptr;
  const project::ColumnLineage& lineage;
};

/// The one column of `table` that makes values of a column; nullptr for none and for several.
const project::ColumnInput* only_input(const project::ColumnInputs& inputs,
                                       const std::string& table);

/// The column as a tree.
SqlTree column_tree(const std::string& name);

/// The SELECTs that a model is the UNION ALL of, their columns named as the first names them. Empty
/// when the model is anything else, or when one of them reads no table by its name.
Result<std::vector<SqlTree>> union_arms(engine::Engine& engine, const project::Model& model);

/// The tables of the FROM clause of an arm, in its order.
std::vector<std::string> tables_of(const SqlTree& arm);

/// Reads the SELECT. Follows columns that are passed on unchanged through any query and
/// expressions through one SELECT of one level, whose FROM names tables alone: expressions of
/// constant functions over columns of `input`. What else a column may be is left out.
/// `other_columns`: lower-case columns of the tables that the model reads beside `input`.
Result<PassedColumns> passed_columns(engine::Engine& engine, const TracedSelect& select,
                                     const std::string& input, const delta::Schema& input_schema,
                                     const std::set<std::string>& other_columns);

/// The condition on a model's rows as one on its input's; nullopt when a column of it is not
/// passed on, which `missing` then names.
std::optional<TraceCondition> carried_down(const TraceCondition& condition,
                                           const PassedColumns& passed, std::string& missing);

/// SQL of an expression over one table's columns.
Result<std::string> expression_sql(engine::Engine& engine, const SqlTree& expression);

/// SQL of `subject IS NOT DISTINCT FROM literal`.
Result<std::string> condition_sql(engine::Engine& engine, const TraceCondition& condition);

}  // namespace bullion::pipeline
