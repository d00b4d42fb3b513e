#include "pipeline/diff.h"

#include <random>

#include "pipeline/small_lake_fixture.h"

namespace bullion::pipeline {
namespace {

class Diff : public SmallLake {
 protected:
  void first_release() {
    arrive("1.csv",
           "e1,1,A1,2025-01-01,10.00,USD,\n"
           "e2,1,A1,2025-01-01,5.00,USD,\n"
           "e3,1,A2,2025-01-01,7.00,USD,\n"
           "e4,1,A1,2025-01-02,1.00,USD,\n"
           "e5,1,A2,2025-01-02,2.00,USD,\n"
           "e6,1,A2,2025-01-03,4.00,EUR,\n");
    first_ = publish();
  }

  /// e1 corrected, e7 late, e5 moved to a new day, e3 withdrawn, e8 new; 2025-01-03 is untouched.
  void second_release() {
    arrive("2.csv",
           "e1,2,A1,2025-01-01,9.50,USD,\n"
           "e7,1,A2,2025-01-02,3.00,USD,\n"
           "e5,2,A2,2025-01-04,2.00,USD,\n"
           "e3,2,A2,2025-01-01,7.00,USD,true\n"
           "e8,1,A1,2025-01-04,8.00,USD,\n");
    second_ = publish();
  }

  DiffOutcome diff(const release::Record& before, const release::Record& after) {
    auto outcome = diff_releases(env(), project_, before, after);
    EXPECT_THAT(outcome, IsOk());
    return outcome ? *outcome : DiffOutcome();
  }

  static const TableDiff& table(const DiffOutcome& outcome, const std::string& name) {
    for (const TableDiff& diff : outcome.tables) {
      if (diff.table == name) return diff;
    }
    ADD_FAILURE() << "no table " << name;
    static const TableDiff none;
    return none;
  }

  static const PartitionDiff& part(const TableDiff& diff, const std::string& partition) {
    for (const PartitionDiff& one : diff.partitions) {
      if (one.partition == partition) return one;
    }
    ADD_FAILURE() << "no partition " << partition << " of " << diff.table;
    static const PartitionDiff none;
    return none;
  }

  static std::string rows(const PartitionDiff& diff) {
    return std::to_string(diff.rows_added) + "+ " + std::to_string(diff.rows_removed) + "- " +
           std::to_string(diff.rows_changed) + "~";
  }

  static std::string text(const MoneyDiff& money) {
    return money.currency + " " + to_string(money.before) + " -> " + to_string(money.after) +
           ": +" + to_string(money.added) + " -" + to_string(money.removed) + " ~" +
           to_string(money.changed);
  }

