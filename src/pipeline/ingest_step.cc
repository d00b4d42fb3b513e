#include "pipeline/ingest_step.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "pipeline/ops_tables.h"
#include "pipeline/seed_rows.h"

namespace bullion::pipeline {
namespace {

using engine::TimestampValue;
using engine::Value;

constexpr size_t kParsersAtOnce = 2;

/// One file to parse, and its batch.
struct Job {
  const ingest::Batch* batch = nullptr;
  const ingest::LandedFile* file = nullptr;
};

/// The files that are in force now and were not after `after_sequence`.
std::vector<Job> jobs_of(const std::vector<ingest::Batch>& batches, int64_t after_sequence) {
  std::vector<ingest::Batch> before = batches;
  std::erase_if(before, [&](const ingest::Batch& b) { return b.sequence > after_sequence; });
  const std::set<std::string> withdrawn_before = ingest::withdrawn_files(before);
  const std::set<std::string> withdrawn = ingest::withdrawn_files(batches);
  std::vector<Job> jobs;
  for (const ingest::Batch& batch : batches) {
    for (const ingest::LandedFile& file : batch.files) {
      const bool was_there =
          batch.sequence <= after_sequence && !withdrawn_before.contains(file.file_id);
      if (!was_there && !withdrawn.contains(file.file_id)) jobs.push_back({&batch, &file});
    }
  }
  return jobs;
}

/// The landed file whose rows a bronze file holds: one value, so its smallest one.
std::string file_id_of(const delta::AddFile& file) {
  const auto stats = nlohmann::json::parse(file.stats_json, nullptr, false);
  if (!stats.is_object() || !stats.contains("minValues")) return "";
  return stats["minValues"].value("_file_id", "");
}

/// Takes the rows of withdrawn files out of bronze; returns how many files that were.
int64_t drop_withdrawn(const std::vector<ingest::Batch>& batches, WorkingTable& table) {
  const std::set<std::string> withdrawn = ingest::withdrawn_files(batches);
  if (withdrawn.empty()) return 0;
  return static_cast<int64_t>(std::erase_if(table.files, [&](const delta::AddFile& file) {
    return withdrawn.contains(file_id_of(file));
  }));
}

Result<std::vector<ingest::ParsedFile>> parse_all(StepContext& ctx, const project::Source& source,
                                                  const WorkingTable& table,
                                                  const std::vector<Job>& jobs) {
  std::vector<Result<ingest::ParsedFile>> parsed(jobs.size(), internal_error("not parsed"));
  const std::string location = ctx.env.lake.location(table.path);
  const int first_number = ctx.file_number;
  ctx.file_number += static_cast<int>(jobs.size());
  std::atomic<size_t> next{0};
  // Progress in bytes of the landed files, whatever their sizes.
  std::atomic<int64_t> bytes_done{0};
  int64_t bytes_total = 0;
  for (const Job& job : jobs) bytes_total += job.file->size;
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size() && !failed; i = next++) {
      int64_t reported = 0;
      const auto progress = [&](std::string_view, std::string_view item, int64_t done, int64_t) {
        bytes_done += done - reported;
        reported = done;
        if (ctx.env.report) ctx.env.report("parse", item, bytes_done, bytes_total);
      };
      parsed[i] = ingest::parse_file(
          ctx.env.lake, ctx.env.engine, source, *jobs[i].batch, *jobs[i].file, location,
          fmt::format("part-{}-{}", ctx.run_id, first_number + static_cast<int>(i)), progress);
      if (!parsed[i]) failed = true;
      progress("parse", jobs[i].file->original_path, jobs[i].file->size, jobs[i].file->size);
    }
  };
  std::vector<std::jthread> workers;
  for (size_t i = 1; i < std::min(kParsersAtOnce, jobs.size()); ++i) workers.emplace_back(work);
  work();
  workers.clear();
  std::vector<ingest::ParsedFile> files;
  for (auto& result : parsed) {
    // The first error that is a real one, not a file that was never reached.
    if (!result && result.error().message() != "not parsed") return std::move(result).error();
    if (result) files.push_back(std::move(*result));
  }
  return files;
}

