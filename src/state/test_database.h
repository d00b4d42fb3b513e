// A store for one test: an SQLite file, or a schema of its own on the server that
// BULLION_TEST_POSTGRES names. For tests only.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "state/database.h"
#include "storage/temporary_folder.h"

namespace bullion::state {

/// "sqlite", and "postgres" when there is a server.
inline std::vector<std::string> tested_kinds() {
  std::vector<std::string> kinds = {"sqlite"};
  if (std::getenv("BULLION_TEST_POSTGRES") != nullptr) kinds.emplace_back("postgres");
  return kinds;
}

class TestDatabase {
 public:
  explicit TestDatabase(const std::string& kind) : kind_(kind) {
    if (kind_ == "sqlite") {
      location_ = folder_.path() + "/state.db";
      return;
    }
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    schema_ = "test_" + std::to_string(::getpid()) + "_" +
              std::to_string(
                  std::hash<std::string>{}(std::string(test->test_suite_name()) + test->name()));
    server_ = std::getenv("BULLION_TEST_POSTGRES");
    admin("CREATE SCHEMA " + schema_);
    location_ = server_ + (server_.find('?') == std::string::npos ? "?" : "&") +
                "options=-csearch_path%3D" + schema_;
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase() {
    if (kind_ == "postgres") admin("DROP SCHEMA " + schema_ + " CASCADE");
  }

  const std::string& location() const { return location_; }
  bool is_server() const { return kind_ == "postgres"; }

  /// Another connection to the same store, as another process has one.
  std::unique_ptr<Database> open(int64_t wait_us = 15'000'000) const {
    auto opened = open_database(location_, {.wait_us = wait_us});
    if (!opened) {
      ADD_FAILURE() << opened.error().message();
      return nullptr;
    }
    return *std::move(opened);
  }

 private:
  void admin(const std::string& sql) const {
    auto database = open_database(server_);
    if (!database) {
      ADD_FAILURE() << database.error().message();
      return;
    }
    const Status done = transact(**database, Access::Write, [&sql](Transaction& transaction) {
      const auto run = transaction.execute(sql);
      return run ? ok() : Status(run.error());
    });
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message());
  }

  storage::TemporaryFolder folder_;
  std::string kind_;
  std::string location_;
  std::string server_;
  std::string schema_;
};

}  // namespace bullion::state
