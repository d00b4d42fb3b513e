// Spending files of real councils against the totals that are known of them. They are not part of
// this repository: BULLION_SHARED_DATA names the folder that has them, else ../shared/data is
// tried.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "base/shared_data.h"
#include "engine/duckdb/duckdb_engine.h"
#include "ingest/typed_rows_internal.h"
#include "records/open_records.h"
#include "storage/temporary_folder.h"

namespace bullion::ingest {
namespace {

std::filesystem::path spend_folder() { return shared_data_folder() / "spend"; }

/// What is known of one publisher's files.
struct Publisher {
  std::string source;
  std::string folder;
  int64_t files = 0;
  std::string amount;     ///< of all parseable amounts that are no totals
  int64_t totals = 0;     ///< control totals in the files
  size_t totals_off = 0;  ///< of which the rows of their file add up to something else
  int64_t rejected = 0;
};

void PrintTo(const Publisher& publisher, std::ostream* out) { *out << publisher.source; }

/// What the readers made of them.
struct CouncilOutcome {
  int64_t files = 0;
  int64_t records = 0;
  int64_t kept = 0;
  int64_t rejected = 0;
  int64_t blank = 0;
  std::vector<std::string> unreadable;
  Decimal kept_amount{0, 2};
  Decimal rejected_amount{0, 2};
  std::vector<std::string> totals_off;  ///< "file: total, sum"
  int64_t totals = 0;
  std::map<std::string, int64_t> excluded;  ///< by reason
  std::map<std::string, int64_t> codes;     ///< of rejects
};

class CouncilFiles : public testing::TestWithParam<Publisher> {
 protected:
  static void SetUpTestSuite() {
    const char* all = std::getenv("BULLION_COUNCIL_REPORT");
    report_ = all != nullptr;
  }

