// lineage, docs: which tables and columns are made of which. Each returns an exit code and has said
// what went wrong.
#pragma once

#include <string>

#include "cli/options.h"

namespace bullion::cli {

struct LineageOptions {
  std::string about;  ///< TABLE or TABLE.COLUMN; "": all tables
  bool upstream = false;
  bool downstream = false;
  std::string format = "text";
};

/// `to`: the folder of the site; "": `site` in the project.
int write_docs(const GlobalOptions& global, const std::string& to);

int show_lineage(const GlobalOptions& global, const LineageOptions& options);

}  // namespace bullion::cli
