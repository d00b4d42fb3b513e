#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "docsite/pages.h"
#include "docsite/writer.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/temporary_folder.h"

namespace bullion::docsite {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSource = R"~(sources:
  - name: raw
    description: As <b>delivered</b> & kept
    meta: {owner: shop@example.com}
    config: {files: incoming/*.csv}
    columns:
      - name: id
        data_type: string
        description: Number
        constraints: [{type: not_null}]
        data_tests: [{matches: {pattern: "[A-Z]<[0-9]{4,}"}}]
      - name: amount
        data_type: "decimal(18,2)"
        data_tests: [{in_range: {at_least: 1, below: 9}}, {accepted_values: {values: [2, 3]}}]
)~";
constexpr const char* kModels = R"~(models:
  - name: totals
    description: By number
    meta: {owner: gold@example.com}
    config: {kind: full}
    columns:
      - name: id
        data_type: string
        data_tests:
          - not_null
          - relationships: {to: ref('raw'), field: id}
          - matches: {pattern: "A<[0-9]{4,}"}
      - name: total
        data_type: "decimal(38,2)"
        data_tests: [{in_range: {above: 0, at_most: 800, severity: warn}}]
)~";
constexpr const char* kMetrics = R"~(metrics:
  - {name: spent, title: Spent, table: totals, measure: sum(total), unit: count, dimensions: [id]}
)~";

class Site : public testing::Test {
 protected:
  void SetUp() override {
    write("bullion.yml",
          "name: shop\ncurrency: USD\ntarget: dev\ntargets:\n  dev: {lake: ./lake}\n");
    write("sources/raw.yml", kSource);
    write("models/gold/models.yml", kModels);
    write("models/gold/totals.sql",
          "SELECT id, sum(amount) AS total FROM raw WHERE id < 'z' GROUP BY id\n");
    write("metrics/m.yml", kMetrics);
    auto engine = engine::duckdb_engine({});
    ASSERT_TRUE(engine.has_value());
    engine_ = std::move(*engine);
    auto loaded = project::load_project({.folder = folder_.path(), .target = {}}, *engine_);
    for (const auto& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    ASSERT_TRUE(loaded.project.has_value());
    auto graph = lineage::Graph::of(*loaded.project, *engine_);
    ASSERT_THAT(graph, IsOk());
    const auto metrics = metrics::load_metrics(*loaded.project, *engine_);
    for (const auto& problem : metrics.problems) ADD_FAILURE() << to_string(problem);
    pages_ = pages_of(*loaded.project, *graph, metrics.set);
    again_ = pages_of(*loaded.project, *graph, metrics.set);
  }

  void write(const std::string& name, const std::string& text) const {
    const fs::path path = fs::path(folder_.path()) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  std::string text_of(const std::string& path) const {
    for (const Page& page : pages_) {
      if (page.path == path) return page.text;
    }
    return "";
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::vector<Page> pages_;
  std::vector<Page> again_;
};

/// What every href and id of a page says.
std::set<std::string> values_of(const std::string& html, const std::string& attribute) {
  std::set<std::string> out;
  const std::string begin = attribute + "=\"";
  for (size_t at = html.find(begin); at != std::string::npos; at = html.find(begin, at + 1)) {
    const size_t from = at + begin.size();
    out.insert(html.substr(from, html.find('"', from) - from));
  }
  return out;
}

TEST_F(Site, EveryLinkLeadsToAPageAndAPlaceOnIt) {
  std::map<std::string, std::set<std::string>> places;
  for (const Page& page : pages_) places[page.path] = values_of(page.text, "id");
  size_t links = 0;
  for (const Page& page : pages_) {
    for (const std::string& to : values_of(page.text, "href")) {
      const size_t hash = to.find('#');
      const std::string path =
          (fs::path(page.path).parent_path() / to.substr(0, hash)).lexically_normal().string();
      ASSERT_TRUE(places.contains(path)) << page.path << " -> " << to;
      if (hash == std::string::npos) continue;
      EXPECT_TRUE(places[path].contains(to.substr(hash + 1))) << page.path << " -> " << to;
      ++links;
    }
    EXPECT_THAT(page.text, Not(HasSubstr("://")));
    EXPECT_THAT(page.text, Not(HasSubstr("<script")));
  }
  EXPECT_GT(links, 4U);
}

TEST_F(Site, ShowsColumnsTestsMetricsOwnersAndLineage) {
  const std::string page = text_of("tables/totals.html");
  EXPECT_THAT(page, HasSubstr("DECIMAL(38,2)"));
  EXPECT_THAT(page, HasSubstr("relationships: in raw.id"));
  EXPECT_THAT(page, HasSubstr("<a href=\"raw.html#column-amount\">raw.amount</a> <span "
                              "class=\"muted\">aggregation</span>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"../metrics.html#spent\">Spent</a>"));
  EXPECT_THAT(page, HasSubstr("gold@example.com"));
  EXPECT_THAT(text_of("tables/raw.html"), HasSubstr("totals.html#column-total"));
  EXPECT_THAT(text_of("owners.html"), HasSubstr("shop@example.com"));
  EXPECT_THAT(text_of("metrics.html"), HasSubstr("sum(total)"));
}

TEST_F(Site, SaysWhatTestsAllow) {
  const std::string page = text_of("tables/totals.html");
  EXPECT_THAT(page, HasSubstr("matches: <code>A&lt;[0-9]{4,}</code>"));
  EXPECT_THAT(page, HasSubstr("in_range: above 0 and at most 800 <span class=\"muted\">warns"));
  EXPECT_THAT(text_of("tests.html"), HasSubstr("<code>A&lt;[0-9]{4,}</code>"));
}

TEST_F(Site, SaysWhichRowsASourceQuarantines) {
  const std::string page = text_of("tables/raw.html");
  const std::string otherwise = " <span class=\"muted\">else quarantined</span>";
  EXPECT_THAT(page, HasSubstr("matches: <code>[A-Z]&lt;[0-9]{4,}</code>" + otherwise));
  EXPECT_THAT(page, HasSubstr("in_range: at least 1 and below 9" + otherwise));
  EXPECT_THAT(page, HasSubstr("accepted_values: 2, 3" + otherwise));
}

TEST_F(Site, WordsOfTheProjectAreNoMarkup) {
  EXPECT_THAT(text_of("tables/raw.html"), HasSubstr("As &lt;b&gt;delivered&lt;/b&gt; &amp; kept"));
  EXPECT_THAT(text_of("tables/totals.html"), HasSubstr("id &lt; 'z'"));
}

TEST_F(Site, IsTheSameForTheSameProject) {
  ASSERT_EQ(pages_.size(), again_.size());
  for (size_t i = 0; i < pages_.size(); ++i) EXPECT_EQ(pages_[i].text, again_[i].text);
}

TEST_F(Site, ReplacesItselfAndNothingElse) {
  const std::string to = folder_.path() + "/site";
  ASSERT_THAT(write_site(to, pages_), IsOk());
  ASSERT_THAT(write_site(to, {pages_[0]}), IsOk());
  EXPECT_TRUE(fs::exists(to + "/index.html"));
  EXPECT_FALSE(fs::exists(to + "/tables/totals.html"));
  EXPECT_THAT(write_site(folder_.path(), pages_), HasMessage("no site of Bullion"));
}

}  // namespace
}  // namespace bullion::docsite
