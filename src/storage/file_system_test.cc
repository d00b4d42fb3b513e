#include "storage/file_system.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/result_matchers.h"
#include "storage/temporary_folder.h"

namespace bullion::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> paths_of(const Result<std::vector<FileInfo>>& listing) {
  std::vector<std::string> paths;
  if (!listing) return {listing.error().message()};
  for (const FileInfo& info : *listing) {
    paths.push_back(info.is_directory ? info.path + "/" : info.path);
  }
  return paths;
}

// The contract, run against every implementation.
class AnyFileSystem : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    files_ =
        GetParam() == "local" ? local_file_system(folder_.path() + "/root") : memory_file_system();
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_;
};

INSTANTIATE_TEST_SUITE_P(Contract, AnyFileSystem, testing::Values("local", "memory"),
                         [](const auto& kind) { return kind.param; });

TEST_P(AnyFileSystem, ReadsWhatWasCreated) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_THAT(files_->create("a/b/c", bytes), IsOk());
  const auto read = files_->read("a/b/c");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, bytes);
}

TEST_P(AnyFileSystem, CreateNeverOverwrites) {
  ASSERT_THAT(files_->create("a", "first"), IsOk());
  const Status second = files_->create("a", "second");
  EXPECT_THAT(second, IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(second, HasMessage(files_->location("a")));
  EXPECT_EQ(*files_->read("a"), "first");
}

TEST_P(AnyFileSystem, GivesARaceToExactlyOneCreator) {
  constexpr int kRaces = 20;
  constexpr int kRacers = 8;
  for (int race = 0; race < kRaces; ++race) {
    const std::string path = "log/" + std::to_string(race);
    std::atomic<int> winners = 0;
    std::atomic<int> losers = 0;
    std::atomic<bool> go = false;
    std::string winner;
    {
      std::vector<std::jthread> threads;
      for (int racer = 0; racer < kRacers; ++racer) {
        threads.emplace_back([&, racer] {
          while (!go) std::this_thread::yield();
          const std::string mine(size_t{1000}, static_cast<char>('a' + racer));
          const Status status = files_->create(path, mine);
          if (status) {
            ++winners;
            winner = mine;
          } else if (status.error().kind() == ErrorKind::Conflict) {
            ++losers;
          }
        });
      }
      go = true;
    }
    ASSERT_EQ(winners, 1);
    ASSERT_EQ(losers, kRacers - 1);
    ASSERT_EQ(*files_->read(path), winner);
  }
}

TEST_P(AnyFileSystem, LeavesNothingButTheFilesThemselves) {
  ASSERT_THAT(files_->create("d/a", "1"), IsOk());
  ASSERT_THAT(files_->create("d/a", "2"), IsErrorOf(ErrorKind::Conflict));
  ASSERT_THAT(files_->replace("d/b", "3"), IsOk());
  {
    const auto writer = files_->create_stream("d/c");
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->append("unfinished"), IsOk());
  }
  EXPECT_THAT(paths_of(files_->list("d")), ElementsAre("d/a", "d/b"));
}

