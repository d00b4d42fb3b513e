#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "base/sha256.h"
#include "ingest/file_search.h"
#include "ingest/ingest.h"
#include "ingest/manifest_internal.h"
#include "storage/fault_injection.h"
#include "storage/temporary_folder.h"

namespace bullion::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A project folder with an incoming folder, and a lake in memory.
class Landing : public testing::Test {
 protected:
  Landing() {
    project_.folder = folder_.path();
    project_.lake = folder_.path() + "/lake";
    source_.contract.name = "bills";
    source_.files = {"incoming/*.csv"};
    source_.hash = "h";
  }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_.path() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  LandOutcome land_ok() {
    auto outcome = land(*lake_, project_, source_, clock_, {});
    EXPECT_THAT(outcome, IsOk());
    return outcome ? *std::move(outcome) : LandOutcome{};
  }

  std::vector<Batch> batches() const {
    auto all = read_batches(*lake_, "bills");
    EXPECT_THAT(all, IsOk());
    return all ? *std::move(all) : std::vector<Batch>{};
  }

  size_t landed_files() const {
    size_t count = 0;
    const auto files = lake_->list_recursive("landing");
    for (const auto& file : *files) count += file.path.ends_with(".csv") ? 1 : 0;
    return count;
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::FileSystem> lake_ = storage::memory_file_system();
  SystemClock clock_;
  project::Project project_;
  project::Source source_;
};

TEST_F(Landing, CopiesNewFilesAndSaysNothingTheSecondTime) {
  write("incoming/b.csv", "bb");
  const std::string a = write("incoming/a.csv", "a");
  const LandOutcome outcome = land_ok();
  ASSERT_TRUE(outcome.batch.has_value());
  EXPECT_EQ(outcome.batch->batch_id, "bills-1");
  EXPECT_EQ(outcome.bytes_landed, 3);
  ASSERT_THAT(outcome.batch->files, SizeIs(2));
  const LandedFile& first = outcome.batch->files[0];
  EXPECT_EQ(first.original_path, a);
  EXPECT_EQ(first.sha256, sha256_hex("a"));
  EXPECT_EQ(first.file_id, sha256_hex("a").substr(0, 16));
  EXPECT_EQ(lake_->read(first.landed_path).value(), "a");

  const LandOutcome again = land_ok();
  EXPECT_FALSE(again.batch.has_value());
  EXPECT_THAT(again.duplicates, IsEmpty());
  EXPECT_EQ(again.files_seen, 2);
  EXPECT_THAT(batches(), SizeIs(1));
}

TEST_F(Landing, LoadsTheSameBytesOnceUnderAnyName) {
  const std::string a = write("incoming/a.csv", "same");
  const std::string b = write("incoming/b.csv", "same");
  LandOutcome outcome = land_ok();
  ASSERT_THAT(outcome.batch->files, SizeIs(1));
  EXPECT_EQ(outcome.batch->files[0].original_path, a);
  ASSERT_THAT(outcome.duplicates, SizeIs(1));
  EXPECT_EQ(outcome.duplicates[0].original_path, b);
  EXPECT_EQ(outcome.duplicates[0].first_seen_as, a);
  EXPECT_EQ(outcome.duplicates[0].batch_id, "bills-1");
  EXPECT_EQ(landed_files(), 1U);

  write("incoming/c.csv", "same");
  outcome = land_ok();
  EXPECT_FALSE(outcome.batch.has_value());
  ASSERT_THAT(outcome.duplicates, SizeIs(1));
  EXPECT_EQ(outcome.duplicates[0].first_seen_as, a);
  EXPECT_THAT(batches(), SizeIs(2));

  EXPECT_THAT(land_ok().duplicates, IsEmpty());
  EXPECT_THAT(batches(), SizeIs(2));
  EXPECT_EQ(landed_files(), 1U);
}

TEST_F(Landing, LandsAChangedFileUnderItsOldName) {
  const std::string path = write("incoming/a.csv", "one");
  land_ok();
  write("incoming/a.csv", "other");
  const LandOutcome outcome = land_ok();
  ASSERT_TRUE(outcome.batch.has_value());
  EXPECT_EQ(outcome.batch->sequence, 2);
  EXPECT_EQ(outcome.batch->files[0].original_path, path);
}

TEST_F(Landing, LandsAnEmptyFileLikeAnyOther) {
  write("incoming/a.csv", "");
  EXPECT_EQ(land_ok().batch->files[0].size, 0);
}

TEST_F(Landing, LeavesFilesThatAreStillWrittenAndItsOwnLake) {
  source_.files = {"**/*.csv*"};
  write("incoming/.hidden.csv", "1");
  write("incoming/a.csv.tmp", "2");
  write("incoming/b.csv.part", "3");
  write("lake/landing/x/1/c.csv", "4");
  write("incoming/deep/er/d.csv", "5");
  const LandOutcome outcome = land_ok();
  ASSERT_THAT(outcome.batch->files, SizeIs(1));
  EXPECT_TRUE(outcome.batch->files[0].original_path.ends_with("incoming/deep/er/d.csv"));
}

TEST_F(Landing, GivesFilesNamesThatNoEngineTakesForAPattern) {
  write("incoming/a [1]*?.csv", "x");
  EXPECT_TRUE(land_ok().batch->files[0].landed_path.ends_with("/000001-a__1___.csv"));
}

TEST_F(Landing, NamesAFileThatCannotBeRead) {
  source_.files = {"incoming/a.csv"};
  write("incoming/a.csv/inside.txt", "x");
  std::filesystem::create_symlink("nowhere", folder_.path() + "/incoming/b.csv");
  source_.files = {"incoming/b.csv", "incoming/*.csv"};
  EXPECT_THAT(land(*lake_, project_, source_, clock_, {}), HasMessage("incoming/b.csv"));
}

TEST_F(Landing, NamesAFileThatChangesWhileItIsReadAndLandsNothing) {
  const std::string path = write("incoming/a.csv", std::string(3 << 20, 'x'));
  write("incoming/b.csv", "b");
  const auto grow = [&](std::string_view, std::string_view item, int64_t, int64_t) {
    if (item == path) std::ofstream(path, std::ios::app) << "more";
  };
  const auto outcome = land(*lake_, project_, source_, clock_, grow);
  EXPECT_THAT(outcome, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(outcome, HasMessage("incoming/a.csv changed while it was read"));
  EXPECT_THAT(lake_->list_recursive("landing").value(), IsEmpty());
  EXPECT_THAT(land_ok().batch->files, SizeIs(2));
}

TEST_F(Landing, LosesAndDoublesNothingWhenManyLandAtOnce) {
  for (int i = 0; i < 12; ++i)
    write(fmt::format("incoming/{:02}.csv", i), fmt::format("file {}", i));
  constexpr int kThreads = 8;
  std::atomic<int> landed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        project::Source mine = source_;
        // Overlapping views of the folder, so that batches differ.
        mine.files = {fmt::format("incoming/?{}.csv", t), "incoming/0*.csv"};
        const auto outcome = land(*lake_, project_, mine, clock_, {});
        ASSERT_THAT(outcome, IsOk());
        if (outcome->batch) landed += static_cast<int>(outcome->batch->files.size());
      });
    }
  }
  land_ok();
  std::set<std::string> hashes;
  size_t files = 0;
  for (const Batch& batch : batches()) {
    for (const LandedFile& file : batch.files) {
      hashes.insert(file.sha256);
      ++files;
      EXPECT_THAT(lake_->read(file.landed_path), IsOk());
    }
  }
  EXPECT_EQ(hashes.size(), 12U);
  EXPECT_EQ(files, 12U);
  EXPECT_GE(landed, 10);
  EXPECT_EQ(landed_files(), 12U);
}

