#include <random>

#include "delta/checkpoint_internal.h"
#include "delta/log_fixture.h"

namespace bullion::delta {
namespace {

/// Commits `count` appends of one file each.
void append_many(LogFixture& fixture, int count) {
  for (int i = 0; i < count; ++i) {
    const int64_t next = fixture.latest() + 1;
    ASSERT_THAT(fixture.log().commit(fixture.append({add_of(fmt::format("f{:03}", next))})),
                IsOk());
  }
}

TEST(Interval, IsReadInMilliseconds) {
  EXPECT_EQ(parse_interval_ms("interval 1 week"), 604800000);
  EXPECT_EQ(parse_interval_ms("interval 3650 days"), 3650LL * 86400000);
  EXPECT_EQ(parse_interval_ms("interval 1 day 12 hours"), 36LL * 3600000);
  EXPECT_EQ(parse_interval_ms("interval  2  minutes 3 seconds 4 milliseconds"), 123004);
  EXPECT_EQ(parse_interval_ms("interval 0 hours"), 0);
  for (const char* text :
       {"", "interval", "1 week", "interval week", "interval 1", "interval 1 moon",
        "interval -1 days", "interval 99999999999999999 weeks", "interval 1.5 days",
        "interval 1 days x"}) {
    EXPECT_EQ(parse_interval_ms(text), std::nullopt) << text;
  }
}

TEST(Checkpoint, IsWrittenEveryIntervalWithAHint) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 3});
  fixture.create();
  append_many(fixture, 7);
  EXPECT_EQ(codec.writes, 2);
  EXPECT_TRUE(fixture.files().stat(fixture.checkpoint_path(3))->has_value());
  EXPECT_TRUE(fixture.files().stat(fixture.checkpoint_path(6))->has_value());
  EXPECT_FALSE(fixture.files().stat(fixture.checkpoint_path(7))->has_value());
  const int64_t size = (*fixture.files().stat(fixture.checkpoint_path(6)))->size;
  const auto hint = fixture.files().read(fixture.log_path("_last_checkpoint"));
  ASSERT_THAT(hint, IsOk());
  EXPECT_EQ(*hint, fmt::format("{{\"version\":6,\"size\":8,\"sizeInBytes\":{},"
                               "\"numOfAddFiles\":6}}",
                               size));
  const auto snapshot = fixture.log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  EXPECT_EQ(snapshot->checkpoint_version, 6);
  EXPECT_EQ(snapshot->files.size(), 7U);
  const auto entries = fixture.files().list(fixture.log_folder());
  for (const storage::FileInfo& entry : *entries) {
    EXPECT_FALSE(entry.path.ends_with(".tmp")) << entry.path;
  }
}

TEST(Checkpoint, ComesAtTheTablesOwnInterval) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 3});
  fixture.create({{"delta.checkpointInterval", "5"}});
  append_many(fixture, 5);
  EXPECT_EQ(codec.writes, 1);
  EXPECT_TRUE(fixture.files().stat(fixture.checkpoint_path(5))->has_value());
}

TEST(Checkpoint, IsLeftToOthersWhenTheTableWantsAnotherForm) {
  for (const auto& [key, value] : {std::pair("delta.checkpoint.writeStatsAsStruct", "true"),
                                   std::pair("delta.checkpoint.writeStatsAsJson", "false")}) {
    JsonCodec codec;
    LogFixture fixture(&codec, {.checkpoint_interval = 2});
    fixture.create({{key, value}});
    append_many(fixture, 2);
    EXPECT_EQ(codec.writes, 0);
  }
}

TEST(Checkpoint, ThatFailsDoesNotFailTheCommit) {
  JsonCodec codec;
  codec.fails = true;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  append_many(fixture, 2);
  EXPECT_EQ(fixture.latest(), 2);
  EXPECT_FALSE(fixture.files().stat(fixture.checkpoint_path(2))->has_value());
  EXPECT_THAT(fixture.files().read(fixture.log_path("_last_checkpoint")),
              IsErrorOf(ErrorKind::NotFound));
}

TEST(Checkpoint, ThatLosesAFileIsNeverPublished) {
  JsonCodec codec;
  codec.loses_a_file = true;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  append_many(fixture, 3);
  EXPECT_EQ(codec.writes, 1);
  EXPECT_EQ(fixture.live().size(), 3U);
  EXPECT_EQ(fixture.files().list(fixture.log_folder())->size(), 4U);
}

