// Tables under tables/ops and tables/quarantine: committed outside releases, so that a blocked run
// can say why. Appends only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "pipeline/environment.h"

namespace bullion::pipeline {

using ValueRow = std::vector<engine::Value>;

/// Makes an append happen once: skipped when the table already has a txn of this app_id at or
/// above this version.
struct AppendOnce {
  std::string app_id;
  int64_t version = 0;
};

/// Appends rows to a Delta table, creating it when it is missing. No rows: nothing is written.
Status append_rows(const Environment& env, const std::string& path, const delta::Schema& schema,
                   const std::string& run_id, const std::vector<ValueRow>& rows,
                   const std::optional<AppendOnce>& once = std::nullopt);

/// The newest version of the txn of an app_id in a table; -1 when there is none.
Result<int64_t> newest_txn(const Environment& env, const std::string& path,
                           const std::string& app_id);

/// Flat column shorthand.
delta::Column column(std::string name, delta::TypeId type, bool nullable = true);

delta::Schema runs_schema();
delta::Schema gate_results_schema();
delta::Schema conservation_schema();
delta::Schema stage_metrics_schema();
delta::Schema quarantine_schema();

}  // namespace bullion::pipeline
