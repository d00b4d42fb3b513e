#include "reader/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "reader/cursor.h"
#include "reader/reader_fixture_internal.h"

namespace bullion::reader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Rows : public ReadLake {
 protected:
  void SetUp() override {
    ReadLake::SetUp();
    publish_three_days();
  }

  Result<RowPage> read(const RowRequest& request, std::optional<int64_t> release = std::nullopt) {
    BULLION_TRY_ASSIGN(const auto open, reader_->release(release));
    return read_rows(*reader_, *open, request, {});
  }

  /// The first cells of all pages, read page by page.
  std::vector<std::string> all_pages(RowRequest request) {
    std::vector<std::string> seen;
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = read(request);
      EXPECT_THAT(page, IsOk());
      if (!page) return seen;
      for (const auto& row : page->rows) seen.push_back(engine::to_text(row.at(0)));
      if (page->next_cursor.empty()) return seen;
      request.cursor = page->next_cursor;
    }
    ADD_FAILURE() << "the pages do not end";
    return seen;
  }

  std::vector<std::string> ids(const std::vector<std::string>& filters) {
    RowRequest request{.table = "events", .columns = {"event_id"}};
    for (const std::string& text : filters) {
      const auto filter = metrics::parse_filter(text);
      EXPECT_THAT(filter, IsOk());
      if (filter) request.filters.push_back(*filter);
    }
    const auto page = read(request);
    if (!page) return {page.error().message()};
    std::vector<std::string> found;
    for (const auto& row : page->rows) found.push_back(engine::to_text(row.at(0)));
    return found;
  }
};

TEST_F(Rows, AreInTheOrderOfTheGrain) {
  EXPECT_THAT(ids({}), ElementsAre("e1", "e2", "e3", "e4", "e5", "e6"));
}

TEST_F(Rows, AreChosenByTypedFilters) {
  EXPECT_THAT(ids({"account_id:eq:A2"}), ElementsAre("e5", "e6"));
  EXPECT_THAT(ids({"account_id:ne:A2"}), ElementsAre("e1", "e2", "e3", "e4"));
  EXPECT_THAT(ids({"account_id:null:"}), ElementsAre("e3"));
  EXPECT_THAT(ids({"account_id:notnull:", "usage_date:gt:2025-01-01"}),
              ElementsAre("e4", "e5", "e6"));
  EXPECT_THAT(ids({"event_id:in:e1|e6|nobody"}), ElementsAre("e1", "e6"));
  EXPECT_THAT(ids({"account_id:contains:a1"}), ElementsAre("e1", "e2", "e4"));
  EXPECT_THAT(ids({"cost_usd:ge:5"}), ElementsAre("e1", "e2", "e3"));
  EXPECT_THAT(ids({"is_withdrawn:eq:false", "event_version:eq:1", "cost_usd:lt:0"}),
              ElementsAre("e4"));
}

TEST_F(Rows, CompareWithMoreDigitsThanTheColumnHoldsExactly) {
  EXPECT_THAT(ids({"cost_usd:gt:4.999"}), ElementsAre("e1", "e2", "e3"));
  EXPECT_THAT(ids({"cost_usd:lt:5.001", "cost_usd:gt:1.999"}), ElementsAre("e2", "e5", "e6"));
  EXPECT_THAT(ids({"cost_usd:le:-1.499"}), ElementsAre("e4"));
  EXPECT_THAT(ids({"cost_usd:le:-1.501"}), IsEmpty());
  EXPECT_THAT(ids({"cost_usd:eq:5.001"}), IsEmpty());
  EXPECT_THAT(ids({"cost_usd:eq:5.000000"}), ElementsAre("e2"));
  EXPECT_THAT(ids({"event_version:lt:1.5", "event_id:eq:e1"}), ElementsAre("e1"));
  EXPECT_THAT(ids({"event_version:lt:9999999999"}).size(), testing::Eq(6U));
}

