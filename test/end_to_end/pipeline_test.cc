// The main job through the program: what is published, what is recomputed, and that nothing is
// lost.
#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

constexpr const char* kA1Total =
    "SELECT sum(total_cost_usd) FROM daily_account_cost WHERE account_id = 'A1' AND usage_date = "
    "DATE '2025-01-01'";

/// A project with both sample batches published as releases 1 and 2.
void publish_samples(const std::filesystem::path& project) {
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  deliver_sample(project, "batch2");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
}

TEST(Pipeline, PublishesTheKnownAnswer) {
  const TestFolder folder("known");
  publish_samples(folder / "p");
  EXPECT_EQ(query_value(folder / "p", kA1Total), "15.000000");
  EXPECT_EQ(query_value(folder / "p", "SELECT sum(total_cost_usd) FROM daily_account_cost"),
            "168.500000");
  EXPECT_EQ(query_value(folder / "p", "SELECT count(*) FROM billing_events"), "36");
  EXPECT_EQ(query_value(folder / "p", "SELECT count(*) FROM quarantine.raw_billing_events"), "1");
}

TEST(Pipeline, RecomputesOnlyWhatChanged) {
  const TestFolder folder("scoped");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  const auto files_of = [&](const std::string& table) {
    std::vector<std::string> files;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(project / "lake" / "tables" / table)) {
      if (file.path().extension() == ".parquet") files.push_back(file.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = files_of("silver/billing_events");
  deliver_sample(project, "batch2");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  const auto after = files_of("silver/billing_events");
  std::vector<std::string> added;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(added));
  // 2025-01-03 (corrected) and 2025-01-05 (late); no other day has a new file, nothing is left
  // over.
  ASSERT_EQ(added.size(), 2U);
  EXPECT_NE(added[0].find("2025-01-03"), std::string::npos);
  EXPECT_NE(added[1].find("2025-01-05"), std::string::npos);
  EXPECT_EQ(files_of("gold/daily_account_cost").size(), 9U);
}

TEST(Pipeline, EarlierReleasesStayReadable) {
  const TestFolder folder("travel");
  publish_samples(folder / "p");
  const Outcome first =
      bullion(folder / "p", {"query", "SELECT sum(total_cost_usd) AS s FROM daily_account_cost",
                             "--release", "1", "--output", "csv"});
  EXPECT_EQ(first.out, "s\n169.000000\n");
}

TEST(Pipeline, TablesOfRunsThatNothingWasWrittenToAreEmpty) {
  const TestFolder folder("no-events");
  publish_samples(folder / "p");
  EXPECT_EQ(must(folder / "p", {"query", "--output", "csv",
                                "select event, file, subject, detail from ops.events"})
                .out,
            "event,file,subject,detail\n");
  EXPECT_EQ(query_value(folder / "p", "SELECT count(stated) FROM ops.control_totals"), "0");
}

TEST(Pipeline, ADayOfATableOpensTheFilesOfThatDayAlone) {
  const TestFolder folder("explain");
  publish_samples(folder / "p");
  const Outcome plan = bullion(
      folder / "p", {"query", "--explain",
                     "SELECT sum(total_cost_usd) FROM daily_account_cost WHERE usage_date = DATE "
                     "'2025-01-01'"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("Scanning Files: 1/"), std::string::npos) << plan.out;
}

TEST(Pipeline, SqlOfAPersonEndsAtItsMemory) {
  const TestFolder folder("greedy");
  publish_samples(folder / "p");
  const auto greedy = [&](const std::string& sql) {
    const Outcome outcome = bullion(folder / "p", {"query", sql, "--memory-limit", "256MiB"});
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  const std::string lists = greedy("SELECT length(list(i)::VARCHAR) FROM range(300000000) t(i)");
  EXPECT_NE(lists.find("more memory than --memory-limit 256MiB gives"), std::string::npos) << lists;
  const std::string rows = greedy("SELECT i, repeat('x', 100) FROM range(30000000) t(i)");
  EXPECT_NE(rows.find("--output csv"), std::string::npos) << rows;
}

TEST(Pipeline, TheSameBytesTwiceLoadNothingAndSaySo) {
  const TestFolder folder("twice");
  const auto project = folder / "p";
  publish_samples(project);
  std::filesystem::copy_file(project / "samples/batch1/billing-2025-01-02.csv",
                             project / "incoming/another-name.csv");
  const Outcome again = bullion(project, {"run"});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.out.find("another-name.csv holds the same bytes"), std::string::npos)
      << again.out;
  EXPECT_EQ(query_value(project, "SELECT count(*) FROM raw_billing_events"), "37");
  EXPECT_EQ(query_value(project, "SELECT count(*) FROM ops.runs"), "2");
}

TEST(Pipeline, PlanSaysWhatAndWhyAndWritesNothing) {
  const TestFolder folder("plan");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  deliver_sample(project, "batch2");
  const auto count = [&] {
    return std::distance(std::filesystem::recursive_directory_iterator(project / "lake"),
                         std::filesystem::recursive_directory_iterator());
  };
  const auto before = count();
  const Outcome plan = bullion(project, {"plan", "--output", "csv"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("billing_events,2025-01-03,corrected,1"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("billing_events,2025-01-05,late,1"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("account_service_day_cost,2025-01-03,input"), std::string::npos)
      << plan.out;
  EXPECT_EQ(count(), before);
}

TEST(Pipeline, DiffNamesPartitionsMoneyAndCauses) {
  const TestFolder folder("diff");
  publish_samples(folder / "p");
  const Outcome diff = bullion(folder / "p", {"diff", "1", "2", "--output", "csv"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  EXPECT_NE(diff.out.find("2025-01-03"), std::string::npos) << diff.out;
  EXPECT_NE(diff.out.find("corrected"), std::string::npos) << diff.out;
  EXPECT_NE(diff.out.find("late"), std::string::npos) << diff.out;
  EXPECT_NE(diff.out.find("-2.500000"), std::string::npos) << diff.out;
  EXPECT_EQ(diff.out.find("2025-01-04"), std::string::npos) << diff.out;
}

TEST(Pipeline, TraceReachesFileRecordAndLineWithEqualSums) {
  const TestFolder folder("trace");
  publish_samples(folder / "p");
  const Outcome trace = bullion(
      folder / "p", {"trace", "daily_account_cost", "account_id=A1", "usage_date=2025-01-03"});
  EXPECT_EQ(trace.code, 0) << trace.out << trace.err;
  EXPECT_NE(trace.out.find("billing-2025-01-09.csv"), std::string::npos) << trace.out;
  EXPECT_NE(trace.out.find("S301,2"), std::string::npos) << trace.out;
  EXPECT_NE(trace.out.find("14.5"), std::string::npos) << trace.out;
}

TEST(Pipeline, VerifyRebuildsEveryPartitionHash) {
  const TestFolder folder("verify");
  publish_samples(folder / "p");
  const Outcome verify = bullion(folder / "p", {"verify"});
  EXPECT_EQ(verify.code, 0) << verify.out << verify.err;
  EXPECT_NE(verify.out.find("every partition hash is equal"), std::string::npos) << verify.out;
}

TEST(Pipeline, UnitTestsChecksAndDataTestsPass) {
  const TestFolder folder("tests");
  publish_samples(folder / "p");
  const Outcome check = bullion(folder / "p", {"check"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
  const Outcome test = bullion(folder / "p", {"test"});
  EXPECT_EQ(test.code, 0) << test.out << test.err;
  EXPECT_NE(test.out.find("FAIL=0"), std::string::npos) << test.out;
}

TEST(Pipeline, AFailedGateLeavesReadersWhereTheyWere) {
  const TestFolder folder("gate");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  write_file(project / "tests/no_big_cost.sql",
             "SELECT * FROM daily_account_cost WHERE total_cost_usd > 1000\n");
  write_file(project / "incoming/big.csv",
             billing_header() + billing_line("BIG", 1, "A1", "2025-01-02", "5000.00"));
  const Outcome blocked = bullion(project, {"run"});
  EXPECT_EQ(blocked.code, 3) << blocked.out << blocked.err;
  EXPECT_NE(blocked.out.find("no_big_cost"), std::string::npos) << blocked.out;
  EXPECT_EQ(query_value(project, "SELECT sum(total_cost_usd) FROM daily_account_cost"),
            "169.000000");
  EXPECT_EQ(query_value(project, "SELECT status FROM ops.runs ORDER BY started_at DESC LIMIT 1"),
            "blocked");
  // Once the rule is gone the same landed file is taken up again, once.
  std::filesystem::remove(project / "tests/no_big_cost.sql");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  EXPECT_EQ(query_value(project, "SELECT sum(total_cost_usd) FROM daily_account_cost"),
            "5169.000000");
}

TEST(Pipeline, OrderNamesAndBatchesOfFilesDoNotMatter) {
  const TestFolder folder("order");
  std::vector<std::string> lines;
  std::mt19937 random(7);
  for (int event = 0; event < 60; ++event) {
    for (int version = 1; version <= 1 + event % 4; ++version) {
      lines.push_back(billing_line(fmt::format("E{}", event), version,
                                   fmt::format("A{}", event % 3),
                                   fmt::format("2025-01-{:02}", 1 + (event + version) % 9),
                                   fmt::format("{}.25", event + version), version == 4));
    }
  }
  std::string expected;
  for (int layout = 0; layout < 4; ++layout) {
    const auto project = folder / fmt::format("p{}", layout);
    make_project(project);
    std::shuffle(lines.begin(), lines.end(), random);
    const size_t files = 1 + static_cast<size_t>(layout) * 2;
    std::vector<std::string> texts(files, billing_header());
    for (size_t i = 0; i < lines.size(); ++i) texts[i % files] += lines[i];
    for (size_t i = 0; i < files; ++i) {
      write_file(project / fmt::format("incoming/{}-{}.csv", random() % 1000, i), texts[i]);
      if (layout % 2 == 1) {
        ASSERT_EQ(bullion(project, {"run"}).code, 0);
      }
    }
    ASSERT_EQ(bullion(project, {"run"}).code, 0);
    const std::string hashes = release_hashes(project);
    if (layout == 0) expected = hashes;
    EXPECT_EQ(hashes, expected);
  }
}

TEST(Pipeline, AForeignCommitIsRefusedUntilReverted) {
  const TestFolder folder("foreign");
  const auto project = folder / "p";
  publish_samples(project);
  const auto log = project / "lake/tables/gold/daily_account_cost/_delta_log";
  int64_t version = 0;
  while (std::filesystem::exists(log / fmt::format("{:020}.json", version))) ++version;
  std::string removal;
  for (const auto& file : std::filesystem::directory_iterator(log)) {
    const std::string text = read_file(file.path());
    const size_t at = text.find("{\"add\":{\"path\":\"");
    if (at == std::string::npos) continue;
    const size_t start = at + 16;
    removal = text.substr(start, text.find('"', start) - start);
  }
  write_file(
      log / fmt::format("{:020}.json", version),
      "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"DELETE\"}}\n{\"remove\":{\"path\":\"" +
          removal + "\",\"dataChange\":true,\"deletionTimestamp\":1}}\n");
  const Outcome refused = bullion(project, {"run"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("daily_account_cost has a foreign commit"), std::string::npos)
      << refused.err;
  const Outcome reverted = bullion(project, {"table", "revert", "daily_account_cost"});
  EXPECT_EQ(reverted.code, 0) << reverted.err;
  EXPECT_EQ(bullion(project, {"run"}).code, 0);
  EXPECT_EQ(query_value(project, "SELECT sum(total_cost_usd) FROM daily_account_cost"),
            "168.500000");
}

TEST(Pipeline, ChangedLogicIsRecomputedAndNamed) {
  const TestFolder folder("logic");
  const auto project = folder / "p";
  publish_samples(project);
  const auto path = project / "models/gold/account_service_day_cost.sql";
  std::string sql = read_file(path);
  // A comment is no change of logic.
  write_file(path, "-- a remark\n" + sql);
  EXPECT_NE(bullion(project, {"run"}).out.find("Nothing new"), std::string::npos);
  const size_t at = sql.find("GROUP BY");
  ASSERT_NE(at, std::string::npos);
  sql.insert(at, "WHERE account_id <> 'A2'\n");
  write_file(path, sql);
  const Outcome run = bullion(project, {"run"});
  // The conservation gate notices that money went missing.
  EXPECT_EQ(run.code, 3) << run.out << run.err;
}

/// A model `net_cost` over a macro, `net`, whose body is given.
void write_net_macro(const std::filesystem::path& project, const std::string& body) {
  std::filesystem::create_directories(project / "macros");
  write_file(
      project / "macros/net.sql",
      "-- What we owe of a list price.\n{% macro net(amount) %}" + body + "{% endmacro %}\n");
}

void add_net_cost(const std::filesystem::path& project) {
  write_net_macro(project, "CAST({{ amount }} AS DECIMAL(18,6))");
  write_file(project / "models/gold/net_cost.sql",
             "-- Grain: account_id. Owner: finops.\nSELECT account_id, CAST(sum({{ net('cost_usd') "
             "}}) AS DECIMAL(38,6)) AS net_cost FROM billing_events GROUP BY account_id\n");
  write_file(project / "models/gold/schema.yml",
             read_file(project / "models/gold/schema.yml") + R"yaml(
  - name: net_cost
    description: What an account costs net.
    meta: {owner: finops@example.com}
    config: {kind: full, amount: net_cost}
    columns:
      - {name: account_id, data_type: string, constraints: [{type: not_null}]}
      - {name: net_cost, data_type: "decimal(38,6)"}
)yaml");
}

TEST(Pipeline, PlanSaysWhatAChangedMacroTouchesAndByHowMuchMoney) {
  const TestFolder folder("macro-plan");
  const auto project = folder / "p";
  publish_samples(project);
  add_net_cost(project);
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  // A comment in a macro changes no model.
  write_net_macro(project, "CAST({{ amount }} /* list price */ AS DECIMAL(18,6))");
  EXPECT_EQ(bullion(project, {"plan"}).out, "Nothing to do: no new file, no changed code.\n");

  write_net_macro(project, "CAST({{ amount }} * 2 AS DECIMAL(18,6))");
  const auto count = [&] {
    return std::distance(std::filesystem::recursive_directory_iterator(project / "lake"),
                         std::filesystem::recursive_directory_iterator());
  };
  const auto before = count();
  EXPECT_EQ(bullion(project, {"plan", "--output", "csv"}).out,
            "table,partition,cause,rows,detail\nnet_cost,*,logic,,macro net changed\n");
  const Outcome plan = bullion(project, {"plan", "--money", "--output", "csv"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("168.500000,337.000000,168.500000,USD,logic"), std::string::npos)
      << plan.out;
  EXPECT_EQ(count(), before);
  const Outcome words = bullion(project, {"plan", "--money"});
  EXPECT_NE(words.out.find("macro net changed"), std::string::npos) << words.out;
  EXPECT_NE(words.out.find("What a run would change, against release 3:"), std::string::npos)
      << words.out;

  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  EXPECT_EQ(bullion(project, {"diff", "3", "4", "--output", "csv"}).out, plan.out);
}

TEST(Pipeline, PlanWithMoneySaysThatAGateWouldBlock) {
  const TestFolder folder("plan-blocked");
  const auto project = folder / "p";
  publish_samples(project);
  const auto path = project / "models/gold/account_service_day_cost.sql";
  std::string sql = read_file(path);
  sql.insert(sql.find("GROUP BY"), "WHERE account_id <> 'A2'\n");
  write_file(path, sql);
  const Outcome plan = bullion(project, {"plan", "--money"});
  EXPECT_EQ(plan.code, 3) << plan.out << plan.err;
  EXPECT_NE(plan.out.find("A gate would block this run"), std::string::npos) << plan.out;
  EXPECT_EQ(query_value(project, "SELECT max(release) FROM ops.runs"), "2");
}

TEST(Pipeline, PlanWithMoneyShowsTheFirstRelease) {
  const TestFolder folder("plan-first");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  const Outcome plan = bullion(project, {"plan", "--money"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("What the first release would hold:"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("169.000000"), std::string::npos) << plan.out;
  EXPECT_FALSE(std::filesystem::exists(project / "lake" / "releases"));
}

TEST(Pipeline, MacrosAreTestedByThemselves) {
  const TestFolder folder("macro-test");
  const auto project = folder / "p";
  make_project(project);
  add_net_cost(project);
  write_file(project / "tests/net.yml", R"yaml(unit_tests:
  - name: net_keeps_the_sixth_digit
    sql: SELECT account, {{ net('cost') }} AS net FROM costs
    given:
      - input: costs
        rows: [{account: A1, cost: 0.000001}, {account: A2, cost: ~}]
    expect:
      rows: [{account: A1, net: 0.000001}, {account: A2, net: ~}]
)yaml");
  const Outcome passed = bullion(project, {"test", "--select", "net"});
  EXPECT_EQ(passed.code, 0) << passed.out << passed.err;
  EXPECT_NE(passed.out.find("PASS=1 WARN=0 FAIL=0"), std::string::npos) << passed.out;
  write_net_macro(project, "CAST({{ amount }} AS DECIMAL(18,2))");
  const Outcome failed = bullion(project, {"test", "--select", "net"});
  EXPECT_EQ(failed.code, 1) << failed.out << failed.err;
  EXPECT_NE(failed.out.find("FAIL unit net_keeps_the_sixth_digit (tests/net.yml:2:"),
            std::string::npos)
      << failed.out;
}

TEST(Pipeline, AppendModelsTakeEachFileOnce) {
  const TestFolder folder("append");
  const auto project = folder / "p";
  publish_samples(project);
  write_file(project / "models/silver/all_events.sql",
             "-- Every version delivered. Grain: a delivered record. Owner: finops.\n"
             "SELECT event_id, event_version, usage_date, cost FROM raw_billing_events\n");
  write_file(project / "models/silver/schema.yml",
             read_file(project / "models/silver/schema.yml") + R"yaml(
  - name: all_events
    description: Every version ever delivered.
    meta: {owner: finops@example.com}
    config: {kind: append, partition_by: [usage_date], amount: cost}
    columns:
      - {name: event_id, data_type: string, constraints: [{type: not_null}]}
      - {name: event_version, data_type: int}
      - {name: usage_date, data_type: date, constraints: [{type: not_null}]}
      - {name: cost, data_type: "decimal(18,6)"}
)yaml");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  const char* total = "SELECT count(*) || ' ' || sum(cost) FROM all_events";
  EXPECT_EQ(query_value(project, total), "37 180.500000");
  write_file(project / "incoming/more.csv",
             billing_header() + billing_line("S101", 9, "A1", "2025-01-01", "1.00"));
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  EXPECT_EQ(query_value(project, total), "38 181.500000");
  EXPECT_EQ(bullion(project, {"verify"}).code, 0);
}

TEST(Pipeline, AppendModelsTakeTheNewFilesOfSeveralSources) {
  const TestFolder folder("append_union");
  write_file(folder / "bullion.yml", "name: two\ncurrency: EUR\ntargets: {dev: {lake: ./lake}}\n");
  for (const std::string name : {"north", "south"}) {
    write_file(
        folder / ("sources/" + name + ".yml"),
        "version: 2\nname: " + name + "\nmeta: {owner: a@example.com}\nconfig: {files: incoming/" +
            name +
            "*.csv, amount: paid}\ncolumns:\n  - {name: id, data_type: string}\n"
            "  - {name: paid, data_type: \"decimal(18,2)\", constraints: [{type: not_null}]}\n");
    write_file(folder / ("incoming/" + name + "1.csv"), "id,paid\n" + name + ",1.00\n");
  }
  write_file(folder / "models/silver/ledger.sql",
             "SELECT 'n' AS side, id, paid FROM north\nUNION ALL\n"
             "(WITH big AS (SELECT id, paid FROM south WHERE paid > 0) SELECT 's', id, paid FROM "
             "big)\n");
  const std::string schema =
      "version: 2\nmodels:\n  - name: ledger\n    meta: {owner: a@example.com}\n"
      "    config: {kind: append, partition_by: side, amount: paid}\n    columns:\n"
      "      - {name: side, data_type: string, constraints: [{type: not_null}]}\n"
      "      - {name: id, data_type: string}\n      - {name: paid, data_type: \"decimal(18,2)\"}\n";
  write_file(folder / "models/silver/schema.yml", schema);
  const Outcome first = bullion(folder.path(), {"run"});
  ASSERT_EQ(first.code, 0) << first.out << first.err;
  const char* sums =
      "SELECT string_agg(side || ' ' || n || ' ' || paid, '; ' ORDER BY side) FROM "
      "(SELECT side, count(*) AS n, sum(paid) AS paid FROM ledger GROUP BY side)";
  EXPECT_EQ(query_value(folder.path(), sums), "n 1 1.00; s 1 1.00");
  write_file(folder / "incoming/south2.csv", "id,paid\nsouth,5.00\nsouth,-1.00\n");
  const Outcome plan = bullion(folder.path(), {"plan"});
  EXPECT_NE(plan.out.find("ledger"), std::string::npos) << plan.out;
  ASSERT_EQ(bullion(folder.path(), {"run"}).code, 0);
  ASSERT_EQ(bullion(folder.path(), {"run"}).code, 0);
  EXPECT_EQ(query_value(folder.path(), sums), "n 1 1.00; s 2 6.00");
  EXPECT_EQ(bullion(folder.path(), {"verify"}).code, 0);
  // Each part must be row-wise by itself.
  write_file(folder / "models/silver/ledger.sql",
             "SELECT 'n' AS side, id, paid FROM north\nUNION ALL\n"
             "SELECT 's', id, sum(paid) FROM south GROUP BY id\n");
  const Outcome refused = bullion(folder.path(), {"run"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("ledger.sql:3"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("takes one row to at most one row"), std::string::npos) << refused.err;
}

TEST(Pipeline, BackfillsAndRefreshesChangeNoHash) {
  const TestFolder folder("backfill");
  const auto project = folder / "p";
  publish_samples(project);
  const std::string hashes = release_hashes(project);
  const Outcome backfill =
      bullion(project, {"run", "--start", "2025-01-02", "--end", "2025-01-04"});
  EXPECT_EQ(backfill.code, 0) << backfill.err;
  EXPECT_NE(backfill.out.find("0 tables changed"), std::string::npos) << backfill.out;
  EXPECT_EQ(release_hashes(project), hashes);
  const Outcome refresh =
      bullion(project, {"run", "--select", "+daily_account_cost", "--full-refresh"});
  EXPECT_EQ(refresh.code, 0) << refresh.err;
  EXPECT_EQ(release_hashes(project), hashes);
}

TEST(Pipeline, ModelsLeftOutOfARunCatchUpInTheNext) {
  const TestFolder folder("catch-up");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  deliver_sample(project, "batch2");
  ASSERT_EQ(bullion(project, {"run", "--select", "billing_events"}).code, 0);
  const char* totals =
      "SELECT (SELECT sum(cost_usd) FROM billing_events) || ' ' || (SELECT sum(total_cost_usd) "
      "FROM "
      "daily_account_cost)";
  EXPECT_EQ(query_value(project, totals), "168.500000 169.000000");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  EXPECT_EQ(query_value(project, totals), "168.500000 168.500000");
}

TEST(Pipeline, CleanRemovesWhatACrashedRunLeftAndNothingElse) {
  const TestFolder folder("clean");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  // Files are staged and made durable before the release is claimed; the run dies in between.
  const Outcome crashed = bullion(project, {"run", "-q"}, {{"BULLION_FAULT", "crash-before:30"}});
  ASSERT_NE(crashed.code, 0);
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  const std::string hashes = release_hashes(project);
  const Outcome dry = bullion(project, {"clean", "--dry-run"});
  EXPECT_EQ(dry.out.find("Would remove 0 files"), std::string::npos) << dry.out;
  EXPECT_EQ(bullion(project, {"clean"}).code, 0);
  const Outcome again = bullion(project, {"clean", "--dry-run"});
  EXPECT_NE(again.out.find("Would remove 0 files"), std::string::npos) << again.out;
  EXPECT_EQ(release_hashes(project), hashes);
  EXPECT_EQ(bullion(project, {"verify"}).code, 0);
  EXPECT_EQ(query_value(project, "SELECT sum(total_cost_usd) FROM daily_account_cost"),
            "169.000000");
}

TEST(Pipeline, ReadsAnyDeltaTableAtAVersion) {
  const TestFolder folder("read");
  publish_samples(folder / "p");
  const std::string table = (folder / "p/lake/tables/gold/daily_account_cost").string();
  const Outcome first = bullion(folder.path(), {"table", "read", table + "@0", "--output", "json"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find("\"17.000000\""), std::string::npos) << first.out;
  EXPECT_EQ(
      bullion(folder.path(), {"table", "read", table, "--output", "parquet", "--file", "t.parquet"})
          .code,
      0);
  EXPECT_GT(std::filesystem::file_size(folder / "t.parquet"), 100U);
  EXPECT_EQ(bullion(folder.path(), {"table", "read", table + "@77"}).code, 2);
  EXPECT_EQ(bullion(folder.path(), {"table", "read", "nowhere"}).code, 2);
}

}  // namespace
}  // namespace bullion::end_to_end
