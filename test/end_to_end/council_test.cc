// The spending files of seven publishers, from `bullion source infer` to totals that are known to
// the penny. They are not part of this repository (program.h, shared_data).
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

/// A line that a user changes in the inferred source.
struct Patch {
  std::string line;  ///< as inferred
  std::string with;
};

struct Publisher {
  std::string name;
  std::string folder;
  std::string amount_column;
  std::string amount;      ///< of all parseable amounts; of files with the same bytes, one
  int64_t totals = 0;      ///< control totals within the files
  int64_t totals_off = 0;  ///< of which the rows of their file add up to something else
  std::vector<Patch> patches = {};
};

void PrintTo(const Publisher& publisher, std::ostream* out) { *out << publisher.name; }

class Council : public testing::TestWithParam<Publisher> {};

void make_empty_project(const TestFolder& folder) {
  write_file(folder / "bullion.yml",
             "name: council\ncurrency: GBP\ntargets: {dev: {lake: ./lake}}\n");
  write_file(folder / "models/silver/one.sql", "SELECT 1 AS one\n");
  write_file(folder / "models/silver/schema.yml",
             "version: 2\nmodels:\n  - name: one\n    meta: {owner: a@example.com}\n"
             "    config: {kind: full}\n    columns: [{name: one, data_type: int}]\n");
}

TEST_P(Council, AddsUpToThePennyFromInferredSources) {
  const Publisher& publisher = GetParam();
  const auto files = shared_data() / "spend" / publisher.folder;
  if (!std::filesystem::is_directory(files)) {
    GTEST_SKIP() << "\n*** SKIPPED: no " << files
                 << "; set BULLION_SHARED_DATA to the folder that has spend ***\n";
  }
  TestFolder folder("council");
  make_empty_project(folder);
  const Outcome inferred =
      bullion(folder.path(), {"source", "infer", files.string(), "--name", publisher.name, "-q"});
  ASSERT_EQ(inferred.code, 0) << inferred.err;
  const auto path = folder / ("sources/" + publisher.name + ".yml");
  std::string yaml = read_file(path);
  for (const Patch& patch : publisher.patches) {
    const size_t at = yaml.find(patch.line);
    ASSERT_NE(at, std::string::npos) << patch.line << "\n" << yaml;
    yaml.replace(at, patch.line.size(), patch.with);
  }
  write_file(path, yaml);
  ASSERT_LE(publisher.patches.size(), 15U);

  const Outcome run = bullion(folder.path(), {"run", "-q"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  const std::string has_rejects = query_value(
      folder.path(), fmt::format("SELECT coalesce(sum(rows_quarantined), 0) FROM ops.runs"));
  const std::string quarantined =
      has_rejects == "0"
          ? "0"
          : fmt::format(
                "(SELECT coalesce(sum(CAST(amount AS DECIMAL(38, 2))), 0) FROM quarantine.{})",
                publisher.name);
  EXPECT_EQ(
      query_value(folder.path(), fmt::format("SELECT sum({}) + {} FROM {}", publisher.amount_column,
                                             quarantined, publisher.name)),
      publisher.amount);
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT count(*) FROM ops.conservation WHERE scope = 'file' AND rows_in <> "
                        "rows_kept + rows_quarantined + rows_excluded"),
            "0");
  if (publisher.totals == 0) return;
  EXPECT_EQ(query_value(folder.path(), "SELECT count(*) FROM ops.control_totals"),
            std::to_string(publisher.totals));
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT count(*) FROM ops.control_totals WHERE status = 'differs'"),
            std::to_string(publisher.totals_off));
}

// Network Rail: 30 of 51 totals are off by up to 0.03, and that of 2017-01 by 31,649,694.25.
INSTANTIATE_TEST_SUITE_P(
    Publishers, Council,
    testing::Values(
        Publisher{"leeds", "uk_council_spending/leeds_raw", "net_amount", "2857360699.35", 13, 1},
        Publisher{"manchester", "uk_council_spending/manchester", "net_amount", "9429210465.06"},
        Publisher{"gla", "uk_council_spending/greater_london_authority", "amount", "9860050398.84"},
        Publisher{"darlington", "uk_council_spending/darlington", "invoice_line_value_net_of_vat",
                  "1062567749.61"},
        Publisher{"salford", "uk_council_spending/salford", "gross", "3651500052.46"},
        Publisher{"network_rail", "uk_council_spending/network_rail", "spend", "29331251452.69", 51,
                  31},
        Publisher{"birmingham", "birmingham_pcard", "original_gross_amt", "22654609.51"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bullion::end_to_end
