#include "pipeline/seed_rows.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/scratch.h"

namespace bullion::pipeline {
namespace {

constexpr size_t kFaultsPerSeedMax = 10;

int line_of(const ingest::Rejected& bad) {
  return static_cast<int>(std::max<int64_t>(bad.line, 1));
}

}  // namespace

Result<ingest::ParsedFile> parse_seed(const project::Project& project, engine::Engine& engine,
                                      const project::Seed& seed, const std::string& made,
                                      const std::string& table_location,
                                      const std::string& file_prefix) {
  project::Source source;
  source.contract = seed.contract;
  const auto project_files =
      made.empty() ? storage::local_file_system(project.folder) : storage::memory_file_system();
  if (!made.empty()) BULLION_TRY(project_files->create(seed.file, made));
  BULLION_TRY_ASSIGN(const auto info, project_files->stat(seed.file));
  if (!info) return not_found("the seed file " + seed.file + " is gone");
  const ingest::LandedFile file{.file_id = seed.hash.substr(0, 16),
                                .sha256 = seed.hash,
                                .landed_path = seed.file,
                                .original_path = seed.file,
                                .size = info->size,
                                .modified_us = info->modified_us};
  ingest::Batch batch;
  batch.source = seed.contract.name;
  batch.batch_id = "seed";
  return ingest::parse_file(*project_files, engine, source, batch, file, table_location,
                            file_prefix, {});
}

std::string seed_fault(const project::Seed& seed, const ingest::Rejected& bad) {
  return fmt::format("{}:{}: {}", seed.file, line_of(bad), fmt::join(bad.reasons, "; "));
}

Result<std::vector<project::Problem>> check_seeds(const project::Project& project,
                                                  engine::Engine& engine, const Clock& clock) {
  std::vector<project::Problem> problems;
  const auto nothing = storage::memory_file_system();
  BULLION_TRY_ASSIGN(const Scratch scratch, Scratch::create(*nothing, clock, {}));
  BULLION_TRY(scratch.lake().make_folder("seeds"));
  const std::string location = scratch.lake().location("seeds");
  for (const project::Seed& seed : project.seeds) {
    if (!seed.files_of.empty()) continue;
    BULLION_TRY_ASSIGN(const ingest::ParsedFile parsed,
                       parse_seed(project, engine, seed, seed.made, location, seed.contract.name));
    for (size_t i = 0; i < std::min(parsed.rejected.size(), kFaultsPerSeedMax); ++i) {
      const ingest::Rejected& bad = parsed.rejected[i];
      const size_t more = i + 1 == kFaultsPerSeedMax ? parsed.rejected.size() - i - 1 : 0;
      problems.push_back({{seed.file, line_of(bad), 0},
                          project::Severity::Error,
                          "seed-value",
                          fmt::format("{}{}", fmt::join(bad.reasons, "; "),
                                      more == 0 ? "" : fmt::format(" (and {} rows more)", more))});
    }
  }
  return problems;
}

}  // namespace bullion::pipeline