TEST(Checkpoint, KeepsTombstonesForTheirRetention) {
  Snapshot snapshot;
  const int64_t now_ms = 1700000000000;
  snapshot.tombstones = {removal_of(add_of("young"), now_ms - 86400000),
                         removal_of(add_of("old"), now_ms - 8 * 86400000LL)};
  const auto kept = [&](const char* retention) {
    snapshot.metadata.configuration["delta.deletedFileRetentionDuration"] = retention;
    return checkpoint_actions(snapshot, now_ms).removes.size();
  };
  EXPECT_EQ(checkpoint_actions(snapshot, now_ms).removes.size(), 1U);
  EXPECT_EQ(kept("interval 3650 days"), 2U);
  EXPECT_EQ(kept("interval 1 hour"), 0U);
  EXPECT_EQ(kept("nonsense"), 2U);
  EXPECT_FALSE(checkpoint_actions(snapshot, now_ms).removes[0].data_change);
}

TEST(Checkpoint, HintIsNotTrustedNorMovedBack) {
  for (const char* hint : {"", "{", "{\"version\":999,\"size\":1}", "{\"version\":1,\"size\":1}",
                           "[1]", "{\"version\":\"x\"}"}) {
    JsonCodec codec;
    LogFixture fixture(&codec, {.checkpoint_interval = 2});
    fixture.create();
    append_many(fixture, 3);
    ASSERT_THAT(fixture.files().replace(fixture.log_path("_last_checkpoint"), hint), IsOk());
    EXPECT_EQ(fixture.latest(), 3) << hint;
    EXPECT_EQ(fixture.live().size(), 3U) << hint;
    append_many(fixture, 1);
    const std::string after = *fixture.files().read(fixture.log_path("_last_checkpoint"));
    EXPECT_EQ(after.find("\"version\":999") != std::string::npos,
              std::string(hint).find("999") != std::string::npos);
  }
}

TEST(Checkpoint, RemovesStaleChecksumsOfHadoop) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  ASSERT_THAT(fixture.files().create(fixture.log_path("._last_checkpoint.crc"), "x"), IsOk());
  append_many(fixture, 2);
  EXPECT_FALSE(fixture.files().stat(fixture.log_path("._last_checkpoint.crc"))->has_value());
}

TEST(Checkpoint, ThatIsBrokenFallsBackToAnOlderOneAndThenToVersionZero) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  append_many(fixture, 5);
  const std::string before = fingerprint(*fixture.log().snapshot());
  ASSERT_THAT(fixture.files().replace(fixture.checkpoint_path(4), "broken"), IsOk());
  EXPECT_EQ(fixture.log().snapshot()->checkpoint_version, 2);
  EXPECT_EQ(fingerprint(*fixture.log().snapshot()), before);
  ASSERT_THAT(fixture.files().replace(fixture.checkpoint_path(2), "[]"), IsOk());
  EXPECT_EQ(fixture.log().snapshot()->checkpoint_version, -1);
  EXPECT_EQ(fingerprint(*fixture.log().snapshot()), before);
  // Without the first commits only the checkpoints could help, so their fault is what is reported.
  ASSERT_THAT(fixture.files().remove(fixture.commit_path(0)), IsOk());
  EXPECT_THAT(fixture.log().snapshot(), HasMessage("checkpoint.parquet"));
  EXPECT_THAT(fixture.log().snapshot(), IsErrorOf(ErrorKind::Corrupt));
}

TEST(Checkpoint, ReplacesTheCommitsBelowIt) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  append_many(fixture, 5);
  const std::string before = fingerprint(*fixture.log().snapshot());
  for (const int64_t version : {0, 1, 2, 3}) {
    ASSERT_THAT(fixture.files().remove(fixture.commit_path(version)), IsOk());
  }
  ASSERT_THAT(fixture.files().remove(fixture.checkpoint_path(2)), IsOk());
  EXPECT_EQ(fingerprint(*fixture.log().snapshot()), before);
  EXPECT_THAT(fixture.log().snapshot(3), HasMessage("it has versions 4 to 5"));
  Log without_codec(fixture.files(), "t", fixture.clock(), nullptr);
  EXPECT_THAT(without_codec.snapshot(), HasMessage("commit 0 of its log is missing"));
  append_many(fixture, 1);
  EXPECT_EQ(fixture.live().size(), 6U);
}

TEST(Checkpoint, CountsAsItsVersionWhenTheCommitIsGone) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 2});
  fixture.create();
  append_many(fixture, 2);
  ASSERT_THAT(fixture.files().remove(fixture.commit_path(2)), IsOk());
  EXPECT_EQ(fixture.latest(), 2);
  EXPECT_EQ(*fixture.log().commit(fixture.append({add_of("next")})), 3);
  EXPECT_EQ(fixture.live().size(), 3U);
}