TEST_P(AnyFileSystem, ShowsAStreamOnlyOnceItIsFinished) {
  const auto writer = files_->create_stream("s");
  ASSERT_THAT(writer, IsOk());
  std::string expected;
  for (const size_t size : {size_t{10}, size_t{3'000'000}, size_t{1}, size_t{900'000}}) {
    const std::string part(size, static_cast<char>('a' + size % 26));
    ASSERT_THAT((*writer)->append(part), IsOk());
    expected += part;
  }
  EXPECT_THAT(files_->read("s"), IsErrorOf(ErrorKind::NotFound));
  ASSERT_THAT((*writer)->finish(), IsOk());
  EXPECT_TRUE(*files_->read("s") == expected);
  EXPECT_THAT((*writer)->append("more"), IsErrorOf(ErrorKind::Internal));
  EXPECT_THAT((*writer)->finish(), IsErrorOf(ErrorKind::Internal));
}

TEST_P(AnyFileSystem, AStreamLosesToAFileThatExists) {
  const auto writer = files_->create_stream("s");
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT(files_->create("s", "first"), IsOk());
  EXPECT_THAT((*writer)->finish(), IsErrorOf(ErrorKind::Conflict));
  EXPECT_EQ(*files_->read("s"), "first");
}

TEST_P(AnyFileSystem, ReplacesWholeFiles) {
  ASSERT_THAT(files_->replace("hint", "long old text"), IsOk());
  ASSERT_THAT(files_->replace("hint", "new"), IsOk());
  EXPECT_EQ(*files_->read("hint"), "new");
}

TEST_P(AnyFileSystem, ReadsRangesUpToTheEnd) {
  ASSERT_THAT(files_->create("a", "0123456789"), IsOk());
  EXPECT_EQ(*files_->read_range("a", 2, 3), "234");
  EXPECT_EQ(*files_->read_range("a", 8, 5), "89");
  EXPECT_EQ(*files_->read_range("a", 20, 5), "");
  EXPECT_THAT(files_->read_range("a", -1, 5), IsErrorOf(ErrorKind::Internal));
}

TEST_P(AnyFileSystem, ReadsFrontToBack) {
  ASSERT_THAT(files_->create("a", "0123456789"), IsOk());
  const auto reader = files_->open("a");
  ASSERT_THAT(reader, IsOk());
  std::string all;
  char buffer[4];
  while (true) {
    const auto count = (*reader)->read(buffer, sizeof buffer);
    ASSERT_THAT(count, IsOk());
    if (*count == 0) break;
    all.append(buffer, *count);
  }
  EXPECT_EQ(all, "0123456789");
}

TEST_P(AnyFileSystem, NamesTheFullPathOfWhatIsMissing) {
  for (const auto& missing : {files_->read("x/y"), files_->read_range("x/y", 0, 1)}) {
    EXPECT_THAT(missing, IsErrorOf(ErrorKind::NotFound));
    EXPECT_THAT(missing, HasMessage(files_->location("x/y")));
  }
  EXPECT_THAT(files_->open("x/y"), IsErrorOf(ErrorKind::NotFound));
  EXPECT_THAT(files_->make_durable({"x/y"}), IsErrorOf(ErrorKind::NotFound));
}

TEST_P(AnyFileSystem, ListsChildrenSortedWithHiddenOnes) {
  for (const char* path : {"t/z", "t/.hidden", "t/a/deep/file", "t/a-b", "other"}) {
    ASSERT_THAT(files_->create(path, "12345"), IsOk());
  }
  EXPECT_THAT(paths_of(files_->list("t")), ElementsAre("t/.hidden", "t/a/", "t/a-b", "t/z"));
  EXPECT_THAT(paths_of(files_->list("")), ElementsAre("other", "t/"));
  EXPECT_THAT(paths_of(files_->list_recursive("t")),
              ElementsAre("t/.hidden", "t/a-b", "t/a/deep/file", "t/z"));
  EXPECT_THAT(paths_of(files_->list("nowhere")), IsEmpty());
  EXPECT_THAT(paths_of(files_->list_recursive("nowhere")), IsEmpty());
  const auto listing = files_->list("t");
  EXPECT_EQ(listing->front().name(), ".hidden");
  EXPECT_EQ(listing->front().size, 5);
}

TEST_P(AnyFileSystem, TellsFilesFromFoldersFromNothing) {
  ASSERT_THAT(files_->create("d/f", "123"), IsOk());
  const auto file = files_->stat("d/f");
  ASSERT_TRUE(file && file->has_value());
  EXPECT_EQ((*file)->size, 3);
  EXPECT_FALSE((*file)->is_directory);
  constexpr int64_t kYear2020 = 1'577'836'800'000'000;
  EXPECT_GT((*file)->modified_us, kYear2020);
  const auto folder = files_->stat("d");
  ASSERT_TRUE(folder && folder->has_value());
  EXPECT_TRUE((*folder)->is_directory);
  EXPECT_FALSE(files_->stat("d/g")->has_value());
  EXPECT_FALSE(files_->stat("d/f/below")->has_value());
}

TEST_P(AnyFileSystem, RemovesFilesAndEmptyFoldersAndToleratesAbsence) {
  ASSERT_THAT(files_->create("d/f", "123"), IsOk());
  EXPECT_THAT(files_->remove("d"), IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(files_->remove("d/f"), IsOk());
  EXPECT_THAT(files_->remove("d/f"), IsOk());
  EXPECT_THAT(files_->remove("d"), IsOk());
  EXPECT_FALSE(files_->stat("d")->has_value());
}

TEST_P(AnyFileSystem, MakesFoldersAndMakesThemAgain) {
  EXPECT_THAT(files_->make_folder("a/b/c"), IsOk());
  EXPECT_THAT(files_->make_folder("a/b/c"), IsOk());
  EXPECT_THAT(paths_of(files_->list("a/b")), ElementsAre("a/b/c/"));
  ASSERT_THAT(files_->create("file", ""), IsOk());
  EXPECT_THAT(files_->make_folder("file/below"), IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(files_->create("file/below", ""), IsErrorOf(ErrorKind::Io));
}

TEST_P(AnyFileSystem, RefusesPathsThatLeaveTheRoot) {
  for (const char* path : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/"}) {
    EXPECT_THAT(files_->read(path), IsErrorOf(ErrorKind::Internal)) << path;
    EXPECT_THAT(files_->create(path, "x"), IsErrorOf(ErrorKind::Internal)) << path;
    EXPECT_THAT(files_->replace(path, "x"), IsErrorOf(ErrorKind::Internal)) << path;
    EXPECT_THAT(files_->remove(path), IsErrorOf(ErrorKind::Internal)) << path;
  }
}

TEST_P(AnyFileSystem, MakesManyFilesDurable) {
  std::vector<std::string> paths;
  for (int i = 0; i < 50; ++i) {
    paths.push_back("t/day=" + std::to_string(i % 7) + "/f" + std::to_string(i));
    ASSERT_THAT(files_->create(paths.back(), "x"), IsOk());
  }
  EXPECT_THAT(files_->make_durable(paths), IsOk());
  EXPECT_THAT(files_->make_durable({}), IsOk());
}

TEST(JoinPath, PutsOneSlashBetween) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(join_path("a", ""), "a");
  EXPECT_EQ(join_path("/", "b"), "/b");
}

TEST(LocalFileSystem, DeletesTheStaleChecksumThatHadoopKeeps) {
  const TemporaryFolder folder;
  const auto files = local_file_system(folder.path());
  ASSERT_THAT(files->create("_delta_log/_last_checkpoint", "1"), IsOk());
  ASSERT_THAT(files->create("_delta_log/._last_checkpoint.crc", "sum"), IsOk());
  ASSERT_THAT(files->replace("_delta_log/_last_checkpoint", "2"), IsOk());
  EXPECT_THAT(paths_of(files->list("_delta_log")), ElementsAre("_delta_log/_last_checkpoint"));
}

TEST(LocalFileSystem, ListsLinksThatLeadNowhere) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("gone", folder.path() + "/link");
  EXPECT_THAT(paths_of(local_file_system(folder.path())->list("")), ElementsAre("link"));
}

TEST(LocalFileSystem, AnswersAbsoluteLocationsForARelativeRoot) {
  const auto files = local_file_system("some/./lake/");
  EXPECT_EQ(files->location("t/x"), (std::filesystem::current_path() / "some/lake/t/x").string());
}

TEST(LocalFileSystem, SaysWhenPermissionIsMissing) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 0500);
  const Status status = local_file_system(folder.path())->create("a", "x");
  EXPECT_THAT(status, IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(status, HasMessage("Permission denied; give this user permission there"));
}

}  // namespace
}  // namespace bullion::storage
