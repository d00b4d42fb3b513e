// The SQL of rules: the rows they see, and the condition a row violates them on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "quality/rule_run.h"
#include "quality/rule_set.h"

namespace bullion::quality {

/// The checked relation as the rules see it: every declared column converted to its declared type
/// under its own name, NULL where a cell cannot be read, and as it came under text_column().
class RuleView {
 public:
  static Result<RuleView> open(engine::Engine& engine, const RuleSet& set, const RuleData& data);

  bool has(const std::string& column) const { return types_.contains(column); }
  /// Names in the order of the data, without the row and file columns.
  const std::vector<std::string>& names() const { return names_; }
  /// A SELECT of the converted rows.
  const std::string& rows_sql() const { return rows_sql_; }
  /// "WITH data AS (...), ..." with the inputs given, for queries.
  std::string with_clause(const RuleData& data) const;
  /// A name close to a missing one, for reasons: " (there is `billedcost`)".
  std::string near(const std::string& column) const;

  /// What a violating row satisfies; "" for checks that are not about rows.
  std::string violation(const Rule& rule) const;
  /// What a cell of one column violates a check on columns with, as a condition on text_column().
  std::string column_violation(const std::string& column, const RuleCheck& check) const;

 private:
  std::string type_violation(const std::string& column, const std::string& type) const;
  std::string format_violation(const std::string& column, const std::string& format) const;

  std::vector<std::string> names_;
  std::map<std::string, std::string> types_;  ///< SQL type by column, as it came
  std::string rows_sql_;
};

/// Name of the column that holds a cell as text, unconverted.
std::string text_column(const std::string& column);

/// Whether the check is a condition on single rows.
bool is_row_check(CheckKind kind);
/// Whether it looks at the cells of one column at a time.
bool is_cell_check(CheckKind kind);

}  // namespace bullion::quality