  release::Record first_;
  release::Record second_;
};

TEST_F(Diff, TheFirstReleaseIsAllNew) {
  first_release();
  const DiffOutcome outcome = diff({}, first_);
  const TableDiff& events = table(outcome, "events");
  ASSERT_EQ(events.partitions.size(), 3U);
  EXPECT_EQ(to_string(part(events, "2025-01-01").causes), "new 3");
  EXPECT_EQ(text(part(events, "2025-01-01").money.at(0)), "USD 0 -> 22.00: +22.00 -0 ~0");
  EXPECT_EQ(to_string(table(outcome, "daily").total.causes), "new 5");
  EXPECT_EQ(to_string(table(outcome, "owners").total.causes), "new 2");
  EXPECT_EQ(table(outcome, "events_raw").files_added, 1);
  EXPECT_EQ(table(outcome, "events_raw").total.rows_added, 6);
}

TEST_F(Diff, CountsEveryCauseOfALatestModel) {
  first_release();
  second_release();
  const DiffOutcome outcome = diff(first_, second_);
  const TableDiff& events = table(outcome, "events");
  ASSERT_EQ(events.partitions.size(), 3U);
  const PartitionDiff& day1 = part(events, "2025-01-01");
  EXPECT_EQ(rows(day1), "0+ 1- 1~");
  EXPECT_EQ(to_string(day1.causes), "corrected 1, withdrawn 1");
  EXPECT_EQ(text(day1.money.at(0)), "USD 22.00 -> 14.50: +0 -7.00 ~-0.50");
  const PartitionDiff& day2 = part(events, "2025-01-02");
  EXPECT_EQ(rows(day2), "1+ 1- 0~");
  EXPECT_EQ(to_string(day2.causes), "late 1, moved 1");
  const PartitionDiff& day4 = part(events, "2025-01-04");
  EXPECT_EQ(rows(day4), "2+ 0- 0~");
  EXPECT_EQ(to_string(day4.causes), "moved 1, new 1");
  EXPECT_EQ(to_string(events.total.causes), "corrected 1, late 1, moved 1, new 1, withdrawn 1");
  EXPECT_EQ(rows(events.total), "3+ 2- 1~");
}

TEST_F(Diff, AnAggregateInheritsTheCausesOfItsPartitions) {
  first_release();
  second_release();
  const DiffOutcome outcome = diff(first_, second_);
  const TableDiff& daily = table(outcome, "daily");
  ASSERT_EQ(daily.partitions.size(), 3U);
  const PartitionDiff& day1 = part(daily, "2025-01-01");
  EXPECT_EQ(rows(day1), "0+ 1- 1~");
  EXPECT_EQ(to_string(day1.causes), "corrected 1, withdrawn 1");
  EXPECT_EQ(text(day1.money.at(0)), "USD 22.00 -> 14.50: +0 -7.00 ~-0.50");
  EXPECT_EQ(to_string(part(daily, "2025-01-04").causes), "moved 1, new 1");
}

TEST_F(Diff, AWholeTableInheritsEveryCauseOfItsInput) {
  first_release();
  second_release();
  const DiffOutcome outcome = diff(first_, second_);
  const TableDiff& owners = table(outcome, "by_owner");
  ASSERT_EQ(owners.partitions.size(), 1U);
  EXPECT_EQ(rows(owners.partitions[0]), "0+ 0- 2~");
  EXPECT_EQ(to_string(owners.partitions[0].causes),
            "corrected 1, late 1, moved 1, new 1, withdrawn 1");
}

TEST_F(Diff, BronzeSaysHowManyFilesAndRowsCame) {
  first_release();
  second_release();
  const DiffOutcome outcome = diff(first_, second_);
  const TableDiff& raw = table(outcome, "events_raw");
  EXPECT_EQ(raw.files_added, 1);
  EXPECT_EQ(rows(raw.total), "5+ 0- 0~");
  EXPECT_EQ(raw.total.rows_before, 6);
  EXPECT_EQ(to_string(raw.total.causes), "new 5");
  ASSERT_EQ(raw.total.money.size(), 2U);
  EXPECT_EQ(text(raw.total.money[1]), "USD 25.00 -> 54.50: +29.50 -0 ~0");
}

TEST_F(Diff, AModelOfOtherCodeSaysLogic) {
  first_release();
  project_.models[1].sql =
      "SELECT account_id, usage_date, currency, CAST(sum(cost_usd) AS DECIMAL(38,2)) AS "
      "total_cost, "
      "CAST(count(*) + 1 AS BIGINT) AS event_count FROM events GROUP BY ALL";
  project_.models[1].code_hash = "daily-2";
  const release::Record second = publish();
  const DiffOutcome outcome = diff(first_, second);
  ASSERT_EQ(outcome.tables.size(), 1U);
  const TableDiff& daily = table(outcome, "daily");
  EXPECT_TRUE(daily.logic_changed);
  EXPECT_EQ(daily.partitions.size(), 3U);
  EXPECT_EQ(rows(daily.total), "0+ 0- 5~");
  EXPECT_EQ(to_string(daily.total.causes), "logic");
}

TEST_F(Diff, AChangedSeedIsAMapping) {
  first_release();
  write("seeds/owners.csv", "account_id,owner\nA1,ann\nA2,cyd\n");
  project_.seeds = {owners("seed-2")};
  const release::Record second = publish();
  const DiffOutcome outcome = diff(first_, second);
  EXPECT_EQ(to_string(table(outcome, "owners").total.causes), "mapping 1");
  const TableDiff& by_owner = table(outcome, "by_owner");
  EXPECT_EQ(rows(by_owner.total), "1+ 1- 0~");
  EXPECT_EQ(to_string(by_owner.total.causes), "mapping");
  EXPECT_EQ(text(by_owner.total.money.at(0)), "USD 29.00 -> 29.00: +13.00 -13.00 ~0");
}

TEST_F(Diff, ATableOfLandedFilesSaysWhatCame) {
  project::Seed files;
  files.contract.name = "came";
  files.contract.columns = project::landed_file_columns();
  files.contract.grain = {"file_key"};
  files.file = "sources/events_raw.yml";
  files.made = "file_key\n";
  files.hash = "files-0123456789abcdef";
  files.files_of = {{"events_raw", "usage_date"}};
  project_.seeds.push_back(files);
  first_release();
  second_release();
  EXPECT_EQ(to_string(table(diff(first_, second_), "came").total.causes), "new 1");
}

TEST_F(Diff, EqualReleasesHaveNoDifference) {
  first_release();
  EXPECT_TRUE(diff(first_, first_).tables.empty());
}

TEST_F(Diff, PrintsOneRowPerPartitionAndCurrencyWithCountsOnce) {
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-01-01,5.00,EUR,\n");
  first_ = publish();
  const engine::Rows rows = diff_rows(diff({}, first_));
  std::vector<std::string> lines;
  for (const auto& row : rows.rows) {
    std::string line;
    for (const engine::Value& value : row) line += engine::to_text(value) + "|";
    lines.push_back(line);
  }
  EXPECT_THAT(lines, testing::Contains("events|2025-01-01|2|0|0|0.00|5.00|5.00|EUR|new 2|"));
  EXPECT_THAT(lines, testing::Contains("events|2025-01-01||||0.00|10.00|10.00|USD||"));
}

/// Any history of versions, moves and withdrawals: the money of every partition adds up, and the
/// sums of the differences lead from the rows of one release to those of the next.
TEST_F(Diff, AlwaysAddsUpOverRandomHistories) {
  std::mt19937 random(20250101);
  release::Record last;
  for (int round = 0; round < 4; ++round) {
    std::string lines;
    for (int i = 0; i < 60; ++i) {
      const auto pick = [&](unsigned n) { return std::to_string(random() % n); };
      lines += "e" + pick(40) + "," + pick(30) + ",A" + pick(3) + ",2025-01-0" +
               std::to_string(1 + random() % 5) + "," + pick(100) + "." +
               std::to_string(10 + random() % 90) + ",USD," + (random() % 8 == 0 ? "true" : "") +
               "\n";
    }
    arrive(std::to_string(round) + ".csv", lines);
    const release::Record next = publish();
    const DiffOutcome outcome = diff(last, next);
    for (const TableDiff& one : outcome.tables) {
      if (one.layer == "bronze") continue;
      const int64_t grown_by = one.total.rows_added - one.total.rows_removed;
      const auto before = last.tables.find(one.table);
      const int64_t was = before == last.tables.end() ? 0 : before->second.rows;
      EXPECT_EQ(was + grown_by, next.tables.at(one.table).rows) << one.table;
      for (const PartitionDiff& part : one.partitions) {
        EXPECT_EQ(part.rows_before + part.rows_added - part.rows_removed, part.rows_after);
        for (const MoneyDiff& money : part.money) {
          const auto grown = sum_of(*sum_of(money.before, money.added), money.changed);
          EXPECT_TRUE(same_value(*difference_of(*grown, money.removed), money.after))
              << one.table << " " << text(money);
        }
      }
    }
    last = next;
  }
}

}  // namespace
}  // namespace bullion::pipeline
