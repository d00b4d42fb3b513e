// A table of bad input: exit code, file:line and remedy, and nothing lost.
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

/// One bad file: what the run says about it, how many rows stay and how many are quarantined.
struct BadFile {
  std::string name;
  std::string bytes;
  std::string said;  ///< part of standard output
  int64_t kept = 0;
  int64_t quarantined = 0;
};

std::string good_line(int number) {
  return billing_line(fmt::format("G{}", number), 1, "A1", "2025-01-01", "1.00");
}

std::string csv(const std::string& lines) { return billing_header() + lines; }

std::vector<BadFile> bad_files() {
  std::string wide;
  for (int i = 0; i < 5000; ++i) wide += fmt::format("c{},", i);
  std::string twice = billing_header();
  twice.replace(twice.find("region"), 6, "cost");
  const std::string without_cost = "event_id,event_version\nE1,1\n";
  return {
      {"missing column", without_cost, "cost", 0, 1},
      {"empty file", "", "empty", 0, 1},
      {"truncated gzip", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", 12),
       "gzip", 0, 1},
      {"binary file",
       std::string("\x7f"
                   "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0",
                   18),
       "", 0, 1},
      {"10 MB line", csv(good_line(1) + std::string(10'000'000, 'x') + "\n" + good_line(2)), "long",
       2, 1},
      {"5,000 columns", wide + "\n1\n", "5001 fields", 0, 1},
      {"duplicate header", twice + good_line(1), "cost", 0, 1},
      {"NUL byte",
       csv(good_line(1) + std::string("E\0X", 3) + good_line(2).substr(2) + good_line(3)), ":3", 2,
       1},
      {"day that does not exist",
       csv(billing_line("E", 1, "A1", "2025-02-30", "1.00") + good_line(1)), "2025-02-30", 1, 1},
      {"40-digit amount", csv(billing_line("E", 1, "A1", "2025-01-01", std::string(40, '9'))),
       "cost", 0, 1},
      {"lost digits", csv(billing_line("E", 1, "A1", "2025-01-01", "0.1234567")), "0.1234567", 0,
       1},
      {"invalid UTF-8", csv(billing_line("E\xff", 1, "A1", "2025-01-01", "1.00") + good_line(1)),
       ":2", 1, 1},
      {"wrong field count", csv(good_line(1) + "a,b,c\n" + good_line(2)), ":3", 2, 1},
      {"header only", csv(""), "2 files loaded", 0, 0},
  };
}

TEST(BadInput, EachBadFileIsNamedAndNothingElseIsLost) {
  for (const BadFile& bad : bad_files()) {
    SCOPED_TRACE(bad.name);
    const TestFolder folder("bad");
    const auto project = folder / "p";
    make_project(project);
    write_file(project / "incoming/bad.csv", bad.bytes);
    write_file(project / "incoming/good.csv",
               csv(billing_line("FINE", 1, "A1", "2025-01-02", "7.00")));
    const Outcome run = bullion(project, {"run"});
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    EXPECT_NE(run.out.find(bad.said), std::string::npos) << run.out;
    if (bad.quarantined > 0) {
      EXPECT_NE(run.out.find("bad.csv:"), std::string::npos) << run.out;
      EXPECT_EQ(query_value(project, "SELECT count(*) FROM quarantine.raw_billing_events"),
                fmt::format("{}", bad.quarantined));
    }
    EXPECT_EQ(query_value(project, "SELECT count(*) FROM raw_billing_events"),
              fmt::format("{}", bad.kept + 1));
  }
}

TEST(BadInput, AWrongTypeDeepInAFileIsFoundAtItsLine) {
  const TestFolder folder("deep");
  const auto project = folder / "p";
  make_project(project);
  std::string text = billing_header();
  for (int i = 2; i <= 1'000'000; ++i) {
    text += i == 700'001 ? billing_line("BAD", 1, "A1", "2025-01-01", "ten")
                         : billing_line(fmt::format("E{}", i), 1, "A1", "2025-01-01", "0.01");
  }
  write_file(project / "incoming/deep.csv", text);
  const Outcome run = bullion(project, {"run", "--quiet"});
  EXPECT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_NE(run.out.find("deep.csv:700001: cost: `ten`"), std::string::npos) << run.out;
  EXPECT_EQ(query_value(project, "SELECT count(*) || ' ' || sum(cost_usd) FROM billing_events"),
            "999998 9999.980000");
}

/// A change to a project file, and what the program then says on standard error or output.
struct BadProject {
  std::string name;
  std::string file;
  std::string old_text;
  std::string new_text;
  std::string said;
};

