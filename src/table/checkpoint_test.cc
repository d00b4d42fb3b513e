#include <fmt/format.h>

#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

delta::Commit example_actions() {
  delta::Commit actions;
  actions.protocol = delta::Protocol();
  delta::Metadata metadata;
  metadata.id = "6f5b6d7e-0000-4000-8000-000000000000";
  metadata.name = "caf\u00e9 \"1\"";
  metadata.schema = {column("id", TypeId::Long), column("day", TypeId::Date)};
  metadata.partition_columns = {"day"};
  metadata.configuration = {{"delta.appendOnly", "false"}, {"x", ""}};
  metadata.created_time_ms = 1'700'000'000'000;
  actions.metadata = metadata;
  delta::AddFile add;
  add.path = "day=2024-01-01/a%20b.parquet";
  add.partition_values = {{"day", "2024-01-01"}};
  add.size = 9'007'199'254'740'993;
  add.modification_time_ms = 1'700'000'000'001;
  add.data_change = false;
  add.stats_json = R"({"numRecords":3,"minValues":{"id":-1},"maxValues":{"id":"\u0000"}})";
  add.tags = {{kRowHashTag, "3:0123456789abcdef:fedcba9876543210"}, {"k", "v\"\n"}};
  actions.adds.push_back(add);
  add.path = "b.parquet";
  add.partition_values = {{"day", std::nullopt}};
  add.stats_json.clear();
  add.tags.clear();
  actions.adds.push_back(add);
  delta::RemoveFile remove;
  remove.path = "c.parquet";
  remove.deletion_timestamp_ms = 1'700'000'000'002;
  remove.data_change = false;
  remove.partition_values = {{"day", "2024-01-02"}};
  remove.size = 12;
  actions.removes.push_back(remove);
  actions.txns.push_back({"app", 7, 1'700'000'000'003});
  actions.txns.push_back({"other", 0, 0});
  return actions;
}

class Checkpoints : public TableFixture {};

TEST_F(Checkpoints, ReadBackAsTheyWereWritten) {
  const delta::Commit actions = example_actions();
  ASSERT_THAT(codec_->write(*files_, "t/_delta_log/x.tmp", actions), IsOk());
  const auto read = codec_->read(*files_, "t/_delta_log/x.tmp");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(delta::commit_to_json(*read), delta::commit_to_json(actions));
}

TEST_F(Checkpoints, PassThroughFileSystemsThatNoEngineOpens) {
  const auto memory = storage::memory_file_system();
  const delta::Commit actions = example_actions();
  ASSERT_THAT(codec_->write(*memory, "x", actions), IsOk());
  const auto read = codec_->read(*memory, "x");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(delta::commit_to_json(*read), delta::commit_to_json(actions));
}

TEST_F(Checkpoints, HaveSparksSchema) {
  ASSERT_THAT(codec_->write(*files_, "x.parquet", example_actions()), IsOk());
  const std::string file = engine::quote_text(files_->location("x.parquet"));
  EXPECT_THAT(
      rows_of("SELECT column_name || ' ' || column_type FROM (DESCRIBE SELECT txn, add, "
              "protocol FROM " +
              file + ")"),
      ElementsAre("add STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, "
                  "modificationTime BIGINT, dataChange BOOLEAN, tags MAP(VARCHAR, VARCHAR), stats "
                  "VARCHAR)",
                  "protocol STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, "
                  "readerFeatures VARCHAR[], writerFeatures VARCHAR[])",
                  "txn STRUCT(appId VARCHAR, \"version\" BIGINT, lastUpdated BIGINT)"));
  // Only keys of maps, and the root, may be required.
  EXPECT_THAT(rows_of("SELECT DISTINCT name FROM parquet_schema(" + file +
                      ") WHERE repetition_type = 'REQUIRED'"),
              ElementsAre("duckdb_schema", "key"));
  EXPECT_THAT(rows_of("SELECT DISTINCT name FROM parquet_schema(" + file +
                      ") WHERE repetition_type = 'REPEATED'"),
              ElementsAre("key_value", "list"));
}

TEST_F(Checkpoints, HoldOneActionPerRowAndNullOtherwise) {
  ASSERT_THAT(codec_->write(*files_, "x.parquet", example_actions()), IsOk());
  const std::string file = engine::quote_text(files_->location("x.parquet"));
  EXPECT_THAT(
      rows_of("SELECT count(*), count(txn), count(add), count(remove), count(\"metaData\"), "
              "count(protocol) FROM " +
              file),
      ElementsAre("7|2|2|1|1|1"));
  EXPECT_THAT(rows_of("SELECT protocol.readerFeatures IS NULL, protocol.minWriterVersion FROM " +
                      file + " WHERE protocol IS NOT NULL"),
              ElementsAre("true|2"));
  EXPECT_THAT(rows_of("SELECT DISTINCT add.dataChange FROM " + file + " WHERE add IS NOT NULL"),
              ElementsAre("false"));
}