  /// The source as its YAML declares it.
  project::Source load(const std::string& name) {
    std::ofstream(folder_.path() + "/bullion.yml")
        << "name: spend\ncurrency: GBP\ntargets: {dev: {lake: ./lake}}\n";
    std::filesystem::create_directory(folder_.path() + "/sources");
    std::filesystem::copy(
        source_folder() / "test" / "end_to_end" / "council_sources" / (name + ".yml"),
        folder_.path() + "/sources");
    std::filesystem::create_directories(folder_.path() + "/models/silver");
    std::ofstream(folder_.path() + "/models/silver/nothing.sql") << "SELECT 1 AS one\n";
    std::ofstream(folder_.path() + "/models/silver/schema.yml")
        << "version: 2\nmodels:\n  - name: nothing\n    meta: {owner: a@example.com}\n"
           "    config: {kind: full}\n    columns: [{name: one, data_type: int}]\n";
    auto engine = engine::duckdb_engine({.memory_limit_bytes = 0, .threads = 1, .temp_folder = ""});
    EXPECT_THAT(engine, IsOk());
    project::LoadOptions options;
    options.folder = folder_.path();
    auto loaded = project::load_project(options, **engine);
    for (const project::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    return loaded.project && !loaded.project->sources.empty() ? loaded.project->sources.front()
                                                              : project::Source{};
  }

  static void read_file(const storage::FileSystem& files, const std::string& name, int64_t size,
                        const project::Source& source, CouncilOutcome& out) {
    ++out.files;
    auto opened = records::open_records(files, nullptr, source, {name, "", size}, nullptr);
    ASSERT_THAT(opened, IsOk()) << name;
    if (opened->fault) {
      out.unreadable.push_back(name + ": " + opened->fault->code);
      return;
    }
    ParsedFile parsed;
    TypedRows rows(*opened->reader, source, std::nullopt, parsed, [] {});
    engine::RowBatch batch;
    do {
      ASSERT_THAT(rows.next(batch), IsOk()) << name;
    } while (batch.rows > 0);
    ASSERT_EQ(parsed.records, parsed.kept + static_cast<int64_t>(parsed.rejected.size()));
    Decimal sum = parsed.kept_amount;
    for (const Rejected& rejected : parsed.rejected) {
      ++out.codes[rejected.codes.front()];
      if (report_) {
        fmt::print("  {}:{} {}\n", name, rejected.line, rejected.reasons.front());
      }
      if (!rejected.amount) continue;
      out.rejected_amount = *sum_of(out.rejected_amount, *rejected.amount);
      sum = *sum_of(sum, *rejected.amount);
    }
    for (const records::ExcludedRecord& excluded : opened->reader->excluded().records) {
      ++out.excluded[excluded.reason];
      if (excluded.reason != "control_total") continue;
      ++out.totals;
      const auto total = read_amount(source, excluded.amount);
      ASSERT_TRUE(total) << name << " " << excluded.amount;
      if (!same_value(*total, sum)) {
        out.totals_off.push_back(
            fmt::format("{}: {}, {}", name, to_string(*total), to_string(sum)));
      }
    }
    out.records += parsed.records;
    out.kept += parsed.kept;
    out.rejected += static_cast<int64_t>(parsed.rejected.size());
    out.blank += opened->reader->excluded().blank;
    out.kept_amount = *sum_of(out.kept_amount, parsed.kept_amount);
  }

  static void print(const Publisher& publisher, const CouncilOutcome& out) {
    fmt::print("{}: {} files, {} records, {} kept, {} rejected, {} blank; kept {}, rejected {}\n",
               publisher.source, out.files, out.records, out.kept, out.rejected, out.blank,
               to_string(out.kept_amount), to_string(out.rejected_amount));
    for (const auto& [code, count] : out.codes) fmt::print("  {} {}\n", code, count);
    for (const auto& [reason, count] : out.excluded)
      fmt::print("  excluded {} {}\n", reason, count);
    for (const std::string& name : out.unreadable) fmt::print("  unreadable {}\n", name);
    fmt::print("  totals {}, off {}\n", out.totals, out.totals_off.size());
    for (const std::string& name : out.totals_off) fmt::print("    {}\n", name);
  }

  storage::TemporaryFolder folder_;
  static inline bool report_ = false;
};

TEST_P(CouncilFiles, AddUpToTheLastPenny) {
  const Publisher& publisher = GetParam();
  const auto folder = spend_folder() / publisher.folder;
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "\n*** SKIPPED: no " << folder
                 << "; set BULLION_SHARED_DATA to the folder that has spend ***\n";
  }
  const project::Source source = load(publisher.source);
  ASSERT_FALSE(source.contract.columns.empty());
  std::vector<std::filesystem::directory_entry> entries;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".csv.gz")) entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end());
  const auto files = storage::local_file_system(folder.string());
  CouncilOutcome out;
  for (const auto& entry : entries) {
    read_file(*files, entry.path().filename().string(), static_cast<int64_t>(entry.file_size()),
              source, out);
  }
  print(publisher, out);
  EXPECT_EQ(out.files, publisher.files);
  EXPECT_EQ(out.totals, publisher.totals);
  EXPECT_EQ(out.totals_off.size(), publisher.totals_off);
  EXPECT_EQ(out.rejected, publisher.rejected);
  EXPECT_EQ(to_string(*sum_of(out.kept_amount, out.rejected_amount)), publisher.amount);
}

// 242 amounts of Salford are empty and two are no numbers. Network Rail: 30 of 51 totals are off by
// up to 0.03, and that of 2017-01 by 31,649,694.25.
INSTANTIATE_TEST_SUITE_P(
    Publishers, CouncilFiles,
    testing::Values(
        Publisher{"raw_leeds", "uk_council_spending/leeds_raw", 38, "2857360699.35", 13, 1},
        Publisher{"raw_manchester", "uk_council_spending/manchester", 138, "9429210465.06"},
        Publisher{"raw_gla", "uk_council_spending/greater_london_authority", 116, "9860050398.84"},
        Publisher{"raw_darlington", "uk_council_spending/darlington", 141, "1067477709.20"},
        Publisher{"raw_salford", "uk_council_spending/salford", 132, "3651500052.46", 0, 0, 244},
        Publisher{"raw_network_rail", "uk_council_spending/network_rail", 52, "29331251452.69", 51,
                  31},
        Publisher{"raw_birmingham_cards", "birmingham_pcard", 35, "23257401.43"}),
    [](const auto& test) { return test.param.source; });

}  // namespace
}  // namespace bullion::ingest
