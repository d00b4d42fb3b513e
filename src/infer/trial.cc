#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.h"
#include "infer/container_look_internal.h"
#include "infer/sample_internal.h"
#include "infer/trial_internal.h"
#include "infer/type_guess_internal.h"
#include "ingest/ingest.h"
#include "storage/file_system.h"

namespace bullion::infer {
namespace {

constexpr size_t kRowsShown = 20;
constexpr size_t kTotalsShown = 8;

Status write_text(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return out ? ok() : Status(io_error(fmt::format("{}: cannot be written", path)));
}

/// Collects what became of the files.
class Counter {
 public:
  Counter(const project::Source& source, TrialRows& out) : source_(source), out_(out) {}

  void add(const ingest::ParsedFile& parsed, const std::string& table) {
    Trial& trial = out_.trial;
    ++trial.files;
    trial.records += parsed.records;
    trial.kept += parsed.kept;
    trial.blank += parsed.excluded.blank;
    trial.unreadable += parsed.unreadable ? 1 : 0;
    if (!parsed.unreadable) trial.rejected += static_cast<int64_t>(parsed.rejected.size());
    for (const ingest::Rejected& rejected : parsed.rejected) {
      refuse(parsed, rejected);
      if (trial.files == 1) out_.rejected_records.push_back(rejected.record);
    }
    for (const auto& record : parsed.excluded.records) ++trial.excluded[record.reason];
    for (const engine::StagedFile& staged : parsed.staged)
      out_.staged.push_back(table + "/" + staged.path);
    amounts(parsed);
  }

  void finish() {
    std::stable_sort(out_.trial.refused.begin(), out_.trial.refused.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    if (!source_.contract.amount_column.empty() && has_sum_) out_.trial.amount = to_string(sum_);
    if (totals_ > 0) {
      out_.trial.totals.insert(out_.trial.totals.begin(),
                               fmt::format("{} of {} embedded totals equal the sum of their file",
                                           totals_ - wrong_, totals_));
    }
  }

 private:
  void refuse(const ingest::ParsedFile& parsed, const ingest::Rejected& rejected) {
    for (size_t i = 0; i < rejected.codes.size(); ++i) {
      auto& all = out_.trial.refused;
      auto at = std::find_if(all.begin(), all.end(), [&](const RefusedKind& kind) {
        return kind.code == rejected.codes[i];
      });
      if (at == all.end()) {
        const std::string where = rejected.line > 0 ? fmt::format(" line {}", rejected.line) : "";
        all.push_back({rejected.codes[i], 0,
                       fmt::format("{}{}: {}", file_name(parsed.file.original_path), where,
                                   rejected.reasons[i])});
        at = all.end() - 1;
      }
      ++at->count;
    }
  }

  void amounts(const ingest::ParsedFile& parsed) {
    if (parsed.unreadable) return;
    const auto sum = has_sum_ ? sum_of(sum_, parsed.kept_amount) : parsed.kept_amount;
    if (sum) {
      sum_ = *sum;
      has_sum_ = true;
    }
    Decimal all = parsed.kept_amount;
    for (const ingest::Rejected& rejected : parsed.rejected) {
      if (!rejected.amount) continue;
      if (const auto more = sum_of(all, *rejected.amount)) all = *more;
    }
    for (const auto& record : parsed.excluded.records) {
      if (record.reason != "control_total") continue;
      const auto total = ingest::read_amount(source_, record.amount);
      if (!total) continue;
      ++totals_;
      const auto difference = difference_of(*total, all);
      if (same_value(*total, all)) continue;
      ++wrong_;
      if (out_.trial.totals.size() < kTotalsShown && difference) {
        out_.trial.totals.push_back(
            fmt::format("{} line {}: the total is {}, the rows sum to {}, {} less",
                        file_name(parsed.file.original_path), record.line, to_string(*total),
                        to_string(all), to_string(*difference)));
      }
    }
  }

  const project::Source& source_;
  TrialRows& out_;
  Decimal sum_;
  bool has_sum_ = false;
  int64_t totals_ = 0;
  int64_t wrong_ = 0;
};

Status show_rows(engine::Engine& engine, const project::Source& source, TrialRows& out) {
  std::vector<std::string> names;
  for (const auto& column : source.contract.columns) {
    out.trial.columns.push_back(column.name);
    names.push_back(engine::quote_name(column.name));
  }
  if (out.staged.empty()) return ok();
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT {} FROM read_parquet({}) LIMIT {}", fmt::join(names, ", "),
                               engine::quote_text(out.staged.front()), kRowsShown)));
  for (const auto& row : rows.rows) {
    auto& texts = out.trial.rows.emplace_back();
    for (const engine::Value& value : row) texts.push_back(engine::to_text(value));
  }
  return ok();
}

}  // namespace

