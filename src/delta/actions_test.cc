#include "delta/actions.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::delta {
namespace {

constexpr const char* kSchemaJson =
    R"({"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]})";

Commit full_commit() {
  Commit commit;
  commit.info = CommitInfo{};
  commit.info->timestamp_ms = 1700000000000;
  commit.info->operation = "WRITE";
  commit.info->operation_parameters = {{"mode", "Append"}, {"partitionBy", "[]"}};
  commit.info->operation_metrics = {{"numFiles", "1"}};
  commit.info->read_version = 6;
  commit.info->is_blind_append = true;
  commit.info->engine_info = "Bullion/0.1.0";
  commit.info->txn_id = "11111111-2222-4333-8444-555555555555";
  commit.protocol = Protocol{};
  commit.metadata = Metadata{};
  commit.metadata->id = "table-id";
  commit.metadata->name = "costs";
  commit.metadata->schema = {{"id", {TypeId::Long, 0, 0, {}}, true, "{}"}};
  commit.metadata->partition_columns = {"day"};
  commit.metadata->configuration = {{"delta.appendOnly", "true"}};
  commit.metadata->created_time_ms = 1699999999999;
  AddFile add;
  add.path = "day=2025-01-01/part-0.parquet";
  add.partition_values = {{"day", "2025-01-01"}, {"note", std::nullopt}};
  add.size = 123;
  add.modification_time_ms = 1700000000001;
  add.stats_json = R"({"numRecords":3,"maxValues":{"x":12345678901234567890123456789012345678}})";
  add.tags = {{"bullion.rowHash", "3:abc"}};
  commit.adds = {add};
  RemoveFile remove;
  remove.path = "old.parquet";
  remove.deletion_timestamp_ms = 1700000000002;
  remove.data_change = false;
  remove.partition_values = {{"day", "2024-12-31"}};
  remove.size = 7;
  commit.removes = {remove};
  commit.txns = {{"release", 42, 1700000000003}};
  return commit;
}

TEST(CommitJson, IsDeterministicWithTheCommitInfoFirst) {
  const std::string expected =
      R"({"commitInfo":{"timestamp":1700000000000,"operation":"WRITE","operationParameters":)"
      R"({"mode":"Append","partitionBy":"[]"},"readVersion":6,"isolationLevel":)"
      R"("WriteSerializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1"},)"
      R"("engineInfo":"Bullion/0.1.0","txnId":"11111111-2222-4333-8444-555555555555"}})"
      "\n"
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"
      "\n"
      R"({"metaData":{"id":"table-id","name":"costs","format":{"provider":"parquet",)"
      R"("options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",)"
      R"(\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["day"],)"
      R"("configuration":{"delta.appendOnly":"true"},"createdTime":1699999999999}})"
      "\n"
      R"({"txn":{"appId":"release","version":42,"lastUpdated":1700000000003}})"
      "\n"
      R"({"remove":{"path":"old.parquet","deletionTimestamp":1700000000002,"dataChange":false,)"
      R"("extendedFileMetadata":true,"partitionValues":{"day":"2024-12-31"},"size":7}})"
      "\n"
      R"({"add":{"path":"day=2025-01-01/part-0.parquet","partitionValues":)"
      R"({"day":"2025-01-01","note":null},"size":123,"modificationTime":1700000000001,)"
      R"("dataChange":true,"stats":"{\"numRecords\":3,\"maxValues\":)"
      R"({\"x\":12345678901234567890123456789012345678}}","tags":{"bullion.rowHash":"3:abc"}}})"
      "\n";
  EXPECT_EQ(commit_to_json(full_commit()), expected);
}

TEST(CommitJson, SurvivesARoundTrip) {
  const std::string json = commit_to_json(full_commit());
  const auto commit = commit_from_json(json);
  ASSERT_THAT(commit, IsOk());
  EXPECT_EQ(commit_to_json(*commit), json);
  EXPECT_EQ(commit->adds[0].stats_json, full_commit().adds[0].stats_json);
  EXPECT_EQ(commit->metadata->schema_string, kSchemaJson);
  EXPECT_EQ(commit->info->read_version, 6);
  EXPECT_EQ(commit->adds[0].partition_values.at("note"), std::nullopt);
}

TEST(CommitJson, SurvivesARoundTripAsAnArray) {
  const std::string json = actions_to_json_array(full_commit());
  const auto commit = actions_from_json_array(json);
  ASSERT_THAT(commit, IsOk());
  EXPECT_EQ(commit_to_json(*commit), commit_to_json(full_commit()));
  EXPECT_EQ(actions_to_json_array(Commit{}), "[]");
  EXPECT_THAT(actions_from_json_array("{}"), IsErrorOf(ErrorKind::Corrupt));
  EXPECT_THAT(actions_from_json_array(R"([{"txn":{"appId":"a"}},{"add":{}}])"),
              HasMessage("action 2: a file action has no path"));
}

TEST(CommitJson, KeepsTheSchemaStringByteForByte) {
  const std::string odd = R"({"metaData":{"id":"i","schemaString":)"
                          R"("{ \"type\" : \"struct\", \"fields\" : [] }"}})";
  const auto commit = commit_from_json(odd);
  ASSERT_THAT(commit, IsOk());
  EXPECT_NE(commit_to_json(*commit).find(R"({ \"type\" : \"struct\", \"fields\" : [] })"),
            std::string::npos);
}

