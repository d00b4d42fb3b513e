#include "reader/work.h"

#include <fmt/format.h>

#include "base/date.h"
#include "reader/completeness.h"
#include "reader/reader_fixture_internal.h"

namespace bullion::reader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Work = ReadLake;

std::vector<std::string> lines(const Completeness& found) {
  std::vector<std::string> days;
  for (const Day& day : found.days) {
    days.push_back(fmt::format("{} {} {} r{}{}", format_date(day.day), to_string(day.status),
                               day.rows, day.first_release.value_or(0),
                               day.restated ? " restated" : ""));
  }
  return days;
}

TEST_F(Work, IsEmptyInALakeWithoutRuns) {
  EXPECT_TRUE(list_runs(*reader_, 0, 10, {})->empty());
  EXPECT_EQ(*find_run(*reader_, "x' OR '1'='1", {}), std::nullopt);
  EXPECT_EQ(read_quality(*reader_, {})->run_id, "");
  EXPECT_EQ(read_quarantine(*reader_, {}, {})->total, 0);
}

TEST_F(Work, ListsRunsFromTheNewestWithTheirSteps) {
  publish_three_days();
  arrive("2.csv", "e9,1,A1,2025-01-01,1.00,USD,\n");
  publish();
  const auto runs = list_runs(*reader_, 0, 10, {});
  ASSERT_THAT(runs, IsOk());
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ(runs->at(0).release, 2);
  EXPECT_EQ(runs->at(0).status, "published");
  EXPECT_EQ(runs->at(0).files_loaded, 1);
  EXPECT_EQ(list_runs(*reader_, 1, 10, {})->at(0).release, 1);
  EXPECT_EQ((*find_run(*reader_, runs->at(1).id, {}))->release, 1);
  EXPECT_FALSE(steps_of_run(*reader_, runs->at(0).id, {})->empty());
}

TEST_F(Work, ShowsTheQualityOfTheNewestRun) {
  publish_three_days();
  const auto quality = read_quality(*reader_, {});
  ASSERT_THAT(quality, IsOk());
  EXPECT_EQ(quality->release, 1);
  EXPECT_FALSE(quality->tests.empty());
  EXPECT_EQ(quality->score, "100.0");
  EXPECT_FALSE(quality->conservation.empty());
  for (const ConservationRow& line : quality->conservation) EXPECT_TRUE(line.holds) << line.name;
}

TEST_F(Work, PagesTheQuarantineAndCountsItByReason) {
  arrive("1.csv",
         "e1,1,A1,2025-01-01,1.00,USD,\n"
         "e2,1,A1,2025-01-01,abc,USD,\n"
         "e3,1,A1,2025-13-01,abc,USD,\n"
         ",1,A1,2025-01-01,5.00,USD,\n"
         "e5,x,<script>,2025-01-01,=1+1,USD,\n");
  publish();
  const auto page = read_quarantine(*reader_, {.limit = 2}, {});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->total, 4);
  ASSERT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->rows[0].record, 2);
  EXPECT_EQ(page->rows[0].line, 3);
  EXPECT_EQ(page->rows[1].reasons.size(), 2U);
  std::vector<std::string> counts;
  for (const auto& count : page->by_reason) {
    counts.push_back(fmt::format("{} {}", count.reason, count.rows));
  }
  EXPECT_THAT(counts,
              ElementsAre("bad-decimal 3", "bad-date 1", "bad-integer 1", "missing-value 1"));
  // Each with a sentence that a record has: of two reasons the one that belongs to the code.
  EXPECT_THAT(page->by_reason[0].example, HasSubstr("`abc` is not a number"));
  EXPECT_THAT(page->by_reason[1].example, HasSubstr("`2025-13-01` is not a date"));
  EXPECT_THAT(page->by_reason[1].example, Not(HasSubstr("abc")));
  EXPECT_EQ(read_quarantine(*reader_, {.offset = 2, .limit = 2}, {})->rows.size(), 2U);
  EXPECT_EQ(read_quarantine(*reader_, {.reason = "bad-date"}, {})->total, 1);
  EXPECT_EQ(read_quarantine(*reader_, {.reason = "' OR 1=1 --"}, {})->total, 0);
  EXPECT_THAT(read_quarantine(*reader_, {.source = "event_raw"}, {}),
              HasMessage("did you mean `events_raw`"));
}

TEST_F(Work, ShowsDaysWithTheirFirstReleaseAndWhetherTheyWereRestated) {
  publish_three_days();
  arrive("2.csv", "e4,2,A1,2025-01-02,-1.00,USD,\ne9,1,A1,2025-01-05,1.00,USD,\n");
  publish();
  const auto open = reader_->release(std::nullopt);
  ASSERT_THAT(open, IsOk());
  const auto found = read_completeness(*reader_, **open, "daily", {}, {}, {});
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(lines(*found),
              ElementsAre("2025-01-01 complete 2 r1", "2025-01-02 complete 2 r1 restated",
                          "2025-01-03 complete 1 r1", "2025-01-04 missing 0 r0",
                          "2025-01-05 complete 1 r2"));
  const auto before = reader_->release(1);
  EXPECT_THAT(lines(*read_completeness(*reader_, **before, "daily", {}, {}, {})).at(1),
              "2025-01-02 complete 2 r1");
  EXPECT_THAT(read_completeness(*reader_, **open, "by_owner", {}, {}, {}),
              HasMessage("has no days"));
  EXPECT_THAT(read_completeness(*reader_, **open, "daily", -1'000'000, {}, {}),
              HasMessage("more than"));
}

TEST_F(Work, KnowsWhichTableIsMadeOfWhich) {
  publish_three_days();
  const auto open = reader_->release(std::nullopt);
  const Lineage lineage = lineage_of(project_, (*open)->record());
  std::vector<std::string> edges;
  for (const LineageEdge& edge : lineage.edges) edges.push_back(edge.from + ">" + edge.to);
  EXPECT_THAT(
      edges, ElementsAre("events_raw>events", "events>daily", "daily>by_owner", "owners>by_owner"));
  EXPECT_EQ(lineage.nodes.front().kind, "source");
}

}  // namespace
}  // namespace bullion::reader
