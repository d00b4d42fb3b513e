// The process ends at each storage call in turn; what is left on disk must be a whole table.
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "delta/log_fixture.h"
#include "storage/fault_injection.h"
#include "storage/temporary_folder.h"

namespace bullion::delta {
namespace {

/// Commits files f0, f1... with a checkpoint every second version, over storage that ends the
/// process at one of its calls. Runs in a child process.
[[noreturn]] void commit_until_killed(const std::string& root, storage::FaultPlan plan) {
  const auto disk = storage::local_file_system(root);
  const auto faulty = storage::fault_injecting_file_system(*disk, plan, nullptr);
  CountingClock clock;
  JsonCodec codec;
  Log log(*faulty, "t", clock, &codec, {.checkpoint_interval = 2});
  bool all = log.commit({-1, creation(), {}, false, false}).has_value();
  for (int64_t step = 0; step < 3; ++step) {
    Transaction append;
    append.read_version = step;
    append.actions.adds = {add_of(fmt::format("f{}", step))};
    all = all && log.commit(append).has_value();
  }
  std::_Exit(all ? 0 : 1);
}

TEST(Crash, AtEveryStorageCallLeavesTheStateBeforeOrAfter) {
  for (const storage::Fault fault : {storage::Fault::CrashBefore, storage::Fault::CrashAfter}) {
    bool finished = false;
    int64_t newest = -1;
    for (int64_t at_call = 1; !finished && at_call < 100; ++at_call) {
      const storage::TemporaryFolder folder;
      const pid_t child = fork();
      ASSERT_GE(child, 0);
      if (child == 0) commit_until_killed(folder.path(), {fault, at_call});
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      finished = WIFEXITED(status);
      ASSERT_TRUE(finished ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);

      const auto disk = storage::local_file_system(folder.path());
      CountingClock clock;
      JsonCodec codec;
      Log log(*disk, "t", clock, &codec, {.checkpoint_interval = 2});
      const auto latest = log.latest_version();
      ASSERT_THAT(latest, IsOk());
      const int64_t version = latest->value_or(-1);
      EXPECT_GE(version, newest) << "a later crash leaves no less";
      newest = version;
      Transaction next;
      next.read_version = version;
      next.actions = version < 0 ? creation() : Commit{};
      next.actions.adds = {add_of("next")};
      EXPECT_EQ(*log.commit(next), version + 1);
      const auto snapshot = log.snapshot();
      ASSERT_THAT(snapshot, IsOk());
      EXPECT_EQ(snapshot->files.size(), static_cast<size_t>(std::max<int64_t>(version, 0) + 1));
    }
    EXPECT_TRUE(finished);
    EXPECT_EQ(newest, 3);
  }
}

}  // namespace
}  // namespace bullion::delta