TEST(CommitJson, IgnoresWhatItDoesNotKnow) {
  const auto commit = commit_from_json(
      "{\"domainMetadata\":{\"domain\":\"d\",\"configuration\":\"\",\"removed\":false}}\r\n"
      "\n"
      "{\"cdc\":{\"path\":\"_change_data/x\"}}\n"
      "{\"future\":17}\n"
      "{\"add\":{\"path\":\"a\",\"novelty\":{\"deep\":[1,2]},\"stats\":null,\"tags\":null},"
      "\"remove\":null}\n"
      "{\"commitInfo\":{\"operation\":\"MERGE\",\"operationParameters\":{\"matched\":[1],"
      "\"n\":2},\"isBlindAppend\":\"true\"}}");
  ASSERT_THAT(commit, IsOk());
  ASSERT_EQ(commit->adds.size(), 1U);
  EXPECT_TRUE(commit->removes.empty());
  EXPECT_TRUE(commit->adds[0].data_change);
  EXPECT_EQ(commit->info->operation_parameters.at("matched"), "[1]");
  EXPECT_EQ(commit->info->operation_parameters.at("n"), "2");
  EXPECT_FALSE(commit->info->is_blind_append);
}

TEST(CommitJson, ReadsAnEmptyPartitionValueAsNull) {
  const auto commit =
      commit_from_json(R"({"add":{"path":"a","partitionValues":{"p":"","q":"x"}}})");
  ASSERT_THAT(commit, IsOk());
  EXPECT_EQ(commit->adds[0].partition_values.at("p"), std::nullopt);
  EXPECT_EQ(commit->adds[0].partition_values.at("q"), "x");
}

TEST(CommitJson, NamesTheLineThatIsBroken) {
  const std::string good = R"({"txn":{"appId":"a","version":1}})";
  for (const char* bad : {
           "{\"add\":",
           "[]",
           "17",
           R"({"add":{}})",
           R"({"add":{"path":7}})",
           R"({"add":{"path":"a","size":"big"}})",
           R"({"add":{"path":"a","partitionValues":{"p":1}}})",
           R"({"remove":{"path":""}})",
           R"({"txn":{"version":1}})",
           R"({"protocol":{"minReaderVersion":1}})",
           R"({"protocol":{"minReaderVersion":-1,"minWriterVersion":99999999999}})",
           R"({"metaData":{"id":"x"}})",
           R"({"metaData":{"id":"x","schemaString":"{"}})",
           "{\"add\":{\"path\":\"\xff\xfe\"}}",
       }) {
    const auto commit = commit_from_json(good + "\n" + bad + "\n");
    EXPECT_THAT(commit, IsErrorOf(ErrorKind::Corrupt)) << bad;
    EXPECT_THAT(commit, HasMessage("line 2: ")) << bad;
  }
  EXPECT_THAT(commit_from_json(R"({"add":{"path":"a"}} {"add":{"path":"b"}})"),
              IsErrorOf(ErrorKind::Corrupt));
}

TEST(CommitJson, WritesFeatureListsExactlyForTheVersionsThatHaveThem) {
  Commit commit;
  commit.protocol = Protocol{1, 2, {"x"}, {"x"}};
  EXPECT_EQ(commit_to_json(commit),
            "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n");
  commit.protocol = Protocol{3, 7, {}, {"appendOnly", "invariants"}};
  EXPECT_EQ(commit_to_json(commit),
            "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[],"
            "\"writerFeatures\":[\"appendOnly\",\"invariants\"]}}\n");
}

TEST(NumRecords, ComesFromTheStats) {
  AddFile add;
  EXPECT_EQ(num_records(add), std::nullopt);
  add.stats_json = R"({"minValues":{"d":12345678901234567890123456789012345678,"n":-0.10},)"
                   R"("numRecords":17})";
  EXPECT_EQ(num_records(add), 17);
  for (const char* unreadable :
       {"", "{", "[]", "null", "{}", R"({"numRecords":"17"})", R"({"numRecords":-1})",
        R"({"numRecords":1.5})", R"({"stats_json":"{\"numRecords\":1}"})"}) {
    add.stats_json = unreadable;
    EXPECT_EQ(num_records(add), std::nullopt) << unreadable;
  }
}

TEST(Paths, AreDecodedOnce) {
  AddFile add;
  add.path = "country=US%252FEast/hello%20world%2Bplus+literal%zz%2";
  EXPECT_EQ(decoded_path(add), "country=US%2FEast/hello world+plus+literal%zz%2");
}

TEST(Paths, SurviveEncodingAndDecoding) {
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  AddFile add;
  for (const std::string& path :
       {std::string("day=2025-01-01/ab/part-0.zstd.parquet"), std::string("a b%20c"),
        std::string("caf\xc3\xa9/\xe2\x82\xac"), std::string("x:y?z#`{}[]"), every_byte}) {
    add.path = encoded_path(path);
    EXPECT_EQ(decoded_path(add), path);
    for (const char c : add.path) EXPECT_TRUE(c > ' ' && c < 0x7f) << path;
  }
  EXPECT_EQ(encoded_path("day=2025-01-01/part-0_a.b~c.parquet"),
            "day=2025-01-01/part-0_a.b~c.parquet");
  EXPECT_EQ(encoded_path("100% sure"), "100%25%20sure");
}

TEST(RemovalOf, KeepsThePathAsTheLogHasIt) {
  AddFile add = full_commit().adds[0];
  add.path = "odd%2Fname%20x";
  const RemoveFile remove = removal_of(add, 99);
  EXPECT_EQ(remove.path, add.path);
  EXPECT_EQ(remove.partition_values, add.partition_values);
  EXPECT_EQ(remove.size, add.size);
  EXPECT_EQ(remove.deletion_timestamp_ms, 99);
  EXPECT_TRUE(remove.data_change);
}

}  // namespace
}  // namespace bullion::delta
