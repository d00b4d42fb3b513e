#include "state/database.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/result_matchers.h"
#include "state/migrations.h"
#include "state/test_database.h"

namespace bullion::state {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EachStore : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    store_ = std::make_unique<TestDatabase>(GetParam());
    database_ = store_->open();
    ASSERT_NE(database_, nullptr);
  }

  /// One statement in a transaction of its own.
  Status run(const std::string& sql, const Row& parameters = {}) {
    return transact(*database_, Access::Write, [&](Transaction& transaction) -> Status {
      BULLION_TRY(transaction.execute(sql, parameters));
      return ok();
    });
  }
  std::vector<Row> rows(const std::string& sql, const Row& parameters = {}) {
    return rows_in(*database_, sql, parameters);
  }
  static std::vector<Row> rows_in(Database& database, const std::string& sql,
                                  const Row& parameters = {}) {
    std::vector<Row> found;
    EXPECT_THAT(transact(database, Access::Read,
                         [&](Transaction& transaction) -> Status {
                           BULLION_TRY_ASSIGN(found, transaction.rows(sql, parameters));
                           return ok();
                         }),
                IsOk());
    return found;
  }

  std::unique_ptr<TestDatabase> store_;
  std::unique_ptr<Database> database_;
};
INSTANTIATE_TEST_SUITE_P(Stores, EachStore, testing::ValuesIn(tested_kinds()),
                         [](const auto& test) { return test.param; });

TEST_P(EachStore, KeepsTextsNumbersAndNullAsTheyWere) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT, b TEXT)"), IsOk());
  const std::string odd = "it's; \"$1\" -- \xC3\xA9\xE2\x82\xAC\n\t%";
  ASSERT_THAT(run("INSERT INTO t (b, a) VALUES ($2, $1), ($3, NULL), ('', $4)",
                  {std::numeric_limits<int64_t>::min(), odd, Value{}, int64_t{7}}),
              IsOk());
  EXPECT_THAT(rows("SELECT a, b FROM t ORDER BY a NULLS LAST"),
              ElementsAre(Row{std::numeric_limits<int64_t>::min(), odd}, Row{int64_t{7}, ""},
                          Row{Value{}, Value{}}));
  EXPECT_EQ(rows("SELECT count(*) FROM t WHERE b = $1", {odd}), (std::vector<Row>{{int64_t{1}}}));
}

TEST_P(EachStore, RefusesTextsThatNotEveryDatabaseHolds) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT, b TEXT)"), IsOk());
  EXPECT_THAT(run("INSERT INTO t (b) VALUES ($1)", {std::string("a\0b", 3)}),
              HasMessage("zero byte"));
  EXPECT_THAT(run("INSERT INTO t (b) VALUES ($1)", {"\xFF"}), HasMessage("not UTF-8"));
}

TEST_P(EachStore, TakesBackWhatWasNotCommitted) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT PRIMARY KEY)"), IsOk());
  {
    auto transaction = database_->begin(Access::Write);
    ASSERT_THAT(transaction, IsOk());
    EXPECT_THAT((*transaction)->execute("INSERT INTO t VALUES (1)"), IsOk());
  }
  EXPECT_THAT(transact(*database_, Access::Write,
                       [](Transaction& transaction) -> Status {
                         BULLION_TRY(transaction.execute("INSERT INTO t VALUES (2)"));
                         return invalid("the caller thinks again");
                       }),
              HasMessage("thinks again"));
  EXPECT_THAT(rows("SELECT a FROM t"), ElementsAre());
  ASSERT_THAT(run("INSERT INTO t VALUES (3)"), IsOk());
  EXPECT_THAT(run("INSERT INTO t VALUES (3)"), IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(rows("SELECT a FROM t"), ElementsAre(Row{int64_t{3}}));
}

