// What is remarkable about the files of a run: columns that came, went, moved or changed their
// type, files that came twice, totals that do not add up. Events say what was done; they decide
// nothing.
#pragma once

#include <string>
#include <vector>

#include "pipeline/ingest_step.h"
#include "pipeline/ops_tables.h"

namespace bullion::pipeline {

struct FileEvent {
  std::string event;  ///< column_added | column_dropped | column_renamed | columns_reordered |
                      ///< column_retyped | duplicate_file | control_total_differs |
                      ///< period_missing | period_supplied_twice | manifest_missing
  std::string source;
  std::string batch_id;
  std::string file;     ///< original path
  std::string subject;  ///< the column, or the other file
  std::string detail;   ///< what was seen, what was done by default, what to do for another result
};

/// The total that a file states of itself, against its rows.
struct ControlTotal {
  std::string source;
  std::string batch_id;
  std::string file;
  int64_t line = 0;
  std::string stated;       ///< the cell's text
  Decimal rows_total;       ///< kept and quarantined amounts of the file
  Decimal difference;       ///< rows_total - stated; 0 when stated is unreadable
  bool is_readable = true;  ///< stated is a number
  int64_t unreadable = 0;   ///< quarantined records without a readable amount
  bool holds() const { return is_readable && difference.units == 0; }
};

/// Of the files landed or parsed in this run, with the totals that they state (control_totals).
/// Compares each file's columns with those of the file before it, in the order of landing; the last
/// one of earlier runs is in ops.files. Cadence events come last.
Result<std::vector<FileEvent>> find_events(const StepContext& ctx,
                                           const std::vector<SourceOutcome>& outcomes,
                                           const std::vector<ControlTotal>& totals);

/// Periods of the source's cadence that no file is of (period_missing), or several
/// (period_supplied_twice), over all files of its bronze table; the same bytes under two names are
/// two.
Result<std::vector<FileEvent>> cadence_events(const Environment& env, const project::Source& source,
                                              const WorkingTable& bronze);

Result<std::vector<ControlTotal>> control_totals(const project::Project& project,
                                                 const SourceOutcome& outcome);

/// Schemas and rows of ops.files, ops.events and ops.control_totals (docs/formats/ops-tables.md).
delta::Schema files_schema();
delta::Schema events_schema();
delta::Schema control_totals_schema();
std::vector<ValueRow> file_rows(const StepContext& ctx, const std::vector<SourceOutcome>& outcomes);
std::vector<ValueRow> event_rows(const StepContext& ctx, const std::vector<FileEvent>& events);
std::vector<ValueRow> control_total_rows(const StepContext& ctx,
                                         const std::vector<ControlTotal>& totals);

}  // namespace bullion::pipeline