Result<std::vector<delta::AddFile>> seal_staged(StepContext& ctx, const project::Source& source,
                                                const WorkingTable& table,
                                                const std::vector<engine::StagedFile>& staged,
                                                const std::map<std::string, RowHashSum>& hashes) {
  const engine::StageRequest request{.directory = ctx.env.lake.location(table.path),
                                     .file_prefix = {},
                                     .schema = project::bronze_schema(source),
                                     .partition_columns = {},
                                     .order_by = {}};
  return table::seal_staged_files(ctx.env.lake, ctx.env.engine, ctx.env.clock, table.path, request,
                                  staged, hashes);
}

Result<std::vector<delta::AddFile>> seal(StepContext& ctx, const project::Source& source,
                                         const WorkingTable& table,
                                         const std::vector<ingest::ParsedFile>& files) {
  std::vector<engine::StagedFile> staged;
  std::map<std::string, RowHashSum> hashes;
  for (const ingest::ParsedFile& file : files) {
    for (const engine::StagedFile& part : file.staged) {
      if (part.rows != file.kept) {
        return internal_error(fmt::format("{}: {} rows were kept and {} were written",
                                          file.file.original_path, file.kept, part.rows));
      }
      staged.push_back(part);
      hashes[part.path] = file.row_hash;
    }
  }
  return seal_staged(ctx, source, table, staged, hashes);
}

Result<std::vector<ingest::Batch>> batches_of(const StepContext& ctx, const std::string& source,
                                              std::optional<int64_t> through_sequence) {
  BULLION_TRY_ASSIGN(auto batches, ingest::read_batches(ctx.env.lake, source));
  if (through_sequence) {
    std::erase_if(batches,
                  [&](const ingest::Batch& batch) { return batch.sequence > *through_sequence; });
  }
  return batches;
}

Status quarantine(StepContext& ctx, const project::Source& source,
                  const std::vector<ingest::ParsedFile>& files,
                  const std::vector<ingest::Batch>& batches) {
  const std::string path = table_path("quarantine", source.contract.name);
  const std::string app_id =
      fmt::format("bullion.quarantine/{}/{}", source.contract.name, source.hash.substr(0, 12));
  BULLION_TRY_ASSIGN(const int64_t recorded, newest_txn(ctx.env, path, app_id));
  std::map<std::string, int64_t> sequences;
  int64_t newest = recorded;
  for (const ingest::Batch& batch : batches) {
    sequences[batch.batch_id] = batch.sequence;
    newest = std::max(newest, batch.sequence);
  }
  std::vector<ValueRow> rows;
  for (const ingest::ParsedFile& file : files) {
    if (sequences[file.batch_id] <= recorded) continue;
    for (const ingest::Rejected& rejected : file.rejected) {
      rows.push_back({source.contract.name, file.batch_id, file.file.file_id,
                      file.file.original_path, rejected.record, rejected.line,
                      fmt::format("{}", fmt::join(rejected.codes, "; ")),
                      fmt::format("{}", fmt::join(rejected.reasons, "; ")), rejected.raw,
                      rejected.amount ? Value(to_string(*rejected.amount)) : Value(), source.hash,
                      ctx.run_id, TimestampValue{ctx.run_at_us}});
    }
  }
  return append_rows(ctx.env, path, quarantine_schema(), ctx.run_id, rows,
                     AppendOnce{app_id, newest});
}

int64_t files_of(const std::vector<ingest::Batch>& batches) {
  int64_t files = 0;
  for (const ingest::Batch& batch : batches) files += static_cast<int64_t>(batch.files.size());
  return files;
}

}  // namespace

release::ConsumedSource consumed_of(const std::optional<release::Record>& last,
                                    const std::string& source) {
  if (!last) return {};
  const auto consumed = last->sources.find(source);
  return consumed == last->sources.end() ? release::ConsumedSource{} : consumed->second;
}