TEST_F(Rows, RefuseWhatIsNoValueOfTheColumnAndNameTheNearestColumn) {
  EXPECT_THAT(ids({"usage_date:eq:yesterday"}).at(0), HasSubstr("a date as YYYY-MM-DD"));
  EXPECT_THAT(ids({"cost_usd:eq:1 OR 1=1"}).at(0), HasSubstr("expected a number"));
  EXPECT_THAT(ids({"is_withdrawn:eq:1"}).at(0), HasSubstr("true or false"));
  EXPECT_THAT(ids({"event_version:eq:99999999999"}).at(0), HasSubstr("a whole number"));
  EXPECT_THAT(ids({"acount_id:eq:A1"}).at(0), HasSubstr("did you mean `account_id`"));
  EXPECT_THAT(ids({"cost_usd\" = 0 OR \"cost_usd:eq:1"}).at(0), HasSubstr("has no column"));
  EXPECT_THAT(ids({"account_id:eq:\xff\xfe"}).at(0), HasSubstr("UTF-8"));
}

TEST_F(Rows, NeverRunTextOfARequest) {
  for (const std::string text : {"' OR '1'='1", "'; DROP VIEW events; --", "\\' OR 1=1 --",
                                 "$$ OR 1=1 $$", "<script>", "=1+1",
                                 "\xE2\x80\xAE"
                                 "abc",
                                 "x/*", "E'\\x27"}) {
    EXPECT_THAT(ids({"account_id:eq:" + text}), IsEmpty()) << text;
    EXPECT_THAT(ids({"account_id:contains:" + text}), IsEmpty()) << text;
  }
  EXPECT_THAT(ids({std::string("account_id:eq:A1\0' OR 1=1", 26)}), IsEmpty());
  EXPECT_THAT(ids({"account_id:eq:" + std::string(10000, '\'')}), IsEmpty());
}

TEST_F(Rows, ArePagedWithoutRepeatsOrGapsInAnyOrder) {
  for (const char* sort : {"", "account_id", "-account_id", "-cost_usd", "usage_date", "currency",
                           "-usage_date,account_id", "is_withdrawn"}) {
    RowRequest request{.table = "events", .columns = {"event_id"}};
    if (*sort != '\0') {
      std::string text = sort;
      for (size_t comma = 0; (comma = text.find(',')) != std::string::npos;) {
        request.sort.push_back(text.substr(0, comma));
        text.erase(0, comma + 1);
      }
      request.sort.push_back(text);
    }
    request.limit = 1000;
    const std::vector<std::string> whole = all_pages(request);
    EXPECT_EQ(whole.size(), 6U);
    for (const int64_t limit : {1, 2, 3, 5}) {
      request.limit = limit;
      EXPECT_EQ(all_pages(request), whole) << sort << " by " << limit;
    }
  }
}

TEST_F(Rows, WithoutAGrainArePagedByTheirPlaceInTheFiles) {
  arrive("2.csv",
         "d,1,A1,2025-01-01,1.00,USD,\nd,1,A1,2025-01-01,1.00,USD,\nd,1,A1,2025-01-01,1.00,USD,\n");
  // The same event three times: the bronze table keeps them all, equal in every business column.
  publish();
  RowRequest request{.table = "events_raw", .columns = {"event_id"}, .sort = {"cost"}};
  request.limit = 2;
  const auto seen = all_pages(request);
  EXPECT_EQ(seen.size(), 9U);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "d"), 3);
}

TEST_F(Rows, HaveTheExactTotalOfAllThatFitByCurrency) {
  const auto open = reader_->release(std::nullopt);
  ASSERT_THAT(open, IsOk());
  RowRequest request{.table = "events", .columns = {"event_id"}};
  request.limit = 1;
  request.filters = {{"event_version", metrics::FilterOp::Eq, {"1"}}};
  const auto total = read_total(*reader_, **open, request, {});
  ASSERT_THAT(total, IsOk());
  EXPECT_EQ(total->rows, 6);
  std::vector<std::string> sums;
  for (const ColumnSum& sum : total->sums) {
    sums.push_back(
        fmt::format("{} {} {} of {}", sum.column, to_string(sum.sum), sum.currency, sum.rows));
  }
  EXPECT_THAT(sums, ElementsAre("cost_usd 4.00 EUR of 1", "cost_usd 20.50 USD of 4",
                                "cost_usd 2.00 XXX of 1"));
}

