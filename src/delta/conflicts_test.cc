#include "delta/log_fixture.h"

namespace bullion::delta {
namespace {

using testing::UnorderedElementsAre;

/// A table with one file on each of two days, at version 1, and the transactions of the matrix,
/// each computed from version 1.
class Conflicts : public testing::Test {
 protected:
  void SetUp() override { start(); }

  void start(std::map<std::string, std::string> configuration = {}) {
    fixture_ = std::make_unique<LogFixture>();
    fixture_->create(std::move(configuration));
    ASSERT_THAT(fixture_->log().commit(fixture_->append({first_, second_}, 0)), IsOk());
  }

  Transaction append(const std::string& path, const std::string& day) {
    return fixture_->append({add_of(path, day)}, 1);
  }
  Transaction update(const AddFile& file, const std::string& to) {
    return fixture_->rewrite({file}, {add_of(to, *file.partition_values.at("day"))}, 1);
  }
  Transaction overwrite(const std::string& to) {
    Transaction all = fixture_->rewrite({first_, second_}, {add_of(to, "2025-01-01")}, 1);
    all.reads.whole_table = true;
    return all;
  }
  Transaction compaction(const AddFile& file, const std::string& to) {
    Transaction compaction = update(file, to);
    compaction.reads.partitions.clear();
    compaction.actions.adds[0].data_change = false;
    compaction.actions.removes[0].data_change = false;
    return compaction;
  }
  Transaction metadata() {
    Transaction change;
    change.read_version = 1;
    change.actions.metadata = fixture_->log().snapshot(1)->metadata;
    change.actions.metadata->configuration["note"] = "changed";
    return change;
  }
  Transaction protocol() {
    Transaction change;
    change.read_version = 1;
    change.actions.protocol = Protocol{1, 7, {}, {"appendOnly", "invariants"}};
    return change;
  }
  /// A foreign append whose commitInfo does not claim to be blind.
  void append_by_a_stranger(const std::string& path, const std::string& day) {
    Commit commit;
    commit.adds = {add_of(path, day)};
    ASSERT_THAT(fixture_->files().create(fixture_->commit_path(2), commit_to_json(commit)), IsOk());
  }

  void win(const Transaction& winner) { ASSERT_EQ(*fixture_->log().commit(winner), 2); }
  void expect_ok(const Transaction& loser) {
    const auto version = fixture_->log().commit(loser);
    ASSERT_THAT(version, IsOk());
    EXPECT_EQ(*version, 3);
  }
  void expect_conflict(const Transaction& loser, const char* why) {
    const auto refused = fixture_->log().commit(loser);
    EXPECT_THAT(refused, IsErrorOf(ErrorKind::Conflict));
    EXPECT_THAT(refused, HasMessage("version 2"));
    EXPECT_THAT(refused, HasMessage(why));
    EXPECT_EQ(fixture_->latest(), 2);
  }