TEST_F(Landing, LandsEverythingAfterAFailureAtAnyCall) {
  write("incoming/a.csv", "1");
  write("incoming/b.csv", "2");
  for (int64_t call = 1; call < 8; ++call) {
    for (const storage::Fault fault :
         {storage::Fault::IoError, storage::Fault::NoSpace, storage::Fault::ErrorAfter}) {
      lake_ = storage::memory_file_system();
      std::atomic<int64_t> calls = 0;
      const auto faulty = storage::fault_injecting_file_system(*lake_, {fault, call}, &calls);
      const auto first = land(*faulty, project_, source_, clock_, {});
      land_ok();
      size_t files = 0;
      for (const Batch& batch : batches()) files += batch.files.size();
      EXPECT_EQ(files, 2U) << "call " << call;
    }
  }
}

TEST(Manifest, SurvivesItsJson) {
  Batch batch{.source = "s",
              .batch_id = "s-3",
              .sequence = 3,
              .received_at_us = 1'700'000'000'123'456,
              .source_hash = "abc",
              .files = {{"id", "sha", "landing/s/u/1-é.csv", "", "/in/\"é\".csv", 12, -5}},
              .duplicates = {{"/in/b.csv", "sha", "/in/a.csv", "s-1", 12, 7}},
              .archives = {}};
  const auto read = batch_from_json(batch_to_json(batch));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(batch_to_json(*read), batch_to_json(batch));
  EXPECT_EQ(read->files[0].original_path, "/in/\"é\".csv");
  EXPECT_EQ(read->files[0].modified_us, -5);
  EXPECT_EQ(read->duplicates[0].first_seen_as, "/in/a.csv");
  EXPECT_THAT(batch_to_json(batch), testing::HasSubstr("\"format\": 1"));

  batch.files[0].member = "x/é.csv";
  batch.archives = {{"/in/a.zip", "sha2", "landing/s/u/1-a.zip", 99, 7, {"*.csv"}}};
  const auto with_archive = batch_from_json(batch_to_json(batch));
  ASSERT_THAT(with_archive, IsOk());
  EXPECT_EQ(batch_to_json(*with_archive), batch_to_json(batch));
  EXPECT_THAT(batch_to_json(batch), testing::HasSubstr("\"format\": 2"));
  EXPECT_EQ(with_archive->files[0].member, "x/é.csv");
  EXPECT_THAT(with_archive->archives.at(0).patterns, ElementsAre("*.csv"));
}