TEST_F(Rows, OfNothingHaveATotalOfZero) {
  const auto open = reader_->release(std::nullopt);
  ASSERT_THAT(open, IsOk());
  RowRequest request{.table = "by_owner"};
  request.filters = {{"owner", metrics::FilterOp::Eq, {"nobody"}}};
  const auto total = read_total(*reader_, **open, request, {});
  ASSERT_THAT(total, IsOk());
  EXPECT_EQ(total->rows, 0);
  ASSERT_EQ(total->sums.size(), 1U);
  EXPECT_EQ(to_string(total->sums[0].sum), "0.00");
  EXPECT_EQ(total->sums[0].currency, "USD");
}

TEST_F(Rows, KeepACursorToItsReleaseFiltersAndSort) {
  RowRequest request{.table = "events", .limit = 2};
  const auto first = read(request);
  ASSERT_THAT(first, IsOk());
  request.cursor = first->next_cursor;
  EXPECT_THAT(read(request), IsOk());
  RowRequest other = request;
  other.sort = {"-cost_usd"};
  EXPECT_THAT(read(other), IsErrorOf(ErrorKind::Invalid));
  other = request;
  other.filters = {{"event_id", metrics::FilterOp::Ne, {"e1"}}};
  EXPECT_THAT(read(other), HasMessage("another release, table, filter or sort"));
  other = request;
  other.table = "events_raw";
  EXPECT_THAT(read(other), IsErrorOf(ErrorKind::Invalid));
  arrive("3.csv", "e9,1,A9,2025-01-09,1.00,USD,\n");
  publish();
  EXPECT_THAT(read(request), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(read(request, 1), IsOk());
  for (const char* text : {"x", "!!!", "e30", "eyJyIjoxfQ", "bnVsbA", "W10"}) {
    other = request;
    other.cursor = text;
    EXPECT_THAT(read(other), HasMessage("no cursor")) << text;
  }
}

TEST_F(Rows, OfSeveralReleasesAreReadSideBySide) {
  arrive("3.csv", "e9,1,A9,2025-01-09,1.00,USD,\n");
  publish();
  const auto first = reader_->release(1);
  const auto second = reader_->release(2);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  const RowRequest request{.table = "events"};
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(read_rows(*reader_, **first, request, {})->rows.size(), 6U);
    EXPECT_EQ(read_rows(*reader_, **second, request, {})->rows.size(), 7U);
  }
}

TEST_F(Rows, OfAReleaseThatWasClosedAreReadableToItsOwners) {
  const auto first = reader_->release(1);
  ASSERT_THAT(first, IsOk());
  for (int i = 0; i < 12; ++i) {
    arrive(fmt::format("n{}.csv", i), fmt::format("n{},1,A9,2025-02-{:02},1.00,USD,\n", i, i + 1));
    publish();
    ASSERT_THAT(read({.table = "events"}), IsOk());
  }
  EXPECT_EQ(read_rows(*reader_, **first, {.table = "events"}, {})->rows.size(), 6U);
  EXPECT_EQ(read({.table = "events"}, 1)->rows.size(), 6U);
}

TEST_F(Rows, NameTheNearestTableAndTheReleasesThatExist) {
  EXPECT_THAT(read({.table = "event"}), HasMessage("did you mean `events`"));
  EXPECT_THAT(read({.table = "events"}, 7), IsErrorOf(ErrorKind::NotFound));
  EXPECT_THAT(read({.table = "x\" CASCADE; --"}), IsErrorOf(ErrorKind::NotFound));
}

TEST(Cursor, SurvivesAnyTextAsAKey) {
  const Cursor cursor{.release = 7,
                      .question = "abc",
                      .keys = {std::nullopt, "", std::string("a\0b", 3), "\xE2\x80\xAE\"<", "é"},
                      .offset = 3};
  const auto read = parse_cursor(cursor_text(cursor));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->keys, cursor.keys);
  EXPECT_EQ(read->release, 7);
  EXPECT_EQ(read->offset, 3);
}

}  // namespace
}  // namespace bullion::reader
