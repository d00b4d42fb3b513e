// Tables that other writers made, with the rows they must have. The tables are not part of this
// repository: BULLION_SHARED_DATA names the folder that has them, else ../shared/data is tried.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/shared_data.h"
#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

std::filesystem::path golden_folder() { return shared_data_folder() / "delta" / "dat_v0.0.2"; }

class GoldenTables : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    if (!std::filesystem::is_directory(golden_folder())) {
      GTEST_SKIP() << "\n*** SKIPPED: no golden Delta tables in " << golden_folder()
                   << "; set BULLION_SHARED_DATA to the folder that has delta/dat_v0.0.2 ***\n";
    }
    golden_ = storage::local_file_system(golden_folder().string());
  }

  // Compares a table at a version with the rows of the expected Parquet files, as multisets.
  void compare(const std::string& name, const std::string& expected) {
    const std::string folder = name + "/expected/" + expected;
    const auto text = golden_->read(folder + "/table_version_metadata.json");
    ASSERT_THAT(text, IsOk());
    const auto wanted = nlohmann::json::parse(*text);
    const int64_t version = wanted.at("version");
    const delta::Log log(*golden_, name + "/delta", clock_, codec_.get());
    const auto snapshot = log.snapshot(version);
    ASSERT_THAT(snapshot, IsOk());
    EXPECT_EQ(snapshot->protocol.min_reader_version, wanted.at("min_reader_version").get<int>());
    EXPECT_EQ(snapshot->protocol.min_writer_version, wanted.at("min_writer_version").get<int>());
    std::string columns;
    for (const delta::Column& item : snapshot->metadata.schema) {
      const std::string column_name = engine::quote_name(item.name);
      columns += columns.empty() ? "" : ", ";
      columns += item.type.is_nested() ? column_name
                                       : fmt::format("CAST({0} AS {1}) AS {0}", column_name,
                                                     engine::sql_type(item.type));
    }
    const std::string got =
        "(" + relation_sql(*golden_, relation_of(*snapshot, name + "/delta")) + ")";
    const std::string want = fmt::format(
        "(SELECT {} FROM read_parquet({}, hive_partitioning = false))", columns,
        engine::quote_text(golden_->location(folder + "/table_content.parquet") + "/*.parquet"));
    EXPECT_THAT(rows_of(fmt::format("{} EXCEPT ALL {}", got, want)), testing::IsEmpty());
    EXPECT_THAT(rows_of(fmt::format("{} EXCEPT ALL {}", want, got)), testing::IsEmpty());
    EXPECT_NE(rows_of(fmt::format("SELECT count(*) FROM {}", want)).front(), "0");
  }

  std::unique_ptr<storage::FileSystem> golden_;
};

TEST_F(GoldenTables, HaveTheExpectedRowsAtEveryVersion) {
  int compared = 0;
  const auto tables = golden_->list("");
  ASSERT_THAT(tables, IsOk());
  for (const storage::FileInfo& table : *tables) {
    const auto versions = golden_->list(table.path + "/expected");
    ASSERT_THAT(versions, IsOk());
    for (const storage::FileInfo& version : *versions) {
      if (!version.is_directory) continue;
      SCOPED_TRACE(version.path);
      compare(table.path, std::string(version.name()));
      ++compared;
    }
  }
  EXPECT_GE(compared, 11);
}

TEST_F(GoldenTables, HaveTheSameFilesWithAndWithoutTheirCheckpoint) {
  const delta::Log log(*golden_, "with_checkpoint/delta", clock_, codec_.get());
  const auto with = log.snapshot();
  ASSERT_THAT(with, IsOk());
  ASSERT_GE(with->checkpoint_version, 0);
  const delta::Log plain(*golden_, "with_checkpoint/delta", clock_, nullptr);
  const auto without = plain.snapshot();
  ASSERT_THAT(without, IsOk());
  ASSERT_EQ(without->checkpoint_version, -1);
  const auto text_of = [](const delta::Snapshot& snapshot) {
    delta::Commit commit;
    commit.adds = snapshot.files;
    for (delta::AddFile& add : commit.adds) {
      add.data_change = false;
      // Spark adds defaults to the tags that it carries over.
      add.tags.clear();
    }
    return delta::commit_to_json(commit);
  };
  EXPECT_EQ(text_of(*with), text_of(*without));
}

}  // namespace
}  // namespace bullion::table
