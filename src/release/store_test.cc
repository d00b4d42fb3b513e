#include "release/store.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "storage/fault_injection.h"

namespace bullion::release {
namespace {

using delta::TypeId;

/// A commit that adds one file (or creates the table with it).
TableCommit commit_to(const std::string& table, int64_t base_version, const std::string& file,
                      int64_t release) {
  TableCommit commit{
      .table = table, .path = "tables/gold/" + table, .base_version = base_version, .actions = {}};
  if (base_version < 0) {
    commit.actions.protocol = delta::Protocol{};
    delta::Metadata metadata;
    metadata.id = "3e8f9a52-0000-4000-8000-000000000001";
    metadata.schema = {
        {.name = "id", .type = {.id = TypeId::Long}, .nullable = true, .metadata_json = "{}"}};
    commit.actions.metadata = metadata;
  }
  delta::AddFile add;
  add.path = file;
  add.size = 10;
  add.stats_json = R"({"numRecords":1})";
  commit.actions.adds = {add};
  commit.actions.txns = {{kReleaseAppId, release, 0}};
  delta::CommitInfo info;
  info.operation = "WRITE";
  info.txn_id = file;
  commit.actions.info = info;
  return commit;
}

Intent intent_of(int64_t number, int64_t base_version, const std::string& run) {
  Intent intent;
  intent.record.number = number;
  intent.record.run_id = run;
  for (const char* table : {"a", "b"}) {
    intent.record.tables[table] = {.path = std::string("tables/gold/") + table,
                                   .layer = "gold",
                                   .version = base_version + 1,
                                   .code_hash = "c",
                                   .rows = 1,
                                   .inputs = {}};
    intent.commits.push_back(
        commit_to(table, base_version, run + "-" + table + ".parquet", number));
  }
  return intent;
}

/// Versions of both tables; -1 when a table does not exist.
std::pair<int64_t, int64_t> versions(storage::FileSystem& lake, const Clock& clock) {
  const auto a = delta::Log(lake, "tables/gold/a", clock, nullptr).latest_version();
  const auto b = delta::Log(lake, "tables/gold/b", clock, nullptr).latest_version();
  return {a.value().value_or(-1), b.value().value_or(-1)};
}

TEST(Store, RecordsAndIntentsRoundTripThroughJson) {
  Intent intent = intent_of(3, 4, "run-x");
  intent.record.user = "ana \"q\"";
  intent.record.money = {{.table = "a",
                          .currency = "USD",
                          .before = {110, 2},
                          .after = {220, 2},
                          .rows_before = 1,
                          .rows_after = 2}};
  intent.record.gates = {{"t", "a", "pass", 0}};
  intent.record.sources["s"] = {.through_sequence = 7, .files = 9, .source_hash = "h"};
  const auto again = intent_from_json(intent_to_json(intent));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(intent_to_json(*again), intent_to_json(intent));
  EXPECT_EQ(again->commits.at(1).actions.adds.at(0).path, "run-x-b.parquet");
}

TEST(Store, RefusesALakeOfANewerFormat) {
  EXPECT_THAT(record_from_json(R"({"format": 99})"), HasMessage("newer format"));
}

TEST(Store, ReadersSeeAReleaseOnlyWhenItIsFinished) {
  const auto lake = storage::memory_file_system();
  const SystemClock clock;
  Store store(*lake, clock, nullptr);
  const Intent intent = intent_of(1, -1, "one");
  ASSERT_THAT(store.claim(intent), IsOk());
  EXPECT_FALSE(store.latest()->has_value());
  EXPECT_EQ(*store.next_number(), 2);
  ASSERT_THAT(store.finish(intent), IsOk());
  EXPECT_EQ((*store.latest())->number, 1);
  EXPECT_EQ(versions(*lake, clock), (std::pair<int64_t, int64_t>{0, 0}));
}

TEST(Store, OnlyOneOfManyClaimsANumber) {
  const auto lake = storage::memory_file_system();
  const SystemClock clock;
  std::atomic<int> winners{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Store store(*lake, clock, nullptr);
      if (store.claim(intent_of(1, -1, "run" + std::to_string(i)))) ++winners;
    });
  }
  threads.clear();
  EXPECT_EQ(winners, 1);
}

TEST(Store, RecoveryFinishesWhateverWriteFailedBetween) {
  const SystemClock clock;
  for (int64_t call = 2; call < 12; ++call) {
    for (const storage::Fault fault : {storage::Fault::IoError, storage::Fault::ErrorAfter}) {
      const auto lake = storage::memory_file_system();
      std::atomic<int64_t> calls{0};
      const auto faulty = storage::fault_injecting_file_system(*lake, {fault, call}, &calls);
      Store broken(*faulty, clock, nullptr);
      const Intent intent = intent_of(1, -1, "one");
      ASSERT_THAT(broken.claim(intent), IsOk());
      static_cast<void>(broken.finish(intent));
      Store healthy(*lake, clock, nullptr);
      ASSERT_THAT(healthy.recover(), IsOk());
      ASSERT_TRUE(healthy.latest()->has_value());
      EXPECT_FALSE((*healthy.latest())->is_void);
      EXPECT_EQ(versions(*lake, clock), (std::pair<int64_t, int64_t>{0, 0}));
    }
  }
}

TEST(Store, ManyFinishersOfOneIntentCommitOnce) {
  const auto lake = storage::memory_file_system();
  const SystemClock clock;
  const Intent intent = intent_of(1, -1, "one");
  ASSERT_THAT(Store(*lake, clock, nullptr).claim(intent), IsOk());
  std::vector<std::jthread> threads;
  std::atomic<int> finished{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto record = Store(*lake, clock, nullptr).finish(intent);
      if (record && !record->is_void) ++finished;
    });
  }
  threads.clear();
  EXPECT_EQ(finished, 6);
  EXPECT_EQ(versions(*lake, clock), (std::pair<int64_t, int64_t>{0, 0}));
}

TEST(Store, AForeignCommitInTheWayMakesTheReleaseVoid) {
  const auto lake = storage::memory_file_system();
  const SystemClock clock;
  Store store(*lake, clock, nullptr);
  const Intent first = intent_of(1, -1, "one");
  ASSERT_THAT(store.claim(first), IsOk());
  ASSERT_THAT(store.finish(first), IsOk());
  const Intent second = intent_of(2, 0, "two");
  ASSERT_THAT(store.claim(second), IsOk());
  delta::Log foreign(*lake, "tables/gold/b", clock, nullptr);
  TableCommit append = commit_to("b", 0, "foreign.parquet", 0);
  append.actions.txns.clear();
  ASSERT_THAT(foreign.commit({.read_version = 0, .actions = append.actions, .reads = {}}), IsOk());
  const auto record = store.finish(second);
  ASSERT_THAT(record, IsOk());
  EXPECT_TRUE(record->is_void);
  EXPECT_EQ((*store.latest())->number, 1);
  EXPECT_THAT(store.get(2), HasMessage("void"));
  EXPECT_EQ(*store.next_number(), 3);
}

TEST(Store, NamesTheReleasesThatExist) {
  const auto lake = storage::memory_file_system();
  const SystemClock clock;
  EXPECT_THAT(Store(*lake, clock, nullptr).get(1), HasMessage("no release yet"));
}

}  // namespace
}  // namespace bullion::release