TEST_P(EachStore, InsertsManyRowsInFewStatements) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT, b TEXT, c BIGINT)"), IsOk());
  std::vector<Row> many;
  for (int64_t i = 0; i < 10'001; ++i) {
    many.push_back({i, fmt::format("row {}", i), i % 2 == 0 ? Value{} : Value{-i}});
  }
  ASSERT_THAT(transact(*database_, Access::Write,
                       [&many](Transaction& transaction) {
                         return transaction.insert("t", {"a", "b", "c"}, many);
                       }),
              IsOk());
  EXPECT_EQ(rows("SELECT count(*), count(c), CAST(sum(a) AS BIGINT), max(c) FROM t"),
            (std::vector<Row>{{int64_t{10'001}, int64_t{5000}, int64_t{50'005'000}, int64_t{-1}}}));
}

TEST_P(EachStore, ReadersSeeOneMomentWhileAnotherWrites) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT)"), IsOk());
  ASSERT_THAT(run("INSERT INTO t VALUES (1)"), IsOk());
  auto reading = database_->begin(Access::Read);
  ASSERT_THAT(reading, IsOk());
  ASSERT_THAT((*reading)->rows("SELECT a FROM t"), IsOk());
  const auto other = store_->open();
  ASSERT_THAT(transact(*other, Access::Write,
                       [](Transaction& transaction) -> Status {
                         BULLION_TRY(transaction.execute("UPDATE t SET a = 2"));
                         return ok();
                       }),
              IsOk());
  EXPECT_THAT(*(*reading)->rows("SELECT a FROM t"), ElementsAre(Row{int64_t{1}}));
  reading->reset();
  EXPECT_THAT(rows("SELECT a FROM t"), ElementsAre(Row{int64_t{2}}));
}

TEST_P(EachStore, SaysWhenAnotherWriterDoesNotEnd) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT)"), IsOk());
  const auto writing = database_->begin(Access::Write);
  ASSERT_THAT(writing, IsOk());
  const auto hasty = store_->open(50'000);
  const auto refused = hasty->begin(Access::Write);
  EXPECT_THAT(refused, IsErrorOf(ErrorKind::Conflict));
  EXPECT_THAT(refused, HasMessage("another process has been writing"));
}

TEST_P(EachStore, CountsRightWhenManyThreadsAndConnectionsCount) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT)"), IsOk());
  ASSERT_THAT(run("INSERT INTO t VALUES (0)"), IsOk());
  const auto other = store_->open();
  std::atomic<int> failures = 0;
  const auto count = [&failures](Database& database) {
    for (int i = 0; i < 25; ++i) {
      const Status done = transact(database, Access::Write, [](Transaction& transaction) -> Status {
        BULLION_TRY_ASSIGN(const auto found, transaction.rows("SELECT a FROM t"));
        BULLION_TRY(transaction.execute("UPDATE t SET a = $1", {number_of(found.at(0).at(0)) + 1}));
        return ok();
      });
      if (!done) ++failures;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { count(i % 2 == 0 ? *database_ : *other); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_THAT(rows("SELECT a FROM t"), ElementsAre(Row{int64_t{100}}));
}

TEST_P(EachStore, LosesNothingAcknowledgedWhenTheWriterIsKilled) {
  ASSERT_THAT(run("CREATE TABLE t (a BIGINT PRIMARY KEY)"), IsOk());
  int64_t acknowledged = 0;
  for (int round = 0; round < 6; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto database = open_database(store_->location());
      for (int64_t i = acknowledged + 1; database; ++i) {
        const Status done = transact(**database, Access::Write, [i](Transaction& transaction) {
          const auto put =
              transaction.execute("INSERT INTO t VALUES ($1) ON CONFLICT (a) DO NOTHING", {i});
          return put ? ok() : Status(put.error());
        });
        if (!done || ::write(ends[1], &i, sizeof i) != sizeof i) break;
      }
      ::_exit(1);
    }
    ::close(ends[1]);
    const int64_t until = acknowledged + 5 + 7 * round;
    int64_t number = 0;
    while (acknowledged < until && ::read(ends[0], &number, sizeof number) == sizeof number) {
      acknowledged = number;
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged = number;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_GE(acknowledged, until) << "the child did not write";
    const auto kept = rows("SELECT count(*), max(a) FROM t WHERE a <= $1", {acknowledged});
    EXPECT_EQ(kept, (std::vector<Row>{{acknowledged, acknowledged}}));
  }
  ASSERT_THAT(run("INSERT INTO t VALUES (-1)"), IsOk());
}

const std::vector<Migration>& two_steps() {
  static const std::vector<Migration> steps = {
      {1, "a table", {"CREATE TABLE things (a BIGINT)", "INSERT INTO things VALUES (1)"}},
      {2, "more of it", {"ALTER TABLE things ADD COLUMN b TEXT NOT NULL DEFAULT 'x'"}}};
  return steps;
}

TEST_P(EachStore, MigratesOnceHoweverManyStart) {
  const SystemClock clock;
  ASSERT_THAT(migrate(*database_, "things", std::span(two_steps()).first(1), clock), IsOk());
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto mine = store_->open();
      if (!migrate(*mine, "things", two_steps(), clock)) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(rows("SELECT a, b FROM things"), (std::vector<Row>{{int64_t{1}, "x"}}));
  EXPECT_EQ(rows("SELECT version, description FROM bullion_migrations ORDER BY version"),
            (std::vector<Row>{{int64_t{1}, "a table"}, {int64_t{2}, "more of it"}}));
}

TEST_P(EachStore, RefusesTablesOfANewerProgram) {
  const SystemClock clock;
  ASSERT_THAT(migrate(*database_, "things", two_steps(), clock), IsOk());
  EXPECT_THAT(migrate(*database_, "things", std::span(two_steps()).first(1), clock),
              HasMessage("made by a newer bullion"));
}

TEST_P(EachStore, LeavesNothingOfAMigrationThatFails) {
  const SystemClock clock;
  const std::vector<Migration> broken = {
      {1, "broken", {"CREATE TABLE half (a BIGINT)", "NONSENSE"}}};
  EXPECT_THAT(migrate(*database_, "things", broken, clock), IsErrorOf(ErrorKind::Internal));
  auto transaction = database_->begin(Access::Read);
  ASSERT_THAT(transaction, IsOk());
  EXPECT_THAT((*transaction)->has_table("half"),
              testing::ResultOf([](const auto& r) { return r.has_value() && !*r; }, true));
}

TEST(Sqlite, SaysWhatIsWrongWithThePlace) {
  const storage::TemporaryFolder folder;
  EXPECT_THAT(open_database(folder.path() + "/none/state.db"), HasMessage("there is no folder"));
  EXPECT_THAT(open_database("mysql://root:secret@host/db"), HasMessage("expected the path"));
  EXPECT_THAT(open_database("mysql://root:secret@host/db"), testing::Not(HasMessage("secret")));
  std::ofstream(folder.path() + "/notes.txt") << "these are the notes of a person, no database\n";
  EXPECT_THAT(open_database(folder.path() + "/notes.txt"), IsErrorOf(ErrorKind::Corrupt));
  EXPECT_THAT(open_database(folder.path()), IsErrorOf(ErrorKind::Io));
}

TEST(Postgres, ShowsNoPassword) {
  EXPECT_EQ(shown_location("postgresql://ann:s3cret@db.example.com:5433/ledger?sslmode=require"),
            "postgresql://ann@db.example.com:5433/ledger");
  const auto refused =
      open_database("postgresql://ann:s3cret@127.0.0.1:1/ledger?connect_timeout=2");
  EXPECT_THAT(refused, IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(refused, HasMessage("check that the server runs"));
  EXPECT_THAT(refused, testing::Not(HasMessage("s3cret")));
  const auto unreadable = open_database("postgresql://ann:p%zz@h/d");
  EXPECT_THAT(unreadable, HasMessage("percent-encoded"));
  EXPECT_THAT(unreadable, testing::Not(HasMessage("p%zz")));
}

TEST(Postgres, RepeatsWhatTheServerAsksToRepeat) {
  if (tested_kinds().size() < 2) GTEST_SKIP() << "BULLION_TEST_POSTGRES names no server";
  const TestDatabase store("postgres");
  const auto database = store.open();
  int tries = 0;
  EXPECT_THAT(transact(*database, Access::Write,
                       [&tries](Transaction& transaction) -> Status {
                         if (++tries < 3) {
                           BULLION_TRY(transaction.execute(
                               "DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END "
                               "$$"));
                         }
                         return ok();
                       }),
              IsOk());
  EXPECT_EQ(tries, 3);
}

TEST(Postgres, GoesOnAfterTheServerEndedAnIdleConnection) {
  if (tested_kinds().size() < 2) GTEST_SKIP() << "BULLION_TEST_POSTGRES names no server";
  const TestDatabase store("postgres");
  const auto database = store.open();
  const auto killer = store.open();
  const auto count = [](Database& on, const std::string& sql) {
    return transact(on, Access::Write, [&sql](Transaction& transaction) -> Status {
      BULLION_TRY(transaction.rows(sql));
      return ok();
    });
  };
  ASSERT_THAT(count(*database, "SELECT 1"), IsOk());
  ASSERT_THAT(count(*killer,
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> "
                    "pg_backend_pid() AND datname = current_database()"),
              IsOk());
  EXPECT_THAT(count(*database, "SELECT 1"), IsOk());
}

}  // namespace
}  // namespace bullion::state
