#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/result_matchers.h"
#include "openlineage/events.h"
#include "openlineage/sender.h"
#include "storage/temporary_folder.h"

namespace bullion::openlineage {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

project::Project shop(const std::string& folder) {
  project::Project out;
  out.name = "shop";
  out.folder = folder;
  out.lake = "/lake";
  project::Model model;
  model.contract.name = "daily";
  model.contract.owner = "a@example.com";
  model.contract.columns.push_back({.name = "total",
                                    .type = delta::DataType::decimal(38, 2),
                                    .nullable = true,
                                    .metadata_json = "{}"});
  model.layer = "gold";
  model.sql = "SELECT sum(amount) AS total FROM raw";
  out.models.push_back(model);
  out.data_tests.push_back(
      {.name = "not_null_daily_total", .kind = "not_null", .table = "daily", .columns = {"total"}});
  return out;
}

pipeline::RunOutcome published() {
  pipeline::RunOutcome out;
  out.status = pipeline::RunStatus::Published;
  release::Record record;
  record.number = 1;
  record.tables["daily"] = {.path = "tables/gold/daily",
                            .layer = "gold",
                            .version = 3,
                            .code_hash = {},
                            .rows = 7,
                            .inputs = {{"raw", 2}}};
  record.changed_tables = {"daily"};
  out.record = record;
  pipeline::StepReport step;
  step.step = "compute";
  step.table = "daily";
  step.files = 2;
  out.steps.push_back(step);
  quality::TestOutcome test;
  test.name = "not_null_daily_total";
  test.kind = "not_null";
  test.table = "daily";
  out.tests.push_back(test);
  return out;
}

std::vector<Json> parsed(const std::vector<std::string>& events) {
  std::vector<Json> out;
  for (const std::string& event : events) out.push_back(Json::parse(event));
  return out;
}

std::map<std::string, lineage::TableNode> nodes() {
  lineage::TableNode node;
  node.name = "daily";
  node.inputs = {"raw"};
  node.columns = {"total"};
  node.made_of.columns["total"] = {{"raw", "amount", project::ColumnUse::Aggregation}};
  return {{"daily", node}};
}

TEST(OpenLineage, TellsWhatWasMadeOfWhat) {
  const auto project = shop("/shop");
  const auto events =
      parsed(events_of_end({project, "shop", "r1"}, published(), nodes(), 1'700'000'000'000'000));
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[0]["eventType"], "START");
  const Json& made = events[1];
  EXPECT_EQ(made["eventType"], "COMPLETE");
  EXPECT_EQ(made["eventTime"], "2023-11-14T22:13:20.000000Z");
  EXPECT_EQ(made["job"]["name"], "shop.daily");
  EXPECT_EQ(made["run"]["runId"], events[0]["run"]["runId"]);
  EXPECT_EQ(made["run"]["facets"]["parent"]["run"]["runId"], events[4]["run"]["runId"]);
  EXPECT_EQ(made["inputs"][0]["facets"]["version"]["datasetVersion"], "2");
  const Json& output = made["outputs"][0];
  EXPECT_EQ(output["name"], "/lake/tables/gold/daily");
  EXPECT_EQ(output["facets"]["schema"]["fields"][0]["type"], "DECIMAL(38,2)");
  const Json& field = output["facets"]["columnLineage"]["fields"]["total"]["inputFields"][0];
  EXPECT_EQ(field["field"], "amount");
  EXPECT_EQ(field["transformations"][0]["type"], "DIRECT");
  EXPECT_EQ(field["transformations"][0]["subtype"], "AGGREGATION");
  EXPECT_EQ(output["outputFacets"]["outputStatistics"]["rowCount"], 7);
  const Json& assertions = events[3]["inputs"][0]["inputFacets"]["dataQualityAssertions"];
  EXPECT_EQ(assertions["assertions"][0]["column"], "total");
  EXPECT_EQ(assertions["assertions"][0]["success"], true);
  EXPECT_EQ(events[4]["job"]["name"], "shop.run");
  EXPECT_EQ(events[4]["eventType"], "COMPLETE");
}

TEST(OpenLineage, ABlockedRunAndAnErrorAreFailures) {
  const auto project = shop("/shop");
  pipeline::RunOutcome outcome = published();
  outcome.status = pipeline::RunStatus::Blocked;
  outcome.record.reset();
  outcome.tests[0].status = quality::TestStatus::Fail;
  const auto events = parsed(events_of_end({project, "shop", "r1"}, outcome, nodes(), 1));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1]["eventType"], "FAIL");
  EXPECT_EQ(events[2]["eventType"], "FAIL");
  EXPECT_THAT(events[2]["run"]["facets"]["errorMessage"]["message"].get<std::string>(),
              HasSubstr("not_null_daily_total"));
  const auto failed = parsed(events_of_error({project, "shop", "r1"}, io_error("disk full"), 1));
  EXPECT_EQ(failed[0]["eventType"], "FAIL");
  EXPECT_EQ(failed[0]["run"]["facets"]["errorMessage"]["message"], "disk full");
}

