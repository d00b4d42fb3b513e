// --json: one JSON object as the last line of every verb that does work (docs/last-line.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

using nlohmann::json;

json last_line_of(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return json::parse(text.substr(text.rfind('\n') + 1), nullptr, false);
}

class LastLine : public testing::Test {
 protected:
  LastLine() : folder_("last-line"), project_(folder_ / "cost") {
    make_project(project_);
    deliver_sample(project_, "batch1");
  }

  /// The last line of standard output; the verb must have left with `code`.
  json of(std::vector<std::string> arguments, int code = 0) {
    arguments.emplace_back("--json");
    const Outcome outcome = bullion(project_, arguments);
    EXPECT_EQ(outcome.code, code) << outcome.out << outcome.err;
    json line = last_line_of(outcome.out);
    EXPECT_TRUE(line.is_object()) << arguments.front() << ": " << outcome.out;
    return line;
  }

  TestFolder folder_;
  std::filesystem::path project_;
};

TEST_F(LastLine, SaysWhatEachVerbOfALakeDid) {
  EXPECT_EQ(of({"check"}), (json{{"status", "ok"}, {"errors", 0}, {"warnings", 0}}));
  const json planned = of({"plan"});
  EXPECT_EQ(planned.at("status"), "planned");
  EXPECT_GT(planned.at("new_files"), 0);
  EXPECT_THAT(planned.at("tables"), testing::Contains("billing_events"));
  const json dry = of({"ingest", "--dry-run"});
  EXPECT_EQ(dry.at("dry_run"), true);
  EXPECT_GT(dry.at("rows_loaded"), 0);
  EXPECT_EQ(of({"ingest"}).at("rows_loaded"), dry.at("rows_loaded"));
  const json published = of({"run"});
  EXPECT_EQ(published.at("status"), "published");
  EXPECT_EQ(published.at("release"), 1);
  EXPECT_EQ(published.at("rows_loaded"), dry.at("rows_loaded"));
  const json again = of({"run"});
  EXPECT_EQ(again.at("status"), "unchanged");
  EXPECT_TRUE(again.at("release").is_null());
  EXPECT_EQ(of({"plan"}).at("status"), "unchanged");
  EXPECT_EQ(of({"test"}).at("status"), "passed");
  const json verified = of({"verify"});
  EXPECT_EQ(verified.at("status"), "equal");
  EXPECT_EQ(verified.at("release"), 1);
  EXPECT_EQ(of({"clean", "--dry-run"}).at("dry_run"), true);
  EXPECT_EQ(of({"export", "billing_events", "--csv"}).at("release"), 1);
  EXPECT_EQ(of({"validate", "focus", "billing_events"}, 1).at("status"), "fails");
  const json undone = of({"withdraw", "billing-2025-01-02.csv", "--reason", "a test", "--dry-run"});
  EXPECT_EQ(undone.at("status"), "planned");
}

TEST_F(LastLine, SaysWhatVerbsThatWriteFilesWrote) {
  const json generated =
      of({"generate", "cloud_cost", "--to", "out", "--events", "100", "--days", "2"});
  EXPECT_EQ(generated.at("status"), "ok");
  EXPECT_GT(generated.at("lines"), 0);
  EXPECT_EQ(of({"source", "add", "aws_cur"}).at("source"), "aws_cur_export");
  const json inferred = of({"source", "infer", "incoming", "--name", "bill"});
  EXPECT_EQ(inferred.at("sources").at(0).at("source"), "bill");
  EXPECT_EQ(inferred.at("paths"), json::array({"sources/bill.yml"}));
  EXPECT_EQ(of({"init", "cloud_cost", "other"}).at("status"), "ok");
  const json made = of({"init", "third", "--from", "incoming"});
  EXPECT_EQ(made.at("sources").size(), 1U);
}

TEST_F(LastLine, GoesToStandardErrorWhenTheOutputIsADocument) {
  const Outcome plan = bullion(project_, {"plan", "-o", "json", "--json"});
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_TRUE(json::parse(plan.out, nullptr, false).is_array());
  EXPECT_EQ(last_line_of(plan.err).at("status"), "planned");
  const Outcome yaml = bullion(project_, {"source", "infer", "incoming", "--print", "--json"});
  ASSERT_EQ(yaml.code, 0) << yaml.err;
  EXPECT_THAT(yaml.out, testing::HasSubstr("sources:"));
  EXPECT_EQ(last_line_of(yaml.err).at("status"), "ok");
}

TEST_F(LastLine, IsNotThereWhenTheVerbCouldNotWork) {
  const Outcome failed = bullion(project_, {"plan", "--select", "nothing", "--json"});
  EXPECT_EQ(failed.code, 2);
  EXPECT_EQ(failed.out, "");
}

}  // namespace
}  // namespace bullion::end_to_end
