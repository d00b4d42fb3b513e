// Many writers at once, and storage that fails at each call in turn.
#include <algorithm>
#include <thread>

#include "delta/log_fixture.h"
#include "storage/fault_injection.h"

namespace bullion::delta {
namespace {

int64_t rows_of(const Snapshot& snapshot) {
  int64_t rows = 0;
  for (const AddFile& add : snapshot.files) rows += num_records(add).value_or(0);
  return rows;
}

TEST(Race, OfManyWritersGivesOneLinearHistory) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 25;
  LogFixture fixture;
  fixture.create();
  std::vector<std::thread> writers;
  std::atomic<int> failures = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&fixture, &failures, writer] {
      Log log(fixture.files(), "t", fixture.clock(), nullptr, {.retries_max = 1000});
      for (int64_t i = 1; i <= kCommits; ++i) {
        Transaction append = fixture.append({add_of(fmt::format("w{}-{}", writer, i))});
        append.actions.adds[0].stats_json = fmt::format("{{\"numRecords\":{}}}", i);
        append.actions.txns = {{fmt::format("writer{}", writer), i, 0}};
        if (!log.commit(append)) ++failures;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
  const auto snapshot = fixture.log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  EXPECT_EQ(snapshot->version, kWriters * kCommits);
  EXPECT_EQ(snapshot->files.size(), static_cast<size_t>(kWriters * kCommits));
  EXPECT_EQ(rows_of(*snapshot), kWriters * kCommits * (kCommits + 1) / 2);
  for (int writer = 0; writer < kWriters; ++writer) {
    EXPECT_EQ(snapshot->txns.at(fmt::format("writer{}", writer)).version, kCommits);
  }
}

/// Writers that replace the one file of a counter by one that counts one more: a lost update would
/// show as a sum that is too small.
TEST(Race, OfReadModifyWritesLosesNoUpdate) {
  constexpr int kWriters = 4;
  constexpr int kRounds = 15;
  LogFixture fixture;
  fixture.create();
  AddFile zero = add_of("n0");
  zero.stats_json = R"({"numRecords":0})";
  ASSERT_THAT(fixture.log().commit(fixture.append({zero})), IsOk());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&fixture, writer] {
      for (int done = 0; done < kRounds;) {
        const Snapshot now = *fixture.log().snapshot();
        Transaction transaction;
        transaction.read_version = now.version;
        transaction.serializable = true;
        AddFile next = add_of(fmt::format("n{}-{}-{}", writer, done, now.version));
        next.stats_json = fmt::format("{{\"numRecords\":{}}}", rows_of(now) + 1);
        transaction.actions.adds = {next};
        for (const AddFile& add : now.files) {
          transaction.actions.removes.push_back(removal_of(add, 1));
        }
        transaction.reads.whole_table = true;
        if (fixture.log().commit(transaction)) ++done;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto snapshot = fixture.log().snapshot();
  ASSERT_EQ(snapshot->files.size(), 1U);
  EXPECT_EQ(rows_of(*snapshot), kWriters * kRounds);
}

TEST(Race, OfTwoCreatorsHasOneWinner) {
  for (int round = 0; round < 20; ++round) {
    LogFixture fixture;
    std::atomic<int> created = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&fixture, &created] {
        if (fixture.log().commit({-1, creation(), {}, false, false})) ++created;
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(created, 1);
    EXPECT_EQ(fixture.latest(), 0);
  }
}

TEST(Race, OfTheSameTxnCommitsItOnce) {
  for (int round = 0; round < 20; ++round) {
    LogFixture fixture;
    fixture.create();
    std::vector<std::thread> writers;
    std::atomic<int> failures = 0;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&fixture, &failures] {
        Transaction append = fixture.append({add_of("the-file")}, 0);
        append.exact_version = true;
        append.actions.txns = {{"release", 1, 0}};
        if (!fixture.log().commit(append)) ++failures;
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(fixture.latest(), 1);
    EXPECT_EQ(fixture.live().size(), 1U);
  }
}

/// Runs a few commits, with checkpoints, over storage that fails at the n-th mutating call.
TEST(Fault, AtEveryStorageCallLeavesTheStateBeforeOrAfter) {
  for (const storage::Fault fault : {storage::Fault::IoError, storage::Fault::NoSpace,
                                     storage::Fault::ShortWrite, storage::Fault::ErrorAfter}) {
    std::atomic<int64_t> calls_total = 1;
    for (int64_t at_call = 1; at_call <= calls_total; ++at_call) {
      JsonCodec codec;
      LogFixture fixture(&codec, {.checkpoint_interval = 2});
      std::atomic<int64_t> calls = 0;
      const auto faulty =
          storage::fault_injecting_file_system(fixture.files(), {fault, at_call}, &calls);
      Log log(*faulty, "t", fixture.clock(), &codec, {.checkpoint_interval = 2});
      int64_t version = -1;
      for (int step = 0; step <= 4; ++step) {
        Transaction transaction;
        transaction.read_version = version;
        if (step == 0) {
          transaction.actions = creation();
        } else {
          transaction.actions.adds = {add_of(fmt::format("f{}", step))};
        }
        auto committed = log.commit(transaction);
        if (!committed) {
          EXPECT_NE(fault, storage::Fault::ErrorAfter) << "a lost answer must be looked up";
          EXPECT_EQ(fixture.latest(), version) << "a failed commit must have no effect";
          committed = log.commit(transaction);
        }
        ASSERT_THAT(committed, IsOk()) << "call " << at_call;
        EXPECT_EQ(*committed, version + 1);
        version = *committed;
        const auto snapshot = fixture.log().snapshot();
        ASSERT_THAT(snapshot, IsOk());
        EXPECT_EQ(snapshot->version, version);
        EXPECT_EQ(snapshot->files.size(), static_cast<size_t>(step));
      }
      calls_total = std::max<int64_t>(calls_total, calls);
    }
    EXPECT_GT(calls_total, 10);
  }
}

/// A file system that stores a commit, loses the answer, and then lets another writer go on.
class AnswerLosingFiles final : public storage::FileSystem {
 public:
  enum class Answer { Error, Conflict, LostWithoutEffect, OvertakenBeforeError };

  AnswerLosingFiles(storage::FileSystem& inner, Answer answer, std::string rival)
      : inner_(inner), answer_(answer), rival_(std::move(rival)) {}

  Status create(const std::string& path, std::string_view bytes) override {
    if (std::exchange(used_, true)) return inner_.create(path, bytes);
    switch (answer_) {
      case Answer::Error:
        BULLION_TRY(inner_.create(path, bytes));
        return io_error("timeout");
      case Answer::Conflict:
        BULLION_TRY(inner_.create(path, bytes));
        return conflict("exists");
      case Answer::LostWithoutEffect:
        return io_error("timeout");
      case Answer::OvertakenBeforeError:
        BULLION_TRY(inner_.create(path, rival_));
        return io_error("timeout");
    }
    return internal_error("unknown answer");
  }
  Result<std::string> read(const std::string& path) const override { return inner_.read(path); }
  Result<std::string> read_range(const std::string& path, int64_t offset,
                                 int64_t length) const override {
    return inner_.read_range(path, offset, length);
  }
  Result<std::unique_ptr<storage::FileReader>> open(const std::string& path) const override {
    return inner_.open(path);
  }
  Result<std::unique_ptr<storage::FileWriter>> create_stream(const std::string& path) override {
    return inner_.create_stream(path);
  }
  Status replace(const std::string& path, std::string_view bytes) override {
    return inner_.replace(path, bytes);
  }
  Status make_durable(const std::vector<std::string>& paths) override {
    return inner_.make_durable(paths);
  }
  Status make_folder(const std::string& path) override { return inner_.make_folder(path); }
  Result<std::vector<storage::FileInfo>> list(const std::string& folder) const override {
    return inner_.list(folder);
  }
  Result<std::vector<storage::FileInfo>> list_recursive(const std::string& folder) const override {
    return inner_.list_recursive(folder);
  }
  Result<std::optional<storage::FileInfo>> stat(const std::string& path) const override {
    return inner_.stat(path);
  }
  Status remove(const std::string& path) override { return inner_.remove(path); }
  std::string location(const std::string& path) const override { return inner_.location(path); }

 private:
  storage::FileSystem& inner_;
  Answer answer_;
  std::string rival_;
  bool used_ = false;
};

struct LostAnswer {
  AnswerLosingFiles::Answer answer;
  bool commits;
  int64_t version;  ///< of the log afterwards
  size_t files;
};

TEST(LostAnswer, IsLookedUpInTheLogSoThatTheCommitHappensExactlyOnce) {
  using Answer = AnswerLosingFiles::Answer;
  Commit rival;
  rival.adds = {add_of("rival")};
  for (const LostAnswer& expected :
       {LostAnswer{Answer::Error, true, 1, 1}, LostAnswer{Answer::Conflict, true, 1, 1},
        LostAnswer{Answer::LostWithoutEffect, false, 0, 0},
        LostAnswer{Answer::OvertakenBeforeError, true, 2, 2}}) {
    LogFixture fixture;
    fixture.create();
    AnswerLosingFiles files(fixture.files(), expected.answer, commit_to_json(rival));
    Log log(files, "t", fixture.clock(), nullptr);
    const auto version = log.commit(fixture.append({add_of("mine")}));
    EXPECT_EQ(version.has_value(), expected.commits);
    EXPECT_EQ(fixture.latest(), expected.version);
    EXPECT_EQ(fixture.live().size(), expected.files);
    if (expected.commits) {
      EXPECT_EQ(*version, expected.version);
    }
  }
}

}  // namespace
}  // namespace bullion::delta
