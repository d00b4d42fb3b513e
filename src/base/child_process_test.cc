#include "base/child_process.h"

#include <csignal>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/result_matchers.h"

namespace bullion {
namespace {

constexpr int64_t kLongUs = 600'000'000;

class AskChild : public testing::Test {
 protected:
  ChildAnswer ask(const std::string& script, int64_t timeout_us = kLongUs,
                  const std::string& input = "") {
    const auto answer = ask_child({.command = {"/bin/sh", "-c", script},
                                   .input = input,
                                   .timeout_us = timeout_us,
                                   .output_bytes_max = 1 << 20,
                                   .cancelled = &cancelled_},
                                  clock_);
    EXPECT_THAT(answer, IsOk());
    return answer ? *answer : ChildAnswer{};
  }

  SystemClock clock_;
  std::atomic<bool> cancelled_ = false;
};

TEST_F(AskChild, GivesInputAndTakesOutputOfAnySize) {
  const std::string text(900'000, 'x');
  const ChildAnswer answer = ask("echo lost >&2; cat; exit 3", kLongUs, text);
  EXPECT_EQ(answer.end, ChildEnd::Exited);
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.output, text);
}

TEST_F(AskChild, EndsWhatItStartedAtTheLimits) {
  EXPECT_EQ(ask("sleep 1000 & sleep 1000", 50'000).end, ChildEnd::TimedOut);
  // The output is closed, and the process goes on.
  EXPECT_EQ(ask("exec >&-; sleep 1000", 50'000).end, ChildEnd::TimedOut);
  EXPECT_EQ(ask("while :; do echo more; done").end, ChildEnd::TooLong);
  cancelled_ = true;
  EXPECT_EQ(ask("sleep 1000").end, ChildEnd::Cancelled);
}

TEST_F(AskChild, TellsASignalFromAnExit) {
  const ChildAnswer answer = ask("echo half; kill -ABRT $$");
  EXPECT_EQ(answer.end, ChildEnd::Exited);
  EXPECT_EQ(answer.code, 128 + SIGABRT);
  EXPECT_EQ(answer.output, "half\n");
}

TEST_F(AskChild, SaysWhatCannotBeStarted) {
  const auto answer = ask_child({.command = {"/nothing/here"}, .timeout_us = kLongUs}, clock_);
  EXPECT_THAT(answer, HasMessage("/nothing/here: cannot be started"));
}

}  // namespace
}  // namespace bullion
