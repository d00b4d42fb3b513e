#include "storage/fault_injection.h"

#include <cerrno>
#include <csignal>
#include <functional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/result_matchers.h"
#include "storage/posix_file_internal.h"
#include "storage/temporary_folder.h"

namespace bullion::storage {
namespace {

// Runs `work` in a child process and answers how that ended.
int wait_status_of(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

class Faults : public testing::Test {
 protected:
  std::unique_ptr<FileSystem> with(Fault fault, int64_t at_call) {
    return fault_injecting_file_system(*inner_, {fault, at_call}, &calls_);
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> inner_ = local_file_system(folder_.path());
  std::atomic<int64_t> calls_ = 0;
};

TEST_F(Faults, CountEveryMutatingCallAndNoOther) {
  const auto files = with(Fault::IoError, 0);
  ASSERT_THAT(files->create("a", "1"), IsOk());
  ASSERT_THAT(files->replace("a", "2"), IsOk());
  ASSERT_THAT(files->make_durable({"a"}), IsOk());
  ASSERT_THAT(files->make_folder("d"), IsOk());
  ASSERT_THAT(files->remove("d"), IsOk());
  const auto writer = files->create_stream("s");
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT((*writer)->append("x"), IsOk());
  EXPECT_EQ(calls_, 5);
  ASSERT_THAT((*writer)->finish(), IsOk());
  EXPECT_EQ(calls_, 6);
  EXPECT_EQ(*files->read("s"), "x");
  EXPECT_THAT(files->list(""), IsOk());
  EXPECT_EQ(calls_, 6);
}

TEST_F(Faults, HitOnlyTheCallTheyAreFor) {
  const auto files = with(Fault::IoError, 2);
  EXPECT_THAT(files->create("a", "1"), IsOk());
  const Status second = files->create("b", "1");
  EXPECT_THAT(second, IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(second, HasMessage(folder_.path() + "/b"));
  EXPECT_THAT(files->create("b", "1"), IsOk());
}

TEST_F(Faults, NoSpaceAndShortWriteLeaveNothingUnderTheName) {
  for (const Fault fault : {Fault::NoSpace, Fault::ShortWrite}) {
    calls_ = 0;
    const auto files = with(fault, 1);
    const Status status = files->create("a", "0123456789");
    EXPECT_THAT(status, IsErrorOf(ErrorKind::Io));
    EXPECT_THAT(status, HasMessage("No space left"));
    EXPECT_FALSE(inner_->stat("a")->has_value());
    EXPECT_TRUE(inner_->list("")->empty());
  }
}

TEST_F(Faults, ShortWriteOfAStreamLeavesNothingUnderTheName) {
  const auto files = with(Fault::ShortWrite, 1);
  {
    const auto writer = files->create_stream("s");
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->append("0123456789"), IsOk());
    EXPECT_THAT((*writer)->finish(), HasMessage("No space left"));
  }
  EXPECT_TRUE(inner_->list("")->empty());
}

TEST_F(Faults, ShortWriteKeepsTheOldBytesOfAReplacedFile) {
  ASSERT_THAT(inner_->create("hint", "old"), IsOk());
  EXPECT_THAT(with(Fault::ShortWrite, 1)->replace("hint", "newer"), IsErrorOf(ErrorKind::Io));
  EXPECT_EQ(*inner_->read("hint"), "old");
}

TEST_F(Faults, ErrorAfterTakesEffectAndStillErrs) {
  EXPECT_THAT(with(Fault::ErrorAfter, 1)->create("a", "1"), IsErrorOf(ErrorKind::Io));
  EXPECT_EQ(*inner_->read("a"), "1");
}

TEST_F(Faults, CrashBeforeEndsTheProcessWithoutTheFile) {
  const int status = wait_status_of([&] {
    (void)with(Fault::CrashBefore, 2)->create("x", "1"),
        (void)with(Fault::CrashBefore, 2)->create("a", "1");
  });
  EXPECT_TRUE(was_killed(status));
  EXPECT_EQ(*inner_->read("x"), "1");
  EXPECT_FALSE(inner_->stat("a")->has_value());
}

TEST_F(Faults, CrashAfterEndsTheProcessWithTheWholeFile) {
  const std::string bytes(size_t{100'000}, 'x');
  const int status = wait_status_of([&] { (void)with(Fault::CrashAfter, 1)->create("a", bytes); });
  EXPECT_TRUE(was_killed(status));
  EXPECT_TRUE(*inner_->read("a") == bytes);
}

TEST_F(Faults, ACrashWhileStreamingLeavesNothingUnderTheName) {
  const int status = wait_status_of([&] {
    const auto writer = with(Fault::IoError, 0)->create_stream("s");
    (void)(*writer)->append(std::string(size_t{3'000'000}, 'x'));
    raise(SIGKILL);
  });
  EXPECT_TRUE(was_killed(status));
  EXPECT_FALSE(inner_->stat("s")->has_value());
  EXPECT_THAT(inner_->create("s", "next"), IsOk());
}

TEST(FaultPlan, ReadsNameAndCall) {
  const auto plan = parse_fault_plan("crash-after:17");
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->fault, Fault::CrashAfter);
  EXPECT_EQ(plan->at_call, 17);
}

TEST(FaultPlan, RefusesOtherText) {
  for (const char* text : {"", "crash-after", "crash-after:", "crash-after:0", "crash-after:-1",
                           "crash-after:1x", "melt:1", ":1"}) {
    EXPECT_THAT(parse_fault_plan(text), IsErrorOf(ErrorKind::Invalid)) << text;
  }
}

TEST(SystemError, TellsWhatToDoAboutIt) {
  const Error full = system_error("write", "/lake/x", ENOSPC);
  EXPECT_EQ(full.kind(), ErrorKind::Io);
  EXPECT_EQ(full.message(),
            "cannot write /lake/x: No space left on device; free some space on that disk, then run "
            "again");
  EXPECT_THAT(system_error("write", "/x", EROFS).message(), testing::HasSubstr("read-only"));
  EXPECT_THAT(system_error("open", "/x", EACCES).message(), testing::HasSubstr("permission"));
  EXPECT_EQ(system_error("open", "/x", ENOENT).kind(), ErrorKind::NotFound);
}

TEST(WriteAll, ReportsAFullDisk) {
  const auto full = open_descriptor("/dev/full", O_WRONLY);
  if (!full) GTEST_SKIP() << "no /dev/full on this system";
  const Status status = write_all(*full, "x", "/lake/x");
  EXPECT_THAT(status, IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(status, HasMessage("/lake/x: No space left on device"));
}

}  // namespace
}  // namespace bullion::storage
