// What a project holds, as HTML pages that link to each other and to nothing else: tables, columns,
// tests, metrics, owners and lineage. The same project gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "lineage/graph.h"
#include "metrics/metric.h"
#include "project/project.h"

namespace bullion::docsite {

struct Page {
  std::string path;  ///< relative to the site, such as tables/daily_cost.html
  std::string text;
};

/// index.html first; needs no network, no script and no other file.
std::vector<Page> pages_of(const project::Project& project, const lineage::Graph& graph,
                           const metrics::MetricSet& metrics);

}  // namespace bullion::docsite
