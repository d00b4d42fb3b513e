// What a run or a plan says to people, and the machine-readable last line.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "delta/schema.h"
#include "engine/engine.h"
#include "pipeline/run.h"

namespace bullion::cli {

/// Nullable text columns of these names: for rows that are only shown.
delta::Schema text_schema(const std::vector<std::string>& names);

/// The items of a plan as a table; with `spans`, five and more partitions in a row with the same
/// cause become one line "first .. last (count)".
engine::Rows plan_rows(const std::vector<pipeline::PlanItem>& items, bool spans);

/// Sources, conservation, gates, money and release; with --json one last line. The exit code.
int say_run(const pipeline::RunOutcome& outcome, const GlobalOptions& global);

/// With --json, what a plan shown in `format` comes to, as the last line.
void say_plan_line(const pipeline::PlanOutcome& outcome, const GlobalOptions& global,
                   OutputFormat format);

/// pipeline::run, and say_run.
int run_in_session(const Session& session, const GlobalOptions& global,
                   const pipeline::RunOptions& options);

}  // namespace bullion::cli