Result<SourceOutcome> ingest_source(StepContext& ctx, const project::Source& source,
                                    const release::ConsumedSource& consumed,
                                    std::optional<int64_t> through_sequence) {
  SourceOutcome outcome;
  outcome.source = source.contract.name;
  WorkingTable& table = ctx.set.at(source.contract.name);
  BULLION_TRY_ASSIGN(auto batches, batches_of(ctx, outcome.source, through_sequence));
  outcome.reparsed = table.released_version >= 0 && table.released_code_hash != source.hash;
  const std::vector<Job> jobs = jobs_of(batches, outcome.reparsed ? 0 : consumed.through_sequence);
  outcome.consumed = {.through_sequence = batches.empty() ? 0 : batches.back().sequence,
                      .files = files_of(batches),
                      .source_hash = source.hash};
  outcome.files_withdrawn = drop_withdrawn(batches, table);
  if (jobs.empty() && table.head_version >= 0 && !outcome.reparsed &&
      outcome.files_withdrawn == 0) {
    return outcome;
  }
  table.computed = true;
  BULLION_TRY(ctx.env.lake.make_folder(table.path));
  BULLION_TRY_ASSIGN(outcome.files, parse_all(ctx, source, table, jobs));
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> adds, seal(ctx, source, table, outcome.files));
  if (outcome.reparsed) table.files.clear();
  append_files(table, std::move(adds));
  BULLION_TRY(quarantine(ctx, source, outcome.files, batches));
  for (const ingest::ParsedFile& file : outcome.files) {
    const auto rejected = static_cast<int64_t>(file.rejected.size());
    if (!file.unreadable && file.records != file.kept + rejected) {
      return internal_error(fmt::format("{}: {} records, {} kept, {} rejected: rows were lost",
                                        file.file.original_path, file.records, file.kept,
                                        rejected));
    }
    outcome.rows_loaded += file.kept;
    outcome.rows_quarantined += rejected;
  }
  return outcome;
}

Result<SourceOutcome> ingest_rejects(StepContext& ctx, const project::Source& source,
                                     const SourceOutcome& of,
                                     std::optional<int64_t> through_sequence) {
  SourceOutcome outcome;
  outcome.source = source.contract.name;
  outcome.consumed.source_hash = source.hash;
  WorkingTable& table = ctx.set.at(source.contract.name);
  outcome.reparsed = table.released_version >= 0 && table.released_code_hash != source.hash;
  BULLION_TRY_ASSIGN(auto batches, batches_of(ctx, of.source, through_sequence));
  outcome.files_withdrawn = drop_withdrawn(batches, table);
  if (of.files.empty() && table.head_version >= 0 && !outcome.reparsed &&
      outcome.files_withdrawn == 0) {
    return outcome;
  }
  std::map<std::string, int64_t> received;
  for (const ingest::Batch& batch : batches) received[batch.batch_id] = batch.received_at_us;
  table.computed = true;
  BULLION_TRY(ctx.env.lake.make_folder(table.path));
  const std::string location = ctx.env.lake.location(table.path);
  std::vector<engine::StagedFile> staged;
  std::map<std::string, RowHashSum> hashes;
  for (const ingest::ParsedFile& file : of.files) {
    BULLION_TRY_ASSIGN(
        const ingest::StagedRejects rejects,
        ingest::stage_rejected(ctx.env.engine, source, file, received[file.batch_id], location,
                               fmt::format("part-{}-{}", ctx.run_id, ctx.file_number++)));
    for (const engine::StagedFile& part : rejects.staged) {
      hashes[part.path] = rejects.row_hash;
      staged.push_back(part);
    }
  }
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> adds,
                     seal_staged(ctx, source, table, staged, hashes));
  if (outcome.reparsed) table.files.clear();
  append_files(table, std::move(adds));
  return outcome;
}

namespace {

/// Parses a seed's CSV and stages its rows as the table's.
Status stage_seed(StepContext& ctx, const project::Seed& seed, const std::string& made,
                  StepOutcome& outcome) {
  WorkingTable& table = ctx.set.at(seed.contract.name);
  table.computed = true;
  // Staged once with the ingest columns, then again with exactly the contract's.
  const std::string prefix = fmt::format("seed-{}-{}", ctx.run_id, ctx.file_number++);
  BULLION_TRY(ctx.env.lake.make_folder(table.path));
  const std::string location = ctx.env.lake.location(table.path);
  BULLION_TRY_ASSIGN(const ingest::ParsedFile parsed,
                     parse_seed(ctx.project, ctx.env.engine, seed, made, location, prefix));
  if (!parsed.rejected.empty()) return invalid(seed_fault(seed, parsed.rejected.front()));
  std::vector<delta::AddFile> staged;
  for (const engine::StagedFile& part : parsed.staged) {
    BULLION_TRY_ASSIGN(
        staged, stage_select(ctx, seed.contract, table,
                             fmt::format("SELECT * EXCLUDE (_batch_id, _file_id, _extra) FROM "
                                         "read_parquet({})",
                                         engine::quote_text(location + "/" + part.path))));
    outcome.unneeded.push_back(storage::join_path(table.path, part.path));
  }
  BULLION_TRY_ASSIGN(const auto unneeded, replace_all(table, std::move(staged)));
  for (const std::string& path : paths_of(table, unneeded)) outcome.unneeded.push_back(path);
  return ok();
}

/// A table of landed files changes when files came, not when its declaration does.
Result<StepOutcome> load_files_table(StepContext& ctx, const project::Seed& seed,
                                     const SeenBatches& seen) {
  StepOutcome outcome;
  BULLION_TRY_ASSIGN(const std::string made, files_table_csv(ctx, seed, seen));
  BULLION_TRY(stage_seed(ctx, seed, made, outcome));
  WorkingTable& table = ctx.set.at(seed.contract.name);
  const bool is_new = table.released_version < 0 || table.released_code_hash != seed.hash;
  if (!is_new && compare_files(table.released, table.files).empty()) {
    table.computed = false;
    return outcome;
  }
  outcome.items.push_back(
      {table.name, "", is_new ? "new table" : "landed files changed", seed.file, -1});
  if (ctx.plan_only) ctx.assumed[table.name] = {"*"};
  return outcome;
}

}  // namespace

