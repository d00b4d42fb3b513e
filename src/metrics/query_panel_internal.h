// Panels that show the rows of a saved query.
#pragma once

#include "metrics/dashboard.h"
#include "project/problem_sink.h"
#include "project/yaml_reader.h"

namespace bullion::metrics {

/// Takes `query`, `parameters`, `follows`, `time_column` and `links` of a panel whose kind is read
/// already. Reports them on a panel of another kind, a query that has no file, dimensions that the
/// page does not filter by, and links to tables and columns that the project does not have; whether
/// the query has those columns and parameters is known when it runs. `has_range`: the page's metric
/// has a time column.
void read_query_panel(const project::Project& project, const Dashboard& page, bool has_range,
                      project::MapReader& entry, Panel& panel, project::ProblemSink& problems);

}  // namespace bullion::metrics
