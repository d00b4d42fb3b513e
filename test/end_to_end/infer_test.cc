// `bullion source infer` and `bullion init --from` as a new user meets them.
#include <cstdlib>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xlsxwriter.h>

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
  EXPECT_THAT(binary.err, HasSubstr("book.xlsx: the archive is damaged or cut off"));
  EXPECT_EQ(bullion(folder.path(), {"source", "infer", "book.xlsx"}).code, 2);
}

std::string ledger(const std::string& month) {
  std::string text = "paid_on,payee,amount\n";
  for (int day = 10; day < 28; ++day) {
    text += "2024-" + month + "-" + std::to_string(day) + ",Firm " + std::to_string(day % 5) + "," +
            std::to_string(day) + ".50\n";
  }
  return text;
}

std::string rooms() {
  std::string text = "room,floor,seats\n";
  for (int i = 1; i < 30; ++i) {
    text +=
        "R" + std::to_string(i) + "," + std::to_string(i % 7) + "," + std::to_string(i * 2) + "\n";
  }
  return text;
}

/// An empty project; its lake stays out of the way.
void make_project_without_models(const TestFolder& folder) {
  write_file(folder / "bullion.yml", "name: shop\ncurrency: USD\ntargets: {dev: {lake: ./lake}}\n");
  write_file(folder / "models/silver/one.sql", "SELECT 1 AS one\n");
  write_file(folder / "models/silver/schema.yml",
             "version: 2\nmodels:\n  - name: one\n    meta: {owner: a@example.com}\n"
             "    config: {kind: full}\n    columns: [{name: one, data_type: int}]\n");
}

/// Infers from `input`, runs, and answers the query.
std::string value_after_inferring(const TestFolder& folder, const std::string& input,
                                  const std::string& sql) {
  const Outcome inferred = bullion(folder.path(), {"source", "infer", input, "-q"});
  EXPECT_EQ(inferred.code, 0) << inferred.err;
  const Outcome run = bullion(folder.path(), {"run", "-q"});
  EXPECT_EQ(run.code, 0) << run.out << run.err;
  return query_value(folder.path(), sql);
}

TEST(SourceInfer, MakesASourceOfEachTableInAFolder) {
  const TestFolder folder("infer");
  make_project_without_models(folder);
  for (const char* month : {"01", "02", "03"}) {
    write_file(folder / "in" / ("ledger-2024-" + std::string(month) + ".csv"), ledger(month));
  }
  write_file(folder / "in" / "rooms.csv", rooms());
  EXPECT_EQ(value_after_inferring(folder, "in",
                                  "SELECT (SELECT sum(amount) FROM ledger) || ' ' || (SELECT "
                                  "sum(seats) FROM rooms)"),
            "1026.00 870");
  EXPECT_THAT(read_file(folder / "sources/ledger.yml"),
              HasSubstr("# cadence: {every: month, day: paid_on}  # 3 of 3 months between 2024-01 "
                        "and 2024-03 have a file"));
  EXPECT_FALSE(std::filesystem::exists(folder / "lake/tables/quarantine")) << "all rows are kept";
}

TEST(SourceInfer, LooksIntoArchives) {
  const TestFolder folder("infer");
  make_project_without_models(folder);
  write_file(folder / "parts/ledger-01.csv", ledger("01"));
  write_file(folder / "parts/ledger-02.csv", ledger("02"));
  write_file(folder / "parts/rooms.csv", rooms());
  const std::string tar = "tar -czf '" + (folder / "all.tar.gz").string() + "' -C '" +
                          (folder / "parts").string() + "' ledger-01.csv ledger-02.csv rooms.csv";
  ASSERT_EQ(std::system(tar.c_str()), 0);
  EXPECT_EQ(value_after_inferring(folder, "all.tar.gz",
                                  "SELECT (SELECT sum(amount) FROM ledger) || ' ' || (SELECT "
                                  "sum(seats) FROM rooms)"),
            "684.00 870");
  EXPECT_THAT(read_file(folder / "sources/rooms.yml"), HasSubstr("members: [\"rooms.csv\"]"));
}

TEST(SourceInfer, ReadsJsonOfAllShapes) {
  std::string objects;
  for (int i = 1; i < 25; ++i) {
    objects += std::string(i == 1 ? "" : ",\n") + "{\"day\": \"2024-01-" + (i < 10 ? "0" : "") +
               std::to_string(i) + "\", \"cost\": " + std::to_string(i) +
               ".25, \"note\": null, \"by\": {\"id\": 1}}";
  }
  std::string lines = objects + "\n";
  for (size_t at = lines.find(",\n{"); at != std::string::npos; at = lines.find(",\n{")) {
    lines.erase(at, 1);
  }
  const std::map<std::string, std::string> shapes = {
      {"bill.jsonl", lines},
      {"bill.json", "[" + objects + "]"},
      {"wrapped.json", "{\"meta\": {\"n\": 1}, \"data\": {\"items\": [" + objects + "]}}"}};
  for (const auto& [name, text] : shapes) {
    const TestFolder folder("infer");
    make_project_without_models(folder);
    write_file(folder / name, text);
    const std::string table = name.substr(0, name.find('.'));
    EXPECT_EQ(value_after_inferring(folder, name, "SELECT sum(cost) FROM " + table), "306.00")
        << name;
    EXPECT_EQ(query_value(folder.path(), "SELECT max(day) FROM " + table), "2024-01-24") << name;
  }
}

TEST(SourceInfer, ReadsWorkbooks) {
  const TestFolder folder("infer");
  make_project_without_models(folder);
  lxw_workbook* book = workbook_new((folder / "bill.xlsx").c_str());
  lxw_format* date = workbook_add_format(book);
  format_set_num_format(date, "yyyy-mm-dd");
  lxw_worksheet* sheet = workbook_add_worksheet(book, "Data");
  worksheet_write_string(sheet, 0, 0, "The bill of the shop", nullptr);
  const char* names[] = {"Paid on", "Payee", "Amount"};
  for (uint16_t c = 0; c < 3; ++c) worksheet_write_string(sheet, 2, c, names[c], nullptr);
  for (int i = 1; i < 25; ++i) {
    lxw_datetime day = {2024, 1, i, 0, 0, 0};
    const auto row = static_cast<lxw_row_t>(i + 2);
    worksheet_write_datetime(sheet, row, 0, &day, date);
    worksheet_write_string(sheet, row, 1, ("Firm " + std::to_string(i % 5)).c_str(), nullptr);
    worksheet_write_number(sheet, row, 2, i + 0.25, nullptr);
  }
  workbook_close(book);
  EXPECT_EQ(value_after_inferring(folder, "bill.xlsx", "SELECT sum(amount) FROM bill"), "306.00");
  EXPECT_EQ(query_value(folder.path(), "SELECT max(paid_on) FROM bill"), "2024-01-24");
}

TEST(SourceInfer, TellsTheTablesOfABankApart) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const TestFolder folder("infer");
  make_project_without_models(folder);
  const auto files = shared_data() / "banking/berka_pkdd99_subset";
  const Outcome inferred = bullion(folder.path(), {"source", "infer", files.string(), "-q"});
  ASSERT_EQ(inferred.code, 0) << inferred.err;
  std::vector<std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "sources")) {
    sources.push_back(entry.path().stem().string());
  }
  EXPECT_THAT(sources, testing::UnorderedElementsAre("account", "card", "client", "disp",
                                                     "district", "loan", "order", "trans_test"));
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