Result<StepOutcome> load_seed(StepContext& ctx, const project::Seed& seed,
                              const SeenBatches& seen) {
  if (!seed.files_of.empty()) return load_files_table(ctx, seed, seen);
  StepOutcome outcome;
  WorkingTable& table = ctx.set.at(seed.contract.name);
  if (table.released_version >= 0 && table.released_code_hash == seed.hash) return outcome;
  outcome.items.push_back(
      {table.name, "", table.released_version < 0 ? "new table" : "seed changed", seed.file, -1});
  if (ctx.plan_only) {
    ctx.assumed[table.name] = {"*"};
    return outcome;
  }
  BULLION_TRY(stage_seed(ctx, seed, seed.made, outcome));
  return outcome;
}

std::vector<std::vector<Value>> conservation_rows(const StepContext& ctx,
                                                  const SourceOutcome& outcome) {
  /// Sums of one scope.
  struct Sums {
    int64_t records = 0;
    int64_t kept = 0;
    int64_t rejected = 0;
    int64_t excluded = 0;    ///< blank, headers, footers, totals: no facts, so no amounts
    int64_t unreadable = 0;  ///< rejected records whose amount cannot be read or added
    Decimal kept_amount;
    Decimal rejected_amount;
  };
  const auto add = [](Decimal& sum, const Decimal& value) {
    const auto total = sum_of(sum, value);
    if (total) sum = *total;
    return total.has_value();
  };
  const auto row = [&](const std::string& scope, const std::string& name,
                       const std::string& batch_id, const Sums& sums) -> ValueRow {
    Decimal all = sums.kept_amount;
    add(all, sums.rejected_amount);
    return {ctx.run_id,
            scope,
            name,
            batch_id,
            sums.records,
            sums.kept,
            int64_t{0},
            sums.rejected,
            sums.excluded,
            to_string(all),
            to_string(sums.kept_amount),
            std::string("0"),
            to_string(sums.rejected_amount),
            std::string("0"),
            sums.unreadable,
            TimestampValue{ctx.run_at_us}};
  };
  std::vector<ValueRow> rows;
  std::map<std::string, Sums> batches;
  for (const ingest::ParsedFile& file : outcome.files) {
    Sums sums;
    sums.excluded = file.excluded.count();
    // A file that cannot be read is one entry of the quarantine.
    sums.records = file.records + sums.excluded + (file.unreadable ? 1 : 0);
    sums.kept = file.kept;
    sums.rejected = static_cast<int64_t>(file.rejected.size());
    sums.kept_amount = file.kept_amount;
    for (const ingest::Rejected& rejected : file.rejected) {
      if (!rejected.amount || !add(sums.rejected_amount, *rejected.amount)) ++sums.unreadable;
    }
    rows.push_back(row("file", file.file.original_path, file.batch_id, sums));
    Sums& batch = batches[file.batch_id];
    batch.records += sums.records;
    batch.kept += sums.kept;
    batch.rejected += sums.rejected;
    batch.excluded += sums.excluded;
    batch.unreadable += sums.unreadable;
    add(batch.kept_amount, sums.kept_amount);
    add(batch.rejected_amount, sums.rejected_amount);
  }
  for (const auto& [batch_id, sums] : batches) {
    rows.push_back(row("batch", outcome.source, batch_id, sums));
  }
  return rows;
}

}  // namespace bullion::pipeline
