// Facets of datasets and runs; each names its schema and the program.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lineage/graph.h"
#include "pipeline/run.h"
#include "project/project.h"

namespace bullion::openlineage {

using Json = nlohmann::ordered_json;

/// The program as `producer`: a URI.
const std::string& producer();

/// `name` and `version` of a facet's schema, such as SchemaDatasetFacet and 1-1-1.
Json facet(const char* name, const char* version, Json members);

/// Namespace and name of a table: its folder in the lake.
Json table_id(const project::Project& project, const std::string& table);

Json schema_facet(const project::Contract& contract);
Json column_lineage_facet(const project::Project& project, const lineage::TableNode& node);
Json assertions_facet(const project::Project& project,
                      const std::vector<const quality::TestOutcome*>& tests);

}  // namespace bullion::openlineage
