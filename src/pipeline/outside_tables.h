// Tables of ops and quarantine that no run has written yet, as the empty tables that they are.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "delta/schema.h"
#include "engine/engine.h"

namespace bullion::pipeline {

/// The tables of ops as runs make them, by name (docs/formats/ops-tables.md).
std::map<std::string, delta::Schema> ops_schemas();

/// Makes <layer>.<name> stand for no rows with these columns.
Status create_empty_view(engine::Engine& engine, const std::string& layer, const std::string& name,
                         const delta::Schema& schema);

}  // namespace bullion::pipeline
