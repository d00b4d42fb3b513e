#include "engine/duckdb/duckdb_engine.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "storage/temporary_folder.h"

namespace bullion::engine {
namespace {

using testing::HasSubstr;

std::unique_ptr<Engine> new_engine(const EngineOptions& options = {}) {
  auto engine = duckdb_engine(options);
  EXPECT_THAT(engine, IsOk());
  return std::move(engine).value();
}

/// The only cell of a query's result as text; the error's message when it fails.
std::string answer(Engine& engine, const std::string& sql) {
  const auto rows = engine.query(sql);
  if (!rows) return rows.error().message();
  if (rows->rows.size() != 1) return "not one row";
  return is_null(rows->rows[0].at(0)) ? "NULL" : to_text(rows->rows[0].at(0));
}

TEST(DuckDbEngine, ReadsValuesOfAllTypes) {
  const auto engine = new_engine();
  const auto rows = engine->query(
      "SELECT true, (-128)::TINYINT, 1::SMALLINT, 2, 3::BIGINT, 255::UTINYINT, 65535::USMALLINT, "
      "4294967295::UINTEGER, 18446744073709551615::UBIGINT, "
      "(-170141183460469231731687303715884105727)::HUGEINT, "
      "1.5::FLOAT, 0.1::DOUBLE, 1.25::DECIMAL(4,2), -1.25::DECIMAL(9,2), 1.25::DECIMAL(18,2), "
      "-99999999999999999999999999999999999999::DECIMAL(38,0), 'a''b', '\\xFF'::BLOB, DATE "
      "'2025-01-01', "
      "TIMESTAMP '2025-01-01 00:00:00.000001', TIMESTAMPTZ '2025-01-01 02:00:00+02', NULL");
  ASSERT_THAT(rows, IsOk());
  const std::vector<Value> expected = {
      true,
      int64_t{-128},
      int64_t{1},
      int64_t{2},
      int64_t{3},
      int64_t{255},
      int64_t{65535},
      int64_t{4294967295},
      Decimal{static_cast<Int128>(UINT64_MAX), 0},
      Decimal{-((static_cast<Int128>(1) << 126) - 1 + (static_cast<Int128>(1) << 126)), 0},
      1.5,
      0.1,
      Decimal{125, 2},
      Decimal{-125, 2},
      Decimal{125, 2},
      Decimal{1 - power_of_ten(38), 0},
      std::string("a'b"),
      std::string("\xFF"),
      DateValue{20089},
      TimestampValue{1735689600000001},
      TimestampValue{1735689600000000},
      Value{}};
  ASSERT_EQ(rows->rows[0].size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(rows->rows[0][i], expected[i]) << "column " << i;
  EXPECT_EQ(delta::to_string(rows->schema[7].type), "long");
  EXPECT_EQ(delta::to_string(rows->schema[8].type), "decimal(20,0)");
  EXPECT_EQ(delta::to_string(rows->schema[12].type), "decimal(4,2)");
  EXPECT_EQ(delta::to_string(rows->schema[20].type), "timestamp");
}

TEST(DuckDbEngine, ReadsNestedAndRareTypesAsText) {
  const auto engine = new_engine();
  const auto rows = engine->query(
      "SELECT [1, 2] AS a, 7 AS n, {'x': 'y'} AS a, MAP {'k': 1.50} AS m, TIME '10:00:00' AS t, "
      "INTERVAL 3 DAY AS i, 'd'::ENUM('c', 'd') AS e -- the last line; \n;");
  ASSERT_THAT(rows, IsOk());
  std::vector<std::string> texts;
  for (const Value& value : rows->rows[0]) texts.push_back(to_text(value));
  EXPECT_THAT(texts, testing::ElementsAre("[1, 2]", "7", "{'x': y}", "{k=1.50}", "10:00:00",
                                          "3 days", "d"));
  EXPECT_EQ(rows->schema[2].name, "a");
  EXPECT_EQ(delta::to_string(rows->schema[0].type), "string");
}

TEST(DuckDbEngine, StreamsAllRowsInOrderAndStopsAtTheVisitorsError) {
  const auto engine = new_engine();
  int64_t seen = 0;
  bool in_order = true;
  const auto no_schema = [](const delta::Schema&) { return ok(); };
  EXPECT_THAT(engine->stream("SELECT i FROM range(100000) r(i)", no_schema,
                             [&](const std::vector<Value>& row) {
                               in_order = in_order && row[0] == Value{seen};
                               ++seen;
                               return ok();
                             }),
              IsOk());
  EXPECT_EQ(seen, 100000);
  EXPECT_TRUE(in_order);
  const auto status = engine->stream("SELECT i FROM range(100000) r(i)", no_schema,
                                     [](const std::vector<Value>& row) -> Status {
                                       if (row[0] == Value{int64_t{3000}}) return invalid("enough");
                                       return ok();
                                     });
  EXPECT_THAT(status, HasMessage("enough"));
}

TEST(DuckDbEngine, GivesAnErrorOfALateRowInsteadOfAShortResult) {
  const auto engine = new_engine();
  const auto rows = engine->query(
      "SELECT CASE WHEN i = 90000 THEN error('row ' || i) ELSE i::VARCHAR END FROM range(100000) "
      "r(i)");
  EXPECT_THAT(rows, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(rows, HasMessage("row 90000"));
}

TEST(DuckDbEngine, KeepsTheLinePointerOfAMistake) {
  const auto engine = new_engine();
  const auto bound = engine->bind("SELECT 1 AS a,\n  missing AS b\nFROM range(3)");
  EXPECT_THAT(bound, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(bound, HasMessage("LINE 2"));
  EXPECT_THAT(engine->bind("CREATE TABLE t (a INTEGER)"), HasMessage("only a SELECT"));
  EXPECT_THAT(engine->bind("SELECT $1"), HasMessage("parameters"));
}

TEST(DuckDbEngine, BindsNamesAndTypes) {
  const auto engine = new_engine();
  const auto bound = engine->bind(
      "SELECT sum(1) AS s, sum(1.5::DECIMAL(18,2)) AS d, avg(1.5::DECIMAL(18,2)) AS a, [1::BIGINT] "
      "AS l, "
      "TIME '10:00:00' AS t, 1.0::DECIMAL(18,2) / 3 AS q");
  ASSERT_THAT(bound, IsOk());
  std::vector<std::string> types;
  for (const BoundColumn& column : *bound) types.push_back(column.name + " " + column.sql_type);
  EXPECT_THAT(types, testing::ElementsAre("s HUGEINT", "d DECIMAL(38,2)", "a DOUBLE", "l BIGINT[]",
                                          "t TIME", "q DOUBLE"));
  EXPECT_FALSE(bound->at(0).type.has_value());
  EXPECT_EQ(bound->at(1).type, delta::DataType::decimal(38, 2));
  EXPECT_EQ(bound->at(3).type->id, delta::TypeId::Array);
}

TEST(DuckDbEngine, GivesTheSyntaxTreeOrThePlaceOfTheMistake) {
  const auto engine = new_engine();
  const auto tree = engine->syntax_tree("SELECT a FROM b WHERE c = 'it''s'");
  ASSERT_THAT(tree, IsOk());
  EXPECT_THAT(*tree, HasSubstr("\"table_name\":\"b\""));
  EXPECT_THAT(engine->syntax_tree("SELECT a FROM"), HasMessage("(position 13)"));
  EXPECT_THAT(engine->syntax_tree("DROP TABLE b"), HasMessage("Only SELECT"));
}

TEST(DuckDbEngine, SharesTablesAndViewsBetweenCalls) {
  const auto engine = new_engine();
  EXPECT_THAT(
      engine->execute("CREATE TABLE t AS SELECT 4 AS a; CREATE VIEW v AS SELECT a + 1 AS b FROM t"),
      IsOk());
  EXPECT_EQ(answer(*engine, "SELECT b FROM v"), "5");
}

TEST(DuckDbEngine, IsInUtcAndFetchesNoExtensions) {
  const auto engine = new_engine();
  EXPECT_EQ(answer(*engine, "SELECT current_setting('TimeZone')"), "UTC");
  EXPECT_EQ(answer(*engine, "SELECT TIMESTAMPTZ '2025-01-01 00:00:00+02' AT TIME ZONE 'UTC'"),
            "2024-12-31T22:00:00.000000Z");
  EXPECT_EQ(answer(*engine, "SELECT current_setting('autoload_known_extensions')"), "false");
  EXPECT_EQ(answer(*engine, "SELECT current_setting('autoinstall_known_extensions')"), "false");
}

TEST(DuckDbEngine, KnowsThePortableMacros) {
  const auto engine = new_engine();
  EXPECT_EQ(answer(*engine, "SELECT month_key(DATE '2024-02-05')"), "2024-02");
}

TEST(DuckDbEngine, KnowsTheDayOfAnInstantInAZone) {
  const auto engine = new_engine();
  const auto day = [&](const std::string& time, const std::string& zone) {
    return answer(*engine, "SELECT local_date(TIMESTAMPTZ '" + time + "', '" + zone + "')");
  };
  // The day before the clock is set forward, that day of 23 hours, and the one after.
  EXPECT_EQ(day("2024-03-10 04:59:59Z", "America/New_York"), "2024-03-09");
  EXPECT_EQ(day("2024-03-10 05:00:00Z", "America/New_York"), "2024-03-10");
  EXPECT_EQ(day("2024-03-11 03:59:59Z", "America/New_York"), "2024-03-10");
  EXPECT_EQ(day("2024-03-11 04:00:00Z", "America/New_York"), "2024-03-11");
  EXPECT_EQ(day("1969-12-31 23:30:00Z", "UTC"), "1969-12-31");
  EXPECT_EQ(day("2023-12-31 12:00:00Z", "Pacific/Kiritimati"), "2024-01-01");
  EXPECT_EQ(answer(*engine, "SELECT local_date(NULL::TIMESTAMPTZ, 'UTC') IS NULL"), "true");
  // The engine's own zones agree, hour by hour over years and in no order of time.
  EXPECT_EQ(answer(*engine,
                   "SELECT count(*) FROM (SELECT TIMESTAMPTZ '2019-01-01 00:30:00Z' + INTERVAL 1 "
                   "HOUR * ((n * 7919) % 60000) AS t FROM range(60000) AS r(n)) WHERE "
                   "local_date(t, 'Europe/Berlin') <> CAST(timezone('Europe/Berlin', t) AS DATE)"),
            "0");
  const auto unknown = engine->query("SELECT local_date(now(), 'Atlantis')");
  EXPECT_THAT(unknown, HasMessage("the zone database has no `Atlantis`"));
}

TEST(DuckDbEngine, TakesThreadsAndMemoryFromItsOptions) {
  const auto engine = new_engine({int64_t{256} << 20, 3, ""});
  EXPECT_EQ(answer(*engine, "SELECT current_setting('threads')"), "3");
  EXPECT_EQ(answer(*engine, "SELECT current_setting('memory_limit')"), "256.0 MiB");
  EXPECT_THAT(duckdb_engine({1024, 0, ""}), HasMessage("at least 64 MiB"));
  EXPECT_THAT(duckdb_engine({0, -1, ""}), HasMessage("threads is -1"));
}

TEST(DuckDbEngine, SpillsWorkLargerThanItsMemoryAndLeavesNothingBehind) {
  const storage::TemporaryFolder folder;
  {
    const auto engine = new_engine({int64_t{64} << 20, 2, folder.path()});
    ASSERT_THAT(engine->execute(
                    "CREATE TABLE sorted AS SELECT i, md5(i::VARCHAR) AS h, repeat('x', 60) AS pad "
                    "FROM range(500000) r(i) ORDER BY h"),
                IsOk());
    EXPECT_EQ(answer(*engine, "SELECT count(*) || ' ' || sum(i) FROM sorted"),
              "500000 124999750000");
    const std::filesystem::recursive_directory_iterator all(folder.path());
    EXPECT_GT(std::distance(begin(all), end(all)), 1);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(DuckDbEngine, NamesTheFolderItCannotSpillTo) {
  EXPECT_THAT(duckdb_engine({0, 0, "/dev/null/spill"}), IsErrorOf(ErrorKind::Io));
  EXPECT_THAT(duckdb_engine({0, 0, "/dev/null/spill"}), HasMessage("/dev/null/spill"));
}

TEST(DuckDbEngine, StopsARunningQueryWhenInterrupted) {
  const auto engine = new_engine({0, 2, ""});
  std::atomic<bool> done = false;
  std::jthread signal([&] {
    // Again and again: the first may come before the query has started.
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      engine->interrupt();
    }
  });
  const auto rows = engine->query(
      "SELECT count(*) FROM range(1000000000) a(i), range(1000) b(j) WHERE (i + j) % 7 = 8");
  done = true;
  EXPECT_THAT(rows, HasMessage("interrupted"));
}

/// Takes longer than anybody waits.
constexpr const char* kEndless =
    "SELECT count(*) FROM range(10000000000) a(i), range(1000) b(j) WHERE (i * j) % 7 = 3";

Status no_schema(const delta::Schema&) { return ok(); }

TEST(QueryLimits, StopACallAtItsTimeAndLeaveTheOthersAlone) {
  const auto engine = new_engine({.threads = 2});
  std::atomic<bool> other_ended = false;
  std::atomic<bool> cancelled = false;
  std::thread other([&] {
    const auto rows = engine->query(kEndless, {.limits = {.cancelled = &cancelled}});
    EXPECT_THAT(rows, IsErrorOf(ErrorKind::Interrupted));
    EXPECT_THAT(rows, HasMessage("nobody waits"));
    other_ended = true;
  });
  const auto rows = engine->query(kEndless, {.limits = {.timeout_us = 50'000}});
  EXPECT_THAT(rows, IsErrorOf(ErrorKind::Interrupted));
  EXPECT_THAT(rows, HasMessage("limit of 50 ms"));
  EXPECT_FALSE(other_ended);
  EXPECT_EQ(answer(*engine, "SELECT 1"), "1");
  cancelled = true;
  other.join();
  EXPECT_TRUE(other_ended);
}

TEST(QueryLimits, StopACallThatNobodyWaitsForBeforeItStarts) {
  const auto engine = new_engine();
  const std::atomic<bool> cancelled = true;
  EXPECT_THAT(engine->query("SELECT 1", {.limits = {.cancelled = &cancelled}}),
              IsErrorOf(ErrorKind::Interrupted));
}

TEST(QueryLimits, HandOutAsManyRowsAsAskedAndSayWhetherThereAreMore) {
  const auto engine = new_engine();
  const auto end_of = [&](int64_t rows, int64_t limit, int64_t& seen) {
    seen = 0;
    const auto end =
        engine->stream(fmt::format("SELECT i FROM range({}) r(i)", rows),
                       {.limits = {.rows_max = limit}}, no_schema, [&](const std::vector<Value>&) {
                         ++seen;
                         return ok();
                       });
    EXPECT_THAT(end, IsOk());
    return end ? *end : StreamEnd::Complete;
  };
  int64_t seen = 0;
  EXPECT_EQ(end_of(10, 10, seen), StreamEnd::Complete);
  EXPECT_EQ(seen, 10);
  EXPECT_EQ(end_of(11, 10, seen), StreamEnd::RowLimit);
  EXPECT_EQ(seen, 10);
  EXPECT_EQ(end_of(100000, 5000, seen), StreamEnd::RowLimit);
  EXPECT_EQ(seen, 5000);
  EXPECT_EQ(end_of(0, 1, seen), StreamEnd::Complete);
}

TEST(QueryOptions, LookForNamesInTheirSchemaFirst) {
  const auto engine = new_engine();
  ASSERT_THAT(
      engine->execute("CREATE SCHEMA \"r'1\\\"\"x\"; CREATE VIEW \"r'1\\\"\"x\".t AS SELECT 1 AS a;"
                      "CREATE SCHEMA r2; CREATE VIEW r2.t AS SELECT 2 AS a;"
                      "CREATE VIEW t AS SELECT 0 AS a; CREATE VIEW u AS SELECT 7 AS a"),
      IsOk());
  const auto cell = [&](const std::string& schema, const std::string& sql) {
    const auto rows = engine->query(sql, {.limits = {}, .schema = schema});
    EXPECT_THAT(rows, IsOk());
    return rows ? to_text(rows->rows.at(0).at(0)) : "";
  };
  EXPECT_EQ(cell("r'1\\\"x", "SELECT a FROM t"), "1");
  EXPECT_EQ(cell("r2", "SELECT a FROM t"), "2");
  EXPECT_EQ(cell("", "SELECT a FROM t"), "0");
  EXPECT_EQ(cell("r2", "SELECT month_key(DATE '2025-01-02') || a FROM u"), "2025-017");
}

TEST(OnlyFolders, KeepSqlAwayFromOtherFilesTheNetworkAndSettings) {
  const storage::TemporaryFolder allowed;
  const storage::TemporaryFolder secret;
  const auto writer = new_engine();
  for (const auto* folder : {&allowed, &secret}) {
    ASSERT_THAT(
        writer->execute(fmt::format("COPY (SELECT 5 AS a) TO '{}/t.parquet'", folder->path())),
        IsOk());
  }
  const auto engine = new_engine({.threads = 2, .only_folders = {{allowed.path()}}});
  EXPECT_EQ(
      answer(*engine, fmt::format("SELECT a FROM read_parquet('{}/t.parquet')", allowed.path())),
      "5");
  EXPECT_THAT(
      answer(*engine, fmt::format("SELECT a FROM read_parquet('{}/t.parquet')", secret.path())),
      HasSubstr("Permission"));
  EXPECT_THAT(
      answer(*engine, fmt::format("SELECT a FROM read_parquet('{}/../{}/t.parquet')",
                                  allowed.path(), secret.path().substr(secret.path().rfind('/')))),
      HasSubstr("Permission"));
  EXPECT_THAT(engine->execute("SET threads = 1"), HasMessage("locked"));
  EXPECT_THAT(engine->execute("SET GLOBAL enable_external_access = true"),
              IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(engine->execute(fmt::format("ATTACH '{}/x.db'", secret.path())),
              HasMessage("Permission"));
  EXPECT_THAT(engine->execute("INSTALL httpfs"), HasMessage("Permission"));
}

TEST(OnlyFolders, StillSpillWhatDoesNotFit) {
  const auto engine =
      new_engine({.memory_limit_bytes = int64_t{80} << 20, .threads = 2, .only_folders = {{}}});
  EXPECT_EQ(
      answer(*engine,
             "SELECT count(*) FROM (SELECT s, count(*) FROM (SELECT md5(i::VARCHAR) AS s FROM "
             "range(1500000) r(i)) GROUP BY ALL ORDER BY s DESC)"),
      "1500000");
}

}  // namespace
}  // namespace bullion::engine