TEST_F(Checkpoints, OfOtherWritersMayLackColumnsAndHaveMore) {
  ASSERT_THAT(
      engine_->execute(
          "COPY (SELECT {'path': 'a', 'size': 1::BIGINT, 'stats_parsed': {'numRecords': 5}, "
          "'partitionValues': MAP {'p': NULL::VARCHAR}} AS add, "
          "NULL::STRUCT(\"minReaderVersion\" INTEGER, \"minWriterVersion\" INTEGER) AS protocol, "
          "1 AS other "
          "UNION ALL SELECT NULL, {'minReaderVersion': 1, 'minWriterVersion': 2}, 2) TO " +
          engine::quote_text(files_->location("x.parquet")) + " (FORMAT parquet)"),
      IsOk());
  const auto read = codec_->read(*files_, "x.parquet");
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->adds.size(), 1U);
  EXPECT_EQ(read->adds[0].path, "a");
  EXPECT_EQ(read->adds[0].partition_values, (delta::PartitionValues{{"p", std::nullopt}}));
  EXPECT_TRUE(read->adds[0].deletion_vector_json.empty());
  ASSERT_TRUE(read->protocol.has_value());
  EXPECT_EQ(read->protocol->min_writer_version, 2);
}

TEST_F(Checkpoints, ShowTheDeletionVectorsOfOtherWriters) {
  ASSERT_THAT(engine_->execute(
                  "COPY (SELECT {'path': 'a', 'deletionVector': {'storageType': 'u', 'offset': 1}} "
                  "AS add) TO " +
                  engine::quote_text(files_->location("x.parquet")) + " (FORMAT parquet)"),
              IsOk());
  const auto read = codec_->read(*files_, "x.parquet");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->adds.at(0).deletion_vector_json, HasSubstr(R"("storageType":"u")"));
}

TEST_F(Checkpoints, ThatAreNoParquetAreCorrupt) {
  ASSERT_THAT(files_->create("x.parquet", "not parquet at all"), IsOk());
  EXPECT_THAT(codec_->read(*files_, "x.parquet"), IsErrorOf(ErrorKind::Corrupt));
}

TEST_F(Checkpoints, GiveTheSameTableAsItsCommits) {
  create({column("id", TypeId::Long), column("day", TypeId::Date)}, {"day"});
  for (int i = 1; i <= 12; ++i) {
    append(fmt::format("SELECT {} AS id, DATE '2024-01-01' + {} AS day", i, i % 3));
    // Every third commit removes a file, so that the checkpoint has tombstones.
    const auto snapshot = log().snapshot();
    ASSERT_THAT(snapshot, IsOk());
    auto removal = remove_rows(write_at(*snapshot), {"id"}, fmt::format("SELECT {} AS id", i));
    ASSERT_THAT(removal, IsOk());
    removal->actions.txns.push_back({fmt::format("app{}", i % 4), i, 0});
    if (i % 2 == 0) {
      ASSERT_THAT(log().commit(*removal), IsOk());
    }
  }
  ASSERT_THAT(files_->stat("t/_delta_log/00000000000000000010.checkpoint.parquet"), IsOk());
  const auto with = log().snapshot();
  ASSERT_THAT(with, IsOk());
  EXPECT_EQ(with->checkpoint_version, 10);
  EXPECT_EQ(with->version, 18);
  EXPECT_EQ(with->files.size(), 6U);
  EXPECT_EQ(with->tombstones.size(), 6U);
  const delta::Log plain(*files_, "t", clock_, nullptr);
  const auto without = plain.snapshot();
  ASSERT_THAT(without, IsOk());
  EXPECT_EQ(without->checkpoint_version, -1);
  const auto text_of = [](const delta::Snapshot& snapshot) {
    delta::Commit commit;
    commit.protocol = snapshot.protocol;
    commit.metadata = snapshot.metadata;
    commit.adds = snapshot.files;
    for (delta::AddFile& add : commit.adds) add.data_change = false;
    commit.removes = snapshot.tombstones;
    for (delta::RemoveFile& remove : commit.removes) remove.data_change = false;
    for (const auto& [app_id, txn] : snapshot.txns) commit.txns.push_back(txn);
    return delta::commit_to_json(commit);
  };
  EXPECT_EQ(text_of(*with), text_of(*without));
}

TEST_F(Checkpoints, CarryATableWhoseEarlyCommitsAreGone) {
  create({column("id", TypeId::Long)});
  for (int i = 1; i <= 11; ++i) append(fmt::format("SELECT {} AS id", i));
  const auto before = table_rows();
  ASSERT_EQ(before.size(), 11U);
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(files_->remove(fmt::format("t/_delta_log/{:020}.json", i)), IsOk());
  }
  EXPECT_EQ(table_rows(), before);
}

}  // namespace
}  // namespace bullion::table
