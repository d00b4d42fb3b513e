// What a plan says: the tables to be recomputed and why, and what a run would change.
#pragma once

#include <vector>

#include "cli/options.h"
#include "cli/result_output.h"
#include "engine/engine.h"
#include "pipeline/rehearse.h"
#include "pipeline/run.h"

namespace bullion::cli {

/// The items of a plan as a table; with `spans`, five and more partitions in a row with the same
/// cause become one line "first .. last (count)".
engine::Rows plan_rows(const std::vector<pipeline::PlanItem>& items, bool spans);

/// Rows and money that a run would change: as `bullion diff` says it, by partition; with `totals`
/// one line per table and currency, its partitions as "first .. last (count)".
engine::Rows rehearsal_rows(const pipeline::DiffOutcome& diff, bool totals);

/// With --json, what a plan shown in `format` comes to, as the last line.
void say_plan_line(const pipeline::PlanOutcome& outcome, const GlobalOptions& global,
                   OutputFormat format);

/// The item table for people or, in another format, as the document; and that last line.
void say_plan(const pipeline::PlanOutcome& outcome, const GlobalOptions& global,
              OutputFormat format);

/// The items for people, then what the rehearsed run would change; in another format only that, as
/// the document. The exit code: that of a run which a gate blocks, when one would.
int say_rehearsal(const pipeline::PlanOutcome& outcome, const pipeline::Rehearsal& rehearsal,
                  const GlobalOptions& global, OutputFormat format);

}  // namespace bullion::cli
