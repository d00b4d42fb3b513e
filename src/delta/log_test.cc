#include "delta/log.h"

#include "delta/log_fixture.h"
#include "storage/fault_injection.h"

namespace bullion::delta {
namespace {

using testing::ElementsAre;

TEST(Log, HasNoVersionWhereThereIsNoTable) {
  LogFixture fixture;
  const auto version = fixture.log().latest_version();
  ASSERT_THAT(version, IsOk());
  EXPECT_EQ(*version, std::nullopt);
  EXPECT_THAT(fixture.log().snapshot(), IsErrorOf(ErrorKind::NotFound));
  EXPECT_THAT(fixture.log().commit(fixture.append({add_of("a")}, 0)),
              IsErrorOf(ErrorKind::NotFound));
}

TEST(Log, CreatesATableAsVersionZeroOnce) {
  LogFixture fixture;
  fixture.create();
  EXPECT_EQ(fixture.latest(), 0);
  EXPECT_THAT(fixture.log().commit({-1, creation(), {}, false, false}),
              IsErrorOf(ErrorKind::Conflict));
  const auto commit = fixture.log().read_commit(0);
  ASSERT_THAT(commit, IsOk());
  EXPECT_EQ(commit->info->operation, "CREATE TABLE");
  EXPECT_EQ(commit->info->read_version, std::nullopt);
}

TEST(Log, DoesNotCreateATableOverOneWhoseFirstCommitsWereCleanedUp) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(fixture.log().commit(fixture.append({add_of(fmt::format("f{}", i))})), IsOk());
  }
  ASSERT_THAT(fixture.files().remove(fixture.commit_path(0)), IsOk());
  ASSERT_THAT(fixture.files().remove(fixture.commit_path(1)), IsOk());
  EXPECT_THAT(fixture.log().commit({-1, creation(), {}, false, false}),
              IsErrorOf(ErrorKind::Conflict));
}

TEST(Log, FillsInTheCommitInfo) {
  LogFixture fixture;
  fixture.create();
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("a")})), IsOk());
  Transaction rewrite = fixture.rewrite({add_of("a")}, {add_of("b")});
  rewrite.actions.info = CommitInfo{};
  rewrite.actions.info->operation = "MERGE";
  rewrite.actions.info->is_blind_append = true;
  ASSERT_THAT(fixture.log().commit(rewrite), IsOk());
  const auto append = fixture.log().read_commit(1);
  const auto merge = fixture.log().read_commit(2);
  ASSERT_THAT(append, IsOk());
  ASSERT_THAT(merge, IsOk());
  EXPECT_TRUE(append->info->is_blind_append);
  EXPECT_EQ(append->info->read_version, 0);
  EXPECT_GT(append->info->timestamp_ms, 1700000000000);
  EXPECT_EQ(append->info->txn_id.size(), 36U);
  EXPECT_FALSE(merge->info->is_blind_append);
  EXPECT_EQ(merge->info->operation, "MERGE");
  EXPECT_NE(merge->info->txn_id, append->info->txn_id);
}

TEST(Snapshot, TravelsToEveryVersion) {
  LogFixture fixture;
  fixture.create();
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("b"), add_of("a")})), IsOk());
  ASSERT_THAT(fixture.log().commit(fixture.rewrite({add_of("a")}, {add_of("c")})), IsOk());
  EXPECT_TRUE(fixture.live(0).empty());
  EXPECT_THAT(fixture.live(1), ElementsAre("a", "b"));
  EXPECT_THAT(fixture.live(2), ElementsAre("b", "c"));
  EXPECT_THAT(fixture.live(), ElementsAre("b", "c"));
  const auto snapshot = fixture.log().snapshot();
  ASSERT_EQ(snapshot->tombstones.size(), 1U);
  EXPECT_EQ(snapshot->tombstones[0].path, "a");
  EXPECT_EQ(snapshot->version, 2);
  EXPECT_EQ(snapshot->checkpoint_version, -1);
}

