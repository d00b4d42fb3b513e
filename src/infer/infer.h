// `bullion source infer`: looks at files and writes the source that reads them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "project/project.h"

namespace bullion::infer {

struct Request {
  std::string project_folder;  ///< absolute; paths below it are written relative to it
  std::string lake;            ///< absolute; never looked at. "" for none
  std::string input;           ///< file, folder or pattern; relative to `base`
  std::string base;            ///< absolute: the folder the user is in
  std::string name;            ///< of the source; "" for one made of the input's name
  std::string prefix;          ///< before names that are made
};

/// One thing that was refused, with how often and where first.
struct RefusedKind {
  std::string code;
  int64_t count = 0;
  std::string example;  ///< "2013-01.csv line 12: the reason"
};

/// What the written source makes of the files that were looked at, by really parsing them.
struct Trial {
  int64_t files = 0;
  int64_t records = 0;
  int64_t kept = 0;
  int64_t rejected = 0;
  int64_t unreadable = 0;  ///< files refused as a whole
  int64_t blank = 0;
  std::map<std::string, int64_t> excluded;  ///< by reason
  std::vector<RefusedKind> refused;         ///< the most frequent first
  std::vector<std::string> totals;          ///< embedded control totals against the rows
  std::string amount;                ///< sum of the amount column over kept rows; "" without one
  std::vector<std::string> columns;  ///< of `rows`
  std::vector<std::vector<std::string>> rows;  ///< the first 20 of the first file that has some
};

struct InferredSource {
  std::string name;
  std::string yaml;
  project::Source source;           ///< what `yaml` says
  std::vector<std::string> files;   ///< absolute paths of those it was made from
  std::vector<std::string> checks;  ///< what is uncertain
  std::vector<std::string> notes;
  std::string day_column;  ///< "" when there is none
  int64_t rows_looked_at = 0;
  std::vector<int64_t> rejected_records;  ///< record numbers, when the source is of one file
  Trial trial;
};

/// Called with a phase ("look", "try"), a file, and how many are done.
using Progress =
    std::function<void(std::string_view phase, std::string_view item, int64_t done, int64_t total)>;

/// The source of the largest family of files that `input` names: those with similar headers.
/// NotFound when there is no file, Invalid when none is a text table. The files are only read. The
/// same files give the same bytes of YAML.
Result<InferredSource> infer_source(engine::Engine& engine, const Request& request,
                                    const Progress& progress);

/// One source for each family of tables that `input` names, of an archive also of its members; that
/// with most rows first. Names are unique.
Result<std::vector<InferredSource>> infer_families(engine::Engine& engine, const Request& request,
                                                   const Progress& progress);

/// A table name made of a path: "My Files/2024-01 spend.csv.gz" -> "c_2024_01_spend".
std::string source_name_of(const std::string& path);

}  // namespace bullion::infer
