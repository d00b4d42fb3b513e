// `bullion source infer` and `bullion init --from` as a new user meets them.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Two months of a ledger with a preamble and a total, and a file of another kind.
void write_exports(const TestFolder& folder) {
  for (const char* month : {"01", "02"}) {
    std::string text = "Ledger of the shop\n\nBooking date;Payee;Amount;Reference\n";
    for (int i = 10; i < 28; ++i) {
      text += std::to_string(i) + "." + month + ".2024;Firm " + std::to_string(i % 5) + ";" +
              std::to_string(i) + ",50;00" + month + std::to_string(i) + "\n";
    }
    write_file(folder / ("exports/ledger-2024-" + std::string(month) + ".csv"),
               text + "Total;;342,00;\n");
  }
  write_file(folder / "exports/rooms.csv", "room,floor,seats\nA,1,10\nB,2,12\nC,2,8\n");
}

TEST(InitFrom, MakesAProjectThatRuns) {
  TestFolder folder("infer");
  write_exports(folder);
  const Outcome made = bullion(folder.path(), {"init", "shop", "--from", "exports"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto project = folder / "shop";
  EXPECT_EQ(bullion(project, {"check"}).code, 0) << bullion(project, {"check"}).out;
  const Outcome run = bullion(project, {"run", "-q"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
  EXPECT_EQ(query_value(project, "SELECT sum(amount) FROM ledger"), "684.00");
  EXPECT_EQ(query_value(project,
                        "SELECT count(DISTINCT reference) FROM ledger WHERE reference LIKE '00%'"),
            "36");
  EXPECT_EQ(query_value(project, "SELECT min(booking_date) FROM ledger"), "2024-01-10");
  EXPECT_EQ(query_value(project, "SELECT sum(seats) FROM rooms"), "30");
  EXPECT_EQ(query_value(project, "SELECT count(*) FROM ops.control_totals WHERE status = 'holds'"),
            "2");
  EXPECT_EQ(bullion(folder.path(), {"init", "shop", "--from", "exports"}).code, 2);
}

TEST(SourceInfer, NeverOverwritesAndGivesTheSameBytes) {
  TestFolder folder("infer");
  write_exports(folder);
  write_file(folder / "bullion.yml", "name: shop\ncurrency: EUR\ntargets: {dev: {lake: ./lake}}\n");
  const Outcome shown = bullion(
      folder.path(), {"source", "infer", "exports/ledger-*.csv", "--name", "books", "--print"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "sources"));
  const Outcome first =
      bullion(folder.path(), {"source", "infer", "exports/ledger-*.csv", "--name", "books"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("36 records: 36 kept, 0 rejected"));
  EXPECT_THAT(first.out, HasSubstr("2 of 2 embedded totals"));
  EXPECT_EQ(read_file(folder / "sources/books.yml"), shown.out);
  write_file(folder / "sources/books.yml", "mine\n");
  const Outcome again =
      bullion(folder.path(), {"source", "infer", "exports/ledger-*.csv", "--name", "books"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  EXPECT_EQ(read_file(folder / "sources/books.yml"), "mine\n");
  ASSERT_EQ(bullion(folder.path(),
                    {"source", "infer", "exports/ledger-*.csv", "--name", "books", "--force"})
                .code,
            0);
  EXPECT_EQ(read_file(folder / "sources/books.yml"), shown.out);
}

TEST(SourceInfer, SaysWhatItCannotRead) {
  TestFolder folder("infer");
  write_file(folder / "book.xlsx", "PK\x03\x04 and so on");
  const Outcome none = bullion(folder.path(), {"source", "infer", "nothing.csv", "--print"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("nothing.csv"));
  const Outcome binary = bullion(folder.path(), {"source", "infer", "book.xlsx", "--print"});
  EXPECT_EQ(binary.code, 2);
  EXPECT_THAT(binary.err, HasSubstr("Excel"));
  EXPECT_EQ(bullion(folder.path(), {"source", "infer", "book.xlsx"}).code, 2);
}

TEST(SourceInfer, MapsColumnsOntoAModel) {
  TestFolder folder("infer");
  const auto project = folder / "cost";
  make_project(project);
  std::string text = "Event ID,Account,Service,Usage Date,Cost,Currency\n";
  for (int i = 0; i < 30; ++i) {
    text += "e" + std::to_string(i) + ",a1,compute,2025-01-" + std::to_string(10 + i % 10) + "," +
            std::to_string(i) + ".25,USD\n";
  }
  write_file(folder / "bill.csv", text);
  const Outcome mapped = bullion(
      project, {"source", "infer", "../bill.csv", "--name", "my_bill", "--as", "billing_events"});
  ASSERT_EQ(mapped.code, 0) << mapped.err;
  const std::string sql = read_file(project / "models/silver/my_bill_as_billing_events.sql");
  EXPECT_THAT(sql, HasSubstr("cost"));
  EXPECT_THAT(sql, HasSubstr("AS cost_usd"));
  EXPECT_THAT(sql, Not(HasSubstr("CAST(NULL AS DATE) AS usage_date")));
  const Outcome checked = bullion(project, {"check"});
  EXPECT_EQ(checked.code, 0) << checked.out << sql;
  EXPECT_EQ(
      bullion(project, {"source", "infer", "../bill.csv", "--name", "x", "--as", "billing_event"})
          .code,
      2);
}

}  // namespace
}  // namespace bullion::end_to_end
