// Latest models: what arriving keys change is what a computation from all files would give.
#include <string>
#include <vector>

#include "pipeline/run.h"
#include "pipeline/small_lake_fixture.h"
#include "pipeline/verify.h"

namespace bullion::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Latest : public SmallLake {
 protected:
  project::Model& events_model() { return project_.models.front(); }

  /// Publishes; the release must be what its files give when they are computed anew.
  release::Record publish_verified() {
    release::Record record = publish();
    const auto verified = verify(env(), project_);
    EXPECT_THAT(verified, IsOk());
    if (verified) {
      for (const VerifiedTable& table : verified->tables) {
        EXPECT_THAT(table.different, IsEmpty()) << table.table;
      }
    }
    return record;
  }

  static int64_t rows_of(const release::Record& record) { return record.tables.at("events").rows; }
};

TEST_F(Latest, NewLateCorrectedAndMovedKeysGiveWhatAllFilesGive) {
  events_model().withdrawn_column = "";
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-01-02,5.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 2);
  // Nothing but new keys; one of them twice, and one for a day that was there.
  arrive("2.csv",
         "e3,1,A1,2025-01-03,1.00,USD,\ne3,2,A1,2025-01-03,1.50,USD,\ne4,1,A2,2025-01-01,2.00,USD,"
         "\n");
  EXPECT_EQ(rows_of(publish_verified()), 4);
  // A key that was there, with an older and a newer version; it moves to another day.
  arrive("3.csv", "e1,0,A1,2025-01-01,9.00,USD,\ne1,2,A1,2025-01-02,11.00,USD,\n");
  const release::Record moved = publish_verified();
  EXPECT_EQ(rows_of(moved), 4);
  // An older version alone changes nothing but the ledger.
  arrive("4.csv", "e1,1,A1,2025-01-05,7.00,USD,\ne5,1,A1,2025-01-05,7.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 5);
}

TEST_F(Latest, KeyThatWasWithdrawnStaysSoForOlderVersions) {
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-01-01,1.00,USD,\n");
  publish_verified();
  arrive("2.csv", "e1,3,A1,2025-01-01,10.00,USD,true\n");
  EXPECT_EQ(rows_of(publish_verified()), 1);
  // The table does not hold e1 now, and yet its withdrawal is the newest version.
  arrive("3.csv", "e1,2,A1,2025-01-01,12.00,USD,\ne3,1,A1,2025-01-01,1.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 2);
  arrive("4.csv", "e1,4,A1,2025-01-01,13.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 3);
}

TEST_F(Latest, WarnsOfVersionsThatNothingTellsApart) {
  const auto ties = [&] {
    auto outcome = pipeline::run(env(), project_, {});
    EXPECT_THAT(outcome, IsOk());
    std::vector<std::string> texts;
    for (const quality::TestOutcome& test : outcome ? outcome->tests : decltype(outcome->tests){}) {
      if (test.kind != "version_ties") continue;
      EXPECT_EQ(test.status, quality::TestStatus::Warn);
      texts.push_back(test.table + ": " + std::to_string(test.failures));
      texts.insert(texts.end(), test.sample.begin(), test.sample.end());
    }
    return texts;
  };
  // e1 comes twice as it is; of e2 an old version is told apart by nothing.
  arrive(
      "1.csv",
      "e1,1,A1,2025-01-01,10.00,USD,\ne1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-01-02,5.00,USD,"
      "\ne2,1,A1,2025-01-02,6.00,USD,\ne2,2,A1,2025-01-02,7.00,USD,\n");
  EXPECT_THAT(ties(), IsEmpty());
  arrive("2.csv", "e1,1,A1,2025-01-01,99.00,USD,\ne3,1,A1,2025-01-01,1.00,USD,\n");
  arrive("3.csv", "e3,1,A1,2025-01-01,1.00,USD,true\n");
  EXPECT_THAT(ties(), ElementsAre("events: 2", "event_id=e1, event_version=1",
                                  "event_id=e3, event_version=1"));
  // Said once, and gone with a newer version.
  arrive("4.csv", "e1,2,A1,2025-01-01,99.00,USD,\n");
  EXPECT_THAT(ties(), IsEmpty());
}

TEST_F(Latest, MissingKeyIsAKeyOfItsOwn) {
  events_model().withdrawn_column = "";
  events_model().unique_key = {"account_id", "usage_date"};
  events_model().contract.grain = {"account_id", "usage_date"};
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 1);
  arrive("2.csv", "e2,1,,2025-01-01,3.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 2);
  arrive("3.csv", "e3,2,,2025-01-01,4.00,USD,\ne4,1,,2025-01-02,5.00,USD,\n");
  EXPECT_EQ(rows_of(publish_verified()), 3);
}

}  // namespace
}  // namespace bullion::pipeline
