// Tells OpenLineage what a run does, when the project or the environment says where.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "openlineage/config.h"
#include "pipeline/run.h"

namespace bullion::cli {

/// Of one run. What cannot be sent is a warning on stderr, never a failure.
class RunEvents {
 public:
  /// Borrows the session. Problems of the configuration are printed.
  RunEvents(Session& session, std::string run_id);

  void start();
  void end(const pipeline::RunOutcome& outcome);
  void error(const Error& error);

 private:
  void send(const std::vector<std::string>& events) const;

  Session& session_;
  const std::string run_id_;
  openlineage::Config config_;
};

/// What a variable of the environment holds.
openlineage::Variables environment_variables();

}  // namespace bullion::cli
