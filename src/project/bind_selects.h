// SELECTs of a project that are neither models nor tests, bound as those are.
#pragma once

#include <string>
#include <vector>

#include "project/project.h"

namespace bullion::project {

/// A SELECT that begins at a line of a file; parameters may stand in it.
struct LooseSelect {
  std::string file;
  int line = 1;
  std::string sql;
};

/// What does not bind against empty tables of the contracts, by file and line.
std::vector<Problem> bind_selects(const Project& project, const std::vector<LooseSelect>& selects,
                                  engine::Engine& engine);

}  // namespace bullion::project