TEST(Snapshot, NamesTheVersionsThatExist) {
  LogFixture fixture;
  fixture.create();
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("a")})), IsOk());
  for (const int64_t version : {int64_t{2}, int64_t{-1}, int64_t{99}}) {
    const auto snapshot = fixture.log().snapshot(version);
    EXPECT_THAT(snapshot, IsErrorOf(ErrorKind::NotFound));
    EXPECT_THAT(snapshot, HasMessage("it has versions 0 to 1"));
  }
  EXPECT_THAT(fixture.log().read_commit(2), IsErrorOf(ErrorKind::NotFound));
}

TEST(Snapshot, RefusesALogWithAHole) {
  LogFixture fixture;
  fixture.create();
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(fixture.log().commit(fixture.append({add_of(fmt::format("f{}", i))})), IsOk());
  }
  ASSERT_THAT(fixture.files().remove(fixture.commit_path(2)), IsOk());
  EXPECT_THAT(fixture.log().snapshot(), HasMessage("commit 2 of its log is missing"));
  EXPECT_THAT(fixture.log().latest_version(), IsErrorOf(ErrorKind::Corrupt));
  EXPECT_THAT(fixture.live(1), ElementsAre("f0"));
  // A writer that had read version 1 must not put its commit into the hole.
  EXPECT_THAT(fixture.log().commit(fixture.append({add_of("g")}, 1)),
              IsErrorOf(ErrorKind::Corrupt));
  EXPECT_FALSE(fixture.files().stat(fixture.commit_path(2))->has_value());
}

TEST(Snapshot, RefusesCommitsThatAreEmptyOrCutOff) {
  LogFixture fixture;
  fixture.create();
  ASSERT_THAT(fixture.files().create(fixture.commit_path(1), ""), IsOk());
  EXPECT_THAT(fixture.log().snapshot(), HasMessage("the commit is empty"));
  ASSERT_THAT(fixture.files().replace(fixture.commit_path(1), R"({"add":{"path":"a")"), IsOk());
  EXPECT_THAT(fixture.log().snapshot(), HasMessage("00000000000000000001.json: line 1"));
  EXPECT_THAT(fixture.log().snapshot(), IsErrorOf(ErrorKind::Corrupt));
}

TEST(Snapshot, RefusesFilesItCannotRead) {
  for (const char* add :
       {R"({"add":{"path":"/etc/passwd"}})", R"({"add":{"path":"s3://bucket/x.parquet"}})",
        R"({"add":{"path":"file:/x.parquet"}})", R"({"add":{"path":"a/../../x"}})",
        R"({"add":{"path":"a/%2E%2E/x"}})",
        R"({"add":{"path":"a","deletionVector":{"storageType":"u"}}})"}) {
    LogFixture fixture;
    fixture.create();
    ASSERT_THAT(fixture.files().create(fixture.commit_path(1), add), IsOk());
    EXPECT_THAT(fixture.log().snapshot(), IsErrorOf(ErrorKind::Invalid)) << add;
  }
}

TEST(Snapshot, KeepsTheLastTxnOfEachApplication) {
  LogFixture fixture;
  fixture.create();
  for (const int64_t version : {int64_t{5}, int64_t{7}}) {
    Transaction append = fixture.append({add_of(fmt::format("f{}", version))});
    append.actions.txns = {{"loader", version, 0}};
    ASSERT_THAT(fixture.log().commit(append), IsOk());
  }
  EXPECT_EQ(fixture.log().snapshot()->txns.at("loader").version, 7);
  EXPECT_EQ(fixture.log().snapshot(1)->txns.at("loader").version, 5);
}

TEST(Commit, IsIdempotentByTxn) {
  LogFixture fixture;
  fixture.create();
  Transaction append = fixture.append({add_of("a")});
  append.actions.txns = {{"release", 3, 0}};
  EXPECT_EQ(*fixture.log().commit(append), 1);
  EXPECT_EQ(*fixture.log().commit(append), 1);
  append.read_version = 1;
  append.actions.txns[0].version = 2;
  EXPECT_EQ(*fixture.log().commit(append), 1);
  append.actions.txns[0].version = 4;
  append.actions.adds = {add_of("b")};
  EXPECT_EQ(*fixture.log().commit(append), 2);
  EXPECT_THAT(fixture.live(), ElementsAre("a", "b"));
}

