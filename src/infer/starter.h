// Models for an inferred source: a first silver table, a mapping onto another model's contract, and
// a whole project around the sources of a folder.
#pragma once

#include <string>
#include <vector>

#include "infer/infer.h"
#include "project/project.h"

namespace bullion::infer {

/// A file below the project folder.
struct StarterFile {
  std::string path;
  std::string text;
};

/// bullion.yml, sources/, models/silver/ with one model for each source (named without "raw_"),
/// and README.md. `currency` is an ISO code, that of
/// "no currency" when it is not known.
std::vector<StarterFile> starter_project(const std::string& name, const std::string& currency,
                                         const std::vector<InferredSource>& sources);

/// How one column of a contract is filled.
struct MappedColumn {
  std::string target;
  std::string from;    ///< column of the source; "" when none fits
  int confidence = 0;  ///< of 100
  std::string reason;
};

struct Mapping {
  std::string model;                  ///< "<source>_as_<target>"
  std::vector<MappedColumn> columns;  ///< in the contract's order
  std::vector<StarterFile> files;     ///< models/silver/<model>.sql and .yml
};

/// Maps the source's columns onto `target` by their names, types and roles (amount, currency, day).
/// Each column is used once; what is not found becomes NULL, marked `check:`.
Mapping map_onto(const InferredSource& source, const project::Contract& target);

}  // namespace bullion::infer
