// How the rows and the amount of a model hang on those of one input.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pipeline/trace.h"
#include "pipeline/trace_conditions_internal.h"
#include "pipeline/trace_tables_internal.h"
#include "project/project.h"

namespace bullion::pipeline {

/// The input's column that a model's amount is by what the model declares, else the input's own
/// amount column. "" when there is none.
std::string amount_in_input(const project::Project& project, const project::Model& model,
                            const std::string& amount, const std::string& input);

/// The column whose sum the amount is by the model's own SELECT, else by what it declares.
std::string amount_behind(const project::Project& project, const project::Model& model,
                          const std::string& amount, const std::string& input,
                          const PassedColumns& passed);

/// The model's column that adds up or passes on a column of the input: the one of the same name,
/// else the only one that a SELECT of one level says. "" for none.
std::string column_of_sums(const project::Model& model, const std::string& input_column,
                           const PassedColumns& passed);

/// Whether values of the column are made of the input's.
bool makes_amount(const project::Model& model, const std::string& amount, const std::string& input,
                  const project::ColumnLineage& lineage);

/// Whether the column is one of the input's, or a value over rows of one.
bool adds_to_amount(const std::string& amount, const std::string& input,
                    const project::ColumnLineage& lineage);

/// Of a source whose newer files replace the days of older ones only the newest rows of each day
/// are behind a snapshot model (snapshot_step.cc). Which days a manifest names is not followed.
void keep_newest(const project::Model& model, const project::Source* source, PinnedTable& next,
                 TraceLevel& level);

/// The tables that are read, in their order.
std::vector<std::string> inputs_of(const TracedSelect& select);

/// Lower-case columns of what is read beside `input`.
std::set<std::string> columns_beside(const project::Project& project, const TracedSelect& select,
                                     const std::string& input);

/// The columns of the model's grain that the input tells, by itself or by a table that is joined to
/// it, as the model calls them.
std::vector<std::string> told_grain(const project::Model& model, const PassedColumns& passed);

}  // namespace bullion::pipeline
