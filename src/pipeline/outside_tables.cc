#include "pipeline/outside_tables.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/file_events.h"
#include "pipeline/ops_tables.h"
#include "pipeline/run_report.h"

namespace bullion::pipeline {

std::map<std::string, delta::Schema> ops_schemas() {
  return {{"conservation", conservation_schema()},
          {"control_totals", control_totals_schema()},
          {"events", events_schema()},
          {"files", files_schema()},
          {"gate_results", gate_results_schema()},
          {"runs", runs_schema()},
          {"stage_metrics", stage_metrics_schema()},
          {"steps", steps_schema()}};
}

Status create_empty_view(engine::Engine& engine, const std::string& layer, const std::string& name,
                         const delta::Schema& schema) {
  std::vector<std::string> columns;
  for (const delta::Column& column : schema) {
    columns.push_back(fmt::format("CAST(NULL AS {}) AS {}", engine::sql_type(column.type),
                                  engine::quote_name(column.name)));
  }
  return engine.execute(fmt::format(
      "CREATE SCHEMA IF NOT EXISTS {0}; CREATE OR REPLACE VIEW {0}.{1} AS SELECT {2} WHERE false",
      engine::quote_name(layer), engine::quote_name(name), fmt::join(columns, ", ")));
}

}  // namespace bullion::pipeline