TEST(Commit, IsIdempotentByTxnEvenAtAnExactVersion) {
  LogFixture fixture;
  fixture.create();
  Transaction append = fixture.append({add_of("a")});
  append.exact_version = true;
  append.actions.txns = {{"release", 3, 0}};
  EXPECT_EQ(*fixture.log().commit(append), 1);
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("b")})), IsOk());
  EXPECT_EQ(*fixture.log().commit(append), 2);
  EXPECT_THAT(fixture.live(), ElementsAre("a", "b"));
}

TEST(Commit, RecognisesItselfByItsTxnIdWhenItIsRepeated) {
  LogFixture fixture;
  fixture.create();
  Transaction append = fixture.append({add_of("a")});
  append.actions.info = CommitInfo{};
  append.actions.info->txn_id = "the-same";
  EXPECT_EQ(*fixture.log().commit(append), 1);
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("b")})), IsOk());
  EXPECT_EQ(*fixture.log().commit(append), 1);
  EXPECT_EQ(fixture.latest(), 2);
}

TEST(Commit, AtAnExactVersionDoesNotRebase) {
  LogFixture fixture;
  fixture.create();
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("a")})), IsOk());
  Transaction late = fixture.append({add_of("b")}, 0);
  late.exact_version = true;
  const auto refused = fixture.log().commit(late);
  EXPECT_THAT(refused, IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(refused, HasMessage("version 1"));
  late.read_version = 1;
  EXPECT_EQ(*fixture.log().commit(late), 2);
}

TEST(Commit, RefusesToReadAVersionThatIsNotThere) {
  LogFixture fixture;
  fixture.create();
  EXPECT_THAT(fixture.log().commit(fixture.append({add_of("a")}, 5)),
              IsErrorOf(ErrorKind::NotFound));
}

struct BrokenRule {
  const char* what;
  void (*breaks)(Transaction&);
};

void expect_refused(const std::vector<BrokenRule>& rules) {
  for (const BrokenRule& rule : rules) {
    LogFixture fixture;
    fixture.create({{"keep", "1"}});
    ASSERT_THAT(fixture.log().commit(fixture.append({add_of("live")})), IsOk());
    Transaction transaction;
    transaction.read_version = 1;
    rule.breaks(transaction);
    const auto refused = fixture.log().commit(transaction);
    EXPECT_THAT(refused, IsErrorOf(ErrorKind::Invalid)) << rule.what;
    EXPECT_THAT(refused, HasMessage(rule.what));
    EXPECT_EQ(fixture.latest(), 1) << rule.what;
  }
}

TEST(Commit, RefusesFilesAndTxnsThatBreakARule) {
  expect_refused({
      {"added twice", [](Transaction& t) { t.actions.adds = {add_of("n"), add_of("n")}; }},
      {"added and removed",
       [](Transaction& t) {
         t.actions.adds = {add_of("live")};
         t.actions.removes = {removal_of(add_of("live"), 1)};
       }},
      {"part of the table already", [](Transaction& t) { t.actions.adds = {add_of("live")}; }},
      {"not part of the table",
       [](Transaction& t) { t.actions.removes = {removal_of(add_of("gone"), 1)}; }},
      {"removed twice",
       [](Transaction& t) {
         t.actions.removes = {removal_of(add_of("live"), 1), removal_of(add_of("live"), 1)};
       }},
      {"no path below", [](Transaction& t) { t.actions.adds = {add_of("../x")}; }},
      {"no path below", [](Transaction& t) { t.actions.adds = {add_of("")}; }},
      {"no value for the partition column `day`",
       [](Transaction& t) {
         t.actions.adds = {add_of("n")};
         t.actions.adds[0].partition_values.clear();
       }},
      {"(did you mean `day`?)",
       [](Transaction& t) {
         t.actions.adds = {add_of("n")};
         t.actions.adds[0].partition_values["dya"] = "x";
       }},
      {"has the size -1",
       [](Transaction& t) {
         t.actions.adds = {add_of("n")};
         t.actions.adds[0].size = -1;
       }},
      {"deletion vector",
       [](Transaction& t) {
         t.actions.adds = {add_of("n")};
         t.actions.adds[0].deletion_vector_json = "{}";
       }},
      {"two txns", [](Transaction& t) { t.actions.txns = {{"a", 1, 0}, {"a", 2, 0}}; }},
  });
}

