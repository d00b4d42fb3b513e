// What `bullion metric` does; see verbs.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace bullion::cli {

struct MetricOptions {
  std::string name;  ///< "": list the metrics
  std::string by;    ///< names of dimensions, separated by commas
  std::string grain;
  std::string start;
  std::string end;
  std::string range;
  std::vector<std::string> filters;
  std::string compare;
  std::string window;
  std::string sort;
  std::string limit;
  std::optional<int64_t> release;
  std::string output = "table";
  bool explain = false;  ///< print the SELECT instead of running it
};

int show_metric(const GlobalOptions& global, const MetricOptions& options);

}  // namespace bullion::cli
