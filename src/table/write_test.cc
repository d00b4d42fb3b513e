#include "table/write.h"

#include <fmt/format.h>

#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Writes : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    create(
        {column("id", TypeId::Long), column("day", TypeId::Date), decimal_column("amount", 18, 2)},
        {"day"});
    append(
        "SELECT * FROM (VALUES (1, DATE '2024-01-01', 1.50), (2, DATE '2024-01-01', 2.50), "
        "(3, DATE '2024-01-02', 3.50)) v(id, day, amount)");
  }

  delta::Snapshot now() { return *log().snapshot(); }

  const delta::PartitionValues first_day_ = {{"day", "2024-01-01"}};
};

TEST_F(Writes, AppendTakesColumnsByNameAndReadsNothing) {
  const delta::Snapshot snapshot = now();
  const auto transaction = append_rows(
      write_at(snapshot), "SELECT 4.5 AS amount, DATE '2024-01-03' AS day, 4 AS id -- the last");
  ASSERT_THAT(transaction, IsOk());
  EXPECT_TRUE(transaction->actions.info->is_blind_append);
  EXPECT_FALSE(transaction->reads.whole_table);
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_THAT(table_rows(), ElementsAre("1|2024-01-01|1.50", "2|2024-01-01|2.50",
                                        "3|2024-01-02|3.50", "4|2024-01-03|4.50"));
}

TEST_F(Writes, KeepEveryOldVersionReadable) {
  append("SELECT 4 AS id, DATE '2024-01-03' AS day, 4.5 AS amount");
  EXPECT_THAT(table_rows("t", 0), IsEmpty());
  EXPECT_THAT(table_rows("t", 1), SizeIs(3));
  EXPECT_THAT(table_rows("t", 2), SizeIs(4));
}

TEST_F(Writes, AreInvisibleBeforeTheirCommit) {
  const delta::Snapshot snapshot = now();
  ASSERT_THAT(
      append_rows(write_at(snapshot), "SELECT 4 AS id, DATE '2024-01-03' AS day, 4.5 AS amount"),
      IsOk());
  EXPECT_THAT(table_rows(), SizeIs(3));
}