TEST(OpenLineage, AFileGetsALineForEachEventAndAnAddressThatIsNotThereIsTold) {
  const storage::TemporaryFolder folder;
  Config config;
  config.file = folder.path() + "/events/run.ndjson";
  const Variables none = [](const std::string&) { return std::nullopt; };
  ASSERT_THAT(send(config, none, {"{}", "{}"}), IsOk());
  ASSERT_THAT(send(config, none, {"{}"}), IsOk());
  std::ifstream file(config.file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "{}\n{}\n{}\n");
  config.url = "http://127.0.0.1:9/api/v1/lineage";
  EXPECT_THAT(send(config, none, {"{}", "{}"}),
              HasMessage("2 of 2 OpenLineage events were not sent to http://127.0.0.1:9"));
}

class ConfigFile : public testing::Test {
 protected:
  ConfigOutcome load(const std::string& yaml, std::map<std::string, std::string> variables = {}) {
    std::ofstream(std::filesystem::path(folder_.path()) / "bullion.yml") << yaml;
    return load_config(shop(folder_.path()),
                       [variables](const std::string& name) -> std::optional<std::string> {
                         const auto found = variables.find(name);
                         if (found == variables.end()) return std::nullopt;
                         return found->second;
                       });
  }
  storage::TemporaryFolder folder_;
};

TEST_F(ConfigFile, IsOffUnlessSaid) {
  EXPECT_FALSE(load("name: shop\n").config.is_on());
  EXPECT_EQ(load("name: shop\n", {{"OPENLINEAGE_URL", "http://m:5000/"}}).config.url,
            "http://m:5000/api/v1/lineage");
}

TEST_F(ConfigFile, VariablesWinOverTheFile) {
  const std::string yaml =
      "openlineage: {url: 'http://a', file: out/e.ndjson, namespace: finance}\n";
  const ConfigOutcome plain = load(yaml);
  EXPECT_THAT(plain.problems, IsEmpty());
  EXPECT_EQ(plain.config.url, "http://a/api/v1/lineage");
  EXPECT_EQ(plain.config.file, folder_.path() + "/out/e.ndjson");
  EXPECT_EQ(plain.config.space, "finance");
  const ConfigOutcome other = load(yaml, {{"OPENLINEAGE_URL", "https://b"},
                                          {"OPENLINEAGE_ENDPOINT", "/events"},
                                          {"OPENLINEAGE_NAMESPACE", "test"}});
  EXPECT_EQ(other.config.url, "https://b/events");
  EXPECT_EQ(other.config.space, "test");
  EXPECT_FALSE(load(yaml, {{"OPENLINEAGE_DISABLED", "true"}}).config.is_on());
}

TEST_F(ConfigFile, SaysWhatIsWrong) {
  const auto problems = load("name: a\nopenlineage: {ulr: x, url: ftp://x}\n").problems;
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(to_string(problems[0]), HasSubstr("did you mean `url`"));
  EXPECT_THAT(to_string(problems[1]), HasSubstr("bullion.yml:2:"));
}

}  // namespace
}  // namespace bullion::openlineage
