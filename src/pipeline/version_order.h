// Which version of a key a latest model keeps: one order, for the pipeline, trace and unit tests.
#pragma once

#include <string>

#include "project/project.h"

namespace bullion::pipeline {

/// The ORDER BY terms over a latest model's output that put a key's newest version first:
/// version_by, largest first and NULLs oldest, then the two hashes of the business content, then
/// the withdrawn one; never arrival.
std::string version_order(const project::Model& model);

/// SQL of the first row hash of the business content, over the model's output.
std::string content_hash(const project::Model& model);

/// Boolean SQL over the model's output, never NULL: true for a row that withdraws its key.
std::string withdrawn_condition(const project::Model& model);

/// The unique key's columns, quoted and separated by commas.
std::string key_list(const project::Model& model);

/// SELECT of the rows a latest model publishes, when `relation` holds every output row of its SQL.
std::string published_versions_sql(const project::Model& model, const std::string& relation);

}  // namespace bullion::pipeline