TEST(Manifest, RefusesWhatIsDamagedOrNewer) {
  EXPECT_THAT(batch_from_json("{"), IsErrorOf(ErrorKind::Corrupt));
  EXPECT_THAT(batch_from_json("[]"), IsErrorOf(ErrorKind::Corrupt));
  EXPECT_THAT(batch_from_json(R"({"format": 1, "source": 5})"),
              HasMessage("`source` must be a text"));
  EXPECT_THAT(batch_from_json(R"({"format": 3})"), HasMessage("Update Bullion"));
  const auto lake = storage::memory_file_system();
  ASSERT_THAT(lake->create(manifest_path("s", 2), batch_to_json({.source = "s",
                                                                 .batch_id = "s-2",
                                                                 .sequence = 2,
                                                                 .received_at_us = 0,
                                                                 .source_hash = "",
                                                                 .files = {},
                                                                 .duplicates = {}})),
              IsOk());
  EXPECT_THAT(read_batches(*lake, "s"), HasMessage("a manifest is missing"));
}

TEST(FileSearch, FindsFilesOfPlainFoldersAndOfPatternsOnce) {
  const storage::TemporaryFolder folder;
  for (const char* name : {"in/a.csv", "in/x/b.csv", "in/x/y/c.csv", "other/d.csv"}) {
    const auto path = std::filesystem::path(folder.path()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << name;
  }
  const auto names = [&](const std::vector<std::string>& patterns) {
    std::vector<std::string> found;
    const auto files = find_files(patterns, folder.path() + "/in", folder.path() + "/lake");
    EXPECT_THAT(files, IsOk());
    for (const FoundFile& file : *files)
      found.push_back(file.path.substr(folder.path().size() + 1));
    return found;
  };
  EXPECT_THAT(names({"."}), ElementsAre("in/a.csv"));
  EXPECT_THAT(names({"*.csv", "a.csv", folder.path() + "/in"}), ElementsAre("in/a.csv"));
  EXPECT_THAT(names({"**/*.csv"}), ElementsAre("in/a.csv", "in/x/b.csv", "in/x/y/c.csv"));
  EXPECT_THAT(names({"x/**"}), ElementsAre("in/x/b.csv", "in/x/y/c.csv"));
  EXPECT_THAT(names({"*/?/*.csv"}), ElementsAre("in/x/y/c.csv"));
  EXPECT_THAT(names({"../other/"}), ElementsAre("other/d.csv"));
  EXPECT_THAT(names({"absent/*.csv", "absent.csv"}), IsEmpty());
}

}  // namespace
}  // namespace bullion::ingest