TEST(Checkpoint, InPartsIsReadWhenAllPartsAreThere) {
  JsonCodec codec;
  LogFixture fixture(&codec, {.checkpoint_interval = 0});
  fixture.create();
  append_many(fixture, 3);
  const Snapshot snapshot = *fixture.log().snapshot();
  Commit all = checkpoint_actions(snapshot, 1700000000000);
  Commit second;
  second.adds = {all.adds.back()};
  all.adds.pop_back();
  const auto part = [&](int number) {
    return fixture.log_path(fmt::format("{:020}.checkpoint.{:010}.{:010}.parquet", 3, number, 2));
  };
  ASSERT_THAT(fixture.files().create(part(2), actions_to_json_array(second)), IsOk());
  EXPECT_EQ(fixture.log().snapshot()->checkpoint_version, -1);
  ASSERT_THAT(fixture.files().create(part(1), actions_to_json_array(all)), IsOk());
  EXPECT_EQ(fixture.log().snapshot()->checkpoint_version, 3);
  EXPECT_EQ(fingerprint(*fixture.log().snapshot()), fingerprint(snapshot));
}

TEST(Checkpoint, IgnoresOtherNamesInTheFolder) {
  JsonCodec codec;
  LogFixture fixture(&codec);
  fixture.create();
  for (const char* name :
       {"00000000000000000001.json.tmp", ".00000000000000000001.json.x.tmp", "1.json", "_commits",
        "0000000000000000000a.json", "00000000000000000001.crc", "99999999999999999999.json",
        "00000000000000000000.00000000000000000009.compacted.json",
        "00000000000000000005.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.parquet",
        "00000000000000000005.checkpoint.0000000003.0000000002.parquet",
        "00000000000000000005.checkpoint.000000000x.0000000001.parquet"}) {
    ASSERT_THAT(fixture.files().create(fixture.log_path(name), "?"), IsOk());
  }
  EXPECT_EQ(fixture.latest(), 0);
  EXPECT_THAT(fixture.log().snapshot(), IsOk());
}

/// One random commit: appends, rewrites, txns and property changes.
Transaction random_commit(LogFixture& fixture, std::mt19937& random, int step) {
  const Snapshot now = *fixture.log().snapshot();
  Transaction transaction;
  transaction.read_version = now.version;
  for (const AddFile& add : now.files) {
    if (random() % 4 != 0) continue;
    transaction.actions.removes.push_back(removal_of(add, 1700000000000 + step));
    transaction.reads.files.push_back(add.path);
  }
  for (unsigned i = 0; i < random() % 4; ++i) {
    transaction.actions.adds.push_back(
        add_of(fmt::format("s{}-{}", step, i), random() % 2 == 0 ? "2025-01-01" : "2025-01-02"));
  }
  if (random() % 3 == 0) transaction.actions.txns = {{fmt::format("app{}", random() % 3), step, 0}};
  if (random() % 7 == 0) {
    transaction.actions.metadata = now.metadata;
    transaction.actions.metadata->configuration[fmt::format("k{}", random() % 3)] =
        std::to_string(step);
  }
  return transaction;
}

TEST(Replay, IsTheSameFromCommitsAloneAndFromAnyCheckpoint) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    JsonCodec codec;
    LogFixture fixture(&codec, {.checkpoint_interval = 4});
    fixture.create({{"delta.deletedFileRetentionDuration", "interval 3650 days"}});
    std::vector<std::string> recorded = {fingerprint(*fixture.log().snapshot())};
    for (int step = 1; step <= 18; ++step) {
      ASSERT_THAT(fixture.log().commit(random_commit(fixture, random, step)), IsOk());
      recorded.push_back(fingerprint(*fixture.log().snapshot()));
    }
    Log json_only(fixture.files(), "t", fixture.clock(), nullptr);
    for (int64_t version = 0; version <= 18; ++version) {
      const auto from_checkpoint = fixture.log().snapshot(version);
      const auto from_commits = json_only.snapshot(version);
      ASSERT_THAT(from_checkpoint, IsOk());
      ASSERT_THAT(from_commits, IsOk());
      const std::string& wanted = recorded[static_cast<size_t>(version)];
      EXPECT_EQ(from_checkpoint->checkpoint_version, version < 4 ? -1 : version / 4 * 4);
      EXPECT_EQ(from_commits->checkpoint_version, -1);
      EXPECT_EQ(fingerprint(*from_checkpoint), wanted) << "seed " << seed;
      EXPECT_EQ(fingerprint(*from_commits), wanted) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace bullion::delta
