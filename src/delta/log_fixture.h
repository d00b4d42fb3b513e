// What the tests of the log share: a clock that counts, a codec without Parquet, and short actions.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "delta/log.h"

namespace bullion::delta {

/// Starts at a fixed instant and moves a second per look; unique names count up.
class CountingClock final : public Clock {
 public:
  int64_t now_us() const override { return (1700000000 + ++ticks_) * int64_t{1000000}; }
  int64_t monotonic_us() const override { return ++ticks_; }
  std::string uuid() const override {
    return fmt::format("00000000-0000-4000-8000-{:012x}", ++names_);
  }

 private:
  mutable std::atomic<int64_t> ticks_ = 0;
  mutable std::atomic<int64_t> names_ = 0;
};

/// A checkpoint as one JSON array; counts its calls.
class JsonCodec final : public CheckpointCodec {
 public:
  Result<Commit> read(const storage::FileSystem& files, const std::string& path) override {
    ++reads;
    BULLION_TRY_ASSIGN(const std::string text, files.read(path));
    return actions_from_json_array(text);
  }
  Status write(storage::FileSystem& files, const std::string& path,
               const Commit& actions) override {
    ++writes;
    if (fails) return io_error("the codec was told to fail");
    Commit written = actions;
    if (loses_a_file && !written.adds.empty()) written.adds.pop_back();
    return files.create(path, actions_to_json_array(written));
  }

  int reads = 0;
  int writes = 0;
  bool fails = false;
  bool loses_a_file = false;
};

inline AddFile add_of(const std::string& path, const std::string& day = "2025-01-01") {
  AddFile add;
  add.path = path;
  add.partition_values = {{"day", day}};
  add.size = 100;
  add.modification_time_ms = 1700000000000;
  add.stats_json = R"({"numRecords":1})";
  return add;
}

inline Commit creation(std::map<std::string, std::string> configuration = {}) {
  Commit commit;
  commit.protocol = Protocol{};
  commit.metadata = Metadata{};
  commit.metadata->id = "table-id";
  commit.metadata->schema = {{"id", {TypeId::Long, 0, 0, {}}, true, "{}"},
                             {"day", {TypeId::Date, 0, 0, {}}, true, "{}"}};
  commit.metadata->partition_columns = {"day"};
  commit.metadata->configuration = std::move(configuration);
  return commit;
}

/// A log over a table in memory, which has the versions 0 (creation) and on.
class LogFixture {
 public:
  explicit LogFixture(CheckpointCodec* codec = nullptr, LogOptions options = {})
      : files_(storage::memory_file_system()), log_(*files_, "t", clock_, codec, options) {}

  storage::FileSystem& files() { return *files_; }
  CountingClock& clock() { return clock_; }
  Log& log() { return log_; }

  void create(std::map<std::string, std::string> configuration = {}) {
    const auto version = log_.commit({-1, creation(std::move(configuration)), {}, false, false});
    ASSERT_THAT(version, IsOk());
    ASSERT_EQ(*version, 0);
  }

  int64_t latest() {
    const auto version = log_.latest_version();
    return version && version->has_value() ? **version : -1;
  }

  /// A blind append of files on top of `read_version` (the latest when negative).
  Transaction append(const std::vector<AddFile>& adds, int64_t read_version = -1) {
    Transaction transaction;
    transaction.read_version = read_version < 0 ? latest() : read_version;
    transaction.actions.adds = adds;
    return transaction;
  }

  /// Removes and adds files after reading those and their partition.
  Transaction rewrite(const std::vector<AddFile>& removed, const std::vector<AddFile>& adds,
                      int64_t read_version = -1) {
    Transaction transaction = append(adds, read_version);
    for (const AddFile& add : removed) {
      transaction.actions.removes.push_back(removal_of(add, clock_.now_us() / 1000));
      transaction.reads.files.push_back(add.path);
      transaction.reads.partitions.push_back(add.partition_values);
    }
    return transaction;
  }

  std::string log_folder() const { return "t/_delta_log"; }
  std::string log_path(const std::string& name) const { return "t/_delta_log/" + name; }
  std::string commit_path(int64_t version) const {
    return log_path(fmt::format("{:020}.json", version));
  }
  std::string checkpoint_path(int64_t version) const {
    return log_path(fmt::format("{:020}.checkpoint.parquet", version));
  }

  std::vector<std::string> live(std::optional<int64_t> version = std::nullopt) {
    const auto snapshot = log_.snapshot(version);
    EXPECT_THAT(snapshot, IsOk());
    std::vector<std::string> paths;
    if (!snapshot) return paths;
    for (const AddFile& add : snapshot->files) paths.push_back(add.path);
    return paths;
  }

 private:
  CountingClock clock_;
  std::unique_ptr<storage::FileSystem> files_;
  Log log_;
};

/// Everything a snapshot says except where it was read from.
inline std::string fingerprint(const Snapshot& snapshot) {
  Commit all;
  all.protocol = snapshot.protocol;
  all.metadata = snapshot.metadata;
  all.adds = snapshot.files;
  for (AddFile& add : all.adds) add.data_change = false;
  all.removes = snapshot.tombstones;
  for (RemoveFile& remove : all.removes) remove.data_change = false;
  for (const auto& [app_id, txn] : snapshot.txns) all.txns.push_back(txn);
  return commit_to_json(all);
}

}  // namespace bullion::delta