  const AddFile first_ = add_of("first", "2025-01-01");
  const AddFile second_ = add_of("second", "2025-01-02");
  std::unique_ptr<LogFixture> fixture_;
};

TEST_F(Conflicts, BlindAppendAfterABlindAppendIsOk) {
  win(append("w", "2025-01-01"));
  expect_ok(append("l", "2025-01-01"));
}

TEST_F(Conflicts, BlindAppendAfterAnUpdateIsOk) {
  win(update(first_, "w"));
  expect_ok(append("l", "2025-01-01"));
}

TEST_F(Conflicts, BlindAppendAfterAnOverwriteIsOk) {
  win(overwrite("w"));
  expect_ok(append("l", "2025-01-01"));
}

TEST_F(Conflicts, BlindAppendAfterACompactionIsOk) {
  win(compaction(first_, "w"));
  expect_ok(append("l", "2025-01-01"));
}

TEST_F(Conflicts, EverythingAfterAMetadataChangeConflicts) {
  win(metadata());
  expect_conflict(append("l", "2025-01-01"), "metadata");
  expect_conflict(update(first_, "l"), "metadata");
  expect_conflict(overwrite("l"), "metadata");
  expect_conflict(compaction(first_, "l"), "metadata");
  expect_conflict(metadata(), "metadata");
}

TEST_F(Conflicts, EverythingAfterAProtocolChangeConflicts) {
  win(protocol());
  expect_conflict(append("l", "2025-01-01"), "protocol");
  expect_conflict(update(first_, "l"), "protocol");
  expect_conflict(overwrite("l"), "protocol");
  expect_conflict(compaction(first_, "l"), "protocol");
}

TEST_F(Conflicts, UpdateAfterABlindAppendToItsPartitionIsOk) {
  win(append("w", "2025-01-01"));
  expect_ok(update(first_, "l"));
  EXPECT_THAT(fixture_->live(), UnorderedElementsAre("w", "l", "second"));
}

TEST_F(Conflicts, SerializableUpdateAfterABlindAppendToItsPartitionConflicts) {
  win(append("w", "2025-01-01"));
  Transaction loser = update(first_, "l");
  loser.serializable = true;
  expect_conflict(loser, "added rows");
}

TEST_F(Conflicts, SerializableUpdateAfterABlindAppendToAnotherPartitionIsOk) {
  win(append("w", "2025-01-02"));
  Transaction loser = update(first_, "l");
  loser.serializable = true;
  expect_ok(loser);
  EXPECT_EQ(fixture_->log().read_commit(3)->info->isolation_level, "Serializable");
}

TEST_F(Conflicts, TheTablesIsolationLevelCountsBlindAppends) {
  start({{"delta.isolationLevel", "Serializable"}});
  win(append("w", "2025-01-01"));
  expect_conflict(update(first_, "l"), "added rows");
}

TEST_F(Conflicts, UpdateAfterAnAppendThatDoesNotSayItIsBlindConflicts) {
  append_by_a_stranger("w", "2025-01-01");
  expect_conflict(update(first_, "l"), "added rows");
}

TEST_F(Conflicts, UpdateAfterAnUpdateOfTheSameFileConflicts) {
  win(update(first_, "w"));
  expect_conflict(update(first_, "l"), "(WRITE)");
}

TEST_F(Conflicts, UpdateAfterAnUpdateOfAnotherPartitionIsOk) {
  win(update(second_, "w"));
  expect_ok(update(first_, "l"));
  EXPECT_THAT(fixture_->live(), UnorderedElementsAre("w", "l"));
}

TEST_F(Conflicts, UpdateAfterAnOverwriteConflicts) {
  win(overwrite("w"));
  expect_conflict(update(second_, "l"), "removed a file");
}

TEST_F(Conflicts, UpdateAfterACompactionOfItsFileConflicts) {
  win(compaction(first_, "w"));
  expect_conflict(update(first_, "l"), "removed a file");
}

TEST_F(Conflicts, UpdateAfterACompactionOfAnotherFileIsOk) {
  win(compaction(second_, "w"));
  expect_ok(update(first_, "l"));
}

TEST_F(Conflicts, ReaderOfAPartitionLosesToADeleteOfAFileItDidNotList) {
  win(fixture_->rewrite({first_}, {}, 1));
  Transaction loser = append("l", "2025-01-02");
  loser.reads.partitions = {{{"day", "2025-01-01"}}};
  expect_conflict(loser, "removed a file this write has read");
}

TEST_F(Conflicts, ReaderOfAPartitionIsOkWithACompactionOfFilesItDidNotList) {
  win(compaction(first_, "w"));
  Transaction loser = append("l", "2025-01-02");
  loser.reads.partitions = {{{"day", "2025-01-01"}}};
  expect_ok(loser);
}

TEST_F(Conflicts, OverwriteAfterABlindAppendKeepsTheAppendedRows) {
  win(append("w", "2025-01-01"));
  expect_ok(overwrite("l"));
  EXPECT_THAT(fixture_->live(), UnorderedElementsAre("w", "l"));
}

TEST_F(Conflicts, SerializableOverwriteAfterABlindAppendConflicts) {
  win(append("w", "2025-01-01"));
  Transaction loser = overwrite("l");
  loser.serializable = true;
  expect_conflict(loser, "added rows");
}

TEST_F(Conflicts, OverwriteAfterAnyRewriteConflicts) {
  win(update(first_, "w"));
  expect_conflict(overwrite("l"), "version 2");
  start();
  win(overwrite("w"));
  expect_conflict(overwrite("l"), "version 2");
  start();
  win(compaction(first_, "w"));
  expect_conflict(overwrite("l"), "removed a file");
}

TEST_F(Conflicts, CompactionAfterABlindAppendIsOk) {
  win(append("w", "2025-01-01"));
  expect_ok(compaction(first_, "l"));
}

TEST_F(Conflicts, CompactionConflictsOnlyWhereFilesOverlap) {
  win(update(first_, "w"));
  expect_conflict(compaction(first_, "l"), "removed a file");
  expect_ok(compaction(second_, "l"));
  start();
  win(compaction(first_, "w"));
  expect_conflict(compaction(first_, "l"), "removed a file");
  expect_ok(compaction(second_, "l"));
}

TEST_F(Conflicts, AnotherVersionOfTheSameWriterConflicts) {
  Transaction winner = append("w", "2025-01-01");
  winner.actions.txns = {{"loader", 4, 0}};
  Transaction loser = append("l", "2025-01-01");
  loser.actions.txns = {{"loader", 5, 0}};
  win(winner);
  expect_conflict(loser, "`loader`");
}

TEST_F(Conflicts, TheSameFileAddedTwiceConflicts) {
  win(append("same", "2025-01-01"));
  expect_conflict(append("same", "2025-01-01"), "added the same file");
}

TEST_F(Conflicts, NullPartitionsMatchOnlyNull) {
  Transaction winner = append("w", "2025-01-01");
  winner.actions.adds[0].partition_values["day"] = std::nullopt;
  win(winner);
  Transaction loser = append("l", "2025-01-02");
  loser.serializable = true;
  loser.reads.partitions = {{{"day", std::nullopt}}};
  expect_conflict(loser, "added rows");
  loser.reads.partitions = {{{"day", "2025-01-01"}}};
  expect_ok(loser);
}

TEST_F(Conflicts, AnEmptyPartitionPredicateReadsEveryPartition) {
  win(append("w", "2025-01-01"));
  Transaction loser = append("l", "2025-01-02");
  loser.serializable = true;
  loser.reads.partitions = {{}};
  expect_conflict(loser, "added rows");
}

TEST_F(Conflicts, EveryWinnerSinceTheReadVersionIsChecked) {
  win(update(first_, "w"));
  ASSERT_EQ(*fixture_->log().commit(fixture_->append({add_of("x")})), 3);
  const auto refused = fixture_->log().commit(update(first_, "l"));
  EXPECT_THAT(refused, HasMessage("version 2 (WRITE)"));
  EXPECT_EQ(*fixture_->log().commit(append("l", "2025-01-01")), 4);
}

TEST(ConflictsByType, PartitionsThatMayBeSpelledDifferentlyMatchEachOther) {
  for (const auto& [type, conflicts] : {std::pair(DataType::decimal(10, 2), true),
                                        std::pair(DataType{TypeId::Timestamp, 0, 0, {}}, true),
                                        std::pair(DataType{TypeId::String, 0, 0, {}}, false)}) {
    LogFixture fixture;
    Commit creating = creation();
    creating.metadata->schema[1].type = type;
    ASSERT_THAT(fixture.log().commit({-1, creating, {}, false, false}), IsOk());
    ASSERT_THAT(fixture.log().commit(fixture.append({add_of("w", "1.5")}, 0)), IsOk());
    Transaction loser = fixture.append({add_of("l", "9")}, 0);
    loser.serializable = true;
    loser.reads.partitions = {{{"day", "1.50"}}};
    EXPECT_EQ(fixture.log().commit(loser).has_value(), !conflicts) << to_string(type);
  }
}

}  // namespace
}  // namespace bullion::delta
