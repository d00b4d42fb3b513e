#include "reader/sql.h"

#include <fmt/format.h>

#include "reader/reader_fixture_internal.h"
#include "reader/sql_guard_internal.h"

namespace bullion::reader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Sql : public ReadLake {
 protected:
  void SetUp() override {
    ReadLake::SetUp();
    publish_three_days();
    write("secret.csv", "a,b\n1,open sesame\n");
  }

  Result<SqlAnswer> run(const std::string& sql, const std::vector<SqlParameter>& parameters = {},
                        int64_t rows_max = 1000, int64_t timeout_us = 300'000'000) {
    BULLION_TRY_ASSIGN(const auto open, reader_->release(std::nullopt));
    return run_sql(*reader_, *open, {sql, parameters, rows_max}, {.timeout_us = timeout_us});
  }

  /// The first column as text, or the error.
  std::vector<std::string> cells(const std::string& sql,
                                 const std::vector<SqlParameter>& parameters = {}) {
    const auto answer = run(sql, parameters);
    if (!answer) return {"error: " + answer.error().message()};
    std::vector<std::string> found;
    for (const auto& row : answer->rows) found.push_back(engine::to_text(row.at(0)));
    return found;
  }
  /// What check_listed_values() says of a parameter's value at the newest release.
  Status check_listed(const SavedQuery& query, const std::string& name, const std::string& value) {
    const auto request = request_of(query, {{name, value}});
    EXPECT_THAT(request, IsOk());
    BULLION_TRY(request);
    BULLION_TRY_ASSIGN(const auto open, reader_->release(std::nullopt));
    return check_listed_values(reader_->engine(), query, *request,
                               [&open](const std::string& table) -> Result<std::string> {
                                 BULLION_TRY_ASSIGN(const auto opened, open->table(table));
                                 return opened->relation;
                               });
  }
  /// Every attempt is Invalid, tells nothing, and leaves the engine as it was.
  void refuse(const std::vector<std::string>& attempts) {
    for (const std::string& sql : attempts) {
      const auto answer = run(sql);
      EXPECT_THAT(answer, IsErrorOf(ErrorKind::Invalid)) << sql;
      if (answer) continue;
      const std::string& message = answer.error().message();
      EXPECT_THAT(message, Not(HasSubstr("sesame"))) << sql;
      // The attempt itself may name a folder; nothing else does.
      if (sql.find(project_.lake) == std::string::npos) {
        EXPECT_THAT(message, Not(HasSubstr(project_.lake))) << sql;
      }
    }
    EXPECT_THAT(cells("SELECT count(*) FROM events"), ElementsAre("6"));
  }
};

