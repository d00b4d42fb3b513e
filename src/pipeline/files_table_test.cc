#include "pipeline/files_table.h"

#include "pipeline/ingest_only.h"
#include "pipeline/small_lake_fixture.h"
#include "pipeline/verify.h"

namespace bullion::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The files of events_raw as the table `came`, and the rest of the small lake.
class FilesTable : public SmallLake {
 protected:
  void SetUp() override {
    SmallLake::SetUp();
    project_.seeds.push_back(came("usage_date", "files-1"));
  }

  static project::Seed came(const std::string& day, const std::string& hash) {
    project::Seed seed;
    seed.contract.name = "came";
    seed.contract.columns = project::landed_file_columns();
    seed.contract.grain = {"file_key"};
    seed.file = "sources/events_raw.yml";
    seed.made = "file_key\n";
    seed.hash = hash + "-0123456789abcdef";
    seed.files_of = {{"events_raw", day}};
    return seed;
  }

  /// One line for each row of `columns`, as of the last release, by file_key.
  std::vector<std::string> rows(const std::string& columns) {
    const std::string path = table_path("seeds", "came");
    auto snapshot = env().log(path).snapshot();
    EXPECT_THAT(snapshot, IsOk());
    if (!snapshot) return {};
    auto answer =
        engine_->query("SELECT concat_ws(' ', " + columns + ") FROM (" +
                       files_sql(env(), path, project::landed_file_columns(), {}, snapshot->files) +
                       ") ORDER BY file_key");
    EXPECT_THAT(answer, IsOk());
    std::vector<std::string> out;
    if (!answer) return out;
    for (const auto& row : answer->rows) out.push_back(engine::to_text(row.at(0)));
    return out;
  }

  std::vector<std::string> planned() {
    auto outcome = pipeline::plan(env(), project_, {});
    EXPECT_THAT(outcome, IsOk());
    std::vector<std::string> out;
    if (!outcome) return out;
    for (const PlanItem& item : outcome->items) {
      if (item.table == "came") out.push_back(item.cause);
    }
    return out;
  }

  RunStatus run() {
    auto outcome = pipeline::run(env(), project_, {});
    EXPECT_THAT(outcome, IsOk());
    return outcome ? outcome->status : RunStatus::Blocked;
  }

  bool verifies() {
    auto outcome = pipeline::verify(env(), project_);
    EXPECT_THAT(outcome, IsOk());
    return outcome && outcome->equal();
  }

  void withdraw(const std::string& name, bool restores) {
    auto batches = ingest::read_batches(*lake_, "events_raw");
    ASSERT_THAT(batches, IsOk());
    ASSERT_THAT(
        withdraw_files(env(), project_, ingest::find_landed(*batches, name), "why", restores),
        IsOk());
  }

  const std::string january_ =
      "e1,1,A1,2025-01-30,10.00,USD,\ne2,1,A1,2025-01-31,5.00,USD,\ne3,1,A2,2025-02-01,7.00,EUR,\n";
  const std::string march_ = "e4,1,A1,2025-03-01,1.00,USD,\n";
};

TEST_F(FilesTable, HasARowForEachNameUnderWhichBytesCame) {
  arrive("1.csv", january_);
  arrive("2.csv", march_);
  arrive("3.csv", january_);
  EXPECT_THAT(planned(), ElementsAre("new table"));
  publish();
  EXPECT_THAT(rows("file_key, file_name, row_count, month, currency, is_duplicate, same_as"),
              ElementsAre("events_raw-1/1 1.csv 3 2025-01 USD false",
                          "events_raw-1/2 2.csv 1 2025-03 USD false",
                          "events_raw-1/3 3.csv 3 2025-01 USD true 1.csv"));
  EXPECT_THAT(rows("source, batch_id, bytes, is_withdrawn, file_id = substr(sha256, 1, 16)"),
              ElementsAre("events_raw events_raw-1 160 false true",
                          "events_raw events_raw-1 101 false true",
                          "events_raw events_raw-1 160 false true"));
  EXPECT_TRUE(verifies());
}

TEST_F(FilesTable, NothingNewIsNothingToDo) {
  arrive("1.csv", january_);
  publish();
  EXPECT_THAT(planned(), IsEmpty());
  EXPECT_EQ(run(), RunStatus::Unchanged);
}