TEST(BadInput, ProjectMistakesNameFileLineAndTheNearestName) {
  const std::vector<BadProject> cases = {
      {"unknown YAML key", "sources/billing_events.yml",
       "description:", "descripton:", "sources/billing_events.yml:"},
      {"unknown table", "models/gold/daily_account_cost.sql", "FROM account_service_day_cost",
       "FROM account_service_day_costs", "account_service_day_cost`"},
      {"syntax error", "models/gold/daily_account_cost.sql", "SELECT", "SELCT",
       "models/gold/daily_account_cost.sql:"},
      {"unknown kind", "models/gold/schema.yml", "kind: aggregate", "kind: agregate", "aggregate"},
  };
  for (const BadProject& bad : cases) {
    SCOPED_TRACE(bad.name);
    const TestFolder folder("project");
    const auto project = folder / "p";
    make_project(project);
    std::string text = read_file(project / bad.file);
    const size_t at = text.find(bad.old_text);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, bad.old_text.size(), bad.new_text);
    write_file(project / bad.file, text);
    for (const char* verb : {"check", "run"}) {
      const Outcome outcome = bullion(project, {verb});
      EXPECT_EQ(outcome.code, 2) << outcome.out;
      EXPECT_NE((outcome.out + outcome.err).find(bad.said), std::string::npos)
          << outcome.out << outcome.err;
      EXPECT_NE((outcome.out + outcome.err).find(bad.file), std::string::npos)
          << outcome.out << outcome.err;
    }
  }
}

TEST(BadInput, CyclicModelsAreNamedWhole) {
  const TestFolder folder("cycle");
  const auto project = folder / "p";
  make_project(project);
  std::string sql = read_file(project / "models/gold/account_service_day_cost.sql");
  sql.replace(sql.find("FROM billing_events"), 19, "FROM daily_account_cost");
  write_file(project / "models/gold/account_service_day_cost.sql", sql);
  const Outcome run = bullion(project, {"run"});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("daily_account_cost -> "), std::string::npos) << run.err;
}

TEST(BadInput, AModelWithAFloatSumFailsTheCheck) {
  const TestFolder folder("float");
  const auto project = folder / "p";
  make_project(project);
  const auto path = project / "models/gold/account_service_day_cost.sql";
  std::string sql = read_file(path);
  const size_t at = sql.find("cost_usd)");
  ASSERT_NE(at, std::string::npos) << sql;
  sql.replace(at, 9, "CAST(cost_usd AS DOUBLE))");
  write_file(path, sql);
  const Outcome check = bullion(project, {"check"});
  EXPECT_EQ(check.code, 2) << check.out;
  EXPECT_NE(check.out.find("float-money"), std::string::npos) << check.out;
  EXPECT_NE(check.out.find("models/gold/account_service_day_cost.sql:"), std::string::npos)
      << check.out;
  deliver_sample(project, "batch1");
  EXPECT_EQ(bullion(project, {"run"}).code, 2);
}

TEST(BadInput, SavedQueriesAreCheckedByFileAndLine) {
  const TestFolder folder("queries");
  const auto project = folder / "p";
  make_project(project);
  write_file(
      project / "queries/good.sql",
      "-- parameter: day date\nSELECT count(*) FROM billing_events WHERE usage_date = $day\n");
  EXPECT_EQ(bullion(project, {"check"}).code, 0);
  write_file(project / "queries/type.sql", "-- title: A\n-- parameter: day dat\nSELECT $day\n");
  write_file(project / "queries/column.sql", "SELECT event_id,\n  cost_us\nFROM billing_events\n");
  write_file(project / "queries/function.sql", "SELECT *\nFROM read_csv('x.csv')\n");
  const Outcome check = bullion(project, {"check"});
  EXPECT_EQ(check.code, 2);
  for (const char* said : {"queries/column.sql:2", "queries/function.sql:2", "queries/type.sql:2",
                           "did you mean `date`", "3 errors"}) {
    EXPECT_NE(check.out.find(said), std::string::npos) << said << "\n" << check.out;
  }
}

TEST(BadInput, SeedsAreCheckedByFileAndLine) {
  const TestFolder folder("seeds");
  const auto project = folder / "p";
  make_project(project);
  replace_in(project / "seeds/dim_region.csv",
             "us-west-2,US West,US,platform@example.com,2020-01-01",
             "us-west-2,US West,US,platform@example.com,2020;01-01");
  const Outcome check = bullion(project, {"check"});
  EXPECT_EQ(check.code, 2);
  for (const char* said : {"seeds/dim_region.csv:3", "valid_from: `2020;01-01`", "1 error,"}) {
    EXPECT_NE(check.out.find(said), std::string::npos) << said << "\n" << check.out;
  }
}

