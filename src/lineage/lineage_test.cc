#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "lineage/render.h"
#include "storage/temporary_folder.h"

namespace bullion::lineage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSource = R"~(sources:
  - name: raw
    meta: {owner: a@example.com}
    config: {files: incoming/*.csv}
    columns:
      - {name: id, data_type: string}
      - {name: day, data_type: date}
      - {name: amount, data_type: "decimal(18,2)"}
)~";
constexpr const char* kModels = R"~(models:
  - name: net
    meta: {owner: a@example.com}
    config: {kind: append}
    columns:
      - {name: id, data_type: string}
      - {name: day, data_type: date}
      - {name: net, data_type: "decimal(38,2)"}
  - name: daily
    meta: {owner: a@example.com}
    config: {kind: full}
    columns:
      - {name: day, data_type: date}
      - {name: total, data_type: "decimal(38,2)"}
)~";

class Lineage : public testing::Test {
 protected:
  void SetUp() override {
    write("bullion.yml", "name: a\ncurrency: USD\ntarget: dev\ntargets:\n  dev: {lake: ./lake}\n");
    write("sources/raw.yml", kSource);
    write("models/silver/models.yml", kModels);
    write("models/silver/net.sql",
          "SELECT id, day, CAST(amount * 2 AS DECIMAL(38,2)) AS net FROM raw WHERE id <> ''\n");
    write("models/silver/daily.sql", "SELECT day, sum(net) AS total FROM net GROUP BY day\n");
    auto engine = engine::duckdb_engine({});
    ASSERT_TRUE(engine.has_value());
    engine_ = std::move(*engine);
    auto loaded = project::load_project({.folder = folder_.path(), .target = {}}, *engine_);
    for (const auto& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    ASSERT_TRUE(loaded.project.has_value());
    project_ = std::move(*loaded.project);
    auto graph = Graph::of(project_, *engine_);
    ASSERT_THAT(graph, IsOk());
    graph_ = std::move(*graph);
  }

  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = std::filesystem::path(folder_.path()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  std::string text(const std::string& about, Direction direction = Direction::Upstream,
                   Format format = Format::Text) const {
    const auto found = rendered(graph_, about, direction, format);
    return found ? *found : "error: " + found.error().message();
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<engine::Engine> engine_;
  project::Project project_;
  Graph graph_;
};

TEST_F(Lineage, ListsEveryTableWithItsInputs) {
  EXPECT_EQ(text(""),
            "raw (bronze, source) <- incoming/*.csv\n"
            "net (silver, append) <- raw\n"
            "daily (silver, full) <- net\n");
}

TEST_F(Lineage, FollowsAColumnDownToItsSource) {
  EXPECT_EQ(text("daily.total"),
            "daily.total\n"
            "  <- net.net (aggregation)\n"
            "     <- raw.amount (transformation)\n");
  EXPECT_EQ(text("raw.amount", Direction::Downstream),
            "raw.amount\n"
            "  -> net.net (transformation)\n"
            "     -> daily.total (aggregation)\n");
}

TEST_F(Lineage, ShowsColumnsOfATableAndWhatDecidesItsRows) {
  EXPECT_EQ(text("net"),
            "net (silver, append)\nupstream tables: raw\n\n"
            "id   <- raw.id (identity)\n"
            "day  <- raw.day (identity)\n"
            "net  <- raw.amount (transformation)\n"
            "\nwhich rows there are is decided by\n  raw.id (filter)\n");
  EXPECT_THAT(text("net", Direction::Downstream), HasSubstr("net  -> daily.total (aggregation)\n"));
  EXPECT_THAT(text("net", Direction::Downstream), HasSubstr("downstream tables: daily\n"));
}

TEST_F(Lineage, IsJsonAndMermaid) {
  const auto json = nlohmann::json::parse(text("daily.total", Direction::Upstream, Format::Json));
  EXPECT_EQ(json["steps"][1]["column"], "amount");
  EXPECT_EQ(json["steps"][1]["depth"], 2);
  const auto table = nlohmann::json::parse(text("daily", Direction::Upstream, Format::Json));
  EXPECT_EQ(table["tables"].size(), 2U);
  EXPECT_EQ(table["rows"][0]["use"], "group_by");
  EXPECT_THAT(text("daily", Direction::Upstream, Format::Mermaid), HasSubstr("  raw --> net\n"));
  EXPECT_THAT(text("daily.total", Direction::Upstream, Format::Mermaid),
              HasSubstr("  net__net -->|aggregation| daily__total\n"));
}

TEST_F(Lineage, NamesTheNearestTableAndColumn) {
  EXPECT_THAT(rendered(graph_, "dayly", Direction::Upstream, Format::Text),
              HasMessage("did you mean `daily`?"));
  EXPECT_THAT(rendered(graph_, "daily.totla", Direction::Upstream, Format::Text),
              HasMessage("did you mean `total`?"));
  EXPECT_THAT(parse_format("jsno"), HasMessage("did you mean `json`?"));
}

}  // namespace
}  // namespace bullion::lineage