TEST_F(FilesTable, ADuplicateAloneIsARelease) {
  arrive("1.csv", january_);
  publish();
  arrive("again.csv", january_);
  EXPECT_THAT(planned(), ElementsAre("landed files changed"));
  const release::Record record = publish();
  EXPECT_THAT(record.changed_tables, ElementsAre("came"));
  EXPECT_THAT(rows("file_key, same_as"), ElementsAre("events_raw-1/1", "events_raw-2/1 1.csv"));
  EXPECT_TRUE(verifies());
  EXPECT_EQ(run(), RunStatus::Unchanged);
}

TEST_F(FilesTable, AWithdrawnFileSaysSoUntilItIsRestored) {
  arrive("1.csv", january_);
  arrive("2.csv", march_);
  publish();
  withdraw("2.csv", false);
  publish();
  EXPECT_THAT(rows("file_name, row_count, coalesce(month, '-'), is_withdrawn"),
              ElementsAre("1.csv 3 2025-01 false", "2.csv 0 - true"));
  EXPECT_TRUE(verifies());
  withdraw("2.csv", true);
  publish();
  EXPECT_THAT(rows("file_name, row_count, month, is_withdrawn"),
              ElementsAre("1.csv 3 2025-01 false", "2.csv 1 2025-03 false"));
}

TEST_F(FilesTable, ReachesOnlyTheBatchesOfTheRelease) {
  arrive("1.csv", january_);
  publish();
  arrive("2.csv", march_);
  ASSERT_THAT(ingest::land(*lake_, project_, project_.sources[0], clock_, {}), IsOk());
  // The second batch is landed and in no release, so a rebuild of the release does not see it.
  EXPECT_TRUE(verifies());
  EXPECT_EQ(run(), RunStatus::Published);
  EXPECT_THAT(rows("file_name"), ElementsAre("1.csv", "2.csv"));
}

TEST_F(FilesTable, NamesWithCommasAndQuotesAreKept) {
  arrive("a, \"b\".csv", january_);
  publish();
  EXPECT_THAT(rows("file_name"), ElementsAre("a, \"b\".csv"));
}

TEST_F(FilesTable, OtherDeclarationsMakeItAnew) {
  arrive("1.csv", january_);
  publish();
  project_.seeds.back() = came("", "files-2");
  EXPECT_THAT(planned(), ElementsAre("new table"));
  publish();
  EXPECT_THAT(rows("file_name, coalesce(month, '-')"), ElementsAre("1.csv -"));
}

TEST_F(FilesTable, WithoutAFileOfItsSourceItIsEmpty) {
  project::Source other = events_raw();
  other.contract.name = "others_raw";
  other.files = {"others/*.csv"};
  project_.sources.push_back(other);
  project_.seeds.back().files_of = {{"others_raw", ""}};
  arrive("1.csv", january_);
  publish();
  EXPECT_THAT(rows("file_name"), IsEmpty());
  EXPECT_TRUE(verifies());
}

TEST_F(FilesTable, MonthAndCurrencyAreThoseOfTheMostRowsEachByItself) {
  arrive("1.csv",
         "e1,1,A1,2025-01-01,1.00,USD,\ne2,1,A1,2025-01-01,1.00,EUR,\n"
         "e3,1,A1,2025-01-01,1.00,CHF,\ne4,1,A1,2025-02-01,1.00,USD,\n"
         "e5,1,A1,2025-02-01,1.00,USD,\n");
  arrive("tie.csv", "f1,1,A1,2025-03-01,1.00,USD,\nf2,1,A1,2025-02-01,1.00,EUR,\n");
  publish();
  EXPECT_THAT(rows("file_name, row_count, month, currency"),
              ElementsAre("1.csv 5 2025-01 USD", "tie.csv 2 2025-02 EUR"));
}

TEST_F(FilesTable, WithoutACurrencyColumnTheProjectsCurrencyIsMeant) {
  project_.sources[0].contract.currency_column.clear();
  arrive("1.csv", january_);
  arrive("empty.csv", "");
  publish();
  EXPECT_THAT(rows("file_name, row_count, coalesce(currency, '-')"),
              ElementsAre("1.csv 3 USD", "empty.csv 0 -"));
}

}  // namespace
}  // namespace bullion::pipeline
