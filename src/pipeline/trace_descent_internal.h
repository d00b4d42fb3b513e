// One step of a trace: from rows of a model to rows of what it reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "pipeline/trace.h"
#include "pipeline/trace_conditions_internal.h"
#include "pipeline/trace_tables_internal.h"
#include "project/project.h"

namespace bullion::pipeline {

/// How much of what chose the rows above chooses rows of an input.
enum class Carried {
  Whole,    ///< just the rows that made them
  Part,     ///< these, and maybe more
  Nothing,  ///< nothing chooses
};

/// One way down from a level.
struct Branch {
  TraceLevel level;
  PinnedTable table;
  Carried carried = Carried::Whole;
  bool has_all_versions = false;    ///< superseded rows are counted, too
  bool is_guess = false;            ///< what is compared is not declared: it may well differ
  std::optional<Decimal> compared;  ///< what its amount, or that of all branches, should be
};

/// What the branches of a level come to against the level itself; `is_all`: there are no others.
/// Says so in their levels. `branches` is not empty.
void compare_with_above(std::vector<Branch>& branches, bool is_all);

/// An amount that a model takes over from its input.
struct ConservedAmount {
  std::string column;
  std::string input_column;
  Decimal amount;  ///< of the rows of the level
};

/// Borrows the scope. `through` are the tables that its caller wants to follow.
class TraceDescent {
 public:
  TraceDescent(const TraceScope& scope, std::vector<std::string> through)
      : scope_(scope), through_(std::move(through)) {}

  const std::vector<std::string>& through() const { return through_; }
  bool is_wanted(const std::string& table) const;

  /// The SQL of the table's conditions, which the level shows.
  Status select_rows(PinnedTable& table, TraceLevel& level) const;
  /// Count and exact sum of a filtered table.
  Status measure(const PinnedTable& table, TraceLevel& level) const;
  /// A few rows of a filtered table: dear, so for levels that are shown alone.
  Status take_sample(const PinnedTable& table, TraceLevel& level) const;
  /// The table that a model's rows are followed into: a wanted one, else the first of those that
  /// make its amount, that the rows can be found in best, and that are no seeds. "" for none.
  Result<std::string> input_of(const TracedSelect& select, const TraceLevel& above,
                               const PinnedTable& current) const;
  /// The ways down from the rows of a model, compared with them. `arms`: of its UNION ALL.
  Result<std::vector<Branch>> branches_of(const TracedSelect& whole,
                                          const std::vector<SqlTree>& arms, const TraceLevel& above,
                                          const PinnedTable& current) const;

 private:
  Result<std::vector<Branch>> arm_branches(const TracedSelect& whole,
                                           const std::vector<SqlTree>& arms,
                                           const TraceLevel& above,
                                           const PinnedTable& current) const;
  Result<std::string> best_input(const TracedSelect& select, const TraceLevel& above,
                                 const PinnedTable& current) const;
  bool is_made_of(const std::string& table, const std::string& of) const;
  bool leads_on(const std::string& input, const std::vector<std::string>& others) const;
  Result<std::vector<std::string>> followed_inputs(const TracedSelect& whole,
                                                   const std::vector<std::string>& added,
                                                   const TraceLevel& above,
                                                   const PinnedTable& current) const;
  std::vector<std::string> added_inputs(const TracedSelect& whole, const TraceLevel& above) const;
  Result<Branch> descend(const TracedSelect& select, const TraceLevel& above,
                         const std::string& input, const PinnedTable& current) const;
  Result<Carried> carry_conditions(const project::Model& model, const PinnedTable& current,
                                   const PassedColumns& passed, PinnedTable& next,
                                   TraceLevel& level) const;
  Result<std::string> joined_in(const project::Model& model, const TraceCondition& condition,
                                const PassedColumns& passed) const;
  Result<PassedColumns> passed_by(const TracedSelect& select, const PinnedTable& input) const;
  Status leave_out_unmatched(const PinnedTable& current, const PassedColumns& passed,
                             std::vector<std::string>& told) const;
  Result<std::string> keys_in(const project::Model& model, const std::vector<std::string>& grain,
                              const PinnedTable& current, const PassedColumns& passed) const;
  Result<std::optional<ConservedAmount>> conserved_amount(const project::Model& model,
                                                          const std::string& amount,
                                                          const std::string& input,
                                                          const PinnedTable& current,
                                                          const PassedColumns& passed) const;

  Result<std::optional<ConservedAmount>> summed_amount(const project::Model& model,
                                                       const std::string& input_amount,
                                                       const PinnedTable& current,
                                                       const PassedColumns& passed) const;
  Result<Decimal> sum_above(const std::string& column, const PinnedTable& current) const;

  const TraceScope& scope_;
  std::vector<std::string> through_;
};

}  // namespace bullion::pipeline
