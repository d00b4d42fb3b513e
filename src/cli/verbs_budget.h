// What `bullion budget template` does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

struct TemplateOptions {
  std::string year;                     ///< "": the query's default
  std::string version;                  ///< "": the query's default
  std::string from;                     ///< "": the query's default
  std::vector<std::string> parameters;  ///< "name=value", of the query
  std::optional<int64_t> release;
  bool xlsx = false;
  bool csv = false;
  std::string file;  ///< "": budget_template.xlsx or .csv here
  bool force = false;
};

/// Lays the project's query `budget_template` out as a sheet to fill in.
int write_budget_template(const GlobalOptions& global, const TemplateOptions& options);

}  // namespace bullion::cli