TEST(Commit, RefusesMetadataThatBreaksARule) {
  expect_refused({
      {"id would change",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->id = "another";
       }},
      {"property `keep` = `1` would be lost",
       [](Transaction& t) { t.actions.metadata = creation().metadata; }},
      {"partition columns would change",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->partition_columns.clear();
       }},
      {"not in the schema",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->partition_columns = {"days"};
       }},
      {"two columns are named",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->schema.push_back({"ID", {}, true, "{}"});
       }},
      {"cannot be named `a b`",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->schema.push_back({"a b", {}, true, "{}"});
       }},
      {"clear schema_string",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->schema_string = schema_to_json({{"x", {}, true, "{}"}});
       }},
      {"timestampNtz",
       [](Transaction& t) {
         t.actions.metadata = creation({{"keep", "1"}}).metadata;
         t.actions.metadata->schema.push_back({"at", {TypeId::TimestampNtz, 0, 0, {}}, true, "{}"});
       }},
      {"versions would go down",
       [](Transaction& t) { t.actions.protocol = Protocol{1, 1, {}, {}}; }},
  });
}

TEST(Commit, KeepsRowsOfAnAppendOnlyTable) {
  LogFixture fixture;
  fixture.create({{"delta.appendOnly", "true"}});
  ASSERT_THAT(fixture.log().commit(fixture.append({add_of("a")})), IsOk());
  EXPECT_THAT(fixture.log().commit(fixture.rewrite({add_of("a")}, {})), HasMessage("append-only"));
  Transaction compaction = fixture.rewrite({add_of("a")}, {add_of("b")});
  compaction.actions.removes[0].data_change = false;
  compaction.actions.adds[0].data_change = false;
  EXPECT_THAT(fixture.log().commit(compaction), IsOk());
}

TEST(Commit, NeedsProtocolAndMetadataFirst) {
  LogFixture fixture;
  Commit bare = creation();
  bare.protocol.reset();
  EXPECT_THAT(fixture.log().commit({-1, bare, {}, false, false}), IsErrorOf(ErrorKind::Invalid));
  EXPECT_EQ(fixture.latest(), -1);
}

TEST(Commit, NeverWritesWhatCannotBeReadBack) {
  LogFixture fixture;
  fixture.create();
  EXPECT_THAT(fixture.log().commit(fixture.append({add_of("bad\xff")})),
              IsErrorOf(ErrorKind::Internal));
  EXPECT_EQ(fixture.latest(), 0);
}

TEST(Commit, AddsAColumnAndKeepsTheRest) {
  LogFixture fixture;
  fixture.create({{"foreign.key", "x"}});
  Transaction change;
  change.read_version = 0;
  change.actions.metadata = fixture.log().snapshot()->metadata;
  change.actions.metadata->schema.push_back({"note", {}, true, "{}"});
  change.actions.metadata->schema_string.clear();
  ASSERT_THAT(fixture.log().commit(change), IsOk());
  const auto snapshot = fixture.log().snapshot();
  EXPECT_EQ(snapshot->metadata.schema.size(), 3U);
  EXPECT_EQ(snapshot->metadata.configuration.at("foreign.key"), "x");
}

TEST(Commit, HappensExactlyOnceWhenTheAnswerIsLost) {
  LogFixture fixture;
  fixture.create();
  const auto faulty = storage::fault_injecting_file_system(
      fixture.files(), {storage::Fault::ErrorAfter, 1}, nullptr);
  Log log(*faulty, "t", fixture.clock(), nullptr);
  EXPECT_EQ(*log.commit(fixture.append({add_of("a")})), 1);
  EXPECT_EQ(fixture.latest(), 1);
  EXPECT_THAT(fixture.live(), ElementsAre("a"));
}

}  // namespace
}  // namespace bullion::delta
