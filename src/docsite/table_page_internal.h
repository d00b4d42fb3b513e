// The page of one table.
#pragma once

#include <string>

#include "docsite/pages.h"

namespace bullion::docsite {

/// "tables/NAME.html"
std::string path_of_table(const std::string& table);
/// A link to a table's page from a page in the same folder or, with `up`, from the root.
std::string link_to_table(const std::string& table, bool from_root);

std::string table_page(const project::Project& project, const lineage::Graph& graph,
                       const metrics::MetricSet& metrics, const lineage::TableNode& node);

/// "unique: order_id, version" with its limits; HTML.
std::string test_words(const project::DataTest& test);

}  // namespace bullion::docsite
