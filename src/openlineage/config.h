// Where events about runs go: `openlineage` in bullion.yml, and the variables of the OpenLineage
// clients.
#pragma once

#include <string>
#include <vector>

#include "project/project.h"
#include "transfer/transfer.h"

namespace bullion::openlineage {

using transfer::Variables;

struct Config {
  std::string url;      ///< where events are posted; "": nowhere
  std::string file;     ///< a path to append lines to; "": none
  std::string space;    ///< namespace of the jobs; the project's name unless said
  std::string api_key;  ///< sent as a bearer token; "": none

  bool is_on() const { return !url.empty() || !file.empty(); }
};

struct ConfigOutcome {
  Config config;
  std::vector<project::Problem> problems;
};

/// Reads the key `openlineage` of bullion.yml (`url`, `endpoint`, `file`, `namespace`). The
/// variables OPENLINEAGE_URL, OPENLINEAGE_ENDPOINT, OPENLINEAGE_NAMESPACE and OPENLINEAGE_API_KEY
/// win over it; OPENLINEAGE_DISABLED=true turns everything off.
ConfigOutcome load_config(const project::Project& project, const Variables& variables);

}  // namespace bullion::openlineage
