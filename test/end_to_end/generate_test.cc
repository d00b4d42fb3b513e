// The generator: the same bytes for the same seed, and labels that agree with what is published.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

TEST(Generate, TheSameSeedGivesTheSameBytes) {
  const TestFolder folder("seed");
  for (const char* to : {"a/incoming", "b/incoming", "c/incoming"}) {
    const char* seed = std::string(to) == "c/incoming" ? "8" : "7";
    const Outcome made = bullion(folder.path(), {"generate", "cloud_cost", "--events", "20000",
                                                 "--days", "30", "--seed", seed, "--to", to, "-q"});
    ASSERT_EQ(made.code, 0) << made.err;
  }
  int64_t different = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "a/incoming")) {
    const std::string name = file.path().filename().string();
    EXPECT_EQ(read_file(file.path()), read_file(folder / "b/incoming" / name)) << name;
    different += read_file(file.path()) != read_file(folder / "c/incoming" / name) ? 1 : 0;
  }
  EXPECT_GT(different, 20);
  EXPECT_EQ(read_file(folder / "a/incoming-labels.csv"),
            read_file(folder / "b/incoming-labels.csv"));
}

TEST(Generate, WritesIntoTheProjectsIncomingUnlessTold) {
  const TestFolder folder("default");
  make_project(folder / "p");
  const std::vector<std::string> generate = {"generate", "cloud_cost", "--events", "1000"};
  EXPECT_EQ(bullion(folder / "p", generate).code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "p/incoming-labels.csv"));
  const Outcome nowhere = bullion(folder.path(), generate);
  EXPECT_EQ(nowhere.code, 2);
  EXPECT_NE(nowhere.err.find("give the folder with --to"), std::string::npos) << nowhere.err;
}

TEST(Generate, WhatIsPlantedIsFound) {
  const TestFolder folder("planted");
  const auto project = folder / "p";
  make_project(project);
  ASSERT_EQ(bullion(project, {"generate", "cloud_cost", "--events", "50000", "--days", "40",
                              "--seed", "3", "--to", "incoming"})
                .code,
            0);
  const Outcome run = bullion(project, {"run", "--quiet"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  const std::string labels =
      "read_csv('" + (project / "incoming-labels.csv").string() + "', all_varchar = true)";
  // Events labelled bad are in quarantine and nowhere else; withdrawn ones are not published.
  EXPECT_EQ(query_value(project, "SELECT count(*) FROM quarantine.raw_billing_events"),
            query_value(project, "SELECT count(*) FROM " + labels + " WHERE kind = 'bad'"));
  EXPECT_EQ(query_value(project,
                        "SELECT count(*) FROM billing_events WHERE event_id IN (SELECT event_id "
                        "FROM " +
                            labels + " WHERE kind = 'withdrawn')"),
            "0");
  EXPECT_EQ(query_value(project, "SELECT count(*) > 500 FROM " + labels), "true");
  EXPECT_EQ(query_value(project,
                        "SELECT (SELECT sum(cost_usd) FROM billing_events) = (SELECT "
                        "sum(total_cost_usd) FROM daily_account_cost)"),
            "true");
  EXPECT_EQ(bullion(project, {"verify"}).code, 0);
}

}  // namespace
}  // namespace bullion::end_to_end