Result<ScratchFolder> ScratchFolder::create() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bullion-infer-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    return io_error(fmt::format("{}: {}", pattern, std::strerror(errno)));
  return ScratchFolder(std::move(pattern));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<project::Source> load_yaml(engine::Engine& engine, const std::string& folder,
                                  const std::string& name, const std::string& yaml) {
  std::error_code code;
  std::filesystem::create_directories(folder + "/sources", code);
  if (code) return io_error(fmt::format("{}: {}", folder, code.message()));
  std::filesystem::create_directories(folder + "/models/silver", code);
  if (code) return io_error(fmt::format("{}: {}", folder, code.message()));
  BULLION_TRY(write_text(folder + "/bullion.yml",
                         "name: trial\ncurrency: XXX\ntargets: {dev: {lake: ./lake}}\n"));
  // A project has at least one model.
  BULLION_TRY(write_text(folder + "/models/silver/one.sql", "SELECT 1 AS one\n"));
  BULLION_TRY(write_text(folder + "/models/silver/schema.yml",
                         "version: 2\nmodels:\n  - name: one\n    meta: {owner: a@example.com}\n"
                         "    config: {kind: full}\n    columns: [{name: one, data_type: int}]\n"));
  BULLION_TRY(write_text(folder + "/sources/source.yml", yaml));
  project::LoadOptions options;
  options.folder = folder;
  project::LoadOutcome outcome = project::load_project(options, engine);
  for (const project::Problem& problem : outcome.problems) {
    if (problem.severity == project::Severity::Error)
      return internal_error(
          fmt::format("the inferred source has a mistake: {}", to_string(problem)));
  }
  const project::Source* source = outcome.project ? outcome.project->find_source(name) : nullptr;
  if (source == nullptr) return internal_error("the inferred source cannot be read again");
  return *source;
}

Result<TrialRows> try_source(engine::Engine& engine, const project::Source& source,
                             const std::vector<FileLook>& looks, const std::vector<size_t>& files,
                             const std::string& folder, const Progress& progress) {
  const auto disk = storage::local_file_system("/");
  const std::string table = folder + "/rows";
  TrialRows out;
  Counter counter(source, out);
  ingest::Batch batch;
  batch.source = source.contract.name;
  batch.batch_id = "trial";
  int64_t done = 0;
  for (const size_t index : files) {
    const FileLook& look = looks[index];
    if (progress) progress("try", look.path, done, static_cast<int64_t>(files.size()));
    std::string path = look.container.empty() ? look.path : look.container;
    if (!look.is_whole) {
      BULLION_TRY_ASSIGN(const Sample sample,
                         look.container.empty()
                             ? take_sample(look.path)
                             : member_sample(look.container, look.member, look.size));
      path = fmt::format("{}/excerpt-{}", folder, index);
      BULLION_TRY(write_text(path, sample.pieces.front()));
    }
    std::error_code ignored;
    ingest::LandedFile file;
    file.file_id = fmt::format("{:016x}", look.digest);
    file.sha256 = file.file_id;
    file.landed_path = path.substr(1);
    file.original_path = look.path;
    file.size = static_cast<int64_t>(std::filesystem::file_size(path, ignored));
    if (path == look.container) {
      file.member = look.member;
      file.size = look.size;
    }
    BULLION_TRY_ASSIGN(const ingest::ParsedFile parsed,
                       ingest::parse_file(*disk, engine, source, batch, file, table,
                                          fmt::format("part-{}", index), {}));
    counter.add(parsed, table);
    ++done;
  }
  counter.finish();
  BULLION_TRY(show_rows(engine, source, out));
  return out;
}

}  // namespace bullion::infer
