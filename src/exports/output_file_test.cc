#include "exports/output_file.h"

#include <filesystem>

#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

class OutputFiles : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  size_t files_in_folder() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      ++count;
    }
    return count;
  }

  storage::TemporaryFolder folder_;
  SystemClock clock_;
};

TEST_F(OutputFiles, AppearOnlyWhenPublished) {
  {
    const auto file = OutputFile::open(path("a"), false, clock_);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->append("half"), IsOk());
    EXPECT_FALSE(std::filesystem::exists(path("a")));
  }
  EXPECT_EQ(files_in_folder(), 0U);
  const auto file = OutputFile::open(path("a"), false, clock_);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->append("whole"), IsOk());
  ASSERT_THAT((*file)->publish(), IsOk());
  EXPECT_EQ(file_bytes(path("a")), "whole");
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(OutputFiles, ReplaceAnotherFileOnlyWhenForced) {
  const auto late = OutputFile::open(path("a"), false, clock_);
  ASSERT_THAT(late, IsOk());
  const auto first = OutputFile::open(path("a"), false, clock_);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT((*first)->append("first"), IsOk());
  ASSERT_THAT((*first)->publish(), IsOk());
  EXPECT_THAT((*late)->publish(), IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(OutputFile::open(path("a"), false, clock_), HasMessage("--force"));
  const auto forced = OutputFile::open(path("a"), true, clock_);
  ASSERT_THAT(forced, IsOk());
  ASSERT_THAT((*forced)->append("forced"), IsOk());
  ASSERT_THAT((*forced)->publish(), IsOk());
  EXPECT_EQ(file_bytes(path("a")), "forced");
}

TEST_F(OutputFiles, SayWhichFolderIsMissing) {
  EXPECT_THAT(OutputFile::open(path("no/a"), false, clock_), IsErrorOf(ErrorKind::NotFound));
  EXPECT_THAT(OutputFile::open(folder_.path(), false, clock_), HasMessage("this is a folder"));
}

}  // namespace
}  // namespace bullion::exports
