// Tables and columns of a project, and which are made of which: read off the SQL as it is written,
// so that no lake is needed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "project/column_lineage.h"
#include "project/project.h"

namespace bullion::lineage {

struct TableNode {
  std::string name;
  std::string layer;  ///< bronze, seeds, silver, gold or findings
  std::string kind;   ///< source, seed, or the kind of the model
  std::string owner;
  std::vector<std::string> inputs;   ///< tables read, sorted
  std::vector<std::string> columns;  ///< in the order of the contract
  std::vector<std::string> files;    ///< of a source: the patterns it reads
  project::ColumnLineage made_of;    ///< of a model

  /// What a column is made of; nothing for a column of a source or a seed.
  const project::ColumnInputs& inputs_of(const std::string& column) const;
};

/// The node of one table; NotFound with the nearest name. Parses its SQL.
Result<TableNode> node_of(const project::Project& project, engine::Engine& engine,
                          const std::string& table);

enum class Direction { Upstream, Downstream };

/// One step of a walk, in depth-first order.
struct Step {
  int depth = 0;  ///< 0: where the walk began
  std::string table;
  std::string column;
  project::ColumnUse use = project::ColumnUse::Identity;  ///< between this and the step above
  bool repeated = false;                                  ///< its own steps stand further up
};

/// All tables of a project. Immutable; safe to read from any thread.
class Graph {
 public:
  /// Invalid when the SQL of a model cannot be read.
  static Result<Graph> of(const project::Project& project, engine::Engine& engine);

  const std::vector<TableNode>& tables() const { return tables_; }
  /// NotFound with the nearest name.
  Result<const TableNode*> get(const std::string& table) const;
  /// The tables that a table is made of, or that are made of it, without itself, in the order of
  /// tables(): inputs come before what is made of them.
  std::vector<const TableNode*> around(const TableNode& table, Direction direction) const;
  /// From a column along what makes values (identity, transformation, aggregation). NotFound with
  /// the nearest column.
  Result<std::vector<Step>> walk(const TableNode& table, const std::string& column,
                                 Direction direction) const;
  /// What is made of a column, in any way; `table` and `column` name the other end.
  const project::ColumnInputs& outputs_of(const std::string& table,
                                          const std::string& column) const;
  /// The tables whose rows a column decides.
  const project::ColumnInputs& decides(const std::string& table, const std::string& column) const;

 private:
  using Key = std::pair<std::string, std::string>;

  void walk_on(const Step& at, Direction direction, std::map<Key, bool>& seen,
               std::vector<Step>& out) const;

  std::vector<TableNode> tables_;
  std::map<Key, project::ColumnInputs> outputs_;
  std::map<Key, project::ColumnInputs> decides_;  ///< by (table, column); `column` of inputs is ""
};

}  // namespace bullion::lineage
