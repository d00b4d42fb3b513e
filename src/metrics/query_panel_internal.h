// Panels that show the rows of a saved query.
#pragma once

#include "metrics/dashboard.h"
#include "project/problem_sink.h"
#include "project/yaml_reader.h"

namespace bullion::metrics {

/// Takes `query`, `parameters` and `links` of a panel whose kind is read already. Reports them on a
/// panel of another kind, a query that has no file, and links to tables and columns that the
/// project does not have; whether the query has those columns and parameters is known when it runs.
void read_query_panel(const project::Project& project, project::MapReader& entry, Panel& panel,
                      project::ProblemSink& problems);

}  // namespace bullion::metrics