/// What cannot be meant, and what the program says of it.
void expect_refused(const std::filesystem::path& project, const std::vector<std::string>& arguments,
                    const std::string& said) {
  const Outcome outcome = bullion(project, arguments);
  EXPECT_EQ(outcome.code, 2) << outcome.out;
  EXPECT_NE(outcome.err.find(said), std::string::npos) << outcome.err;
}

TEST(BadInput, AQueryIsOneSelect) {
  const TestFolder folder("one-select");
  make_project(folder.path());
  expect_refused(folder.path(), {"query", "DELETE FROM billing_events"}, "one SELECT is expected");
  expect_refused(folder.path(), {"query", ""}, "one SELECT is expected, and there is none");
  expect_refused(folder.path(), {"query", "SELECT 1; SELECT 2"}, "expected, not 2 of them");
  expect_refused(folder.path(), {"query", "SELECT 1 FORM x"}, "syntax error");
}

TEST(BadInput, AnUnknownSourceIsNamedWithThoseThereAre) {
  const TestFolder folder("no-source");
  make_project(folder.path());
  const std::string said =
      "there is no source `raw_billing_event` (did you mean `raw_billing_events`?); the project "
      "has raw_billing_events";
  expect_refused(folder.path(), {"files", "raw_billing_event"}, said);
  expect_refused(folder.path(), {"quarantine", "list", "raw_billing_event"}, said);
  expect_refused(folder.path(),
                 {"withdraw", "x.csv", "--source", "raw_billing_event", "--reason", "x"}, said);
}

TEST(BadInput, ALimitIsAWholeNumber) {
  const TestFolder folder("limit");
  make_project(folder.path());
  const std::vector<std::vector<std::string>> verbs = {
      {"show", "t"}, {"quarantine", "list"}, {"cases", "list"}};
  for (std::vector<std::string> verb : verbs) {
    for (const char* limit : {"-1", "2.5", "", "99999999999999999999"}) {
      std::vector<std::string> arguments = verb;
      arguments.insert(arguments.end(), {"--limit", limit});
      expect_refused(folder.path(), arguments,
                     fmt::format("--limit: `{}` is not a whole number from 0", limit));
    }
  }
  expect_refused(folder.path(), {"trace", "t", "a=b", "--limit", "0"},
                 "`0` is not a whole number from 1");
}

TEST(BadInput, ALakeOfANewerFormatIsRefused) {
  const TestFolder folder("newer");
  const auto project = folder / "p";
  make_project(project);
  write_file(project / "lake/releases/00000000000000000001.json", "{\"format\": 99}\n");
  const Outcome run = bullion(project, {"run"});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("newer format"), std::string::npos) << run.err;
}

TEST(BadInput, AReadOnlyLakeAndAFullDiskAreExplained) {
  const TestFolder folder("disk");
  const auto project = folder / "p";
  make_project(project);
  deliver_sample(project, "batch1");
  const Outcome full = bullion(project, {"run"}, {{"BULLION_FAULT", "no-space:2"}});
  EXPECT_EQ(full.code, 2);
  EXPECT_NE(full.err.find("No space left"), std::string::npos) << full.err;
  // The kernel's own read-only file system: no user, not even root, can write to /proc.
  const Outcome read_only = bullion(project, {"run", "--lake", "/proc/bullion"});
  EXPECT_EQ(read_only.code, 2);
  EXPECT_NE(read_only.err.find("/proc/bullion"), std::string::npos) << read_only.err;
  EXPECT_EQ(bullion(project, {"run"}).code, 0);
}

TEST(BadInput, UsageMistakesExitWithTwo) {
  const TestFolder folder("usage");
  EXPECT_EQ(bullion(folder.path(), {"frobnicate"}).code, 2);
  EXPECT_EQ(bullion(folder.path(), {"run"}).code, 2);
  EXPECT_EQ(bullion(folder.path(), {"init", "cloud_costs"}).code, 2);
  EXPECT_NE(bullion(folder.path(), {"init", "cloud_costs"}).err.find("cloud_cost"),
            std::string::npos);
  EXPECT_EQ(bullion(folder.path(), {"generate", "cloud_cost", "--evnts", "5", "--to", "x"}).code,
            2);
  make_project(folder / "p");
  EXPECT_EQ(bullion(folder / "p", {"show", "nothing"}).code, 2);
  EXPECT_EQ(bullion(folder / "p", {"run", "--memory-limit", "much"}).code, 2);
  EXPECT_EQ(bullion(folder / "p", {"query", "DROP TABLE x"}).code, 2);
}

}  // namespace
}  // namespace bullion::end_to_end
