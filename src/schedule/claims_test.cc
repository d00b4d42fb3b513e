#include "schedule/claims.h"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

class ClaimsTest : public testing::Test {
 protected:
  Claims claims(const std::string& token = "a") {
    return {*lake_, "schedule/jobs/daily/claims", clock_, this_process(token)};
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::FileSystem> lake_ = storage::local_file_system(folder_.path());
  FakeClock clock_{"2026-05-01T06:00:00Z"};
};

TEST_F(ClaimsTest, OneOfTwoWhoSawTheSameGetsTheClaim) {
  const auto first = claims().claim(0, {{"scheduled", 1}});
  const auto second = claims("b").claim(0, {{"scheduled", 1}});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(first->has_value());
  EXPECT_FALSE(second->has_value());
  EXPECT_FALSE(claims("b").take_over()->has_value());
}

TEST_F(ClaimsTest, AKilledProcessLosesItsClaimAtOnce) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto made = claims("child").claim(0, {{"scheduled", 1}});
    if (!made || !made->has_value()) ::_exit(1);
    for (;;) ::pause();
  }
  while (claims().newest(1)->empty()) ::usleep(1'000);
  EXPECT_FALSE(claims().take_over()->has_value());
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  // A zombie is dead as well: it has not been waited for yet.
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const auto taken = claims().take_over();
  ASSERT_THAT(taken, IsOk());
  ASSERT_TRUE(taken->has_value());
  EXPECT_TRUE((*taken)->abandoned);
  EXPECT_FALSE(claims().take_over()->has_value());
  EXPECT_TRUE(claims().claim(1, {{"scheduled", 1}})->has_value());
  ::waitpid(child, nullptr, 0);
}

TEST_F(ClaimsTest, AHolderOnAnotherMachineIsGoneWhenItsHeartbeatStops) {
  Owner other = this_process("far");
  other.boot = "another";
  const Claims far(*lake_, "schedule/jobs/daily/claims", clock_, other);
  ASSERT_THAT(far.claim(0, {{"scheduled", 1}}), IsOk());
  clock_.advance_seconds(170);
  ASSERT_THAT(far.beat(1), IsOk());
  clock_.advance_seconds(170);
  EXPECT_FALSE(claims().take_over()->has_value());
  clock_.advance_seconds(20);
  EXPECT_TRUE(claims().take_over()->has_value());
  // The holder learns of it when it comes back.
  EXPECT_EQ(*far.end(1, {{"status", "good"}}), false);
}

TEST_F(ClaimsTest, AProcessIdThatIsUsedAgainIsAnotherProcess) {
  Owner reused = this_process("old");
  reused.started = "1";
  EXPECT_EQ(liveness_of(reused, this_process("new")), Liveness::Dead);
  EXPECT_EQ(liveness_of(this_process("old"), this_process("new")), Liveness::Alive);
}

TEST_F(ClaimsTest, PrunedNumbersAreNotClaimedAgain) {
  for (int64_t i = 0; i < 6; ++i) {
    ASSERT_TRUE(claims().claim(i, {{"scheduled", i}})->has_value());
    ASSERT_TRUE(*claims().end(i + 1, {{"status", "good"}}));
  }
  ASSERT_THAT(claims().prune(2), IsOk());
  EXPECT_EQ(claims().newest(10)->size(), 2U);
  // Somebody who slept since claim 1 was the newest.
  EXPECT_FALSE(claims("late").claim(1, {{"scheduled", 9}})->has_value());
  EXPECT_EQ(claims().newest(10)->size(), 2U);
}

}  // namespace
}  // namespace bullion::schedule
