// What a run says to people, and the machine-readable last line.
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

/// Sources, conservation, gates, money and release; with --json one last line. The exit code.
int say_run(const pipeline::RunOutcome& outcome, const GlobalOptions& global);

/// The tests that warned or failed, and how many passed.
void say_tests(const pipeline::RunOutcome& outcome);

/// pipeline::run, and say_run.
int run_in_session(const Session& session, const GlobalOptions& global,
                   const pipeline::RunOptions& options);

}  // namespace bullion::cli
