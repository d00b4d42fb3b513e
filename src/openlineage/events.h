// What a run did, as events of OpenLineage 2-0-2 (https://openlineage.io/spec).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lineage/graph.h"
#include "openlineage/config.h"
#include "pipeline/run.h"

namespace bullion::openlineage {

/// What events say of every run alike.
struct RunFacts {
  const project::Project& project;
  std::string space;   ///< namespace of the jobs
  std::string run_id;  ///< of the run, as `bullion runs` shows it
};

/// A UUID that is the same for the same run and job.
std::string run_uuid(const std::string& run_id, const std::string& job);

/// The run begins. One event, as one line of JSON.
std::vector<std::string> events_of_start(const RunFacts& facts, int64_t at_us);

/// The run has ended. A START and a COMPLETE for each table that was made, with schema,
/// columnLineage, version and outputStatistics; one pair for the tests of each table, with
/// dataQualityAssertions and dataQualityMetrics, that ends in FAIL where one failed; and COMPLETE
/// or FAIL of the run itself. `nodes`: by name, of the tables; those that are not in it have no
/// columnLineage.
std::vector<std::string> events_of_end(const RunFacts& facts, const pipeline::RunOutcome& outcome,
                                       const std::map<std::string, lineage::TableNode>& nodes,
                                       int64_t at_us);

/// The run ended with an error.
std::vector<std::string> events_of_error(const RunFacts& facts, const Error& error, int64_t at_us);

}  // namespace bullion::openlineage
