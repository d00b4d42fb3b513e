#include "server/sql_processes.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::server {
namespace {

using testing::HasSubstr;

constexpr int64_t kLongUs = 600'000'000;

/// A shell stands for the process that answers.
SqlProcessesOptions shell(const std::string& script) {
  return {.command = {"/bin/sh", "-c", script},
          .lake = "/lake",
          .project_folder = "/project",
          .patience_us = kLongUs,
          .log = {}};
}

SqlQuestion question() {
  return {.release = 7,
          .request = {.sql = "SELECT 'ä\"\n' || $day",
                      .parameters = {{"day", "date", "2025-01-01"}, {"nothing", "", std::nullopt}},
                      .rows_max = 12,
                      .filters = {{"a b", metrics::FilterOp::In, {"x|y", "ä\n"}}}}};
}

TEST(SqlProcesses, OrdersAndMessagesComeThroughAsTheyWere) {
  const auto order = sql_order(to_json({.lake = "/lake",
                                        .project_folder = "/p",
                                        .temp_folder = "/t",
                                        .memory_bytes = 99,
                                        .question = question()}));
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->lake, "/lake");
  EXPECT_EQ(order->question.request.filters, question().request.filters);
  EXPECT_EQ(order->project_folder, "/p");
  EXPECT_EQ(order->temp_folder, "/t");
  EXPECT_EQ(order->memory_bytes, 99);
  EXPECT_EQ(order->question.release, 7);
  EXPECT_EQ(order->question.request.sql, question().request.sql);
  EXPECT_EQ(order->question.request.rows_max, 12);
  ASSERT_EQ(order->question.request.parameters.size(), 2U);
  EXPECT_EQ(order->question.request.parameters[0].type, "date");
  EXPECT_EQ(order->question.request.parameters[0].value, "2025-01-01");
  EXPECT_EQ(order->question.request.parameters[1].value, std::nullopt);
  for (const char* text : {"", "[]", "{}", "x", R"({"lake": "/lake"})"}) {
    EXPECT_THAT(sql_order(text), IsErrorOf(ErrorKind::Invalid)) << text;
  }

  const auto body = body_of_message(to_message(std::string("{}\n")));
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(**body, "{}\n");
  const auto error = body_of_message(to_message(not_found("no\nsuch table")));
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, IsErrorOf(ErrorKind::NotFound));
  EXPECT_EQ(error->error().message(), "no\nsuch table");
  for (const char* text :
       {"", "ok", "ok 2\n{", "ok 2\n{}}", "ok x\n", "ok 99999999999999999999\n"}) {
    EXPECT_FALSE(body_of_message(text).has_value()) << text;
  }
}

TEST(SqlProcesses, HandOnWhatTheProcessSays) {
  const SystemClock clock;
  SqlProcesses good(shell("printf 'ok 2\\n{}'"), clock);
  const auto body = good.answer(question(), {.timeout_us = kLongUs});
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(**body, "{}");
  SqlProcesses bad(shell("printf 'Invalid 4\\nnope'"), clock);
  const auto refused = bad.answer(question(), {.timeout_us = kLongUs});
  EXPECT_EQ(refused.error().message(), "nope");
}

TEST(SqlProcesses, EndAtTheirLimitsAndLeaveNoFiles) {
  const SystemClock clock;
  std::string logged;
  SqlProcessesOptions options = shell("printf 'ok 2\\n{'; kill -ABRT $$");
  options.log = [&logged](const std::string& line) { logged += line; };
  SqlProcesses crashing(options, clock);
  const auto crashed = crashing.answer(question(), {.timeout_us = kLongUs});
  EXPECT_THAT(crashed, IsErrorOf(ErrorKind::Interrupted));
  EXPECT_THAT(crashed, HasMessage("more memory"));
  EXPECT_THAT(logged, HasSubstr("left with 134"));
  SqlProcesses slow(shell("sleep 1000"), clock);
  EXPECT_THAT(slow.answer(question(), {.timeout_us = 20'000}), HasMessage("of 20 ms"));
  const std::atomic<bool> cancelled = true;
  EXPECT_THAT(slow.answer(question(), {.timeout_us = kLongUs, .cancelled = &cancelled}),
              HasMessage("nobody waits"));
}

TEST(SqlProcesses, RunSomeAtOnceLetSomeWaitAndRefuseTheRest) {
  const SystemClock clock;
  SqlProcessesOptions options = shell("sleep 1000");
  options.at_once = 1;
  options.waiting = 1;
  SqlProcesses processes(options, clock);
  std::atomic<bool> cancelled = false;
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back([&] {
      const auto body =
          processes.answer(question(), {.timeout_us = kLongUs, .cancelled = &cancelled});
      if (body && !*body) ++refused;
      // One runs and one waits: with the third refusal all the others are where they stay.
      if (refused == 3) cancelled = true;
    });
  }
  for (std::thread& client : clients) client.join();
  // The one that waited was told to leave as well, or got its turn and was ended there.
  EXPECT_GE(refused, 3);
}

}  // namespace
}  // namespace bullion::server
