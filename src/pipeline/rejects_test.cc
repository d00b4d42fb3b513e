// Sources whose rows are the rejected records of another.
#include <algorithm>

#include <fmt/format.h>

#include "pipeline/ingest_step.h"
#include "pipeline/run.h"
#include "pipeline/small_lake_fixture.h"
#include "pipeline/trace.h"
#include "pipeline/verify.h"

namespace bullion::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Rejects : public SmallLake {
 protected:
  /// Asks for the rejected records, as the loader of projects does.
  void keep_rejects() {
    project::Source rejects;
    rejects.contract.name = "refused";
    rejects.contract.columns = {
        typed("file", delta::TypeId::String, false), typed("record", delta::TypeId::Long, false),
        typed("line", delta::TypeId::Long),          typed("code", delta::TypeId::String, false),
        typed("raw", delta::TypeId::String),         money("amount")};
    rejects.contract.amount_column = "amount";
    rejects.rejects_of = "events_raw";
    project_.sources.front().hash += "-kept";
    rejects.hash = "refused-of-" + project_.sources.front().hash;
    project_.sources.push_back(rejects);
  }

  /// "record:line code amount" of every row, in order.
  std::vector<std::string> rows(const release::Record& record) {
    const release::TableVersion& table = record.tables.at("refused");
    const auto snapshot = env().log(table.path).snapshot(table.version);
    EXPECT_THAT(snapshot, IsOk());
    std::vector<std::string> lines;
    for (const delta::AddFile& file : snapshot->files) {
      const auto answer = engine_->query(fmt::format(
          "SELECT record || ':' || line || ' ' || code || ' ' || coalesce(amount::VARCHAR, '?') "
          "FROM read_parquet({})",
          engine::quote_text(
              lake_->location(storage::join_path(table.path, delta::decoded_path(file))))));
      EXPECT_THAT(answer, IsOk());
      for (const auto& row : answer->rows) lines.push_back(engine::to_text(row.at(0)));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

TEST_F(Rejects, AreRowsOfTheReleaseWithTheirPlace) {
  keep_rejects();
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-02-30,5.00,USD,\n");
  EXPECT_THAT(rows(publish()), ElementsAre("2:3 bad-date 5.00"));
  arrive("2.csv", "e3,1,A1,2025-01-01,1.129,USD,\n,1,A1,2025-01-01,2.00,USD,\n");
  const release::Record second = publish();
  EXPECT_THAT(rows(second),
              ElementsAre("1:2 lost-digits ?", "2:3 bad-date 5.00", "2:3 missing-value 2.00"));
  const auto traced = trace(env(), project_, second, "refused", {{"code", "lost-digits"}}, -1);
  ASSERT_THAT(traced, IsOk());
  ASSERT_EQ(traced->records.size(), 1U);
  EXPECT_EQ(traced->records[0].state, RecordState::Rejected);
  EXPECT_EQ(traced->records[0].line, 2);
  EXPECT_EQ(traced->records[0].raw, "e3,1,A1,2025-01-01,1.129,USD,");
  EXPECT_TRUE(traced->records[0].file.ends_with("2.csv"));
  const auto verified = verify(env(), project_);
  ASSERT_THAT(verified, IsOk());
  EXPECT_TRUE(verified->equal());
}

TEST_F(Rejects, OfFilesBeforeAreThereOnceTheyAreAskedFor) {
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\ne2,1,A1,2025-02-30,5.00,USD,\n");
  publish();
  keep_rejects();
  EXPECT_THAT(rows(publish()), ElementsAre("2:3 bad-date 5.00"));
}

TEST_F(Rejects, LeaveWithAWithdrawnFile) {
  keep_rejects();
  arrive("1.csv", "e1,1,A1,2025-02-30,10.00,USD,\n");
  arrive("2.csv", "e2,1,A1,2025-02-30,5.00,USD,\n");
  publish();
  const auto batches = ingest::read_batches(*lake_, "events_raw");
  ASSERT_THAT(batches, IsOk());
  const auto files = ingest::find_landed(*batches, "2.csv");
  ASSERT_THAT(
      ingest::land_withdrawal(*lake_, project_.sources.front(), clock_, files, "test", "me", false),
      IsOk());
  EXPECT_THAT(rows(publish()), ElementsAre("1:2 bad-date 10.00"));
}

TEST_F(Rejects, NoneIsAnEmptyTable) {
  keep_rejects();
  arrive("1.csv", "e1,1,A1,2025-01-01,10.00,USD,\n");
  EXPECT_THAT(rows(publish()), IsEmpty());
}

}  // namespace
}  // namespace bullion::pipeline
