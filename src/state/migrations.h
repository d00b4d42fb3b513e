// The tables of a part of the program in the state store, brought up to date once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/database.h"

namespace bullion::state {

/// One step from version - 1 to `version`; the first is 1. Never changed after it was released.
struct Migration {
  int64_t version = 0;
  std::string description;
  std::vector<std::string> statements;
};

/// Runs the steps that the store does not have yet, all or none of them, in one writing
/// transaction: of several processes at once one runs them. Invalid when a newer program has made
/// the tables.
Status migrate(Database& database, const std::string& component,
               std::span<const Migration> migrations, const Clock& clock);

}  // namespace bullion::state
