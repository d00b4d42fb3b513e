// The rows of a seed: a CSV of the project, read like a landed file whose every row must be good.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/ingest.h"
#include "project/problem_sink.h"
#include "project/project.h"

namespace bullion::pipeline {

/// Parses the CSV of a seed and stages its rows, with the columns of ingest, in `table_location`
/// (absolute). `made` is the CSV when it is not the seed's file; "" for that file.
Result<ingest::ParsedFile> parse_seed(const project::Project& project, engine::Engine& engine,
                                      const project::Seed& seed, const std::string& made,
                                      const std::string& table_location,
                                      const std::string& file_prefix);

/// "seeds/x.csv:2: what is wrong" of a row that cannot be read.
std::string seed_fault(const project::Seed& seed, const ingest::Rejected& bad);

/// What a run would refuse in the seeds; each seed's first few rows of that kind. Tables of landed
/// files are not looked at: runs make them.
Result<std::vector<project::Problem>> check_seeds(const project::Project& project,
                                                  engine::Engine& engine, const Clock& clock);

}  // namespace bullion::pipeline