TEST_F(Writes, NameAMissingColumn) {
  const delta::Snapshot snapshot = now();
  const auto transaction =
      append_rows(write_at(snapshot), "SELECT 4 AS id, DATE '2024-01-03' AS day");
  EXPECT_THAT(transaction, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(transaction, HasMessage("amount"));
}

TEST_F(Writes, RefuseAmountsThatWouldLoseDigits) {
  const delta::Snapshot snapshot = now();
  EXPECT_THAT(
      append_rows(write_at(snapshot), "SELECT 4 AS id, DATE '2024-01-03' AS day, 0.129 AS amount"),
      IsErrorOf(ErrorKind::Invalid));
}

TEST_F(Writes, ReplaceAPartitionAndNothingElse) {
  const delta::Snapshot snapshot = now();
  const auto transaction = replace_partitions(
      write_at(snapshot), {first_day_}, "SELECT 9 AS id, DATE '2024-01-01' AS day, 9 AS amount");
  ASSERT_THAT(transaction, IsOk());
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_THAT(table_rows(), ElementsAre("3|2024-01-02|3.50", "9|2024-01-01|9.00"));
}

TEST_F(Writes, ReplaceAPartitionWithNothing) {
  const delta::Snapshot snapshot = now();
  const auto transaction =
      replace_partitions(write_at(snapshot), {first_day_},
                         "SELECT 9 AS id, DATE '2024-01-01' AS day, 9 AS amount WHERE false");
  ASSERT_THAT(transaction, IsOk());
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_THAT(table_rows(), ElementsAre("3|2024-01-02|3.50"));
}

TEST_F(Writes, RefuseRowsOfAPartitionThatIsNotReplaced) {
  const delta::Snapshot snapshot = now();
  const auto transaction = replace_partitions(
      write_at(snapshot), {first_day_}, "SELECT 9 AS id, DATE '2024-01-05' AS day, 9 AS amount");
  EXPECT_THAT(transaction, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(transaction, HasMessage(R"({"day":"2024-01-05"})"));
}

TEST_F(Writes, RefuseAPartitionOfOtherColumns) {
  const delta::Snapshot snapshot = now();
  EXPECT_THAT(replace_partitions(write_at(snapshot), {{{"month", "2024-01"}}}, "SELECT 1"),
              HasMessage("partitioned by [day]"));
}

TEST_F(Writes, UpsertReplacesByKeyAndAddsTheRest) {
  const delta::Snapshot snapshot = now();
  const auto transaction =
      upsert_rows(write_at(snapshot), {"id"},
                  "SELECT * FROM (VALUES (2, DATE '2024-01-09', 20), (7, DATE '2024-01-02', 70)) "
                  "v(id, day, amount)");
  ASSERT_THAT(transaction, IsOk());
  EXPECT_TRUE(transaction->serializable);
  // The file of 2024-01-02 has no such key and stays.
  EXPECT_THAT(transaction->actions.removes, SizeIs(1));
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_THAT(table_rows(), ElementsAre("1|2024-01-01|1.50", "2|2024-01-09|20.00",
                                        "3|2024-01-02|3.50", "7|2024-01-02|70.00"));
}

TEST_F(Writes, UpsertRefusesTwoRowsOfOneKey) {
  const delta::Snapshot snapshot = now();
  const auto transaction =
      upsert_rows(write_at(snapshot), {"id", "day"},
                  "SELECT 2 AS id, DATE '2024-01-01' AS day, unnest([1, 2]) AS amount");
  EXPECT_THAT(transaction, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(transaction, HasMessage("2 rows have the same key (id = 2, day = 2024-01-01)"));
}

TEST_F(Writes, UpsertRefusesRowsWithoutAKey) {
  const delta::Snapshot snapshot = now();
  EXPECT_THAT(upsert_rows(write_at(snapshot), {"id"},
                          "SELECT NULL AS id, DATE '2024-01-01' AS day, 1 AS amount"),
              HasMessage("1 rows have no key"));
}

TEST_F(Writes, RefuseAKeyThatIsNoColumn) {
  const delta::Snapshot snapshot = now();
  EXPECT_THAT(remove_rows(write_at(snapshot), {"idd"}, "SELECT 1 AS idd"),
              HasMessage("did you mean `id`?"));
}

TEST_F(Writes, UpsertsThatRaceDoNotBothWin) {
  const delta::Snapshot snapshot = now();
  const std::string select = "SELECT 8 AS id, DATE '2024-01-08' AS day, 8 AS amount";
  const auto first = upsert_rows(write_at(snapshot), {"id"}, select);
  const auto second = upsert_rows(write_at(snapshot), {"id"}, select);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(log().commit(*first), IsOk());
  EXPECT_THAT(log().commit(*second), IsErrorOf(ErrorKind::Conflict));
}

TEST_F(Writes, AnUpsertLosesToAnAppendItDidNotSee) {
  const delta::Snapshot snapshot = now();
  const std::string select = "SELECT 8 AS id, DATE '2024-01-08' AS day, 8 AS amount";
  const auto upsert = upsert_rows(write_at(snapshot), {"id"}, select);
  ASSERT_THAT(upsert, IsOk());
  append(select);
  EXPECT_THAT(log().commit(*upsert), IsErrorOf(ErrorKind::Conflict));
}

TEST_F(Writes, DeleteRemovesRowsByKey) {
  const delta::Snapshot snapshot = now();
  const auto transaction =
      remove_rows(write_at(snapshot), {"id"}, "SELECT unnest([1, 3, 3, 99]) AS id");
  ASSERT_THAT(transaction, IsOk());
  // The whole file of 2024-01-02 goes, without a rewritten one.
  EXPECT_THAT(transaction->actions.removes, SizeIs(2));
  EXPECT_THAT(transaction->actions.adds, SizeIs(1));
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_THAT(table_rows(), ElementsAre("2|2024-01-01|2.50"));
}

TEST_F(Writes, DeletingWhatIsNotThereChangesNothing) {
  const delta::Snapshot snapshot = now();
  const auto transaction = remove_rows(write_at(snapshot), {"id"}, "SELECT 99 AS id");
  ASSERT_THAT(transaction, IsOk());
  EXPECT_THAT(transaction->actions.adds, IsEmpty());
  EXPECT_THAT(transaction->actions.removes, IsEmpty());
}

TEST_F(Writes, LeaveNoTablesInTheEngine) {
  const delta::Snapshot snapshot = now();
  ASSERT_THAT(remove_rows(write_at(snapshot), {"id"}, "SELECT 99 AS id"), IsOk());
  ASSERT_THAT(upsert_rows(write_at(snapshot), {"id"}, "SELECT 1 AS id"),
              IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(rows_of("SELECT table_name FROM duckdb_tables()"), IsEmpty());
}

TEST_F(Writes, RewritingKeepsTheHashOfEveryOtherRow) {
  const auto hash_of = [&] {
    RowHashSum sum;
    const auto hashes = partition_hashes(now().files);
    EXPECT_THAT(hashes, IsOk());
    for (const auto& [key, part] : *hashes) sum += part;
    return sum;
  };
  const RowHashSum before = hash_of();
  const delta::Snapshot snapshot = now();
  const auto transaction = upsert_rows(write_at(snapshot), {"id"},
                                       "SELECT 2 AS id, DATE '2024-01-01' AS day, 2.5 AS amount");
  ASSERT_THAT(transaction, IsOk());
  ASSERT_THAT(log().commit(*transaction), IsOk());
  EXPECT_EQ(hash_of(), before);
}

}  // namespace
}  // namespace bullion::table