TEST_F(Sql, ReadsTablesOfTheReleaseByTheirNames) {
  EXPECT_THAT(cells("SELECT count(*) FROM events"), ElementsAre("6"));
  EXPECT_THAT(cells("select COUNT(*) from EVENTS"), ElementsAre("6"));
  EXPECT_THAT(
      cells("SELECT sum(total_cost) FROM daily JOIN owners USING (account_id) WHERE owner = "
            "'ann' AND currency = 'USD'"),
      ElementsAre("13.50"));
  EXPECT_THAT(cells("WITH e AS (SELECT * FROM events), f AS (SELECT * FROM e) SELECT count(*) FROM "
                    "f -- done"),
              ElementsAre("6"));
  EXPECT_THAT(cells("WITH daily AS (SELECT * FROM daily WHERE false) SELECT count(*) FROM daily"),
              ElementsAre("0"));
  EXPECT_THAT(cells("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) "
                    "SELECT n FROM r ORDER BY n"),
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(cells("SELECT month_key(usage_date) FROM events GROUP BY ALL"),
              ElementsAre("2025-01"));
  EXPECT_THAT(cells("SELECT 1"), ElementsAre("1"));
}

TEST_F(Sql, LeavesOutRowsOfTheResultThatDoNotFitTheFilters) {
  const auto kept = [&](const std::string& sql, const std::vector<std::string>& filters) {
    SqlRequest request{.sql = sql, .parameters = {{"least", "decimal", "2"}}};
    for (const std::string& text : filters) {
      const auto filter = metrics::parse_filter(text);
      EXPECT_THAT(filter, IsOk()) << text;
      if (filter) request.filters.push_back(*filter);
    }
    const auto open = reader_->release(std::nullopt);
    const auto answer = run_sql(*reader_, **open, request, {.timeout_us = 300'000'000});
    if (!answer) return std::vector<std::string>{"error: " + answer.error().message()};
    std::vector<std::string> found;
    for (const auto& row : answer->rows) found.push_back(engine::to_text(row.at(0)));
    return found;
  };
  const std::string sql =
      "SELECT event_id AS event, account_id AS who, usage_date AS day FROM events WHERE cost_usd "
      ">= $least ORDER BY cost_usd DESC; -- the dearest first";
  EXPECT_THAT(kept(sql, {}), ElementsAre("e1", "e3", "e2", "e6", "e5"));
  EXPECT_THAT(kept(sql, {"who:eq:A1"}), ElementsAre("e1", "e2"));
  EXPECT_THAT(kept(sql, {"who:null:"}), ElementsAre("e3"));
  EXPECT_THAT(kept(sql, {"who:in:A1|A2", "day:ge:2025-01-02"}), ElementsAre("e6", "e5"));
  EXPECT_THAT(
      kept("SELECT event_id AS event FROM events ORDER BY 1; -- no parameter", {"event:gt:e5"}),
      ElementsAre("e6"));
  EXPECT_THAT(kept(sql, {"whom:eq:A1"}), ElementsAre(HasSubstr("did you mean `who`?")));
  EXPECT_THAT(kept(sql, {"day:eq:') OR true --"}), ElementsAre(HasSubstr("expected a date")));
  EXPECT_THAT(kept("SELECT nothing FROM events", {"who:eq:A1"}), ElementsAre(HasSubstr("nothing")));
}

TEST_F(Sql, KnowsTheSqlOfAnalysts) {
  for (const char* sql : {
           "SELECT account_id, sum(cost_usd) FILTER (WHERE cost_usd > 0) OVER (PARTITION BY "
           "currency ORDER BY usage_date ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM events "
           "QUALIFY row_number() OVER (ORDER BY event_id) = 1",
           "SELECT * EXCLUDE (event_id) REPLACE (cost_usd * 2 AS cost_usd) FROM events",
           "SELECT COLUMNS('cost.*') FROM events ORDER BY ALL DESC NULLS LAST LIMIT 2 OFFSET 1",
           "SELECT CASE WHEN cost_usd BETWEEN 1 AND 2 THEN 'a' ELSE coalesce(currency, '?') END, "
           "extract(year FROM usage_date), date_trunc('month', usage_date), cost_usd::VARCHAR || "
           "'x', account_id IN ('A1', 'A2'), account_id LIKE 'A%', account_id IS NULL FROM events",
           "SELECT currency, usage_date, grouping(currency), sum(cost_usd) FROM events GROUP BY "
           "ROLLUP (currency, usage_date) HAVING count(*) > 0",
           "FROM events PIVOT (sum(cost_usd) FOR currency IN ('USD', 'EUR') GROUP BY usage_date)",
           "FROM (FROM events SELECT event_version, account_id::VARCHAR AS account_id) UNPIVOT (v "
           "FOR n IN (account_id))",
           "SELECT d FROM range(DATE '2025-01-01', DATE '2025-01-05', INTERVAL 1 DAY) t(d)",
           "SELECT unnest([1, 2, 3]), list_transform([1, 2], x -> x + 1), {'a': 1}.a, [1, 2][1]",
           "SELECT * FROM events e, LATERAL (SELECT e.cost_usd * 2) AS t(x)",
           "SELECT * FROM events ASOF JOIN daily USING (account_id, usage_date)",
           "(SELECT account_id FROM events EXCEPT SELECT account_id FROM owners) UNION ALL BY NAME "
           "SELECT owner AS account_id FROM owners",
           "SELECT * FROM events WHERE EXISTS (SELECT 1 FROM owners o WHERE o.account_id = "
           "events.account_id) AND cost_usd >= ALL (SELECT 0)",
           "SELECT quantile_cont(cost_usd, 0.5), string_agg(event_id, ',' ORDER BY event_id) FROM "
           "events USING SAMPLE 100%",
           "SELECT DISTINCT ON (currency) currency, event_id FROM events ORDER BY currency, "
           "event_id",
           "SELECT regexp_extract(event_id, '[0-9]+'), strftime(usage_date, '%Y'), "
           "ratio_6(cost_usd, "
           "3), current_date, TRY_CAST('x' AS INT), -cost_usd, 5 // 2, 5 % 2, NOT is_withdrawn "
           "FROM "
           "events",
           "TABLE events",
           "VALUES (1, 'a'), (2, 'b')",
       }) {
    EXPECT_THAT(run(sql), IsOk()) << sql;
  }
}

TEST_F(Sql, ReadsNoFile) {
  const std::string csv = folder_.path() + "/secret.csv";
  const std::string parquet = project_.lake + "/tables/gold/daily/*.parquet";
  refuse({
      "SELECT * FROM '" + csv + "'",
      "SELECT * FROM \"" + csv + "\"",
      "FROM '" + parquet + "'",
      "SELECT * FROM '/etc/passwd'",
      "SELECT * FROM 'https://example.com/x.csv'",
      "SELECT * FROM 's3://bucket/x.parquet'",
      "SELECT * FROM read_csv('" + csv + "')",
      "SELECT * FROM read_csv_auto('" + csv + "')",
      "SELECT * FROM read_parquet('" + parquet + "')",
      "SELECT * FROM parquet_scan('" + parquet + "')",
      "SELECT * FROM parquet_metadata('" + parquet + "')",
      "SELECT * FROM parquet_file_metadata('" + parquet + "')",
      "SELECT * FROM read_text('/etc/passwd')",
      "SELECT * FROM read_blob('/etc/passwd')",
      "SELECT * FROM read_json('" + csv + "')",
      "SELECT * FROM read_json_objects('" + csv + "')",
      "SELECT * FROM read_ndjson_auto('" + csv + "')",
      "SELECT * FROM sniff_csv('" + csv + "')",
      "SELECT * FROM glob('/*')",
      "SELECT (SELECT content FROM read_text('/etc/passwd'))",
      "SELECT * FROM events WHERE event_id IN (SELECT content FROM read_text('/etc/passwd'))",
      "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
      "SELECT * FROM events ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
      "SELECT * FROM events LIMIT (SELECT count(*) FROM glob('/*'))",
      "SELECT * FROM (WITH \"/etc/passwd.csv\" AS (SELECT 1) SELECT * FROM \"/etc/passwd.csv\") t, "
      "\"/etc/passwd.csv\"",
      "SELECT 1 UNION ALL SELECT 1 FROM read_csv('" + csv + "')",
  });
}

TEST_F(Sql, SeesNeitherTheMachineNorSettingsNorTheCatalog) {
  refuse({
      "SELECT getenv('HOME')",
      "SELECT getvariable('x')",
      "SELECT current_setting('temp_directory')",
      "SELECT * FROM duckdb_settings()",
      "SELECT * FROM duckdb_views()",
      "SELECT * FROM duckdb_views",
      "SELECT * FROM duckdb_secrets()",
      "SELECT * FROM duckdb_temporary_files()",
      "SELECT * FROM duckdb_functions()",
      "SELECT * FROM pragma_database_list",
      "SELECT * FROM pragma_table_info('events')",
      "SELECT * FROM sqlite_master",
      "SELECT * FROM information_schema.tables",
      "SELECT * FROM pg_catalog.pg_views",
      "SELECT * FROM system.information_schema.tables",
      "SELECT * FROM memory.main.x",
      "SELECT pg_get_viewdef(1)",
      "SELECT * FROM (WITH duckdb_views AS (SELECT 1) SELECT 1) t, duckdb_views",
      "SELECT current_query()",
      "SELECT * FROM which_secret('x', 's3')",
      "SELECT system.main.getenv('HOME')",
      "SELECT 'HOME'.getenv()",
      "SELECT list_transform(['HOME'], x -> getenv(x))",
      "SELECT sum(1) FILTER (WHERE getenv('HOME') = 'x') FROM events",
      "SELECT row_number() OVER (ORDER BY getenv('HOME')) FROM events",
  });
}

TEST_F(Sql, RunsNoSqlInsideOfSqlAndNothingThatTakesAnyTimeOrMemory) {
  refuse({
      "SELECT * FROM query('SELECT 1')",
      "SELECT * FROM query_table('events')",
      "SELECT * FROM json_execute_serialized_sql('{}')",
      "SELECT json_serialize_sql('SELECT 1')",
      "SELECT nextval('s')",
      "SELECT write_log('x')",
      "SELECT sleep_ms(100000)",
      "SELECT repeat('x', 1000000000)",
      "SELECT lpad('x', 1000000000, 'x')",
      "SELECT levenshtein('a', 'b')",
      "SELECT bitstring('1', 1000000000)",
      "SELECT printf('%1000000000d', 1)",
      "SELECT * FROM repeat('x', 1000000000)",
  });
}

TEST_F(Sql, IsNoOtherStatement) {
  const std::string csv = folder_.path() + "/secret.csv";
  refuse({
      "COPY (SELECT 1) TO '" + folder_.path() + "/out.csv'",
      "COPY events FROM '" + csv + "'",
      "ATTACH '" + folder_.path() + "/x.db'",
      "INSTALL httpfs",
      "LOAD httpfs",
      "SET enable_external_access = true",
      "RESET lock_configuration",
      "PRAGMA database_list",
      "CREATE TABLE x AS SELECT 1",
      "CREATE MACRO f() AS 1",
      "DROP SCHEMA r1_1 CASCADE",
      "INSERT INTO events VALUES (1)",
      "DELETE FROM events",
      "UPDATE events SET cost_usd = 0",
      "EXPLAIN SELECT 1",
      "EXPLAIN ANALYZE SELECT * FROM events",
      "DESCRIBE events",
      "SUMMARIZE events",
      "SHOW TABLES",
      "SELECT * FROM (DESCRIBE events)",
      "SELECT * FROM (SHOW ALL TABLES)",
      "SELECT * FROM (SUMMARIZE events)",
      "CALL pragma_version()",
      "VACUUM",
      "CHECKPOINT",
      "BEGIN",
      "PREPARE p AS SELECT 1",
      "EXPORT DATABASE '" + folder_.path() + "/x'",
      "SELECT 1; SELECT 2",
      "SELECT 1; DROP VIEW events",
  });
}

TEST_F(Sql, SaysThatOneSelectIsExpected) {
  EXPECT_THAT(cells("DROP VIEW events").at(0), HasSubstr("one SELECT is expected"));
  EXPECT_THAT(cells("").at(0), HasSubstr("and there is none"));
  EXPECT_THAT(cells("SELECT 1; SELECT 2").at(0), HasSubstr("not 2 of them"));
  EXPECT_THAT(expect_one_select(reader_->engine(), "SELECT 1;"), IsOk());
}

TEST_F(Sql, IsOneSelectOverTheReleaseInReasonableText) {
  refuse({
      "",
      ";",
      "hello",
      "SELECT * FROM events AT (VERSION => 1)",
      "SELECT * FROM r1_1.events",
      "SELECT * FROM ops.nothing",
      "SELECT * FROM ops.\"../../secret\"",
      "SELECT * FROM quarantine.nobody",
      std::string("SELECT 1\0; DROP VIEW events", 26),
      "SELECT '\xff\xfe'",
      "SELECT " + std::string(30'000, '(') + "1" + std::string(30'000, ')'),
      "SELECT " +
          [] {
            std::string text;
            for (int i = 0; i < 15'000; ++i) text += "NOT ";
            return text;
          }() +
          "true",
      "SELECT 1" + std::string(70'000, ' '),
  });
}

TEST_F(Sql, EndsAtItsTimeItsRowsAndItsBytes) {
  EXPECT_THAT(
      run("SELECT count(*) FROM range(10000000000) a(i), range(1000) b(j) WHERE (i * j) % 7 "
          "= 3",
          {}, 10, 50'000),
      IsErrorOf(ErrorKind::Interrupted));
  EXPECT_THAT(
      run("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM "
          "r",
          {}, 10, 50'000),
      IsErrorOf(ErrorKind::Interrupted));
  const auto rows = run("SELECT * FROM range(100000)", {}, 10);
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->rows.size(), 10U);
  EXPECT_TRUE(rows->truncated);
  EXPECT_FALSE(run("SELECT * FROM range(10)", {}, 10)->truncated);
  const auto wide = run(
      "SELECT string_agg(i::VARCHAR, '') FROM range(1000) a(i), range(1000) b(j) GROUP BY j, j % 2",
      {}, 10'000);
  ASSERT_THAT(wide, IsOk());
  const auto large = run(
      "SELECT (SELECT string_agg(i::VARCHAR, '') FROM range(20000) a(i)) || j FROM range(10000) "
      "b(j)",
      {}, 10'000);
  ASSERT_THAT(large, IsOk());
  EXPECT_TRUE(large->truncated);
  EXPECT_THAT(run("SELECT 1", {}, 0), IsErrorOf(ErrorKind::Invalid));
}

TEST_F(Sql, EndsAtItsMemory) {
  auto engine = reading_engine(*env_, {.memory_limit_bytes = int64_t{64} << 20, .threads = 2});
  ASSERT_THAT(engine, IsOk());
  Reader small(*env_, project_, **engine);
  const auto open = small.release(std::nullopt);
  ASSERT_THAT(open, IsOk());
  const auto answer = run_sql(
      small, **open, {"SELECT length(list(i)::VARCHAR) FROM range(100000000) t(i)", {}, 10}, {});
  EXPECT_THAT(answer, IsErrorOf(ErrorKind::Interrupted));
  EXPECT_THAT(answer, HasMessage("more memory than one may have"));
}

TEST_F(Sql, TakesParametersAsValuesOnly) {
  const SqlParameter day{"day", "date", "2025-01-02"};
  EXPECT_THAT(cells("SELECT event_id FROM events WHERE usage_date = $day ORDER BY 1", {day}),
              ElementsAre("e4", "e5"));
  EXPECT_THAT(cells("SELECT event_id FROM events WHERE usage_date = $day ORDER BY 1",
                    {{"day", "", "2025-01-03"}}),
              ElementsAre("e6"));
  EXPECT_THAT(cells("SELECT $a || $a AS x, '$a'", {{"a", "text", "'; DROP VIEW events; --"}}),
              ElementsAre("'; DROP VIEW events; --'; DROP VIEW events; --"));
  EXPECT_THAT(cells("SELECT typeof($n)", {{"n", "decimal", "1.250"}}),
              ElementsAre("DECIMAL(38,3)"));
  EXPECT_THAT(cells("SELECT count(*) FROM events WHERE account_id IS NOT DISTINCT FROM $a",
                    {{"a", "text", std::nullopt}}),
              ElementsAre("1"));
  EXPECT_THAT(cells("SELECT $other", {day}).at(0), HasSubstr("$other has no value"));
  EXPECT_THAT(cells("SELECT $day", {{"day", "date", "soon"}}).at(0), HasSubstr("YYYY-MM-DD"));
  EXPECT_THAT(cells("SELECT ?").at(0), HasSubstr("has no value"));
}

TEST_F(Sql, ReadsOpsAndQuarantineAtTheirNewest) {
  EXPECT_THAT(cells("SELECT count(*) FROM ops.runs"), ElementsAre("1"));
  EXPECT_THAT(cells("SELECT codes FROM quarantine.events_raw"), ElementsAre());
  arrive("2.csv", "e9,1,A1,2025-01-01,abc,USD,\n");
  publish({});
  EXPECT_THAT(cells("SELECT count(*) FROM ops.runs"), ElementsAre("2"));
  // What no run has written yet is empty, not unknown.
  EXPECT_THAT(cells("SELECT count(line) FROM ops.control_totals"), ElementsAre("0"));
  EXPECT_THAT(cells("SELECT codes FROM quarantine.events_raw"), ElementsAre("bad-decimal"));
}

TEST_F(Sql, TellsWhereAMistakeIs) {
  EXPECT_THAT(cells("SELECT acount_id FROM events").at(0), HasSubstr("account_id"));
  EXPECT_THAT(cells("SELECT * FROM event").at(0), HasSubstr("did you mean `events`"));
  EXPECT_THAT(cells("SELEC 1").at(0), HasSubstr("syntax error"));
  EXPECT_THAT(cells("SELECT md6('x')").at(0), HasSubstr("md6"));
}

TEST_F(Sql, AllowsFunctionsThatTheEngineHasAndNoneThatReachesOut) {
  const auto known = engine_->query("SELECT DISTINCT function_name FROM duckdb_functions()");
  ASSERT_THAT(known, IsOk());
  std::set<std::string> names;
  for (const auto& row : known->rows) names.insert(engine::to_text(row.at(0)));
  for (const std::string& name : allowed_functions()) {
    // The binder knows these without a catalog.
    if (name == "unnest" || name == "unlist" || name == "ratio" || name == "allocate") continue;
    EXPECT_TRUE(names.contains(name)) << name;
    for (const char* part : {"read_", "pragma", "duckdb", "getenv", "secret", "sql", "setting",
                             "glob", "pg_", "log_message", "checkpoint", "sleep"}) {
      EXPECT_THAT(name, Not(HasSubstr(part)));
    }
  }
  EXPECT_TRUE(is_allowed_function("ratio_6"));
  EXPECT_FALSE(is_allowed_function("ratio_x"));
}

TEST_F(Sql, SavesQueriesWithTheirParameters) {
  write("queries/by_day.sql",
        "-- title: Events of a day\n-- description: All of them,\n-- description: by number.\n"
        "-- parameter: day date = 2025-01-01; The day\n-- parameter: account text\n"
        "SELECT event_id FROM events WHERE usage_date = $day AND account_id = $account\n"
        "-- by number\nORDER BY 1\n");
  write("queries/odd.sql", "-- titel: x\nSELECT 1\n");
  write("queries/empty.sql", "-- title: x\n");
  write("queries/types.sql", "-- parameter: a money\nSELECT 1\n");
  write("queries/Loud.sql", "SELECT 1\n");
  const SavedQueries found = load_queries(project_);
  ASSERT_EQ(found.queries.size(), 1U);
  EXPECT_EQ(found.problems.size(), 4U);
  const SavedQuery& query = found.queries[0];
  EXPECT_EQ(query.title, "Events of a day");
  EXPECT_EQ(query.description, "All of them, by number.");
  ASSERT_EQ(query.parameters.size(), 2U);
  EXPECT_EQ(query.parameters[0].description, "The day");
  const auto request = request_of(query, {{"account", "A1"}});
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(cells(request->sql, request->parameters), ElementsAre("e1", "e2"));
  EXPECT_THAT(request_of(query, {}), HasMessage("needs a value for its parameter `account`"));
  EXPECT_THAT(request_of(query, {{"account", "A1"}, {"dya", "x"}}),
              HasMessage("did you mean `day`"));
  // Not that `account` has no value: the name that was meant for it is misspelt.
  EXPECT_THAT(request_of(query, {{"acount", "A1"}}),
              HasMessage("has no parameter `acount` (did you mean `account`?); parameters: "));
}

TEST_F(Sql, AParameterWithChoicesTakesNothingElse) {
  write("queries/split.sql", "-- parameter: by text of account|day = day; How\nSELECT $by AS by\n");
  write("queries/wrong.sql", "-- parameter: by text of account|day = days\nSELECT $by AS by\n");
  const SavedQueries found = load_queries(project_);
  ASSERT_EQ(found.queries.size(), 1U);
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_THAT(found.problems[0].message, HasSubstr("did you mean `day`"));
  const SavedQuery& query = found.queries[0];
  EXPECT_THAT(query.parameters[0].choices, ElementsAre("account", "day"));
  EXPECT_THAT(request_of(query, {}), IsOk());
  EXPECT_THAT(request_of(query, {{"by", "acount"}}), HasMessage("did you mean `account`"));
}

TEST_F(Sql, AParameterTakesWhatStandsInATable) {
  write("queries/of.sql",
        "-- parameter: who text of all from events.account_id = all; Whose\n"
        "SELECT event_id FROM events WHERE $who IN ('all', account_id)\n");
  const SavedQueries found = load_queries(project_);
  ASSERT_EQ(found.queries.size(), 1U);
  const SavedQuery& query = found.queries[0];
  EXPECT_EQ(query.parameters[0].table, "events");
  EXPECT_EQ(query.parameters[0].column, "account_id");
  EXPECT_EQ(query.parameters[0].default_value, "all");
  const auto checked = [&](const std::string& who) { return check_listed(query, "who", who); };
  EXPECT_THAT(checked("all"), IsOk());
  EXPECT_THAT(checked("A1"), IsOk());
  EXPECT_THAT(checked("A11"), HasMessage("the parameter `who` is `A11` (did you mean `A1`?)"));
  EXPECT_THAT(checked("A11"), HasMessage("expected all, A1,"));
  EXPECT_THAT(checked("A11"), HasMessage("as in events.account_id"));
}

TEST_F(Sql, AParameterThatIsATimeTakesWordsBesideIt) {
  write("queries/of.sql",
        "-- parameter: month month of latest from events.usage_date = latest\n"
        "-- parameter: since day = 2025-01-01\n-- parameter: year year of next = next\n"
        "SELECT $month || $since || $year AS all_of_it\n");
  write("queries/wrong.sql",
        "-- parameter: month month of latest = last\nSELECT $month AS month\n");
  const SavedQueries found = load_queries(project_);
  ASSERT_EQ(found.queries.size(), 1U);
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_THAT(found.problems[0].message, HasSubstr("expected a month as YYYY-MM or a day of it"));
  EXPECT_THAT(check_queries(project_, reader_->engine()), SizeIs(1));
  const SavedQuery& query = found.queries[0];
  const auto request = request_of(query, {{"month", "2025-01"}, {"since", "2024-02-29"}});
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(cells(request->sql, request->parameters), ElementsAre("2025-012024-02-29next"));
  for (const char* month : {"2025-01-31", "latest"}) {
    EXPECT_THAT(request_of(query, {{"month", month}}), IsOk());
  }
  for (const char* month : {"2024-13", "2024-8", "2024-02-30", "2024", "last", ""}) {
    EXPECT_THAT(request_of(query, {{"month", month}}), HasMessage("YYYY-MM-DD, or latest"));
  }
  EXPECT_THAT(request_of(query, {{"since", "latest"}}), HasMessage("expected a day as YYYY-MM-DD"));
  for (const char* year : {"25", "abcd", "2025-01"}) {
    EXPECT_THAT(request_of(query, {{"year", year}}), HasMessage("a year as YYYY, or next"));
  }
}

TEST_F(Sql, ATimeLiesBetweenTheFirstAndTheLastOfItsTable) {
  write("queries/of.sql",
        "-- parameter: month month of latest from events.usage_date = latest\n"
        "SELECT $month AS month\n");
  const SavedQueries found = load_queries(project_);
  ASSERT_EQ(found.queries.size(), 1U);
  const auto checked = [&](const std::string& month) {
    return check_listed(found.queries[0], "month", month);
  };
  EXPECT_THAT(checked("latest"), IsOk());
  EXPECT_THAT(checked("2025-01"), IsOk());
  EXPECT_THAT(checked("2025-01-01"), IsOk());
  EXPECT_THAT(checked("2024-12-31"), HasMessage("expected 2025-01-01 to 2025-01-03, or latest"));
  EXPECT_THAT(checked("2031-01"), HasMessage("or latest, as in events.usage_date"));
}

TEST_F(Sql, ChecksTheTableThatAParameterTakesItsValuesFrom) {
  write("queries/a.sql", "-- parameter: who text from event.account_id\nSELECT $who AS who\n");
  write("queries/b.sql", "-- parameter: who text from events.acount_id\nSELECT $who AS who\n");
  write("queries/c.sql", "-- parameter: who text from events\nSELECT $who AS who\n");
  write("queries/d.sql", "-- parameter: in text = {{ curency }}\nSELECT $in AS a\n");
  write("queries/e.sql", "-- parameter: in text = {{ currency }}\nSELECT $in AS a\n");
  const auto problems = check_queries(project_, *engine_);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_THAT(problems[0].message, HasSubstr("did you mean `events`?"));
  EXPECT_THAT(problems[1].message, HasSubstr("did you mean `account_id`?"));
  EXPECT_THAT(problems[2].message, HasSubstr("expected TABLE.COLUMN"));
  EXPECT_THAT(problems[3].message, HasSubstr("{{ currency }}"));
  const SavedQueries found = load_queries(project_);
  EXPECT_EQ(found.queries.back().parameters[0].default_value, project_.currency);
}

TEST_F(Sql, ChecksSavedQueriesWithoutRunningThem) {
  write("queries/fine.sql",
        "-- title: Events of a day\n-- parameter: day date\n-- parameter: least decimal = 0.5\n"
        "-- parameter: who text\n"
        "SELECT event_id FROM EVENTS\nWHERE usage_date = $day AND cost_usd > $least AND account_id "
        "= $who\n");
  write("queries/fine_ops.sql",
        "SELECT r.run_id, q.record FROM ops.runs AS r, quarantine.events_raw AS q\n");
  EXPECT_TRUE(check_queries(project_, *engine_).empty());
  write("queries/a_column.sql", "-- title: a\n\nSELECT event_id,\n  acount_id\nFROM events\n");
  write("queries/b_function.sql", "-- title: b\nSELECT 1,\n  getenv('HOME')\n");
  write("queries/c_head.sql", "-- title: c\n-- parametre: day date\nSELECT 1\n");
  write("queries/d_undeclared.sql", "-- parameter: day date\nSELECT $day,\n  $dya\n");
  write("queries/e_idle.sql", "-- title: e\n-- parameter: day date\nSELECT 1\n");
  write("queries/f_default.sql", "-- parameter: day date = soon\nSELECT $day\n");
  write("queries/g_table.sql", "SELECT *\nFROM event\n");
  write("queries/h_file.sql", "SELECT * FROM '/etc/passwd'\n");
  write("queries/i_syntax.sql", "SELECT 1\nFORM events WHERE\n");
  write("queries/j_types.sql",
        "-- parameter: day date\nSELECT count(*)\nFROM events WHERE cost_usd > $day\n");
  write("queries/j_values.sql",
        "-- parameter: day date\nSELECT count(*)\nFROM events\nWHERE usage_date = $day AND\n  "
        "cost_us "
        "> 0\n");
  write("queries/k_schema.sql", "SELECT 1\n\nFROM duckdb.tables\n");
  write("queries/l_ops.sql", "SELECT\n  run_ids\nFROM ops.runs\n");
  write("queries/m_ops.sql", "SELECT 1\nFROM ops.run\n");
  write("queries/n_quarantine.sql", "SELECT 1\n\nFROM quarantine.event_raw\n");
  std::vector<std::string> found;
  for (const project::Problem& problem : check_queries(project_, *engine_)) {
    found.push_back(to_string(problem));
  }
  const auto at = [](const std::string& place, const std::string& words) {
    return testing::AllOf(testing::StartsWith("queries/" + place), HasSubstr(words));
  };
  EXPECT_THAT(
      found,
      ElementsAre(at("a_column.sql:4", "account_id"), at("b_function.sql:3", "`getenv`"),
                  at("c_head.sql:2", "did you mean `parameter`"),
                  at("d_undeclared.sql:3", "$dya is not declared (did you mean `day`?)"),
                  at("e_idle.sql:2", "`day` does not stand in the SQL"),
                  at("f_default.sql:1", "YYYY-MM-DD"), at("g_table.sql:2", "did you mean `events`"),
                  at("h_file.sql:1", "/etc/passwd"), at("i_syntax.sql:2", "syntax error"),
                  at("j_types.sql:3", "compare"), at("j_values.sql:5", "cost_usd"),
                  at("k_schema.sql:3", "schema `duckdb`"), at("l_ops.sql:2", "run_id"),
                  at("m_ops.sql:2", "there is no table ops.run (did you mean `runs`?)"),
                  at("n_quarantine.sql:3", "did you mean `events_raw`")));
}

}  // namespace
}  // namespace bullion::reader
