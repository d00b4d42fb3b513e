// Whatever moment a run dies at, readers see the old release or the new one, and the next run goes
// on.
#include <chrono>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

constexpr const char* kTotals =
    "SELECT (SELECT sum(total_cost_usd) FROM daily_account_cost) || ' ' || "
    "(SELECT sum(cost_usd) FROM billing_events) || ' ' || (SELECT sum(total_cost_usd) FROM "
    "account_service_day_cost) || ' ' || (SELECT count(*) FROM raw_billing_events)";
constexpr const char* kBefore = "169.000000 169.000000 169.000000 35";
constexpr const char* kAfter = "168.500000 168.500000 168.500000 37";

/// A project with the first batch published and the second delivered.
void prepare(const std::filesystem::path& project) {
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  deliver_sample(project, "batch2");
}

/// A fresh copy of a prepared project.
void copy_project(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

/// Readers see one release or the other; then a run, and everything is there exactly once.
void expect_whole(const std::filesystem::path& project, const std::string& when) {
  const std::string seen = query_value(project, kTotals);
  EXPECT_TRUE(seen == kBefore || seen == kAfter) << when << ": " << seen;
  const Outcome next = bullion(project, {"run"});
  ASSERT_EQ(next.code, 0) << when << next.out << next.err;
  EXPECT_EQ(query_value(project, kTotals), kAfter) << when;
}

TEST(Crash, AtEachStorageCallNothingIsLostOrDoubled) {
  const TestFolder folder("calls");
  prepare(folder / "base");
  std::string expected;
  for (const char* fault : {"crash-before", "crash-after"}) {
    int call = 1;
    for (; call < 500; ++call) {
      copy_project(folder / "base", folder / "p");
      const Outcome run = bullion(folder / "p", {"run", "--quiet"},
                                  {{"BULLION_FAULT", fmt::format("{}:{}", fault, call)}});
      if (run.code == 0) break;  // the run has fewer calls
      EXPECT_EQ(run.code, 128 + SIGKILL) << run.out << run.err;
      expect_whole(folder / "p", fmt::format("{} {}", fault, call));
      if (::testing::Test::HasFailure()) return;
      if (call % 8 == 1) {
        const std::string hashes = release_hashes(folder / "p");
        if (expected.empty()) expected = hashes;
        EXPECT_EQ(hashes, expected);
        EXPECT_EQ(bullion(folder / "p", {"clean"}).code, 0);
        EXPECT_EQ(query_value(folder / "p", kTotals), kAfter);
      }
    }
    EXPECT_GT(call, 10) << "the fault was never reached";
  }
}

TEST(Crash, AtRandomMomentsOfTheRealProcess) {
  const char* wanted = std::getenv("BULLION_CRASH_MOMENTS");
  const int moments = wanted == nullptr ? 200 : std::stoi(wanted);
  const TestFolder folder("kill");
  prepare(folder / "base");
  copy_project(folder / "base", folder / "p");
  const auto started = std::chrono::steady_clock::now();
  ASSERT_EQ(bullion(folder / "p", {"run", "--quiet"}).code, 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  std::mt19937 random(20250101);
  int killed = 0;
  for (int i = 0; i < moments; ++i) {
    copy_project(folder / "base", folder / "p");
    const pid_t process = start_bullion(folder / "p", {"run", "--quiet"}, folder / "log");
    std::this_thread::sleep_for(std::chrono::microseconds(
        std::uniform_int_distribution<int64_t>(0, whole.count())(random)));
    ::kill(process, SIGKILL);
    killed += wait_for(process) == 128 + SIGKILL ? 1 : 0;
    expect_whole(folder / "p", fmt::format("moment {} of seed 20250101", i));
    if (::testing::Test::HasFailure()) return;
  }
  // How many runs were still going depends on the machine; that some were is what the test is
  // about.
  EXPECT_GT(killed, 0);
}

TEST(Crash, DiskFaultsAreErrorsAndNotLosses) {
  const TestFolder folder("faults");
  prepare(folder / "base");
  for (const char* fault : {"io-error", "no-space", "short-write", "error-after"}) {
    for (const int call : {1, 2, 3, 5, 8, 12, 16, 20, 24, 28, 32}) {
      copy_project(folder / "base", folder / "p");
      const Outcome run = bullion(folder / "p", {"run", "--quiet"},
                                  {{"BULLION_FAULT", fmt::format("{}:{}", fault, call)}});
      EXPECT_TRUE(run.code == 0 || run.code == 2) << run.code << run.out << run.err;
      expect_whole(folder / "p", fmt::format("{} {}", fault, call));
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(Concurrent, TwoRunsAtOnceAreAsOneAfterTheOther) {
  const char* wanted = std::getenv("BULLION_CONCURRENT_ROUNDS");
  const int rounds = wanted == nullptr ? 50 : std::stoi(wanted);
  const TestFolder folder("two");
  prepare(folder / "base");
  std::string expected;
  for (int round = 0; round < rounds; ++round) {
    copy_project(folder / "base", folder / "p");
    const pid_t first = start_bullion(folder / "p", {"run", "--quiet"}, folder / "log1");
    const pid_t second = start_bullion(folder / "p", {"run", "--quiet"}, folder / "log2");
    EXPECT_EQ(wait_for(first), 0) << read_file(folder / "log1");
    EXPECT_EQ(wait_for(second), 0) << read_file(folder / "log2");
    EXPECT_EQ(query_value(folder / "p", kTotals), kAfter);
    EXPECT_EQ(query_value(folder / "p", "SELECT count(*) FROM quarantine.raw_billing_events"), "1");
    const std::string hashes = release_hashes(folder / "p");
    if (round == 0) expected = hashes;
    EXPECT_EQ(hashes, expected);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace bullion::end_to_end
